"""Test important days over HTTP: private, offered, agreed or quietly declined, and ended by either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import icalendar
import pytest
from flask import Flask
from time_machine import Traveller

from planner.settings import Settings
from tests.conftest import NOON, SETTINGS
from tests.exports import export
from tests.people import PASSWORD, Cast, Person, pair
from tests.racing import strangers
from tests.spaces import DAY, MINUTE, end, held, take
from tests.twins import CHOSEN_FOR_TWO, World, difference, from_here

WALK = {"kind": "anniversary", "title": "Our first walk", "month": 12, "day": 1, "year": 2019}
ID = str(UUID(int=3, version=4))


@pytest.fixture
def settings() -> Settings:
    return replace(SETTINGS, max_important_days=3)


def add(owner: Person, **more: Any) -> Any:
    return owner.post("/important-days", {**WALK, **more}, 201)


def share(person: Person, day: dict[str, Any], shared: bool = True, status: int = 200) -> Any:
    return person.put(f"/important-days/{day['id']}/sharing", {"shared": shared}, status)


def listed(person: Person) -> list[tuple[str, str]]:
    return [(day["id"], day["state"]) for day in person.get("/important-days")["items"]]


def near(person: Person) -> list[str]:
    return [day["id"] for day in person.get("/today?idea=false")["days"]]


def agreed(owner: Person, partner: Person) -> Any:
    day = add(owner)
    share(owner, day)
    share(partner, day)
    return day


def test_a_day_is_private_with_a_countdown(cast: Cast) -> None:
    alice = cast.alice
    day = add(alice)
    assert (day["next_day"], day["days_left"], day["years"], day["state"]) == ("2026-12-01", 8, 7, "private")
    assert day["actions"] == ["edit", "delete", "offer"]
    assert alice.get(f"/important-days/{day['id']}") == day
    assert near(alice) == [day["id"]]
    for stranger in (cast.bob, cast.charlie, cast.sam):
        assert (listed(stranger), near(stranger)) == ([], [])
        stranger.get(f"/important-days/{day['id']}", 404)
        stranger.put(f"/important-days/{day['id']}/sharing", {"shared": True}, 404)
        stranger.delete(f"/important-days/{day['id']}", 404)
    later = add(alice, month=11, day=22)
    assert [day["id"] for day in alice.get("/important-days")["items"]] == [day["id"], later["id"]]
    assert near(alice) == [day["id"]]
    page = alice.get("/important-days?limit=1")
    assert [day["id"] for day in alice.get(f"/important-days?limit=1&after={page['next']}")["items"]] == [later["id"]]


def test_a_day_is_changed_and_deleted(alice: Person) -> None:
    sent = {"id": ID}
    day = add(alice, **sent)
    assert add(alice, **sent) == day
    alice.post("/important-days", {**WALK, "id": ID, "month": 5}, 422)
    path = f"/important-days/{ID}"
    changed = alice.patch(path, {"title": None, "month": 2, "day": 29, "year": 2020}, '"1"')
    assert (changed["version"], changed["next_day"], changed["years"]) == (2, "2027-02-28", 7)
    assert alice.patch(path, {"month": 2}, '"1"') == changed
    alice.patch(path, {"day": 28}, '"1"', 412)
    alice.patch(path, {"day": 30}, '"2"', 422)
    alice.delete(path)
    alice.get(path, 404)
    assert listed(alice) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "own", "title": None}, "title"),
        ({"kind": "birthday"}, "birthday_of"),
        ({"birthday_of": "me"}, "birthday_of"),
        ({"kind": "birthday", "birthday_of": "other", "title": None}, "title"),
        ({"month": 2, "day": 30}, "day"),
        ({"month": 2, "day": 29, "year": 2019}, "day"),
        ({"month": 13}, "month"),
        ({"year": 2040}, "year"),
        ({"year": 1899}, "year"),
        ({"title": "x" * 61}, "title"),
    ],
)
def test_bad_values_are_refused(sam: Person, values: dict[str, Any], field: str) -> None:
    errors = sam.post("/important-days", {**WALK, **values}, 422)["errors"]
    assert [error["field"] for error in errors] == [field]


def test_a_birthday_says_whose_it_is_to_each_reader(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    birthday = {"kind": "birthday", "title": None, "year": None}
    for month, whose, read_by_bob in ((3, "me", "partner"), (4, "partner", "me")):
        day = add(alice, **birthday, birthday_of=whose, month=month)
        assert day["birthday_of"] == whose
        share(alice, day)
        assert bob.get(f"/important-days/{day['id']}")["birthday_of"] == read_by_bob
        assert bob.get("/important-days")["items"][0]["birthday_of"] == read_by_bob
        share(alice, day, shared=False)
        alice.delete(f"/important-days/{day['id']}")
    record = bob.post("/me/received", {"password": PASSWORD})["items"]
    assert sorted(item["content"]["birthday_of"] for item in record) == ["me", "partner"]
    mia = add(alice, kind="birthday", birthday_of="other", title="Mia")
    path = f"/important-days/{mia['id']}"
    alice.patch(path, {"kind": "own"}, '"1"', 422)
    assert alice.patch(path, {"kind": "own", "birthday_of": None}, '"1"')["birthday_of"] is None


def test_a_birthday_of_the_partner_needs_one_and_ends_with_the_couple(cast: Cast) -> None:
    alice, bob, sam = cast.alice, cast.bob, cast.sam
    theirs = {"kind": "birthday", "birthday_of": "partner"}
    assert sam.post("/important-days", {**WALK, **theirs}, 409)["reason"] == "no_partner"
    untitled, titled = add(alice, **theirs, title=None), add(alice, **theirs, title="Bob’s day")
    own = add(bob, kind="birthday", birthday_of="me", title=None)
    bob.delete("/couple")
    shown = {day["id"]: (day["birthday_of"], day["title"]) for day in alice.get("/important-days")["items"]}
    assert shown == {untitled["id"]: ("other", "Birthday"), titled["id"]: ("other", "Bob’s day")}
    assert bob.get(f"/important-days/{own['id']}")["birthday_of"] == "me"
    path = f"/important-days/{untitled['id']}"
    assert alice.patch(path, {"birthday_of": "partner"}, '"1"', 409)["reason"] == "no_partner"


def test_a_person_has_so_many_days(sam: Person) -> None:
    for _ in range(3):
        add(sam)
    assert sam.post("/important-days", WALK, 409)["reason"] == "too_many_important_days"


def test_a_countdown_shows_to_both_when_both_agreed(cast: Cast, stopped_clock: Traveller) -> None:
    alice, bob = cast.alice, cast.bob
    day = add(alice)
    offered = share(alice, day)
    assert share(alice, day) == offered
    assert (offered["state"], offered["actions"]) == ("offered", ["delete", "stop"])
    assert (listed(bob), near(bob)) == ([(day["id"], "offered")], [])
    assert "day_offered" in bob.inbox()
    assert alice.get("/me")["allowance"]["shared"]["left"] == 69
    cast.charlie.get(f"/important-days/{day['id']}", 404)
    assert alice.patch(f"/important-days/{day['id']}", {"day": 2}, '"1"', 409)["reason"] == "day_is_shared"
    for method in ("PATCH", "DELETE"):
        answer = bob.request(
            method, f"/important-days/{day['id']}", {"day": 2} if method == "PATCH" else None, If_Match='"1"'
        )
        assert answer.status_code == 404
    stopped_clock.shift(MINUTE)
    both = share(bob, day)
    assert share(bob, day) == both
    assert (both["state"], both["mine"], both["version"], both["actions"]) == ("agreed", False, None, ["stop"])
    assert [near(person) for person in (alice, bob)] == [[day["id"]]] * 2
    assert ("day_agreed" in alice.inbox(), "day_offered" in bob.inbox()) == (True, False)
    record = bob.post("/me/received", {"password": PASSWORD})["items"]
    assert [(item["kind"], item["content"]["title"]) for item in record] == [("day", "Our first walk")]


@pytest.mark.parametrize("ender", ["alice", "bob"])
def test_either_ends_the_countdown_and_the_day_rests(cast: Cast, stopped_clock: Traveller, ender: str) -> None:
    alice, bob = cast.alice, cast.bob
    day = agreed(alice, bob)
    share(getattr(cast, ender), day, shared=False)
    assert (listed(alice), listed(bob)) == ([(day["id"], "private")], [])
    assert [kind for kind in alice.inbox() + bob.inbox() if kind.startswith("day_")] == []
    refused = share(alice, day, status=409)
    assert (refused["reason"], refused["opens_at"]) == ("day_rests", "2026-12-07T12:00:00.000Z")
    stopped_clock.move_to(NOON + timedelta(days=14))
    assert share(alice, day)["state"] == "offered"
    assert listed(bob) == [(day["id"], "offered")]


def test_a_day_that_is_made_again_rests_as_well(alice: Person, bob: Person) -> None:
    day = add(alice)
    share(alice, day)
    share(bob, day, shared=False)
    alice.delete(f"/important-days/{day['id']}")
    assert share(alice, add(alice, title=f"{WALK['title'].upper()}!"), status=409)["reason"] == "day_rests"
    share(alice, add(alice, month=2))


def test_without_a_partner_or_a_free_place_no_day_is_offered(app: Flask, sam: Person) -> None:
    assert share(sam, add(sam), status=409)["reason"] == "no_partner"
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "apart")
    days = [add(ann, title=f"Walk {number}") for number in range(3)]
    for day in days[:2]:
        share(ann, day)
    assert share(ann, days[2], status=409)["reason"] == "quota_used_up"
    assert len(listed(ben)) == 2


def test_an_offer_in_space_is_held_and_can_be_answered(cast: Cast, stopped_clock: Traveller) -> None:
    alice, bob = cast.alice, cast.bob
    known, day = agreed(alice, bob), add(alice, title="The other one")
    own = add(bob, title="Mine")
    stopped_clock.shift(MINUTE)
    take(bob)
    stopped_clock.shift(MINUTE)
    share(alice, day)
    assert sorted(listed(bob)) == sorted([(known["id"], "agreed"), (own["id"], "private")])
    assert near(bob) == [own["id"]]
    assert "day_offered" not in bob.inbox()
    assert held(bob) == [("day", day["id"], "space")]
    assert bob.get("/me/held")["items"][0]["day"]["title"] == "The other one"
    assert share(bob, own, status=409)["reason"] == "in_space"
    share(bob, day, shared=False)
    assert (held(bob), share(alice, day)["state"]) == ([], "offered")
    again = add(alice, title="A third one")
    share(alice, again)
    assert held(bob) == [("day", again["id"], "space")]
    assert share(bob, again)["state"] == "agreed"
    assert held(bob) == []
    assert "day_agreed" in alice.inbox()


def test_a_yes_waits_for_the_end_of_the_owners_space(cast: Cast, stopped_clock: Traveller) -> None:
    alice, bob = cast.alice, cast.bob
    day = add(alice)
    share(alice, day)
    take(alice)
    stopped_clock.shift(MINUTE)
    share(bob, day)
    assert (listed(alice), near(alice), "day_agreed" in alice.inbox()) == ([(day["id"], "offered")], [], False)
    end(alice)
    assert (listed(alice), near(alice)) == ([(day["id"], "agreed")], [day["id"]])


def test_leaving_gives_each_their_days_back(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    day = agreed(alice, bob)
    bob.delete("/couple")
    assert (listed(alice), listed(bob)) == ([(day["id"], "private")], [])
    bob.get(f"/important-days/{day['id']}", 404)
    (exported,) = export(alice, "private")["important_days"]
    assert (exported["title"], exported["year"]) == ("Our first walk", 2019)
    assert "declined_at" not in exported
    assert export(bob, "private")["important_days"] == []


def test_the_safety_check_counts_what_the_partner_sees(alice: Person, bob: Person) -> None:
    add(alice)
    share(alice, add(alice))
    (line,) = (line for line in alice.get("/me/safety")["items"] if line["kind"] == "days")
    assert line["params"]["count"] == 1
    assert "days" not in [line["kind"] for line in bob.get("/me/safety")["items"]]


def test_a_feed_with_titles_has_own_days_each_year(app: Flask, cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    add(alice, month=2, day=29, year=None)
    add(alice, kind="birthday", birthday_of="me", title=None, month=3, day=4, year=1990)
    add(alice, kind="birthday", birthday_of="partner", title=None, month=7, day=4)
    agreed(bob, alice)
    for shows_titles, expected in ((True, 3), (False, 0)):
        address = alice.post("/calendar-feed", {"shows_titles": shows_titles})["address"]
        text = app.test_client().get(address[address.index("/feeds/") :]).data
        events = icalendar.Calendar.from_ical(text).walk("VEVENT")
        assert len(events) == expected
        if events:
            walk = next(event for event in events if event["SUMMARY"] == "Our first walk")
            assert walk["RRULE"].to_ical() == b"FREQ=YEARLY;BYMONTHDAY=-1;BYMONTH=2"
            assert {event["TRANSP"] for event in events} == {"TRANSPARENT"}
            assert {str(event["SUMMARY"]) for event in events} == {
                "Our first walk",
                "Your birthday",
                "Your partner’s birthday",
            }


def answer_no(world: World) -> None:
    world.ada.put(f"/important-days/{ID}/sharing", {"shared": False})


ACTS: dict[str, Callable[[World], None]] = {
    "a quiet no": answer_no,
    "a no twice": lambda world: (answer_no(world), answer_no(world))[0],
    "a day of her own": lambda world: world.ada.post("/important-days", {**WALK, "id": str(uuid4())}, 201),
    "a look": lambda world: world.ada.get(f"/important-days/{ID}"),
}


def test_a_quiet_no_changes_nothing_for_the_owner(app: Flask, stopped_clock: Traveller) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben, "gentle")
    start, acts = World(stopped_clock, ada, ben), {**ACTS, "nothing": lambda world: None}
    worlds = {title: World(stopped_clock, ada, ben) for title in acts}
    for world, act in zip(worlds.values(), from_here(start, *acts.values()), strict=True):
        world.ask("POST", "/important-days", {**WALK, "id": ID})
        world.ask("PUT", f"/important-days/{ID}/sharing", {"shared": True})
        act(world)
        world.wait(MINUTE)
        world.look(*CHOSEN_FOR_TWO, f"/important-days/{ID}")
        world.ask("PUT", f"/important-days/{ID}/sharing", {"shared": True})
        world.ask("PATCH", f"/important-days/{ID}", {"day": 2}, If_Match='"1"')
        world.wait(20 * DAY)
        world.look(f"/important-days/{ID}")
        world.ask("PUT", f"/important-days/{ID}/sharing", {"shared": False})
        world.wait(50 * DAY)
        world.ask("PUT", f"/important-days/{ID}/sharing", {"shared": True})
    assert {title: difference(world, worlds["nothing"]) for title, world in worlds.items()} == dict.fromkeys(acts)
