"""Test suggestions for a stretch of time. Each idea has slots that a proposal can use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine

from tests.api.test_suggestions import suggested
from tests.conftest import NOON
from tests.dates import agreed, own, slot
from tests.people import Person

Clock = time_machine.Traveller
WEEKEND = "when=2026-11-28T10:00/2026-11-29T22:00"
EVENING = "when=2026-11-28T18:00/2026-11-29T01:00"


def test_with_a_stretch_of_time_each_idea_has_slots(alice: Person) -> None:
    for query in (WEEKEND, EVENING, f"{WEEKEND}&minutes=60&for=one"):
        begins, ends = map(datetime.fromisoformat, query.partition("&")[0].removeprefix("when=").split("/"))
        suggestions = suggested(alice, query)
        assert suggestions, query
        for suggestion in suggestions:
            assert 1 <= len(suggestion["slots"]) <= 3
            for time in suggestion["slots"]:
                wall = datetime.fromisoformat(time["local_time"])
                assert begins <= wall <= ends - timedelta(minutes=time["minutes"])
                assert time["minutes"] >= suggestion["activity"]["duration_min"]
    assert alice.get(f"/suggestions?{WEEKEND}")["day"] == "2026-11-28"
    assert {tuple(item["slots"]) for item in suggested(alice)} == {()}


def test_a_proposal_accepts_the_slots_unchanged(alice: Person, bob: Person) -> None:
    for sender in (alice, bob):  # each in their own zone
        suggestion = suggested(sender, WEEKEND)[0]
        date = sender.post("/dates", {"activity_id": suggestion["activity"]["id"], "slots": suggestion["slots"]}, 201)
        assert [slot_out["local_time"] for slot_out in date["slots"]] == [
            offered["local_time"] for offered in suggestion["slots"]
        ]


def test_no_slot_overlaps_an_accepted_date_of_the_viewer(alice: Person, bob: Person, stopped_clock: Clock) -> None:
    evening = "when=2026-11-27T18:00/2026-11-27T23:00"
    mine, ours = (datetime.fromisoformat(f"2026-11-27T{hour}:00") for hour in ("18", "20"))
    own(alice, mine.replace(tzinfo=UTC))
    agreed(alice, bob, slots=[slot(ours.replace(tzinfo=UTC))])
    for person, starts in ((alice, [mine, ours]), (bob, [ours])):
        place = ZoneInfo(person.get("/me")["zone"])
        busy = [start.replace(tzinfo=UTC).astimezone(place).replace(tzinfo=None) for start in starts]
        offered = [time for item in suggested(person, evening) for time in item["slots"]]
        assert offered
        for time in offered:
            begins = datetime.fromisoformat(time["local_time"])
            ends = begins + timedelta(minutes=time["minutes"])
            assert not any(begins < start + timedelta(hours=1) and start < ends for start in busy), (time, busy)
    # An idea leaves the list when its only time is taken.
    narrow = "when=2026-11-28T19:00/2026-11-28T20:00"
    assert suggested(alice, narrow)
    agreed(alice, bob, slots=[slot(datetime(2026, 11, 28, 14, tzinfo=UTC), minutes=600)])
    assert suggested(alice, narrow) == []


def test_a_slot_that_has_passed_is_left_out(alice: Person, stopped_clock: Clock) -> None:
    today = "when=2026-11-23T13:00/2026-11-23T23:00"
    seen = []
    for hours in (0, 2, 5, 11):
        stopped_clock.move_to(NOON + timedelta(hours=hours))
        suggestions = suggested(alice, today)
        soonest = (NOON + timedelta(hours=hours + 3)).strftime("%Y-%m-%dT%H:%M")
        assert all(time["local_time"] > soonest for suggestion in suggestions for time in suggestion["slots"])
        seen.append({suggestion["activity"]["id"] for suggestion in suggestions})
    assert seen[0] > seen[3] == set()
    assert suggested(alice, "when=2026-11-20T13:00/2026-11-20T23:00") == []


def test_an_invalid_stretch_of_time_is_refused(alice: Person) -> None:
    for when in (
        "2026-11-28",
        "2026-11-28T10:00",
        "2026-11-29T10:00/2026-11-28T10:00",
        "2026-11-28T10:00/2026-12-28T10:00",
    ):
        assert alice.get(f"/suggestions?when={when}", 422)["errors"][0]["field"] == "when"
