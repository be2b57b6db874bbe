"""Windows: when, within a stretch of time that somebody names, an activity can begin. Pure.

What comes out has the shape that a proposal takes: a wall time in a zone, and minutes.
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

# The hour of each part of a day at which most people would rather begin.
_RATHER = {"morning": 9, "afternoon": 14, "evening": 19, "night": 22}
_STEP = timedelta(minutes=15)


class Window(NamedTuple):
    """From and to, as the wall reads in the zone; what begins in it ends in it."""

    begins: datetime
    ends: datetime
    zone: str

    @property
    def length(self) -> timedelta:
        """How long it is on the wall."""
        return self.ends - self.begins


class FreeSlot(NamedTuple):
    """A time that fits: as a proposal's slot is asked for."""

    wall: datetime
    zone: str
    minutes: int


Busy = tuple[tuple[datetime, datetime], ...]
"""From when until when somebody has something planned, as instants."""


class SchedulingBounds(NamedTuple):
    """What else decides: nothing begins by `earliest`; lead days count from `today`; whose summer it is; and what is
    planned already.
    """

    earliest: datetime
    today: date
    hemisphere: str
    busy: Busy = ()


def fits(activity: Activity, window: Window, bounds: SchedulingBounds) -> bool:
    """Whether there is any time that fits: found sooner than `openings`, which looks for all of them."""
    return next(_all(activity, window, bounds), None) is not None


def find_free_slots(activity: Activity, window: Window, bounds: SchedulingBounds) -> list[FreeSlot]:
    """One to three times that fit, on different days where there are several; none when nothing fits."""
    found = sorted(set(_all(activity, window, bounds)))
    if len(found) <= MAX_SLOTS:
        return found
    firsts = {one.wall.date(): one for one in reversed(found)}
    some = sorted(firsts.values()) if len(firsts) >= MAX_SLOTS else found
    return [some[0], some[len(some) // 2], some[-1]]


def _all(activity: Activity, window: Window, bounds: SchedulingBounds) -> Iterator[FreeSlot]:
    ends = clock.to_utc(window.ends, window.zone)
    free = sorted(_rounded(clock.to_zone(end, window.zone).replace(tzinfo=None)) for _, end in bounds.busy)
    day = window.begins.date() - timedelta(days=1)  # a night begins on the day before
    while day <= window.ends.date():
        midnight = datetime.combine(day, time())
        for part in activity.time_of_day:
            at, until, rather = (midnight + timedelta(hours=hours) for hours in (*HOURS[part], _RATHER[part]))
            first = _rounded(max(at, window.begins))
            for wall in (max(first, rather), first, *(one for one in free if one > first)):
                found = _opening(activity, wall, ends, window.zone, bounds.busy) if wall < until else None
                if found and _is_in_time(activity, found, bounds):
                    yield found
                    break
        day += timedelta(days=1)


def _opening(activity: Activity, wall: datetime, ends: datetime, zone: str, busy: Busy) -> FreeSlot | None:
    """What begins then, and ends before the window does and before the next thing that is planned."""
    begins = clock.to_utc(wall, zone)
    if any(start <= begins < end for start, end in busy):
        return None
    left = int((min([ends, *(start for start, _ in busy if start > begins)]) - begins).total_seconds() // 60)
    return FreeSlot(wall, zone, min(activity.duration_max, left)) if left >= activity.duration_min else None


def _is_in_time(activity: Activity, found: FreeSlot, bounds: SchedulingBounds) -> bool:
    day = found.wall.date()
    return (
        clock.to_utc(found.wall, found.zone) > bounds.earliest
        and (day - bounds.today).days >= activity.lead_days
        and season(day, bounds.hemisphere) in activity.seasons
    )


def _rounded(wall: datetime) -> datetime:
    """The next quarter of an hour."""
    past = timedelta(minutes=wall.minute % 15, seconds=wall.second)
    return wall - past + _STEP if past else wall
