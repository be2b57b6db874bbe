"""Test the windows of a person against the same rules, applied to each quarter of an hour."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from planner import clock
from planner.calendars import free_windows
from planner.calendars.free_windows import (
    FREE,
    LABELS,
    NEVER,
    WEEKDAYS,
    Availability,
    DayWindow,
    FreeWindows,
    Spans,
    WeekWindow,
    list_windows,
)

EXAMPLES = int(os.environ.get("FREE_TIME_EXAMPLES", "20"))
"""`make campaign` tries many more."""
LISBON = "Europe/Lisbon"
WORKING_DAYS = WEEKDAYS[:5]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
START = datetime(2026, 10, 24, tzinfo=UTC)
# Each begins on a day before the clocks change, in the zone that changes them.
CHANGES = [
    (LISBON, datetime(2026, 3, 28, 12, tzinfo=UTC)), (LISBON, datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 6, tzinfo=UTC)), ("Asia/Kolkata", datetime(2026, 6, 1, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2026, 12, 30, tzinfo=UTC)), ("Africa/Casablanca", datetime(2026, 2, 14, 12, tzinfo=UTC)),
]  # fmt: skip

kinds = some.sampled_from((FREE, NEVER))
times = some.times().map(lambda each: each.replace(minute=each.minute // 15 * 15, second=0, microsecond=0))
weekdays = some.sets(some.sampled_from(WEEKDAYS), min_size=1).map(tuple)
week_windows = some.builds(WeekWindow, kinds, weekdays, times, times, some.sampled_from((None, *LABELS)))
numbers = some.lists(some.tuples(some.integers(0, 40), some.integers(0, 12)), max_size=8)


def spans(pairs: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
    return [(START + first * MINUTE, START + (first + length) * MINUTE) for first, length in pairs]


def minutes_of(some_spans: Spans | list[tuple[datetime, datetime]], begins: datetime, ends: datetime) -> set[datetime]:
    grid = [begins + number * MINUTE for number in range(int((ends - begins) / MINUTE))]
    return {at for at in grid if any(first <= at < last for first, last in some_spans)}


def is_normal(some_spans: Spans) -> bool:
    edges = [edge for span in some_spans for edge in span]
    return all(before < after for before, after in pairwise(edges))


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(numbers, numbers)
def test_the_algebra_equals_sets_of_minutes(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    begins, ends = START, START + timedelta(hours=1)
    mine, theirs = (free_windows.merge(spans(pairs)) for pairs in (first, second))
    a, b = (minutes_of(each, begins, ends) for each in (mine, theirs))
    assert a == minutes_of(spans(first), begins, ends)
    results = {
        free_windows.intersect(mine, theirs): a & b,
        free_windows.subtract(mine, theirs): a - b,
        free_windows.merge(mine + theirs): a | b,
        free_windows.complement(mine, begins, ends): minutes_of([(begins, ends)], begins, ends) - a,
    }
    for result, expected in results.items():
        assert is_normal(result)
        assert minutes_of(result, begins, ends) == expected


def covered(window: WeekWindow | DayWindow, zone: str, at: datetime) -> bool:
    """Return whether an instant is in a window: begun on its day or on the day before."""
    today = clock.local_day(at, zone)
    for day in (today - DAY, today):
        matches = window.day == day if isinstance(window, DayWindow) else WEEKDAYS[day.weekday()] in window.weekdays
        last = day + DAY if window.ends <= window.begins else day
        begins, ends = (
            clock.to_utc(datetime.combine(on, hour), zone) for on, hour in ((day, window.begins), (last, window.ends))
        )
        if matches and begins <= at < ends:
            return True
    return False


def by_rules(availability: Availability, zone: str, at: datetime) -> tuple[bool, bool]:
    """Return whether a minute is possible, and whether it is usual, straight from the rules."""

    def within(windows: tuple[WeekWindow | DayWindow, ...], kind: str) -> bool:
        return any(each.kind == kind and covered(each, zone, at) for each in windows)

    local = clock.to_zone(at, zone)
    is_free_in_week = within(availability.week, FREE)
    is_free_on_day, is_never_on_day = (within(availability.days, kind) for kind in (FREE, NEVER))
    is_night = covered(WeekWindow(NEVER, WEEKDAYS, time(0), time(6)), zone, at)
    is_never = within(availability.week, NEVER) or (is_night and not is_free_in_week)
    possible = not is_never_on_day and (is_free_on_day or not is_never)
    if not any(each.kind == FREE for each in availability.week):
        is_free_in_week = (9 if local.weekday() > 4 else 18) <= local.hour < 22
    return possible, possible and (is_free_in_week or is_free_on_day)


@settings(max_examples=EXAMPLES, deadline=None)
@given(some.data(), some.sampled_from(CHANGES))
def test_windows_equal_the_rules_at_each_quarter_of_an_hour(
    data: some.DataObject, change: tuple[str, datetime]
) -> None:
    zone, begins = change
    ends = begins + 2 * DAY
    near = some.integers(-1, 2).map(lambda number: clock.local_day(begins, zone) + number * DAY)
    days = some.lists(some.builds(DayWindow, kinds, near, times, times), max_size=2).map(tuple)
    availability = data.draw(some.builds(Availability, some.lists(week_windows, max_size=3).map(tuple), days))
    windows = list_windows(availability, zone, begins, ends)
    assert is_normal(windows.possible)
    assert is_normal(windows.usual)
    quarter = 15 * MINUTE  # all windows, and all changes of the clocks, begin and end at one
    for at in [begins + number * quarter for number in range((ends - begins) // quarter)]:
        listed = tuple(any(first <= at < last for first, last in each) for each in (windows.possible, windows.usual))
        assert listed == by_rules(availability, zone, at), clock.to_zone(at, zone)


def walls(some_spans: Spans, zone: str = LISBON) -> list[str]:
    return ["-".join(clock.to_zone(at, zone).strftime("%a %H:%M") for at in span) for span in some_spans]


def list_of(availability: Availability, first: date, days: int = 1, zone: str = LISBON) -> FreeWindows:
    begins, ends = (clock.start_of_day(day, zone) for day in (first, first + days * DAY))
    return list_windows(availability, zone, begins, ends)


WORK = WeekWindow(NEVER, WORKING_DAYS, time(9), time(17), "work")


def test_without_windows_evenings_and_weekends_are_usual_and_nights_are_not_possible() -> None:
    windows = list_of(Availability(), date(2026, 11, 27), 2)
    assert walls(windows.possible) == ["Fri 06:00-Sat 00:00", "Sat 06:00-Sun 00:00"]
    assert walls(windows.usual) == ["Fri 18:00-Fri 22:00", "Sat 09:00-Sat 22:00"]


def test_a_day_counts_instead_of_the_week() -> None:
    friday = date(2026, 11, 27)
    day_off = DayWindow(FREE, friday, time(12), time(0))
    busy = DayWindow(NEVER, friday, time(20), time(21))
    windows = list_of(Availability((WORK,), (day_off, busy)), friday)
    assert walls(windows.possible) == ["Fri 06:00-Fri 09:00", "Fri 12:00-Fri 20:00", "Fri 21:00-Sat 00:00"]
    assert walls(windows.usual) == ["Fri 12:00-Fri 20:00", "Fri 21:00-Sat 00:00"]


def test_hours_past_midnight_and_free_nights() -> None:
    shift = WeekWindow(NEVER, ("thursday",), time(22), time(7))
    free_at_night = WeekWindow(FREE, ("saturday",), time(1), time(3))
    windows = list_of(Availability((shift, free_at_night)), date(2026, 11, 27), 2)
    assert walls(windows.possible) == [
        "Fri 07:00-Sat 00:00", "Sat 01:00-Sat 03:00", "Sat 06:00-Sun 00:00",
    ]  # fmt: skip
    assert walls(windows.usual) == ["Sat 01:00-Sat 03:00"]


@pytest.mark.parametrize(
    ("working", "late"),
    [
        ((), ["Sun 22:00-Mon 06:00", "Mon 22:00-Tue 06:00", "Tue 22:00-Wed 00:00"]),
        (("tuesday",), ["Mon 22:00-Tue 06:00"]),
    ],
)
def test_it_is_late_on_the_evening_before_a_working_day(working: tuple[str, ...], late: list[str]) -> None:
    week = (WORK._replace(weekdays=working),) if working else ()
    sunday = clock.start_of_day(date(2026, 11, 29), LISBON)
    windows = list_windows(Availability(week), LISBON, sunday, sunday + 3 * DAY)
    assert [wall for wall in walls(windows.late) if not wall.startswith("Sun 00:00")] == late


def test_work_holds_its_wall_time_over_a_change_of_the_clocks() -> None:
    for first in (date(2026, 3, 27), date(2026, 10, 23)):
        windows = list_of(Availability((WORK,)), first, 4)
        mornings = [wall for wall in walls(windows.possible) if wall.startswith(("Fri 06", "Mon 06"))]
        assert mornings == ["Fri 06:00-Fri 09:00", "Mon 06:00-Mon 09:00"]


def test_what_two_have_in_common() -> None:
    mine, theirs = list_of(Availability((WORK,)), date(2026, 11, 27)), list_of(Availability(), date(2026, 11, 27))
    assert free_windows.common(mine, theirs) == free_windows.common(theirs, mine) == mine
    busy = ((mine.usual[0][0], mine.usual[0][0] + timedelta(hours=1)),)
    assert walls(free_windows.without_plans(mine, busy).usual) == ["Fri 19:00-Fri 22:00"]
