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
        soonest = (NOON + timedelta(hours=hours, minutes=75)).strftime("%Y-%m-%dT%H:%M")
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


def activity_of(person: Person, **values: object) -> str:
    idea = {"title": "Kites", "category": "outdoors", "duration_min": 60, "duration_max": 90, **values}
    created: str = person.post("/activities", idea, 201)["id"]
    return created


def test_one_activity_has_times_in_the_next_two_weeks(alice: Person, bob: Person, stopped_clock: Clock) -> None:
    kites = activity_of(alice)
    slots = alice.get(f"/activities/{kites}/slots")["slots"]
    days = [time["local_time"][:10] for time in slots]
    assert len(set(days)) == len(slots) == 8
    assert days == sorted(days)
    assert days[0] >= "2026-11-23"
    assert days[-1] <= "2026-12-07"
    for time in slots[:-1]:  # the last day ends at noon; on other working days, the evening is free
        wall = datetime.fromisoformat(time["local_time"])
        assert wall.weekday() > 4 or wall.hour >= 17, wall
        assert time["minutes"] == 90
    date = alice.post("/dates", {"activity_id": kites, "slots": slots[:3]}, 201)
    assert len(date["slots"]) == 3
    # Preparation comes first, and the two weeks begin after it.
    later = alice.get(f"/activities/{activity_of(alice, lead_days=20)}/slots")["slots"]
    assert len(later) == 8
    assert later[0]["local_time"] >= "2026-12-13"


def test_the_times_of_one_activity_respect_the_question_and_the_plans(
    alice: Person, bob: Person, stopped_clock: Clock
) -> None:
    kites = activity_of(alice, time_of_day=["evening"])

    def walls(query: str) -> list[tuple[str, int]]:
        slots = alice.get(f"/activities/{kites}/slots?{query}")["slots"]
        return [(time["local_time"], time["minutes"]) for time in slots]

    assert walls("day=2026-11-27") == [("2026-11-27T19:00", 90)]
    assert walls("day=2026-11-27&from=17:00&to=18:15") == [("2026-11-27T17:00", 75)]
    assert walls("day=2026-11-27&from=19:30&to=01:00") == [("2026-11-27T19:30", 90)]
    assert walls("when=2026-11-27T18:00/2026-11-28T23:00&minutes=60&for=one") == [
        ("2026-11-27T19:00", 60),
        ("2026-11-28T19:00", 60),
    ]
    assert walls("minutes=59") == []
    agreed(alice, bob, slots=[slot(datetime(2026, 11, 27, 19, tzinfo=UTC))])
    assert walls("day=2026-11-27") == [("2026-11-27T17:00", 90)]
    assert alice.get(f"/activities/{kites}/slots?from=17:00", 422)["errors"][0]["field"] == "to"
    assert bob.get(f"/activities/{kites}/slots", 404)["type"] == "/problems/not-found"


def test_without_a_partner_the_times_are_for_one(sam: Person) -> None:
    kites = activity_of(sam)
    assert len(sam.get(f"/activities/{kites}/slots")["slots"]) == 8
    assert sam.get(f"/activities/{kites}/slots?for=two", 409)["reason"] == "no_partner"
