"""Say when a person can be free: instants from hours of a week, hours of a day, and plans. Pure.

A window is wall time in the person's zone, so it holds over a change of the clocks. It becomes instants by
`clock.to_utc`: a wall time that the clocks skip is the first instant after it, and one that they show twice is the
first of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from planner import clock

FREE, NEVER = "free", "never"
KINDS = (FREE, NEVER)
WORK = "work"
LABELS = (WORK, "children", "quiet")
"""What a never window may be for. The person reads it again when nothing fits."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Span = tuple[datetime, datetime]
Spans = tuple[Span, ...]
"""Stretches of time between two instants, in order. They neither overlap nor meet."""


class WeekWindow(NamedTuple):
    """Hours on some of WEEKDAYS. Hours that end no later than they begin pass midnight."""

    kind: str
    weekdays: tuple[str, ...]
    begins: time
    ends: time
    label: str | None = None


class DayWindow(NamedTuple):
    """Hours on one day. They count instead of the windows of the week; never counts more than free."""

    kind: str
    day: date
    begins: time
    ends: time


class Availability(NamedTuple):
    """All windows of one person. Without any, evenings and weekends are usually free."""

    week: tuple[WeekWindow, ...] = ()
    days: tuple[DayWindow, ...] = ()

    def without_label(self, label: str | None) -> Availability:
        """Return it without the never windows of one label."""
        return self._replace(week=tuple(each for each in self.week if each.kind == FREE or each.label != label))


class FreeWindows(NamedTuple):
    """When nothing forbids a plan, when the person is usually free, and when it is late before a working day."""

    possible: Spans
    usual: Spans
    late: Spans


_WORKING_DAYS, _WEEKEND = WEEKDAYS[:5], WEEKDAYS[5:]
_DEFAULT_FREE = (
    WeekWindow(FREE, _WORKING_DAYS, time(18), time(22)),
    WeekWindow(FREE, _WEEKEND, time(9), time(22)),
)
_NIGHT = WeekWindow(NEVER, WEEKDAYS, time(0), time(6))
_LATE = WeekWindow(NEVER, (), time(22), time(6))


def list_windows(availability: Availability, zone: str, begins: datetime, ends: datetime) -> FreeWindows:
    """Return the windows of a person between two instants.

    The hours from midnight to six are never free, unless the person names some of them as free.
    """

    def spans(*windows: WeekWindow | DayWindow) -> Spans:
        return intersect(merge(_spans(windows, zone, begins, ends)), ((begins, ends),))

    free_week = spans(*(each for each in availability.week if each.kind == FREE))
    never_week = spans(*(each for each in availability.week if each.kind == NEVER))
    free_days = spans(*(each for each in availability.days if each.kind == FREE))
    never_days = spans(*(each for each in availability.days if each.kind == NEVER))
    never = merge(never_week + subtract(spans(_NIGHT), free_week))
    possible = subtract(((begins, ends),), merge(subtract(never, free_days) + never_days))
    if not any(each.kind == FREE for each in availability.week):
        free_week = spans(*_DEFAULT_FREE)
    late = spans(_LATE._replace(weekdays=tuple(_day_before(day) for day in _working_days(availability))))
    return FreeWindows(possible, intersect(merge(free_week + free_days), possible), late)


def _day_before(weekday: str) -> str:
    return WEEKDAYS[WEEKDAYS.index(weekday) - 1]


def _working_days(availability: Availability) -> set[str]:
    """Return the days on which the person works: those of the windows for work, else Monday to Friday."""
    days = {day for each in availability.week if (each.kind, each.label) == (NEVER, WORK) for day in each.weekdays}
    return days or set(_WORKING_DAYS)


def without_plans(windows: FreeWindows, plans: Spans) -> FreeWindows:
    """Return the windows of a person who has these plans."""
    return windows._replace(possible=subtract(windows.possible, plans), usual=subtract(windows.usual, plans))


def common(first: FreeWindows, second: FreeWindows) -> FreeWindows:
    """Return the windows of two people together. It is late if it is late for one of them."""
    return FreeWindows(
        intersect(first.possible, second.possible),
        intersect(first.usual, second.usual),
        merge(first.late + second.late),
    )


def _spans(
    windows: Iterable[WeekWindow | DayWindow], zone: str, begins: datetime, ends: datetime
) -> Iterator[tuple[datetime, datetime]]:
    first = clock.local_day(begins, zone) - timedelta(days=1)  # its hours may pass midnight
    last = clock.local_day(ends, zone)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    for window in windows:
        if isinstance(window, DayWindow):
            on = [window.day] if first <= window.day <= last else []
        else:
            on = [day for day in days if WEEKDAYS[day.weekday()] in window.weekdays]
        for day in on:
            passes = window.ends <= window.begins
            from_ = clock.to_utc(datetime.combine(day, window.begins), zone)
            yield from_, clock.to_utc(datetime.combine(day + timedelta(days=passes), window.ends), zone)


def merge(spans: Iterable[Span]) -> Spans:
    """Return the instants in any of the spans. The spans may be in any order, overlap, or be empty."""
    merged: list[Span] = []
    for begins, ends in sorted(spans):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        elif begins < ends:
            merged.append((begins, ends))
    return tuple(merged)


def intersect(first: Spans, second: Spans) -> Spans:
    """Return the instants in both."""
    both, mine, theirs = list[Span](), 0, 0
    while mine < len(first) and theirs < len(second):
        begins, ends = max(first[mine][0], second[theirs][0]), min(first[mine][1], second[theirs][1])
        if begins < ends:
            both.append((begins, ends))
        if first[mine][1] < second[theirs][1]:
            mine += 1
        else:
            theirs += 1
    return tuple(both)


def subtract(spans: Spans, holes: Spans) -> Spans:
    """Return the instants in the spans that are in none of the holes."""
    if not spans:
        return ()
    return intersect(spans, complement(holes, spans[0][0], spans[-1][1]))


def complement(spans: Spans, begins: datetime, ends: datetime) -> Spans:
    """Return the instants between two that are in none of the spans."""
    edges = [begins, *(edge for span in spans for edge in span if begins < edge < ends), ends]
    if any(start <= begins < end for start, end in spans):
        del edges[0]
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple((start, end) for start, end in pairs if start < end)
