"""Rituals: proposed once, accepted once; dates that come by themselves, also in space and at the end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from planner.accounts import caps
from planner.dates.rituals import Ritual
from planner.privacy.export_format import ORDINARY, PRIVATE
from planner.settings import Settings
from planner.storage import db
from tests.api.answers import fields, problem
from tests.conftest import NOON
from tests.dates import ALL_REMINDERS, date_on, items, light, move, on_wall, slot
from tests.erasing import erase
from tests.exports import export
from tests.rituals import (
    FIRST_EIGHT,
    FRIDAY,
    agreed_ritual,
    ahead,
    changed,
    month,
    offer_ritual,
    own_ritual,
    stopped,
    tick,
)

# A proposal, and one yes


def test_a_ritual_is_clear_before_the_answer_and_costs_one_proposal(alice, bob):
    left = alice.get("/today")["allowance"]["proposals"]["left"]
    date = offer_ritual(alice, interval=2, count=6)
    assert alice.get("/today")["allowance"]["proposals"]["left"] == left - 1
    shown = bob.get(f"/dates/{date['id']}")["ritual"]
    assert (shown["state"], shown["local_time"], shown["zone"], shown["minutes"]) == ("offered", FRIDAY, "UTC", 60)
    assert shown["repeat"] == {
        "every": "week", "interval": 2, "weekdays": ["friday"], "by": None, "count": 6, "until": None,
    }  # fmt: skip
    (ritual,) = bob.get("/rituals")["items"]
    assert (ritual["id"], ritual["date_id"], ritual["sender"]) == (shown["id"], date["id"], "partner")
    assert [time["start"][:10] for time in ritual["upcoming"]] == [
        "2026-12-04", "2026-12-18", "2027-01-01", "2027-01-15", "2027-01-29", "2027-02-12",
    ]  # fmt: skip
    assert ahead(bob) == []


def test_one_yes_agrees_to_all_dates_with_one_item(alice, bob):
    ritual = agreed_ritual(alice, bob)
    assert ritual["state"] == "running"
    for person in (alice, bob):
        assert ahead(person) == FIRST_EIGHT
    assert alice.inbox().count("date_accepted") == 1
    assert [time["date_id"] is None for time in ritual["upcoming"]] == [False] * 7 + [True] * 3
    for time in ritual["upcoming"][:7]:
        date = bob.get(f"/dates/{time['date_id']}")
        assert (date["state"], date["actions"], date["ritual"]["id"]) == (
            "accepted",
            ["cancel", "move", "edit"],
            ritual["id"],
        )
        assert set(items(date, alice, bob)["Bob"]) == set(ALL_REMINDERS)


def test_the_first_screen_has_the_next_date_of_a_ritual_only(alice, bob):
    agreed_ritual(alice, bob)
    tick()
    assert len(alice.get("/dates?show=upcoming")["items"]) == len(FIRST_EIGHT)
    assert [date["slots"][0]["local_time"] for date in alice.get("/today")["dates"]] == [FRIDAY]


def test_a_month_has_dates_and_later_times_each_once(alice, bob, stopped_clock):
    ritual = agreed_ritual(alice, bob)
    assert month(bob, "2026-12-28", "2027-01-31") == [f"2027-01-{day}T19:00" for day in ("01", "08", "15", "22", "29")]
    assert month(bob, "2028-01-01", "2028-01-31") == [f"2028-01-{day}T19:00" for day in ("07", "14", "21", "28")]
    page = bob.get("/dates?from=2027-01-18&to=2027-01-24")
    (time,) = page["ritual_times"]
    assert (time["ritual_id"], time["date_id"], time["viewer_local_time"]) == (ritual["id"], None, "2027-01-22T14:00")
    assert bob.get("/dates?from=2026-12-01&to=2027-06-01")["ritual_times"] == []
    stopped_clock.move_to(NOON + timedelta(days=5))
    tick()
    assert month(bob, "2027-01-18", "2027-01-24") == ["2027-01-22T19:00"]
    assert bob.get("/dates?from=2027-01-18&to=2027-01-24")["ritual_times"] == []


def test_the_clock_makes_each_date_once_and_ends_a_ritual_with_its_count(alice, bob, stopped_clock):
    ritual = agreed_ritual(alice, bob, "2026-12-31T19:00", every="month", count=3)
    assert ahead(alice) == ["2026-12-31T19:00"]
    for day in range(0, 160, 7):
        stopped_clock.move_to(NOON + timedelta(days=day))
        tick()
        tick()
    dates = alice.get("/dates?limit=100")["items"]
    assert sorted(date["slots"][0]["start"][:10] for date in dates) == ["2026-12-31", "2027-01-31", "2027-03-31"]
    assert alice.get(f"/rituals/{ritual['id']}")["state"] == "ended"
    assert alice.get("/rituals")["items"] == []
    assert stopped(bob, ritual)["state"] == "ended"
    assert "ritual_stopped" not in alice.inbox()


def test_the_next_date_is_made_however_far_it_is(alice, bob, stopped_clock):
    agreed_ritual(alice, bob, every="year")
    stopped_clock.move_to(NOON + timedelta(days=11, hours=8))
    tick()
    assert ahead(bob) == ["2027-12-04T19:00"]


def test_a_server_that_was_off_makes_no_dates_of_the_past(alice, bob, stopped_clock):
    agreed_ritual(alice, bob)
    stopped_clock.move_to(NOON + timedelta(days=365))
    bob.sign_in_again()
    tick()
    assert ahead(bob)[0] == "2027-11-26T19:00"
    assert month(bob, "2027-06-01", "2027-06-30") == []


def test_a_counter_moves_the_whole_ritual(alice, bob):
    date = offer_ritual(alice)
    saturday = [slot(on_wall("2026-12-05T11:00"))]
    two = bob.post(f"/dates/{date['id']}/counter", {"slots": [*saturday, slot(on_wall(FRIDAY))], "version": 1}, 422)
    assert fields(two) == {"slots": "one_slot_repeats"}
    countered = move(bob, "counter", date, slots=saturday)
    assert countered["ritual"]["repeat"]["weekdays"] == ["saturday"]
    move(alice, "accept", countered)
    tick()
    assert ahead(bob)[:2] == ["2026-12-05T11:00", "2026-12-12T11:00"]


def test_a_counter_fits_the_rule(alice, bob):
    date = offer_ritual(alice, weekdays=["friday", "monday"])
    answer = move(bob, "counter", date, 422, slots=[slot(on_wall("2026-12-05T11:00"))])
    assert fields(answer) == {"slots.0.local_time": "start_not_in_ritual"}
    assert bob.get(f"/dates/{date['id']}")["version"] == 1


@pytest.mark.parametrize(
    ("repeat", "errors"),
    [
        ({"every": "hour"}, {"repeat.every": "not_a_choice"}),
        ({"interval": 0}, {"repeat.interval": "out_of_range"}),
        ({"count": 1}, {"repeat.count": "out_of_range"}),
        ({"weekdays": ["monday"]}, {"repeat.weekdays": "weekday_of_start_missing"}),
        ({"every": "day", "weekdays": ["friday"]}, {"repeat.weekdays": "only_weekly"}),
        ({"by": "weekday"}, {"repeat.by": "only_monthly"}),
        ({"count": 3, "until": "2027-01-01"}, {"repeat.until": "count_or_until"}),
        ({"until": "2026-12-01"}, {"repeat.until": "ends_too_early"}),
    ],
)
def test_a_rule_that_is_not_possible_is_refused_by_field(alice, bob, repeat, errors):
    assert fields(offer_ritual(alice, status=422, **repeat)).keys() == errors.keys()
    if "not_a_choice" not in errors.values():
        assert fields(offer_ritual(alice, status=422, **repeat)) == errors
    assert bob.get("/rituals")["items"] == []


def test_a_ritual_has_one_slot_and_a_repeat_of_its_create_changes_nothing(alice, bob):
    slots = [slot(on_wall(FRIDAY)), slot(on_wall("2026-12-05T19:00"))]
    answer = alice.post("/dates", {"activity_id": light(), "slots": slots, "repeat": {"every": "week"}}, 422)
    assert fields(answer) == {"slots": "one_slot_repeats"}
    body = {"id": "6a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77", "activity_id": light(), "slots": slots[:1]}
    first = alice.post("/dates", {**body, "repeat": {"every": "week"}}, 201)
    assert alice.post("/dates", {**body, "repeat": {"every": "week"}}, 201) == first
    assert problem(alice.request("POST", "/dates", {**body, "repeat": {"every": "month"}}), 422)
    assert len(bob.get("/rituals")["items"]) == 1


@pytest.mark.parametrize("end", ["decline", "withdraw"])
def test_a_ritual_that_is_not_agreed_leads_to_no_dates(alice, bob, end):
    date = offer_ritual(alice)
    move(bob if end == "decline" else alice, end, date)
    tick()
    assert ahead(alice) == []
    assert alice.get("/rituals")["items"] == []
    assert alice.get(f"/dates/{date['id']}")["ritual"]["state"] == "closed"
    assert problem(alice.request("POST", f"/rituals/{date['ritual']['id']}/stop"), 409)


def test_a_ritual_alone_starts_at_once_and_no_one_else_sees_it(sam, alice):
    date = own_ritual(sam, every="day", count=5)
    assert ahead(sam) == [f"2026-12-0{day}T19:00" for day in (4, 5, 6, 7, 8)]
    assert alice.get("/rituals")["items"] == []
    for verb, path in (("GET", ""), ("POST", "/stop")):
        assert alice.request(verb, f"/rituals/{date['ritual']['id']}{path}").status_code == 404
    assert stopped(sam, date["ritual"])["state"] == "ended"
    assert ahead(sam) == []


# Space, leaving, caps


def test_dates_of_a_ritual_that_come_during_space_are_off_unless_the_person_goes(alice, bob, stopped_clock):
    agreed_ritual(alice, bob)
    decisions = [{"date_id": view["date"]["id"], "going": False} for view in bob.get("/me/space")["dates"]]
    bob.put("/me/space", {"kind": "quiet", "dates": decisions})
    stopped_clock.move_to(NOON + timedelta(days=5))
    tick()
    new = date_on(alice, "2027-01-22")
    assert items(new, alice, bob) == {"Alice": ALL_REMINDERS, "Bob": []}
    (view,) = [view for view in bob.get("/me/space")["dates"] if view["date"]["id"] == new["id"]]
    assert view["going"] is False
    bob.delete("/me/space")
    assert items(new, bob) == {"Bob": ALL_REMINDERS}


def test_a_ritual_accepted_during_space_stays_unknown(alice, bob, stopped_clock):
    date = offer_ritual(alice)
    alice.put("/me/space", {"kind": "quiet", "dates": []})
    stopped_clock.shift(timedelta(minutes=1))
    move(bob, "accept", date)
    tick()
    new = date_on(bob, "2026-12-11")
    assert items(new, alice, bob) == {"Alice": [], "Bob": ALL_REMINDERS}
    assert alice.get("/me/space")["dates"] == []
    assert alice.inbox() == []
    alice.delete("/me/space")
    assert items(new, alice) == {"Alice": ALL_REMINDERS}


def test_leaving_ends_rituals_and_names_the_next_date_only(alice, bob):
    ritual = agreed_ritual(alice, bob)
    alice.delete("/couple")
    tick()
    assert bob.inbox().count("date_off") == 1
    assert items({"id": ritual["date_id"]}, bob) == {"Bob": ["date_off"]}
    assert ahead(bob) == []
    for person in (alice, bob):
        assert person.request("GET", f"/rituals/{ritual['id']}").status_code == 404


def test_rituals_have_a_cap_of_their_own(sam):
    caps.use(Settings(max_rituals=2, max_dates=1))
    own_ritual(sam)
    own_ritual(sam, every="day")
    assert own_ritual(sam, status=409)["reason"] == "too_many_rituals"
    stopped(sam, sam.get("/rituals")["items"][0])
    own_ritual(sam)


def test_a_ritual_is_exported_with_its_dates_and_erased_with_them(cast, stopped_clock):
    own_ritual(cast.sam, every="month")
    agreed_ritual(cast.alice, cast.bob)
    exported = export(cast.alice, ORDINARY)["dates"]
    assert {date["ritual"]["rule"] for date in exported} == {"FREQ=WEEKLY;BYDAY=FR"}
    (own,) = [date["ritual"] for date in export(cast.sam, PRIVATE)["own_dates"]][:1]
    assert own["rule"] == "FREQ=MONTHLY;BYMONTHDAY=4"
    erase(cast.sam, stopped_clock)
    with db.connection():
        assert Ritual.select().count() == 1


def test_a_ritual_is_found_by_its_people_only(alice, bob, cast):
    ritual = agreed_ritual(alice, bob)
    UUID(ritual["id"])
    for person in (cast.charlie, cast.sam):
        assert person.request("GET", f"/rituals/{ritual['id']}").status_code == 404
        assert stopped(person, ritual, 404)
        assert changed(person, ritual, FRIDAY, 404)
