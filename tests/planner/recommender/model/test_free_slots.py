"""Test that the slots found in a window can be proposed as they are."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from planner import clock, sun
from planner.catalogue.entries import CatalogueEntry
from planner.recommender.model import filters
from planner.recommender.model.feature_matrix import build
from planner.recommender.model.free_slots import FreeSlot, FreeTime, SchedulingBounds, Window
from planner.recommender.model.request import RecommendationRequest, season
from seeds.reader import Activity
from tests.people import shipped

SHIPPED = shipped().activities
LISBON = "Europe/Lisbon"
TODAY = date(2026, 11, 23)
BOUNDS = SchedulingBounds(datetime(2026, 11, 23, 15, tzinfo=clock.UTC), TODAY, "north")
PLAIN = replace(
    SHIPPED[0], duration_min=60, duration_max=90, lead_days=0, time_of_day=("morning", "evening"),
    seasons=("winter", "spring", "summer", "autumn"),
)  # fmt: skip


def window(begins: str, ends: str) -> Window:
    return Window(datetime.fromisoformat(begins), datetime.fromisoformat(ends), LISBON)


def find_free_slots(activity: Activity, window: Window, bounds: SchedulingBounds) -> list[FreeSlot]:
    return FreeTime(window, bounds).find_slots(activity)


def walls(*slots: FreeSlot) -> list[str]:
    return [slot.local_time.strftime("%d %H:%M") for slot in slots]


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("2026-11-28T08:00", "2026-11-28T22:00", ["28 10:00", "28 19:00"]),
        ("2026-11-28T10:10", "2026-11-28T12:00", ["28 10:15"]),
        ("2026-11-28T08:00", "2026-11-28T09:30", ["28 08:00"]),
        ("2026-11-28T13:00", "2026-11-28T17:30", []),
        ("2026-11-28T19:30", "2026-11-28T20:29", []),
        ("2026-11-28T21:59", "2026-11-29T00:00", []),
        ("2026-11-27T18:00", "2026-11-29T22:00", ["27 19:00", "28 10:00", "29 10:00"]),
        ("2026-11-23T08:00", "2026-11-23T18:30", ["23 17:00"]),
        ("2026-11-22T08:00", "2026-11-22T22:00", []),
    ],
)
def test_slots_within_a_window(begins: str, ends: str, expected: list[str]) -> None:
    assert walls(*find_free_slots(PLAIN, window(begins, ends), BOUNDS)) == expected


def test_a_slot_lasts_to_the_end_of_the_window_or_the_maximum_duration() -> None:
    (short,) = find_free_slots(PLAIN, window("2026-11-28T19:00", "2026-11-28T20:15"), BOUNDS)
    (long,) = find_free_slots(PLAIN, window("2026-11-28T19:00", "2026-11-28T23:15"), BOUNDS)
    assert (short.minutes, long.minutes) == (75, 90)


@pytest.mark.parametrize(
    ("busy", "expected"),
    [
        ([("18:00", "18:30")], [("28 19:00", 90)]),
        ([("20:10", "21:00")], [("28 19:00", 70)]),
        ([("19:30", "20:20")], [("28 20:30", 90)]),
        ([("19:30", "20:20"), ("20:40", "21:10")], [("28 21:15", 90)]),
        ([("17:00", "22:30")], []),
    ],
)
def test_slots_avoid_busy_times(busy: list[tuple[str, str]], expected: list[tuple[str, int]]) -> None:
    spans = [[clock.to_utc(datetime.fromisoformat(f"2026-11-28T{slot}"), LISBON) for slot in span] for span in busy]
    bounds = BOUNDS._replace(busy=tuple((start, end) for start, end in spans))
    slots = find_free_slots(PLAIN, window("2026-11-28T18:45", "2026-11-28T23:00"), bounds)
    assert [(*walls(slot), slot.minutes) for slot in slots] == expected


def test_lead_days_and_season_are_checked_for_each_day() -> None:
    week = window("2026-11-24T08:00", "2026-12-04T22:00")
    prepared = find_free_slots(replace(PLAIN, lead_days=9), week, BOUNDS)
    assert {slot.local_time.date() for slot in prepared} <= {date(2026, 12, 2), date(2026, 12, 3), date(2026, 12, 4)}
    assert prepared
    winter = find_free_slots(replace(PLAIN, seasons=("winter",)), week, BOUNDS)
    assert min(slot.local_time.date() for slot in winter) == date(2026, 12, 1)


def test_a_night_begins_before_midnight() -> None:
    night = replace(PLAIN, time_of_day=("night",))
    assert walls(*find_free_slots(night, window("2026-11-28T22:30", "2026-11-29T04:00"), BOUNDS)) == ["28 22:30"]
    assert find_free_slots(night, window("2026-11-28T00:30", "2026-11-28T09:00"), BOUNDS) == []


def test_times_of_work_are_left_out_if_others_fit() -> None:
    mornings = replace(PLAIN, time_of_day=("morning",))
    week = window("2026-11-24T08:00", "2026-12-04T22:00")
    assert walls(*find_free_slots(mornings, week, BOUNDS)) == ["28 10:00", "29 10:00"]
    days = window("2026-11-24T08:00", "2026-11-26T22:00")
    assert walls(*find_free_slots(mornings, days, BOUNDS)) == ["24 10:00", "25 10:00", "26 10:00"]


@pytest.mark.parametrize(
    ("light", "hours", "winter", "summer"),
    [
        ("sunrise", ("morning",), "28 07:00", "26 05:45"),
        ("dusk", ("evening",), "28 17:15", "26 21:00"),
        ("dark", ("evening", "night"), "28 19:00", "26 22:30"),
        ("day", ("evening",), None, "26 19:00"),
        ("day", ("afternoon",), "28 14:00", "26 14:00"),
    ],
)
def test_the_sun_decides_when_an_activity_begins(
    light: str, hours: tuple[str, ...], winter: str | None, summer: str
) -> None:
    """Check two Saturdays in Lisbon. The sun is up from 7:33 to 17:16, and from 6:13 to 21:05."""
    activity = replace(PLAIN, light=light, time_of_day=hours)
    bounds = BOUNDS._replace(daylight=lambda day: sun.daylight(LISBON, day, "north"))
    for day, first in (("2026-11-28", winter), ("2027-06-26", summer)):
        slots = find_free_slots(activity, window(f"{day}T00:00", f"{day}T23:59"), bounds)
        assert walls(*slots)[:1] == ([first] if first else [])


@given(
    some.sampled_from(SHIPPED), some.integers(0, 13 * 24 * 4), some.integers(1, 13 * 24 * 4),
    some.sampled_from([LISBON, "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"]),
    some.sampled_from([date(2026, 11, 23), date(2027, 3, 25), date(2027, 10, 28)]),
    some.lists(some.tuples(some.integers(0, 13 * 24 * 60), some.integers(1, 600)), max_size=4),
)  # fmt: skip
def test_every_slot_lies_in_the_window_and_meets_the_activitys_limits(
    activity, starts, lasts, zone, today, planned
) -> None:
    begins = datetime.combine(today, time()) + timedelta(minutes=15 * starts)
    window_ = Window(begins, begins + timedelta(minutes=15 * lasts), zone)
    spans = [(clock.start_of_day(today, zone) + timedelta(minutes=at), timedelta(minutes=long)) for at, long in planned]
    busy = tuple((start, start + long) for start, long in spans)
    bounds = SchedulingBounds(clock.to_utc(datetime.combine(today, time(12)), zone), today, "south", busy)
    slots = find_free_slots(activity, window_, bounds)
    assert len(slots) <= 3
    assert FreeTime(window_, bounds).fits(activity) == bool(slots)
    assert slots == sorted(set(slots))
    for slot in slots:
        start = clock.to_utc(slot.local_time, zone)
        assert start > bounds.earliest
        assert clock.to_utc(window_.begins, zone) <= start
        assert start + timedelta(minutes=slot.minutes) <= clock.to_utc(window_.ends, zone)
        assert not any(at < start + timedelta(minutes=slot.minutes) and start < end for at, end in busy)
        assert activity.duration_min <= slot.minutes <= activity.duration_max
        assert (slot.local_time.date() - today).days >= activity.lead_days
        assert season(slot.local_time.date(), "south") in activity.seasons


@given(some.sampled_from(SHIPPED), some.integers(0, 95), some.integers(2, 95))
def test_within_a_day_a_slot_exists_if_the_window_filter_says_so(activity, starts, lasts) -> None:
    """Two ways must agree: the window filter of the ranking, and the search for slots."""
    day = date(2027, 6, 15)
    begins = datetime.combine(day, time()) + timedelta(minutes=15 * starts)
    ends = begins + timedelta(minutes=15 * lasts)
    daylight = partial(sun.daylight, LISBON, fallback="north")
    bounds = SchedulingBounds(
        datetime(2027, 1, 1, tzinfo=clock.UTC), date(2027, 1, 1), "north", daylight=lambda day: daylight(day)
    )
    matrix = build([CatalogueEntry(uuid4(), activity, False)])
    request = RecommendationRequest(
        party=activity.party if activity.party != "either" else "one", day=day, today=bounds.today,
        start=begins.time(), end=ends.time(), daylight=daylight(day),
    )  # fmt: skip
    fits_window = bool(filters.eligible(matrix, request, ["window", "season", "lead_days"])[0])
    assert fits_window == bool(find_free_slots(activity, Window(begins, ends, LISBON), bounds))


@pytest.mark.parametrize(("minutes", "every"), [(10, 9), (5, 10), (9, 10), (10, 25), (10, 70)])
def test_two_thousand_plans_cost_less_than_twice_of_twenty(minutes: int, every: int) -> None:
    """Count calls of functions: a number of seconds would depend on the machine."""
    fortnight = window("2026-12-01T08:00", "2026-12-15T08:00")
    begins = clock.to_utc(fortnight.begins, LISBON)

    def work(plans: int) -> int:
        starts = [begins + timedelta(minutes=every * number) for number in range(plans)]
        busy = tuple((start, start + timedelta(minutes=minutes)) for start in starts)
        calls = 0

        def counted(*arguments: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(counted)
        try:
            free = FreeTime(fortnight, BOUNDS._replace(busy=busy))
            for activity in SHIPPED:
                free.fits(activity)
        finally:
            sys.setprofile(None)
        return calls

    assert work(2000) < 2 * work(20)
