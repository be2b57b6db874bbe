"""Test dates of whole days: every move of them, and every list and calendar that shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from time_machine import Traveller

from planner import clock, scheduler
from planner.privacy.export_format import ORDINARY
from tests.api.answers import fields, problem
from tests.api.test_calendar_feed import events, file_of, make
from tests.api.test_list_filters import ids
from tests.conftest import NOON
from tests.dates import agreed, light, move, offer, on_wall, own, slot, whole_days
from tests.exports import export
from tests.people import Cast, Person, activity_id
from tests.rituals import agreed_ritual, offer_ritual, own_ritual

LISBON = "Europe/Lisbon"
TRIP = whole_days("2027-05-14", 3)
SOON = whole_days("2026-11-27", 3)


def days_of(date: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the first day and the end day of each slot of a date; all of them are whole days."""
    assert all(each["all_day"] for each in date["slots"])
    return [(each["first_day"], each["end_day"]) for each in date["slots"]]


def own_days(person: Person, slot: dict[str, Any], status: int = 201, **more: Any) -> Any:
    body = {"activity_id": activity_id(party="one"), "for": "one", "slots": [slot]}
    return person.post("/dates", {**body, **more}, status)


@pytest.mark.both_databases
def test_both_read_the_same_days_with_an_exclusive_end(cast: Cast) -> None:
    date = offer(cast.alice, slots=[whole_days("2027-05-21", 1), TRIP])
    assert days_of(date) == [("2027-05-14", "2027-05-17"), ("2027-05-21", "2027-05-22")]
    assert date["slots"][0] | {"id": "", "viewer_local_time": ""} == {
        "id": "", "start": "2027-05-13T23:00:00.000Z", "end": "2027-05-16T23:00:00.000Z", "minutes": 3 * 24 * 60,
        "local_time": "2027-05-14T00:00", "zone": LISBON, "viewer_local_time": "", "all_day": True,
        "first_day": "2027-05-14", "end_day": "2027-05-17", "overlaps": [],
    }  # fmt: skip
    accepted = move(cast.bob, "accept", cast.bob.get(f"/dates/{date['id']}"))
    assert days_of(accepted) == [("2027-05-14", "2027-05-17")]
    assert accepted["slots"][0]["viewer_local_time"] == "2027-05-13T19:00", "in New York"
    timed = own(cast.alice)["slots"][0]
    assert (timed["all_day"], timed["first_day"], timed["end_day"]) == (False, None, None)


def test_days_are_those_of_the_senders_zone_by_default(cast: Cast) -> None:
    date = offer(cast.bob, slots=[{"first_day": "2027-05-14", "days": 14}])
    assert (date["slots"][0]["zone"], days_of(date)) == ("America/New_York", [("2027-05-14", "2027-05-28")])
    assert date["slots"][0]["start"] == "2027-05-14T04:00:00.000Z"


@pytest.mark.parametrize(
    ("slot", "faults"),
    [
        ({"first_day": "2027-05-14"}, {"slots.0.days": "whole_days_incomplete"}),
        ({"days": 3}, {"slots.0.first_day": "whole_days_incomplete"}),
        ({}, {"slots.0.local_time": "time_missing"}),
        ({"minutes": 60}, {"slots.0.local_time": "time_missing"}),
        ({**TRIP, "local_time": "2027-05-14T10:00"}, {"slots.0.local_time": "whole_days_or_time"}),
        ({"local_time": "2027-05-14T10:00", "days": 2}, {"slots.0.local_time": "whole_days_or_time"}),
        ({**TRIP, "minutes": 60}, {"slots.0.minutes": "whole_days_or_time"}),
        ({**TRIP, "days": 0}, {"slots.0.days": "out_of_range"}),
        ({**TRIP, "days": 15}, {"slots.0.days": "out_of_range"}),
        ({**TRIP, "days": None}, {"slots.0.days": "whole_days_incomplete"}),
        ({**TRIP, "days": "3"}, {"slots.0.days": "not_a_number"}),
        ({**TRIP, "first_day": "2027-02-30"}, {"slots.0.first_day": "not_a_day"}),
        ({**TRIP, "first_day": "2027-05-14T00:00"}, {"slots.0.first_day": "not_a_day"}),
        ({**TRIP, "first_day": "2026-11-23"}, {"slots.0.first_day": "slot_in_the_past"}),  # this day has begun
        ({**TRIP, "first_day": "2199-12-31"}, {"slots.0.first_day": "slot_too_far"}),
        (TRIP | {"zone": "Europe/Atlantis"}, {"slots.0.zone": "not_a_zone"}),
    ],
)
def test_unclear_or_impossible_days_are_refused(cast: Cast, slot: dict[str, Any], faults: dict[str, str]) -> None:
    assert fields(offer(cast.alice, status=422, slots=[slot])) == faults
    assert cast.alice.get("/dates")["items"] == []


