"""Find times within a window at which an activity can begin. Pure.

A slot has the shape that a proposal takes: a wall time in a zone, and minutes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from planner import clock
from planner.recommender.model.request import HOURS, season
from seeds.reader import Activity

MAX_SLOTS = 3
LONGEST = timedelta(days=14)

# The hour in each part of a day at which most people prefer to begin.
_PREFERRED_HOUR = {"morning": 9, "afternoon": 14, "evening": 19, "night": 22}
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


class SchedulingBounds(NamedTuple):
    """The limits on slots beside the window itself.

    Nothing begins by `earliest`. Lead days count from `today`. `hemisphere` decides the season. `busy` is taken.
    """

    earliest: datetime
    today: date
    hemisphere: str
    busy: Busy = ()


class FreeTime:
    """The free time of a window. The plans are prepared once, and not compared with each activity."""

    def __init__(self, window: Window, bounds: SchedulingBounds) -> None:
        self._window = window
        self._bounds = bounds
        begins, self._ends = (clock.to_utc(wall, window.zone) for wall in (window.begins, window.ends))
        self._days_of_changes = _days_of_changes(window)
        self._busy = _merge(bounds.busy, begins, self._ends)
        self._starts = [start for start, _ in self._busy]
        walls = {_round_up(clock.to_zone(end, window.zone).replace(tzinfo=None)) for _, end in self._busy}
        if self._days_of_changes:
            walls = {self._shown(wall) for wall in walls}
        self._openings = sorted(walls)
        self._free = {wall: self._minutes_from(wall) for wall in walls}
        self._long_enough: dict[int, list[datetime]] = {}
        self._days = (window.ends.date() - window.begins.date()).days + 2
        self._parts: dict[tuple[int, str], tuple[datetime, datetime, datetime]] = {}

    def fits(self, activity: Activity) -> bool:
        """Return whether any slot fits. Stops at the first one, so it is faster than `find_slots`."""
        return self.find_first(activity) is not None

    def find_first(self, activity: Activity) -> FreeSlot | None:
        """Return a slot on the first day that fits, or None."""
        return next(self._slots(activity), None)

    def find_slots(self, activity: Activity, most: int = MAX_SLOTS) -> list[FreeSlot]:
        """Return one to `most` slots, on different days if possible; an empty list if nothing fits."""
        slots = sorted(set(self._slots(activity)))
        if len(slots) <= most:
            return slots
        slots_by_day = [list(group) for _, group in groupby(slots, lambda slot: slot.local_time.date())]
        choices = [_first_after_work(day) for day in slots_by_day] if len(slots_by_day) >= most else slots
        last = len(choices) - 1
        return [choices[(number * last + (most - 1) // 2) // (most - 1)] for number in range(most)]

    def _slots(self, activity: Activity) -> Iterator[FreeSlot]:
        openings = self._openings_of(activity.duration_min)
        for number in range(self._days):
            for part in activity.time_of_day:
                first, preferred, closes = self._part(number, part)
                later = openings[bisect_right(openings, first) : bisect_left(openings, closes)]
                for wall in (preferred, first, *later):
                    slot = self._slot_at(activity, wall) if wall < closes else None
                    if slot and _is_in_time(activity, slot, self._bounds):
                        yield slot
                        break

    def _part(self, number: int, part: str) -> tuple[datetime, datetime, datetime]:
        """Return the first and the preferred wall time of a part of a day in the window, and its end."""
        if (number, part) not in self._parts:
            # A night begins on the day before.
            midnight = datetime.combine(self._window.begins.date() + timedelta(days=number - 1), time())
            opens, closes, preferred = (
                midnight + timedelta(hours=hours) for hours in (*HOURS[part], _PREFERRED_HOUR[part])
            )
            first = _round_up(max(opens, self._window.begins))
            self._parts[number, part] = self._shown(first), self._shown(max(first, preferred)), closes
        return self._parts[number, part]

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

    def _slot_at(self, activity: Activity, wall: datetime) -> FreeSlot | None:
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


def _first_after_work(slots: list[FreeSlot]) -> FreeSlot:
    """Return the first slot of a day; from Monday to Friday the first in the evening, if there is one."""
    evening = (slot for slot in slots if slot.local_time.hour >= HOURS["evening"][0])
    weekday = slots[0].local_time.weekday()
    return next(evening, slots[0]) if weekday < _SATURDAY else slots[0]


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


def _is_in_time(activity: Activity, slot: FreeSlot, bounds: SchedulingBounds) -> bool:
    day = slot.local_time.date()
    return (
        (day - bounds.today).days >= activity.lead_days
        and season(day, bounds.hemisphere) in activity.seasons
        and clock.to_utc(slot.local_time, slot.zone) > bounds.earliest
    )


def _round_up(wall: datetime) -> datetime:
    """Return the next quarter of an hour."""
    excess = timedelta(minutes=wall.minute % 15, seconds=wall.second)
    return wall - excess + _STEP if excess else wall
