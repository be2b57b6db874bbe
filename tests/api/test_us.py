"""Test looking back over HTTP: twelve months of dates, their kinds, and the viewer's own counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from planner.notes import counts
from tests.conftest import NOON
from tests.dates import START, offer
from tests.memories import note_about, took_place
from tests.people import activity_id
from tests.spaces import take

pytestmark = pytest.mark.both_databases

DAY = timedelta(days=1)


def counted(person):
    return {month["month"]: month["dates"] for month in person.get("/us")["months"] if month["dates"]}


def test_both_read_the_same_of_the_two_and_each_their_own(cast, stopped_clock):
    kinds = [activity_id(party="two", pace=2, category=category) for category in ("cook_taste", "outdoors")]
    first = took_place(stopped_clock, START, cast.alice, cast.bob, activity=kinds[0])
    took_place(stopped_clock, START + 10 * DAY, cast.bob, cast.alice, activity=kinds[0])
    took_place(stopped_clock, START + 11 * DAY, cast.alice, cast.bob, activity=kinds[1])
    took_place(stopped_clock, START + 12 * DAY, cast.alice)
    note_about(cast.alice, first, "Shared.", shared=True)
    recalled = note_about(cast.alice, first, "Recalled.", shared=True)
    cast.alice.post(f"/notes/{recalled}/recall")
    note_about(cast.bob, first, "Kept.")
    alice, bob = cast.alice.get("/us"), cast.bob.get("/us")
    assert alice.pop("own") == {"notes": 2, "shared_notes": 1, "dates_alone": 1}
    assert bob.pop("own") == {"notes": 1, "shared_notes": 0, "dates_alone": 0}
    assert alice == bob
    assert alice["kinds"] == [{"category": "cook_taste", "dates": 2}, {"category": "outdoors", "dates": 1}]
    assert (alice["memories"], alice["first_day"]) == (3, f"{START:%Y-%m-%d}")
    assert counted(cast.alice) == {"2026-11": 1, "2026-12": 2}
    assert (alice["months"][0]["month"], len(alice["months"])) == ("2026-01", 12)
    assert cast.charlie.get("/us")["memories"] == 0


def test_older_dates_leave_the_count_but_not_the_beginning(cast, stopped_clock):
    took_place(stopped_clock, datetime(2026, 11, 30, 19, tzinfo=UTC), cast.sam)
    took_place(stopped_clock, datetime(2026, 12, 1, 19, tzinfo=UTC), cast.sam)
    stopped_clock.move_to(datetime(2027, 11, 15, 12, tzinfo=UTC))
    cast.sam.sign_in_again()
    assert counted(cast.sam) == {"2026-12": 1}
    answer = cast.sam.get("/us")
    assert (answer["memories"], answer["first_day"], answer["own"]["dates_alone"]) == (1, "2026-11-30", 1)


def test_dates_that_are_held_are_not_counted(cast, stopped_clock):
    take(cast.alice)
    start = NOON + timedelta(hours=6)
    date = offer(cast.bob, agreed=True, slots=[{"local_time": f"{start:%Y-%m-%dT%H:%M}", "zone": "UTC"}])
    stopped_clock.move_to(start)
    seen = cast.bob.get(f"/dates/{date['id']}")
    assert seen["state"] == "accepted"
    cast.bob.post(f"/dates/{date['id']}/complete", {"version": seen["version"]})
    assert cast.bob.get("/us")["memories"] == 1
    assert cast.alice.get("/us")["memories"] == 0


def test_after_leaving_only_dates_alone_count(cast, stopped_clock):
    took_place(stopped_clock, START, cast.alice, cast.bob)
    took_place(stopped_clock, START + DAY, cast.alice)
    cast.bob.request("DELETE", "/couple")
    assert cast.alice.get("/us")["memories"] == 1
    assert cast.bob.get("/us")["memories"] == 0


def test_months_and_kinds_are_counted_in_order():
    months = counts.months_until(date(2027, 1, 31))
    assert (months[0], months[-1], len(months)) == (date(2026, 2, 1), date(2027, 1, 1), 12)
    days = [date(2026, 2, 28), date(2027, 1, 1), date(2027, 1, 31), date(2026, 1, 31)]
    assert [month.dates for month in counts.by_month(days, months)] == [1, *[0] * 10, 2]
    assert counts.by_kind(["b", "a", "c", "c"]) == [("c", 2), ("a", 1), ("b", 1)]