def test_the_notice_counts_from_the_midnight_at_which_they_begin(cast: Cast, stopped_clock: Traveller) -> None:
    date = offer(cast.alice, slots=[SOON])
    assert date["expires_at"] == "2026-11-26T23:45:00.000Z"
    stopped_clock.move_to(datetime(2026, 11, 26, 23, 30, tzinfo=UTC))
    assert fields(offer(cast.alice, status=422, slots=[SOON])) == {"slots.0.first_day": "no_time_to_answer"}
    stopped_clock.move_to(datetime(2026, 11, 26, 23, 45, tzinfo=UTC))
    assert cast.bob.get(f"/dates/{date['id']}")["state"] == "lapsed"


def test_a_repeat_is_known_by_its_days(cast: Cast) -> None:
    body = {"id": "0b6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a11", "activity_id": light(), "slots": [TRIP]}
    first = cast.alice.post("/dates", body, 201)
    assert cast.alice.post("/dates", body, 201)["version"] == first["version"]
    for other in (whole_days("2027-05-14", 2), slot(on_wall("2027-05-14T00:00"), LISBON)):
        cast.alice.post("/dates", {**body, "slots": [other]}, 422)
    assert fields(move(cast.bob, "counter", first, 422, slots=[TRIP])) == {"slots": "slots_unchanged"}
    as_long = slot(on_wall("2027-05-14T00:00"), LISBON, 3 * 24 * 60)
    countered = move(cast.bob, "counter", first, slots=[as_long])
    assert countered["slots"][0]["all_day"] is False
    assert days_of(move(cast.alice, "counter", countered, slots=[whole_days("2027-05-14", 2)])) == [
        ("2027-05-14", "2027-05-16")
    ]


def test_a_date_moves_from_an_evening_to_whole_days_and_back(cast: Cast) -> None:
    date = agreed(cast.alice, cast.bob)
    moving = move(cast.alice, "move", date, slots=[TRIP])
    assert days_of(moving["move"]) == [("2027-05-14", "2027-05-17")]
    moved = cast.bob.post(
        f"/dates/{date['id']}/move/accept", {"version": moving["version"], "slot_id": moving["move"]["slots"][0]["id"]}
    )
    assert days_of(moved) == [("2027-05-14", "2027-05-17")]
    same = {"first_day": "2027-05-14", "days": 3, "zone": LISBON}
    assert fields(move(cast.bob, "move", moved, 422, slots=[same])) == {"slots": "slots_unchanged"}
    alone = own_days(cast.alice, TRIP)
    back = move(cast.alice, "move", alone, slots=[slot(on_wall("2027-05-14T19:00"), LISBON)])
    assert [(each["all_day"], each["minutes"]) for each in back["slots"]] == [(False, 60)]
    assert days_of(move(cast.alice, "move", back, slots=[SOON])) == [("2026-11-27", "2026-11-30")]


def test_an_evening_inside_them_overlaps_and_both_sides_say_so(cast: Cast) -> None:
    trip = agreed(cast.alice, cast.bob, slots=[TRIP])
    evening = own(cast.bob, on_wall("2027-05-16T22:30"))  # in UTC: half an hour before the last day ends
    assert evening["slots"][0]["overlaps"] == [trip["id"]]
    assert cast.bob.get(f"/dates/{trip['id']}")["slots"][0]["overlaps"] == [evening["id"]]
    assert cast.alice.get(f"/dates/{trip['id']}")["slots"][0]["overlaps"] == []
    assert own(cast.alice, on_wall("2027-05-16T23:00"))["slots"][0]["overlaps"] == []


def test_the_longest_days_overlap_with_their_first_minutes(cast: Cast) -> None:
    """The index of ends must reach 14 days and the hour by which the clocks go back."""
    trip = own_days(cast.alice, whole_days("2027-10-25", 14))
    assert trip["slots"][0]["minutes"] == (14 * 24 + 1) * 60
    first = own(cast.alice, on_wall("2027-10-24T23:00"), activity=activity_id(party="one"))
    assert first["slots"][0]["overlaps"] == [trip["id"]]


def test_lists_have_what_began_before_and_goes_on(cast: Cast, stopped_clock: Traveller) -> None:
    trip = agreed(cast.alice, cast.bob, slots=[SOON])["id"]
    for day in ("2026-11-27", "2026-11-28", "2026-11-29"):
        assert ids(cast.alice, f"from={day}&to={day}") == ids(cast.bob, f"from={day}&to={day}") == {trip}, day
    assert ids(cast.alice, "to=2026-11-26") == ids(cast.alice, "from=2026-11-30") == set()
    stopped_clock.move_to(datetime(2026, 11, 29, 12, tzinfo=UTC))
    evening = own(cast.alice, on_wall("2026-11-29T20:00"))["id"]
    assert [date["id"] for date in cast.alice.get("/today")["dates"]] == [trip, evening]
    assert ids(cast.alice, "show=upcoming&from=2026-11-29") == {trip, evening}


def test_whole_days_come_before_what_begins_while_they_last(cast: Cast) -> None:
    trip = own_days(cast.alice, whole_days("2026-11-24", 14))["id"]
    evenings = [own(cast.alice, on_wall(f"2026-11-{day}T19:00"))["id"] for day in range(25, 30)]
    assert [date["id"] for date in cast.alice.get("/today")["dates"]] == [trip, *evenings[:4]]


