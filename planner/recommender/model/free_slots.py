"""Find times within a window at which an activity can begin. Pure.

A slot has the shape that a proposal takes: a wall time in a zone, and minutes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from planner import clock
from planner.recommender.model.request import SEASONS, season
from planner.recommender.model.start_times import HOURS, StartSpan, start_span
from planner.sun import Daylight
from seeds.reader import Activity

MAX_SLOTS = 3
LONGEST = timedelta(days=14)

# The hour in each part of a day at which most people prefer to begin.
_PREFERRED_HOUR = {"early": 7, "morning": 10, "afternoon": 14, "evening": 19, "night": 22}
_STEP = timedelta(minutes=15)
_SATURDAY = 5


class Window(NamedTuple):
    """A stretch of wall time in a zone. What begins in it must end in it."""

    begins: datetime
    ends: datetime
    zone: str

    @property
    def length(self) -> timedelta:
        """Return its length in wall time."""
        return self.ends - self.begins


class FreeSlot(NamedTuple):
    """A time that fits, in the shape of a proposal's slot."""

    local_time: datetime
    zone: str
    minutes: int


Busy = tuple[tuple[datetime, datetime], ...]
"""The instants between which a person has plans."""


class Meeting(NamedTuple):
    """Time together without an activity: so many minutes, at any hour of `time_of_day`."""

    duration_min: int
    duration_max: int
    time_of_day: tuple[str, ...]
    light: str = "any"
    lead_days: int = 0
    seasons: tuple[str, ...] = SEASONS


Occasion = Activity | Meeting


class SchedulingBounds(NamedTuple):
    """The limits on slots beside the window itself.

    Nothing begins by `earliest`. Lead days count from `today`. `hemisphere` decides the season. `busy` is taken.
    `daylight` is that of a day in the zone of the window; without it, the sun does not count.
    """

    earliest: datetime
    today: date
    hemisphere: str
    busy: Busy = ()
    daylight: Callable[[date], Daylight] | None = None


class _Span(NamedTuple):
    """The first and the preferred wall time to begin on a day. `minutes` is the span after its midnight."""

    first: datetime
    preferred: datetime
    midnight: datetime
    minutes: StartSpan


