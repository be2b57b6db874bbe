"""Time: instants are aware and in UTC; what a person means by "Saturday at 19:00" is a wall time and a zone.

`utcnow` is called at the edges only (a request, a tick of the clock, a command). Everywhere else `now` is an argument.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

__all__ = ["UTC", "get_zone", "is_known_zone", "local_day", "start_of_day", "to_utc", "to_zone", "utcnow"]


def utcnow() -> datetime:
    """The present instant, to the millisecond.

    That is how finely the interface speaks: what it tells ("opens at") is then just what is kept, not a little earlier.
    """
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@cache
def _zones() -> frozenset[str]:
    # "localtime" and "Factory" are artefacts of a machine's own files, not places.
    return frozenset(available_timezones() - {"localtime", "Factory"})


def is_known_zone(name: str) -> bool:
    """Whether `name` is an IANA zone. Asked of a fixed set, since ZoneInfo would open the path a stranger sends."""
    return name in _zones()


@cache
def get_zone(name: str) -> ZoneInfo:
    """The zone of that name, read once a process."""
    return ZoneInfo(name)


def to_utc(wall: datetime, zone_name: str) -> datetime:
    """The instant of a naive wall time in a zone.

    A wall time that the clocks skip (a gap) moves to the first instant after the gap; one that they show twice
    (a fold) is taken the first time.
    """
    place = get_zone(zone_name)
    found = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
    if found.astimezone(place).replace(tzinfo=None) == wall:
        return found
    # In a gap, fold=1 reads the wall time with the later offset, which lands before the gap; the gap's end lies
    # between both readings, at the first instant whose offset is the later one.
    before, after = wall.replace(tzinfo=place, fold=1).astimezone(UTC), found
    later = after.astimezone(place).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(place).utcoffset() == later:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def to_zone(at: datetime, zone_name: str) -> datetime:
    """The wall time (aware, in the zone) that a clock on the wall there shows at an instant."""
    return at.astimezone(get_zone(zone_name))


def local_day(at: datetime, zone_name: str) -> date:
    """The calendar day in the zone at an instant."""
    return to_zone(at, zone_name).date()


def start_of_day(day: date, zone_name: str) -> datetime:
    """The instant at which a calendar day begins in the zone."""
    return to_utc(datetime.combine(day, time()), zone_name)


def next_midnight(at: datetime, zone_name: str) -> datetime:
    """Return the instant at which the day after the present one begins in the zone."""
    return start_of_day(local_day(at, zone_name) + timedelta(days=1), zone_name)