def test_they_complete_themselves_on_the_next_morning(cast: Cast, stopped_clock: Traveller) -> None:
    date = agreed(cast.alice, cast.bob, slots=[SOON])
    for at, state in (
        ("2026-11-29T23:59", "accepted"),
        ("2026-11-30T07:59", "accepted"),
        ("2026-11-30T08:00", "completed"),
    ):
        stopped_clock.move_to(on_wall(at).replace(tzinfo=UTC))
        scheduler.tick(clock.utcnow())
        assert cast.alice.get(f"/dates/{date['id']}")["state"] == state, at
    assert days_of(cast.bob.get(f"/dates/{date['id']}")) == [("2026-11-27", "2026-11-30")]


def test_whole_days_leave_no_free_time(cast: Cast) -> None:
    def days() -> set[str]:
        return {
            item["local_time"][:10] for item in cast.alice.get("/free-times?from=2026-11-26&to=2026-11-30")["items"]
        }

    assert {"2026-11-27", "2026-11-28", "2026-11-29"} <= days()
    own_days(cast.alice, SOON)
    assert days() == {"2026-11-26", "2026-11-30"}


def test_what_two_agreed_already_may_be_whole_days(cast: Cast) -> None:
    date = cast.alice.post("/dates", {"activity_id": light(), "slots": [TRIP], "agreed": True}, 201)
    assert (date["state"], date["recorded"], days_of(date)) == ("accepted", True, [("2027-05-14", "2027-05-17")])
    assert days_of(move(cast.bob, "confirm", date)) == [("2027-05-14", "2027-05-17")]


def test_whole_days_do_not_repeat(cast: Cast) -> None:
    refused = {"slots.0.first_day": "whole_days_repeat"}
    body = {"activity_id": light(), "slots": [TRIP], "repeat": {"every": "year"}}
    assert fields(cast.alice.post("/dates", body, 422)) == refused
    assert fields(own_days(cast.sam, TRIP, 422, repeat={"every": "year"})) == refused
    ritual = own_ritual(cast.sam)["ritual"]
    assert fields(cast.sam.post(f"/rituals/{ritual['id']}/change", {"slots": [TRIP]}, 422)) == refused
    offered = offer_ritual(cast.alice)
    assert fields(move(cast.bob, "counter", offered, 422, slots=[TRIP])) == refused
    together = agreed_ritual(cast.alice, cast.bob)
    assert fields(cast.bob.post(f"/rituals/{together['id']}/change", {"slots": [TRIP]}, 422)) == refused
    # One date of a ritual may become whole days.
    first = cast.bob.get(f"/dates/{together['date_id']}")
    assert days_of(move(cast.bob, "move", first, slots=[TRIP])["move"]) == [("2027-05-14", "2027-05-17")]


def test_calendars_have_days_without_a_zone(cast: Cast) -> None:
    trip = agreed(cast.alice, cast.bob, slots=[whole_days("2027-03-27", 2)])
    (event,) = events(cast.bob, make(cast.bob)).values()
    for each in (event, file_of(cast.alice, trip)):
        assert (each["dtstart"].dt, each["dtend"].dt) == (date(2027, 3, 27), date(2027, 3, 29))
        assert each["dtstart"].params["VALUE"] == each["dtend"].params["VALUE"] == "DATE"
        assert "TZID" not in each["dtstart"].params
    assert b"VTIMEZONE" not in cast.alice.request("GET", f"/dates/{trip['id']}/calendar").data


def test_an_export_tells_whole_days_from_a_time(cast: Cast) -> None:
    agreed(cast.alice, cast.bob, slots=[TRIP])
    agreed(cast.alice, cast.bob)
    slots = [date["slots"][0] for date in export(cast.bob, ORDINARY)["dates"]]
    assert sorted((each["days"] or 0, each["local_time"]) for each in slots) == [
        (0, f"{NOON + timedelta(days=2, hours=7):%Y-%m-%dT%H:%M}"),
        (3, "2027-05-14T00:00"),
    ]


def test_other_people_learn_nothing(cast: Cast) -> None:
    trip = agreed(cast.alice, cast.bob, slots=[TRIP])
    for path in (f"/dates/{trip['id']}", f"/dates/{trip['id']}/calendar"):
        problem(cast.charlie.request("GET", path), 404)
    assert ids(cast.charlie, "from=2027-05-14&to=2027-05-16") == set()


def test_a_stay_that_has_begun_comes_first_on_the_first_screen(sam: Person, stopped_clock: Traveller) -> None:
    stay = own_days(sam, whole_days("2026-11-24", 12))
    for day in range(1, 7):
        own(sam, NOON + timedelta(days=day))
    stopped_clock.move_to(NOON + timedelta(days=1))
    today = sam.get("/today")
    assert (today["dates"][0]["id"], len(today["dates"])) == (stay["id"], 5)