class FreeTime:
    """The free time of a window. The plans are prepared once, and not compared with each activity."""

    def __init__(self, window: Window, bounds: SchedulingBounds) -> None:
        self._window = window
        self._bounds = bounds
        begins, self._ends = (clock.to_utc(wall, window.zone) for wall in (window.begins, window.ends))
        self._days_of_changes = _days_of_changes(window)
        self._busy = _merge(bounds.busy, begins, self._ends)
        self._starts = [start for start, _ in self._busy]
        walls = {round_up(clock.to_zone(end, window.zone).replace(tzinfo=None)) for _, end in self._busy}
        if self._days_of_changes:
            walls = {self._shown(wall) for wall in walls}
        self._openings = sorted(walls)
        self._free = {wall: self._minutes_from(wall) for wall in walls}
        self._long_enough: dict[int, list[datetime]] = {}
        self._days = (window.ends.date() - window.begins.date()).days + 2
        self._spans: dict[tuple[int, str, str], _Span | None] = {}

    def fits(self, activity: Occasion) -> bool:
        """Return whether any slot fits. Stops at the first one, so it is faster than `find_slots`."""
        return next(self.list_starts(activity), None) is not None

    def find_slots(self, activity: Occasion, most: int = MAX_SLOTS) -> list[FreeSlot]:
        """Return one to `most` slots, on different days if possible; an empty list if nothing fits.

        In a window of some days, times of work are left out if others fit.
        """
        slots = sorted(set(self.list_starts(activity)))
        if self._window.length > timedelta(days=1):
            slots = [slot for slot in slots if is_after_work(slot)] or slots
        if len(slots) <= most:
            return slots
        slots_by_day = [list(group) for _, group in groupby(slots, lambda slot: slot.local_time.date())]
        choices = [day[0] for day in slots_by_day] if len(slots_by_day) >= most else slots
        last = len(choices) - 1
        return [choices[(number * last + (most - 1) // 2) // (most - 1)] for number in range(most)]

    def list_starts(self, activity: Occasion) -> Iterator[FreeSlot]:
        """Yield a slot in each part of each day, where one fits. Two may be equal."""
        openings = self._openings_of(activity.duration_min)
        for number in range(self._days):
            for part in activity.time_of_day:
                span = self._span(number, part, activity.light)
                if span is None:
                    continue
                first, preferred, midnight, minutes = span
                closes = midnight + timedelta(minutes=minutes.last_start(activity.duration_min))
                later = openings[bisect_right(openings, first) : bisect_left(openings, closes)]
                for wall in (preferred, first, *later):
                    slot = self._slot_at(activity, wall) if wall < closes else None
                    if slot and _is_in_time(activity, slot, self._bounds):
                        yield slot
                        break

    def _span(self, number: int, part: str, light: str) -> _Span | None:
        """Return when an activity may begin on one day by its hours and the sun, or None."""
        key = number, part, light
        if key not in self._spans:
            day = self._window.begins.date() + timedelta(days=number - 1)  # the window may begin after midnight
            minutes = start_span(part, light, self._bounds.daylight(day) if self._bounds.daylight else None)
            self._spans[key] = self._in_window(datetime.combine(day, time()), part, minutes) if minutes else None
        return self._spans[key]

    def _in_window(self, midnight: datetime, part: str, minutes: StartSpan) -> _Span:
        first = round_up(max(midnight + timedelta(minutes=minutes.opens), self._window.begins))
        preferred = max(first, midnight + timedelta(hours=_PREFERRED_HOUR[part]))
        if preferred >= midnight + timedelta(minutes=minutes.closes):
            preferred = first
        return _Span(self._shown(first), self._shown(preferred), midnight, minutes)

    def _shown(self, wall: datetime) -> datetime:
        """Return the next wall time that the clocks show: this one, unless they skip it."""
        if wall.date() not in self._days_of_changes:
            return wall
        return clock.to_zone(clock.to_utc(wall, self._window.zone), self._window.zone).replace(tzinfo=None)

    def _openings_of(self, minutes: int) -> list[datetime]:
        """Return the ends of plans after which there are so many free minutes."""
        if minutes not in self._long_enough:
            self._long_enough[minutes] = [wall for wall in self._openings if self._free[wall] >= minutes]
        return self._long_enough[minutes]

    def _slot_at(self, activity: Occasion, wall: datetime) -> FreeSlot | None:
        """Return the slot that begins then, if it can end before the window and the next plan."""
        if wall not in self._free:
            self._free[wall] = self._minutes_from(wall)
        free = self._free[wall]
        if free < activity.duration_min:
            return None
        return FreeSlot(wall, self._window.zone, min(activity.duration_max, free))

    def _minutes_from(self, wall: datetime) -> int:
        """Return the free minutes from a wall time to the end of the window or the next plan."""
        begins = clock.to_utc(wall, self._window.zone)
        number = bisect_right(self._starts, begins)
        if number and begins < self._busy[number - 1][1]:
            return 0
        until = self._starts[number] if number < len(self._starts) else self._ends
        return int((until - begins).total_seconds() // 60)


def is_after_work(slot: FreeSlot) -> bool:
    """Return whether a slot is in an evening or on a weekend. Most people work at other times."""
    return slot.local_time.weekday() >= _SATURDAY or slot.local_time.hour >= HOURS["evening"][0]


def _days_of_changes(window: Window) -> set[date]:
    """Return the days on which the clocks change."""
    zone, first = clock.get_zone(window.zone), window.begins.date() - timedelta(days=1)
    days = [first + timedelta(days=number) for number in range((window.ends.date() - first).days + 2)]
    offsets = [datetime.combine(day, time(), zone).utcoffset() for day in days]
    return {day for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after}


def _merge(busy: Busy, begins: datetime, ends: datetime) -> Busy:
    """Return the plans that touch a window, in order, with those that overlap or meet as one."""
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted(plan for plan in busy if plan[0] < ends and begins < plan[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _is_in_time(activity: Occasion, slot: FreeSlot, bounds: SchedulingBounds) -> bool:
    day = slot.local_time.date()
    return (
        (day - bounds.today).days >= activity.lead_days
        and season(day, bounds.hemisphere) in activity.seasons
        and clock.to_utc(slot.local_time, slot.zone) > bounds.earliest
    )


def round_up(wall: datetime) -> datetime:
    """Return the next quarter of an hour."""
    excess = timedelta(minutes=wall.minute % 15, seconds=wall.second)
    return wall - excess + _STEP if excess else wall
