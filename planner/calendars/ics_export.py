"""Calendars out: agreed dates in the form that every calendar reads (RFC 5545). Plain values in, bytes out.

What was meant is kept: a wall time in its zone, described by that zone's changes in the years concerned. The library's
own description of zones is not used: it writes the onsets of summer time an hour late.
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
    """An agreed date: its id, what it is about, and when."""

    id: UUID
    title: str
    slot: Slot


class _Change(NamedTuple):
    """A change of a zone's clocks: the instant, the offset before it, and what they show from then on."""

    at: datetime
    before: timedelta
    after: datetime  # the first instant, as the new clocks show it


def calendar(dates: Sequence[CalendarEvent], now: datetime) -> Iterator[bytes]:
    """An iCalendar file, in pieces. Each date keeps its UID for ever, so that reading it twice makes no second one."""
    frame = Calendar()
    frame.add("prodid", "-//Rekindle//Rekindle//EN")
    frame.add("version", "2.0")
    head, foot, _ = frame.to_ical().partition(b"END:VCALENDAR")
    yield head
    for zone, slots in _by_zone(dates).items():
        yield _zone(zone, slots).to_ical()
    for one in dates:
        yield _event(one, now).to_ical()
    yield foot + b"\r\n"


def _by_zone(dates: Iterable[CalendarEvent]) -> dict[str, list[Slot]]:
    found: dict[str, list[Slot]] = {}
    for one in dates:
        if _on_wall(one.slot) is not None:
            found.setdefault(one.slot.zone, []).append(one.slot)
    return found


def _event(one: CalendarEvent, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{one.id}@rekindle")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", _on_wall(one.slot) or one.slot.start.astimezone(UTC))
    # An end, not a length: many readers count a length on the wall, across a change of the clocks as well.
    event.add("dtend", _end(one.slot))
    event.add("summary", one.title)
    event.add("status", "CONFIRMED")
    event.add("class", "PRIVATE")
    return event


def _on_wall(slot: Slot) -> datetime | None:
    """The wall time in its zone. None for one that RFC 5545 reads in another way than we do: one in a gap; and in UTC,
    which is no zone to describe.
    """
    found = clock.to_zone(slot.start, slot.zone)
    as_meant = found.replace(tzinfo=None) == slot.wall and not found.fold
    return found if as_meant and slot.zone != "UTC" else None


def _end(slot: Slot) -> datetime:
    """On the same clocks as the start, but in the hour that these show twice, where only UTC is understood by all."""
    found = clock.to_zone(slot.end, slot.zone)
    twice = found.utcoffset() != found.replace(fold=1 - found.fold).utcoffset()
    return slot.end.astimezone(UTC) if twice or _on_wall(slot) is None else found


def _zone(name: str, slots: Sequence[Slot]) -> Timezone:
    """What the clocks of a zone did from a year before the first to a year after the last of these slots."""
    first, last = min(slot.start for slot in slots), max(slot.end for slot in slots)
    year = timedelta(days=366)
    begin = (first - year).replace(hour=0, minute=0, second=0, microsecond=0)
    found = Timezone()
    found.add("tzid", name)
    offset = _offset(begin, name)
    for change in [_Change(begin, offset, clock.to_zone(begin, name)), *_changes(begin, last + year, name)]:
        summer = change.after.dst()
        part = TimezoneDaylight() if summer else TimezoneStandard()
        # An onset is told on the clocks as they stood before it.
        part.add("dtstart", (change.at + change.before).replace(tzinfo=None))
        part.add("tzoffsetfrom", change.before)
        part.add("tzoffsetto", _offset(change.at, name))
        part.add("tzname", change.after.tzname())
        found.add_component(part)
    return found


def _changes(begin: datetime, end: datetime, name: str) -> Iterator[_Change]:
    at = begin
    while at < end:
        if _offset(at, name) != _offset(at + _DAY, name):
            change = _between(at, at + _DAY, name)
            yield _Change(change, _offset(at, name), clock.to_zone(change, name))
        at += _DAY


def _between(before: datetime, after: datetime, name: str) -> datetime:
    """The instant of a change between two, to the second."""
    old = _offset(before, name)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if _offset(middle, name) == old else (before, middle)
    return after.replace(microsecond=0)


def _offset(at: datetime, name: str) -> timedelta:
    return clock.to_zone(at, name).utcoffset() or timedelta(0)
