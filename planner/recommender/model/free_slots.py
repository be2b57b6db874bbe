"""Find times within a window at which an activity can begin. Pure.

A slot has the shape that a proposal takes: a wall time in a zone, and minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from planner import clock
from planner.recommender.model.request import HOURS, season
from seeds.reader import Activity

MAX_SLOTS = 3
LONGEST = timedelta(days=14)

# The hour in each part of a day at which most people prefer to begin.
_PREFERRED_HOUR = {"morning": 9, "afternoon": 14, "evening": 19, "night": 22}
_STEP = timedelta(minutes=15)


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


def fits(activity: Activity, window: Window, bounds: SchedulingBounds) -> bool:
    """Return whether any slot fits. Stops at the first one, so it is faster than `find_free_slots`."""
    return next(_slots(activity, window, bounds), None) is not None


def find_free_slots(activity: Activity, window: Window, bounds: SchedulingBounds) -> list[FreeSlot]:
    """Return one to three slots, on different days if possible; an empty list if nothing fits."""
    slots = sorted(set(_slots(activity, window, bounds)))
    if len(slots) <= MAX_SLOTS:
        return slots
    first_by_day = {slot.local_time.date(): slot for slot in reversed(slots)}
    choices = sorted(first_by_day.values()) if len(first_by_day) >= MAX_SLOTS else slots
    return [choices[0], choices[len(choices) // 2], choices[-1]]


def _slots(activity: Activity, window: Window, bounds: SchedulingBounds) -> Iterator[FreeSlot]:
    ends = clock.to_utc(window.ends, window.zone)
    free_from = sorted(_round_up(clock.to_zone(end, window.zone).replace(tzinfo=None)) for _, end in bounds.busy)
    day = window.begins.date() - timedelta(days=1)  # a night begins on the day before
    while day <= window.ends.date():
        midnight = datetime.combine(day, time())
        for part in activity.time_of_day:
            opens, closes, preferred = (
                midnight + timedelta(hours=hours) for hours in (*HOURS[part], _PREFERRED_HOUR[part])
            )
            first = _round_up(max(opens, window.begins))
            for wall in (max(first, preferred), first, *(end for end in free_from if end > first)):
                slot = _slot_at(activity, wall, ends, window.zone, bounds.busy) if wall < closes else None
                if slot and _is_in_time(activity, slot, bounds):
                    yield slot
                    break
        day += timedelta(days=1)


def _slot_at(activity: Activity, wall: datetime, ends: datetime, zone: str, busy: Busy) -> FreeSlot | None:
    """Return the slot that begins then, if it can end before the window and the next plan."""
    begins = clock.to_utc(wall, zone)
    wall = clock.to_zone(begins, zone).replace(tzinfo=None)  # later, if the clocks skip this time
    if any(start <= begins < end for start, end in busy):
        return None
    left = int((min([ends, *(start for start, _ in busy if start > begins)]) - begins).total_seconds() // 60)
    return FreeSlot(wall, zone, min(activity.duration_max, left)) if left >= activity.duration_min else None


def _is_in_time(activity: Activity, slot: FreeSlot, bounds: SchedulingBounds) -> bool:
    day = slot.local_time.date()
    return (
        clock.to_utc(slot.local_time, slot.zone) > bounds.earliest
        and (day - bounds.today).days >= activity.lead_days
        and season(day, bounds.hemisphere) in activity.seasons
    )


def _round_up(wall: datetime) -> datetime:
    """Return the next quarter of an hour."""
    excess = timedelta(minutes=wall.minute % 15, seconds=wall.second)
    return wall - excess + _STEP if excess else wall
