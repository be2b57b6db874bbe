"""Changes of clocks: when a zone changes its UTC offset, and which times all calendar programs read alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from planner import clock
from planner.dates.slots import Slot

_DAY = timedelta(days=1)


class Change(NamedTuple):
    """A change of a zone's UTC offset."""

    at: datetime
    before: timedelta
    after: datetime  # the same instant as `at`, in the new local time


@lru_cache(256)
def list_changes(zone: str, first_year: int, last_year: int) -> tuple[Change, ...]:
    """Return the changes of a zone in these years."""
    return tuple(_changes(datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC), zone))


def local_times(slot: Slot) -> tuple[datetime, datetime] | None:
    """Return start and end in the zone, or None when a calendar has to have them in UTC.

    That is the case for the zone UTC, and for a wall time in a gap. It is also the case for a start or an end in an
    hour that the clocks show twice: RFC 5545 means the first time, but many readers take the second.
    """
    start, end = clock.to_zone(slot.start, slot.zone), clock.to_zone(slot.end, slot.zone)
    is_on_wall = start.replace(tzinfo=None) == slot.local_time
    return (start, end) if is_on_wall and slot.zone != "UTC" and not _is_shown_twice(start, end) else None


def can_repeat(slot: Slot) -> bool:
    """Return whether calendars find a slot by a rule. They disagree on a start or an end on the night of a change."""
    if slot.zone == "UTC":
        return True
    times = local_times(slot)
    return times is not None and times[0].utcoffset() == times[1].utcoffset()


def is_clear(wall: datetime, zone: str) -> bool:
    """Return whether the clocks of a zone show a wall time exactly once."""
    early, late = (wall.replace(tzinfo=clock.get_zone(zone), fold=fold) for fold in (0, 1))
    return early.utcoffset() == late.utcoffset()


def offset(at: datetime, zone: str) -> timedelta:
    """Return the UTC offset of a zone at an instant."""
    return clock.to_zone(at, zone).utcoffset() or timedelta(0)


def _is_shown_twice(*local_times: datetime) -> bool:
    return any(local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset() for local in local_times)


def _changes(begin: datetime, end: datetime, zone: str) -> Iterator[Change]:
    at, before = begin, offset(begin, zone)
    while at < end:
        after = offset(at + _DAY, zone)
        if before != after:
            change_at = _bisect(at, at + _DAY, zone)
            yield Change(change_at, before, clock.to_zone(change_at, zone))
        at, before = at + _DAY, after


def _bisect(before: datetime, after: datetime, zone: str) -> datetime:
    """Return the instant of the change between two instants, to the second."""
    old = offset(before, zone)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if offset(middle, zone) == old else (before, middle)
    return after.replace(microsecond=0)
