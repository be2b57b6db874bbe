"""Test suggestions over HTTP: what fits, and nothing that is planned, done or declined."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask

from planner.catalogue import activities, sync
from planner.contact.contact_log import ContactEvent
from planner.recommender import matches
from planner.settings import Settings
from planner.storage import db
from seeds.reader import Catalogue
from tests.conftest import NOON
from tests.dates import START, agreed, clear_ledger, completed, move, offer, own, slot
from tests.people import Cast, Person, pair, shipped
from tests.racing import strangers

Clock = time_machine.Traveller
SHIPPED = shipped()


def suggested(person: Person, query: str = "") -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = person.get(f"/suggestions?{query}")["items"]
    return answer


def ids(person: Person, query: str = "") -> list[str]:
    return [item["activity"]["id"] for item in suggested(person, query)]


def few(count: int, **values: Any) -> None:
    """Leave so few activities in the catalogue that every possible one is suggested."""
    base = next(activity for activity in SHIPPED.activities if activity.party == "two" and activity.pace <= 2)
    plain = {"party": "either", "pace": 1, "lead_days": 0, "seasons": ("winter", "spring", "summer", "autumn")}
    entries = [
        replace(base, slug=f"few-{number}", title=f"Few {number}", **{**plain, **values}) for number in range(count)
    ]
    with db.connection():
        sync.sync(Catalogue(Path(), tuple(entries), SHIPPED.prompts), NOON)


def reasons(items: list[dict[str, Any]], activity: str) -> dict[str, str]:
    suggestion = next(item for item in items if item["activity"]["id"] == activity)
    return {reason["code"]: reason["text"] for reason in suggestion["reasons"]}


FILTERS = {
    "minutes=45": lambda activity: activity["duration_min"] <= 45,
    "cost_band=0": lambda activity: activity["cost_band"] == 0,
    "energy=1": lambda activity: activity["energy"] == 1,
    "setting=home": lambda activity: activity["setting"] == "home",
    "setting=out,away": lambda activity: activity["setting"] in ("out", "away"),
    "category=play,talk": lambda activity: activity["category"] in ("play", "talk"),
    "children=asleep": lambda activity: (
        activity["with_children"] in ("asleep", "yes") and activity["setting"] == "home"
    ),
    "weather=wet": lambda activity: activity["weather"] == "any",
    "weather=dry": lambda activity: activity["weather"] != "mild",
    "children=present": lambda activity: activity["with_children"] in ("yes", "awake"),
    "step_free=true": lambda activity: activity["accessibility"]["step_free"] in ("yes", "adaptable"),
    "from=06:00&to=09:00": lambda activity: "morning" in activity["time_of_day"] and activity["duration_min"] <= 180,
    "from=23:00&to=01:00": lambda activity: (
        {"night"} & set(activity["time_of_day"]) and activity["duration_min"] <= 120
    ),
    "day=2027-07-01": lambda activity: "summer" in activity["seasons"],
    "day=2026-11-23": lambda activity: activity["lead_days"] == 0 and "autumn" in activity["seasons"],
    "for=one": lambda activity: activity["for"] in ("one", "either"),
    "for=two": lambda activity: activity["for"] in ("two", "either"),
}


def test_each_filter_applies_and_finds_something(alice: Person) -> None:
    for query, holds in FILTERS.items():
        suggestions = suggested(alice, query)
        assert 1 <= len(suggestions) <= 5, query
        assert all(holds(suggestion["activity"]) for suggestion in suggestions), query
        for suggestion in suggestions:
            assert 2 <= len(suggestion["reasons"]) <= 4
            assert suggestion["activity"] == alice.get(f"/activities/{suggestion['activity']['id']}")


def test_filters_that_nothing_fits_give_an_empty_list(alice: Person) -> None:
    assert suggested(alice, "category=getaway&minutes=5") == []
    assert suggested(alice, "day=2020-01-01") == []


def test_an_invalid_query_is_refused_and_its_field_is_named(alice: Person) -> None:
    wrong = (
        "from=18:00", "to=18:00", "from=24:00&to=25:00", "minutes=0", "minutes=1e3", "cost_band=5", "energy=0",
        "setting=moon", "category=x", "children=yes", "step_free=1", "day=tomorrow", "day=0001-01-01",
        "for=three", "mood=good",
    )  # fmt: skip
    for query in wrong:
        fields = {fault["field"].partition(".")[0] for fault in alice.get(f"/suggestions?{query}", 422)["errors"]}
        assert fields <= {"from", "to", query.partition("=")[0]}, query
        assert fields, query


def test_a_person_alone_gets_ideas_for_one_only(cast: Cast) -> None:
    sam = cast.sam
    assert sam.get("/suggestions")["for"] == "one"
    assert {item["activity"]["for"] for item in suggested(sam)} <= {"one", "either"}
    assert sam.get("/suggestions?for=two", 409)["type"] == "/problems/wrong-state"
    assert cast.alice.get("/suggestions")["for"] == "two"
    assert {item["activity"]["for"] for item in suggested(cast.alice)} <= {"two", "either"}


def test_no_idea_for_two_is_above_the_pace(app: Flask, stopped_clock: Clock) -> None:
    ann, ben, together_ann, together_ben = strangers(app, "Ann", "Ben", "Cleo", "Dan")
    pair(ann, ben, "apart")
    pair(together_ann, together_ben, "together")
    close: set[int] = set()
    for day in range(8):
        stopped_clock.move_to(NOON + timedelta(days=day))
        items = suggested(ann) + suggested(ben) + suggested(ann, "category=getaway,remember,talk")
        assert max(item["activity"]["pace"] for item in items) <= 2
        close |= {item["activity"]["pace"] for item in suggested(together_ann, "day=2027-02-06")}
    assert max(close) > 3


def test_the_season_is_that_of_the_readers_zone(alice: Person, app: Flask, settings: Settings) -> None:
    few(1, seasons=("summer",))

    def in_july_and_january() -> tuple[int, int]:
        return len(ids(alice, "day=2027-07-01")), len(ids(alice, "day=2027-01-15"))

    assert in_july_and_january() == (1, 0)
    app.extensions["rekindle"] = replace(settings, hemisphere="south")  # for zones without a place
    assert in_july_and_january() == (1, 0)
    for version, zone in enumerate(("UTC", "Australia/Sydney"), start=1):
        alice.patch("/me", {"zone": zone}, f'"{version}"')
        assert in_july_and_january() == (0, 1), zone


@pytest.mark.parametrize(("season", "fitting"), [("spring", 1), ("summer", 1), ("autumn", 0)])
def test_an_interval_over_two_seasons_has_the_ideas_of_both(sam: Person, season: str, fitting: int) -> None:
    few(1, seasons=(season,), time_of_day=("afternoon",))
    assert len(ids(sam, "for=one&when=2027-05-28T10:00/2027-06-04T22:00")) == fitting


def test_no_slot_begins_at_a_time_that_the_clocks_skip(sam: Person) -> None:
    few(1, time_of_day=("night",), duration_min=30, duration_max=60)
    sam.patch("/me", {"zone": "America/Nuuk"}, "*")
    # In Nuuk, the clocks go from 23:00 to 24:00 on 27 March.
    (idea,) = suggested(sam, "for=one&when=2027-03-27T22:20/2027-03-28T04:00")
    assert [slot["local_time"] for slot in idea["slots"]] == ["2027-03-27T22:30"]
    assert suggested(sam, "for=one&when=2027-03-27T23:10/2027-03-28T04:00") == []


def test_today_is_the_day_in_the_zone_of_the_viewer(cast: Cast, stopped_clock: Clock) -> None:
    stopped_clock.move_to(datetime.fromisoformat("2026-11-24T02:00:00+00:00"))
    days = {person.name: person.get("/suggestions")["day"] for person in (cast.alice, cast.bob, cast.dana)}
    assert days == {"Alice": "2026-11-24", "Bob": "2026-11-23", "Dana": "2026-11-24"}


def test_proposed_and_accepted_ideas_are_not_suggested_to_either_partner(
    alice: Person, bob: Person, stopped_clock: Clock
) -> None:
    few(3)
    asked, taken, left = sorted(ids(alice))
    offer(alice, asked)
    agreed(bob, alice, activity=taken)
    for hours in (0, 6, 30):
        stopped_clock.move_to(NOON + timedelta(hours=hours))
        assert (ids(alice), ids(bob)) == ([left], [left]), hours
    assert sorted(ids(alice, "for=one")) == sorted([asked, taken, left])


def test_a_withdrawn_or_cancelled_idea_is_suggested_again(alice: Person, bob: Person) -> None:
    few(2)
    first, second = sorted(ids(alice))
    move(alice, "withdraw", offer(alice, first))
    move(bob, "cancel", agreed(alice, bob, activity=second))
    assert sorted(ids(alice)) == sorted(ids(bob)) == [first, second]


def test_a_completed_idea_rests_and_is_never_new_again(alice: Person, bob: Person, stopped_clock: Clock) -> None:
    few(8)  # two of these rest
    done = min(item["id"] for item in alice.get("/activities")["items"])
    date = agreed(alice, bob, activity=done)
    stopped_clock.move_to(START)
    move(alice, "complete", date)
    for day in range(4):
        stopped_clock.move_to(START + timedelta(days=day))
        assert len(ids(alice)) == len(ids(bob)) == 5
        assert done not in ids(alice) + ids(bob)
    with db.connection():
        entries = [entry for entry in activities.snapshot().active if str(entry.id) == done]
        sync.sync(Catalogue(Path(), tuple(entry.content for entry in entries), SHIPPED.prompts), NOON)
    stopped_clock.move_to(START + timedelta(days=500))
    alice.sign_in_again()
    assert "new" not in reasons(suggested(alice), done)


def test_a_category_done_lately_ranks_after_another(alice: Person, bob: Person, stopped_clock: Clock) -> None:
    played = next(item["id"] for item in alice.get("/activities?for=two&category=play")["items"] if item["pace"] <= 2)
    date = agreed(alice, bob, activity=played)
    stopped_clock.move_to(START)
    move(alice, "complete", date)
    ahead = f"day={(START + timedelta(days=30)).date()}"  # few activities of the category talk need no preparation
    for day in range(1, 3):
        stopped_clock.move_to(START + timedelta(days=day))
        firsts = [suggested(person, f"category=play,talk&{ahead}")[0]["activity"] for person in (alice, bob)]
        assert {first["category"] for first in firsts} == {"talk"}


def test_an_accepted_date_that_was_not_completed_counts_as_done(
    alice: Person, bob: Person, stopped_clock: Clock
) -> None:
    few(1)
    (only,) = ids(alice)
    assert "again" not in reasons(suggested(alice), only)
    agreed(alice, bob, activity=only)
    stopped_clock.move_to(START + timedelta(days=1))
    for person in (alice, bob):
        assert reasons(suggested(person), only)["again"] == "last done this week"
    assert "again" not in reasons(suggested(alice, "for=one"), only)
    assert "again" not in reasons(suggested(bob, "for=one"), only)


def test_a_declined_idea_rests_for_its_sender_only(app: Flask, stopped_clock: Clock) -> None:
    ann, ben, cleo, dan = strangers(app, "Ann", "Ben", "Cleo", "Dan")
    pair(ann, ben, "together")
    pair(cleo, dan, "gentle")
    few(1)
    (only,) = ids(ann)
    for sender, answerer in ((ann, ben), (cleo, dan)):
        move(answerer, "decline", offer(sender, only))
        assert (ids(sender), ids(answerer)) == ([], [only])
    rests = []
    for days in (13, 14, 59, 60):
        stopped_clock.move_to(NOON + timedelta(days=days))
        rests.append((ids(ann), ids(cleo)))
    assert rests == [([], []), ([only], []), ([only], []), ([only], [only])]


def test_an_idea_rests_after_another_idea_and_not_after_another_time(alice: Person, bob: Person) -> None:
    few(2)
    first, second = sorted(ids(alice))
    move(bob, "decline", offer(alice, first), answer="another_time")
    move(bob, "decline", offer(alice, second), answer="another_idea")
    assert ids(alice) == [first]
    assert sorted(ids(bob)) == [first, second]


def test_a_declined_counter_rests_for_its_sender_only(alice: Person, bob: Person) -> None:
    few(1)
    (only,) = ids(alice)
    date = offer(alice, only)
    countered = move(bob, "counter", date)
    move(alice, "decline", countered)
    assert (ids(alice), ids(bob)) == ([only], [])


def test_solo_dates_of_the_partner_do_not_change_the_list(cast: Cast, stopped_clock: Clock) -> None:
    few(4)
    alice, bob = cast.alice, cast.bob
    before = [alice.request("GET", f"/suggestions?for={party}").data for party in ("one", "two")]
    for days, activity in enumerate(sorted(ids(bob, "for=one"))):
        slots = [slot(START + timedelta(days=days))]
        bob.post("/dates", {"activity_id": activity, "for": "one", "slots": slots}, 201)
    assert ids(bob, "for=one") == []
    assert [alice.request("GET", f"/suggestions?for={party}").data for party in ("one", "two")] == before
    stopped_clock.move_to(START + timedelta(days=9))
    shown = suggested(alice)
    assert len(shown) == 4
    assert all("again" not in {reason["code"] for reason in item["reasons"]} for item in shown)


def test_nothing_that_needs_the_dark_is_offered_in_a_white_night(cast: Cast, stopped_clock: Clock) -> None:
    cast.sam.patch("/me", {"zone": "Europe/Stockholm"}, "*")
    stopped_clock.move_to(datetime.fromisoformat("2027-06-14T12:00:00+00:00"))
    cast.sam.sign_in_again()
    for query in ("for=one", "for=one&day=2027-06-16", "for=one&category=outdoors,solo"):
        items = suggested(cast.sam, query)
        assert len(items) == 5
        assert "dark" not in {item["activity"]["light"] for item in items}
    stopped_clock.move_to(datetime.fromisoformat("2027-09-14T12:00:00+00:00"))
    few(1, light="dark", party="one", pace=1)
    assert len(suggested(cast.sam, "for=one")) == 1


def test_light_ideas_come_first_for_the_person_whose_last_date_was_heavy(cast: Cast, stopped_clock: Clock) -> None:
    date = completed(cast.alice, cast.bob, stopped_clock)
    stopped_clock.shift(timedelta(hours=3))
    move(cast.alice, "feedback", date, feeling="heavier")

    def is_told(person: Person) -> bool:
        return any(reason["code"] == "light" for item in suggested(person) for reason in item["reasons"])

    stopped_clock.shift(timedelta(days=1))
    assert [is_told(person) for person in (cast.alice, cast.bob)] == [True, False]
    stopped_clock.shift(timedelta(days=31))
    assert not is_told(cast.alice)


def test_reading_suggestions_logs_no_contact(alice: Person) -> None:
    own(alice)
    clear_ledger()
    for query in FILTERS:
        suggested(alice, query)
    with db.connection():
        assert ContactEvent.select().where(ContactEvent.person == UUID(alice.id)).count() == 0


def test_when_little_fits_the_answer_says_which_filters_to_relax(alice: Person) -> None:
    answer = alice.get("/suggestions?category=getaway&minutes=30&cost_band=0")
    assert answer["items"] == []
    limits = [hint["limit"] for hint in answer["relax"]]
    assert limits
    assert set(limits) <= {"category", "minutes", "cost_band"}
    assert [hint["matching"] for hint in answer["relax"]] == sorted(
        (hint["matching"] for hint in answer["relax"]), reverse=True
    )
    for hint in answer["relax"]:
        without = {"category": "minutes=30&cost_band=0", "minutes": "category=getaway&cost_band=0",
                   "cost_band": "category=getaway&minutes=30"}[hint["limit"]]  # fmt: skip
        again = alice.get(f"/suggestions?{without}")
        assert len(again["items"]) == min(5, hint["matching"])
    assert alice.get("/suggestions")["relax"] == []
    alice.put("/me/profile", {"interests": [], "causes": [], "cost_band": 0, "settings": ["home"]})
    assert {hint["limit"] for hint in alice.get("/suggestions?category=getaway")["relax"]} <= {
        "category",
        "cost_band",
        "setting",
    }


def test_a_match_is_a_reason_once_it_shows(alice: Person, bob: Person, stopped_clock: Clock) -> None:
    few(8)
    for person in (alice, bob):
        for card in person.get("/deck")["items"]:
            person.put(f"/activities/{card['id']}/vote", {"vote": "like"})
    with db.connection():
        matches.create_due(NOON)
    for days in range(1, 20):
        stopped_clock.move_to(NOON + timedelta(days=days))
        codes_by_id = {
            item["activity"]["id"]: {reason["code"] for reason in item["reasons"]} for item in suggested(alice)
        }
        shown = {item["activity"]["id"] for item in alice.get("/matches")["items"]}
        assert {activity for activity, codes in codes_by_id.items() if "match" in codes} <= shown
        if shown & set(codes_by_id):
            break
    assert (
        {activity for activity, codes in codes_by_id.items() if "match" in codes} == shown & set(codes_by_id) != set()
    )


def test_the_list_follows_feedback_on_dates(app: Flask, stopped_clock: Clock) -> None:
    """Give feedback on dates. It counts from the next day on."""
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben)
    played_activities = [
        item for item in ann.get("/activities?for=two&limit=100")["items"] if item["category"] == "play"
    ][:3]
    for days, activity in enumerate(played_activities):
        clear_ledger()
        start = NOON + timedelta(days=2 * days + 1)
        stopped_clock.move_to(start - timedelta(days=1))
        date = ann.post("/dates", {"activity_id": activity["id"], "slots": [slot(start)]}, 201)
        move(ben, "accept", date)
        stopped_clock.move_to(start + timedelta(hours=2))
        for person in (ann, ben):
            move(person, "feedback", date, feeling="heavier", rating=1)
    stopped_clock.move_to(NOON + timedelta(days=60))
    played = 0
    for days in range(10):
        stopped_clock.move_to(NOON + timedelta(days=60 + days))
        played += sum(item["activity"]["category"] == "play" for item in suggested(ann))
    assert played <= 2
