"""Time. An instant is an aware UTC datetime; "Saturday at 19:00" is a wall time and a zone.

Only a request, a tick or a command calls `utcnow`. Everywhere else `now` is an argument.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

__all__ = [
    "UTC",
    "get_zone",
    "is_known_zone",
    "last_noon",
    "local_day",
    "next_midnight",
    "noon_of_next_day",
    "start_of_day",
    "to_utc",
    "to_zone",
    "utcnow",
]


def utcnow() -> datetime:
    """Return the present instant in whole milliseconds.

    The API gives times in milliseconds. A finer instant would be a little later than the time that the API gives.
    """
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@cache
def _zones() -> frozenset[str]:
    # "localtime" and "Factory" come from the files of a machine, and are no places.
    return frozenset(available_timezones() - {"localtime", "Factory"})


def is_known_zone(name: str) -> bool:
    """Return whether `name` is an IANA zone. ZoneInfo would open a file at a path that a client sends."""
    return name in _zones()


@cache
def get_zone(name: str) -> ZoneInfo:
    """Return the zone of a name, read once a process."""
    return ZoneInfo(name)


def to_utc(wall: datetime, zone_name: str) -> datetime:
    """Return the instant of a naive wall time in a zone.

    A wall time in a gap, which the clocks skip, becomes the first instant after the gap. A wall time in a fold, which
    the clocks show twice, becomes the first of the two instants.
    """
    zone = get_zone(zone_name)
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # In a gap, fold=1 applies the later offset, and its instant is before the gap. The gap ends between the two
    # instants. Search for the first instant that has the later offset.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    later_offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == later_offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def to_zone(at: datetime, zone_name: str) -> datetime:
    """Return the aware local time of an instant in a zone."""
    return at.astimezone(get_zone(zone_name))


def local_day(at: datetime, zone_name: str) -> date:
    """Return the calendar day of an instant in a zone."""
    return to_zone(at, zone_name).date()


def start_of_day(day: date, zone_name: str) -> datetime:
    """Return the instant at which a calendar day begins in a zone."""
    return to_utc(datetime.combine(day, time()), zone_name)


def noon_of_next_day(at: datetime) -> datetime:
    """Return the noon of the next day, both in UTC: 12 to 36 hours later.

    It serves what both partners see at once. A moment that follows from their zones would tell where a person is.
    """
    return start_of_day(at.astimezone(UTC).date() + timedelta(days=1), "UTC") + timedelta(hours=12)


def end_everywhere(day: date) -> datetime:
    """Return the instant at which a day is over in all zones. Like `noon_of_next_day`, it serves both partners."""
    return noon_of_next_day(start_of_day(day, "UTC"))


def last_noon(at: datetime) -> datetime:
    """Return the latest noon in UTC that is not later than `at`."""
    return noon_of_next_day(at - timedelta(hours=12)) - timedelta(days=1)


def next_midnight(at: datetime, zone_name: str) -> datetime:
    """Return the instant at which the next day begins in a zone."""
    return start_of_day(local_day(at, zone_name) + timedelta(days=1), zone_name)
