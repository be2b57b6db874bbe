"""Export of agreed dates as an iCalendar file (RFC 5545). Plain values in, bytes out.

An event has the wall time and zone that the sender chose. The file describes each zone by its changes in the years
concerned. The VTIMEZONE of the library is not used: it writes the onset of summer time an hour late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from planner import clock
from planner.dates.slots import Slot

_DAY = timedelta(days=1)


class CalendarEvent(NamedTuple):
    """An agreed date, as an event of a calendar."""

    id: UUID
    title: str
    slot: Slot


class _Change(NamedTuple):
    """A change of a zone's UTC offset."""

    at: datetime
    before: timedelta
    after: datetime  # the same instant as `at`, in the new local time


def calendar(dates: Sequence[CalendarEvent], now: datetime) -> Iterator[bytes]:
    """Yield an iCalendar file in pieces. The UID of a date never changes, so a second import adds no second event."""
    frame = Calendar()
    frame.add("prodid", "-//Rekindle//Rekindle//EN")
    frame.add("version", "2.0")
    head, foot, _ = frame.to_ical().partition(b"END:VCALENDAR")
    yield head
    for zone, slots in _by_zone(dates).items():
        yield _zone(zone, slots).to_ical()
    for date in dates:
        yield _event(date, now).to_ical()
    yield foot + b"\r\n"


def _by_zone(dates: Iterable[CalendarEvent]) -> dict[str, list[Slot]]:
    slots_by_zone: dict[str, list[Slot]] = {}
    for date in dates:
        if _local_start(date.slot) is not None:
            slots_by_zone.setdefault(date.slot.zone, []).append(date.slot)
    return slots_by_zone


def _event(date: CalendarEvent, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{date.id}@rekindle")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", _local_start(date.slot) or date.slot.start.astimezone(UTC))
    # Write an end, not a duration: many readers add a duration to the wall time, even when the clocks change.
    event.add("dtend", _end(date.slot))
    event.add("summary", date.title)
    event.add("status", "CONFIRMED")
    event.add("class", "PRIVATE")
    return event


def _local_start(slot: Slot) -> datetime | None:
    """Return the wall time in its zone, or None when the event has to be written in UTC.

    That is the case for the zone UTC, for a wall time in a gap, and when the start or the end is in an hour that the
    clocks show twice. RFC 5545 means the first time, but many readers take the second.
    """
    start, end = (clock.to_zone(at, slot.zone) for at in (slot.start, slot.end))
    is_on_wall = start.replace(tzinfo=None) == slot.local_time
    return start if is_on_wall and slot.zone != "UTC" and not _is_shown_twice(start, end) else None


def _is_shown_twice(*local_times: datetime) -> bool:
    return any(local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset() for local in local_times)


def _end(slot: Slot) -> datetime:
    """Return the end in the form of the start: in its zone, or in UTC."""
    return slot.end.astimezone(UTC) if _local_start(slot) is None else clock.to_zone(slot.end, slot.zone)


def _zone(name: str, slots: Sequence[Slot]) -> Timezone:
    """Return the changes of a zone from a year before the first slot to a year after the last."""
    first, last = min(slot.start for slot in slots), max(slot.end for slot in slots)
    year = timedelta(days=366)
    begin = (first - year).replace(hour=0, minute=0, second=0, microsecond=0)
    timezone = Timezone()
    timezone.add("tzid", name)
    offset = _offset(begin, name)
    for change in [_Change(begin, offset, clock.to_zone(begin, name)), *_changes(begin, last + year, name)]:
        is_summer = change.after.dst()
        part = TimezoneDaylight() if is_summer else TimezoneStandard()
        # RFC 5545 gives an onset in the local time before the change.
        part.add("dtstart", (change.at + change.before).replace(tzinfo=None))
        part.add("tzoffsetfrom", change.before)
        part.add("tzoffsetto", _offset(change.at, name))
        part.add("tzname", change.after.tzname())
        timezone.add_component(part)
    return timezone


def _changes(begin: datetime, end: datetime, name: str) -> Iterator[_Change]:
    at = begin
    while at < end:
        if _offset(at, name) != _offset(at + _DAY, name):
            change_at = _bisect(at, at + _DAY, name)
            yield _Change(change_at, _offset(at, name), clock.to_zone(change_at, name))
        at += _DAY


def _bisect(before: datetime, after: datetime, name: str) -> datetime:
    """Return the instant of the change between two instants, to the second."""
    old = _offset(before, name)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if _offset(middle, name) == old else (before, middle)
    return after.replace(microsecond=0)


def _offset(at: datetime, name: str) -> timedelta:
    return clock.to_zone(at, name).utcoffset() or timedelta(0)
