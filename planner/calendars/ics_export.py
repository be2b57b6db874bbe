"""iCalendar files (RFC 5545 and 7986) of agreed dates: feeds, exports, and files of one date. Values in, bytes out.

An event has the wall time and zone that the sender chose; whole days are days without a zone. The file describes each
zone by its changes in the years concerned. We write the lines ourselves: the library icalendar takes a second for a
feed of 500 dates, and gives the onset of summer time an hour late.

Nothing in a file depends on the present. So a feed stays the same, byte for byte, until one of its dates changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from planner import clock
from planner.calendars import zone_changes
from planner.calendars.zone_changes import Change, local_times
from planner.dates.slots import Slot

REFRESH = "PT1H"
"""How often a program should ask for a feed again."""

_HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Rekindle//Rekindle//EN")
_LONGEST_LINE = 75  # bytes


class Repeat(NamedTuple):
    """How an event repeats: an RRULE, the wall times to skip, and the last year of its zone to describe."""

    rule: str
    skipped: tuple[datetime, ...]
    last_year: int


class CalendarEvent(NamedTuple):
    """An agreed date, as an event of a calendar. A cancelled one stays in it for a while, so that readers remove it.

    `version` grows and `changed_at` moves with each change of the date. An event may repeat. Another one with the same
    `uid` then replaces one of its times: the one at a wall time in a zone.
    """

    uid: str
    title: str
    slot: Slot
    version: int
    changed_at: datetime
    is_cancelled: bool = False
    repeat: Repeat | None = None
    replaces: tuple[datetime, str] | None = None
    is_free: bool = False  # a birthday takes no time


def feed(dates: Sequence[CalendarEvent], name: str) -> bytes:
    """Return a calendar to which programs subscribe, with the name that they show."""
    # Some programs know the name and the interval of RFC 7986, and others only the older ones.
    names = (f"NAME:{_escaped(name)}", f"X-WR-CALNAME:{_escaped(name)}")
    intervals = (f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}")
    return b"".join(_pieces((*_HEAD, *names, *intervals), dates))


def calendar(dates: Sequence[CalendarEvent]) -> Iterator[bytes]:
    """Yield an iCalendar file in pieces. The UID of a date never changes, so a second import adds no second event."""
    return _pieces(_HEAD, dates)


def _pieces(head: Iterable[str], dates: Sequence[CalendarEvent]) -> Iterator[bytes]:
    yield _folded(head)
    for zone, years in _years_by_zone(dates).items():
        yield _zone(zone, min(years), max(years))
    if not dates:
        # A calendar must have a component. Strict readers refuse one without.
        yield _zone("Etc/UTC", 2000, 2000)
    for date in dates:
        yield _folded(_event(date))
    yield b"END:VCALENDAR\r\n"


def _years_by_zone(dates: Iterable[CalendarEvent]) -> dict[str, set[int]]:
    years_by_zone: dict[str, set[int]] = {}
    for date in dates:
        if not date.slot.all_day and local_times(date.slot):
            last_year = date.repeat.last_year if date.repeat else date.slot.end.year
            years_by_zone.setdefault(date.slot.zone, set()).update((date.slot.start.year, last_year))
    return years_by_zone


def _event(date: CalendarEvent) -> Iterator[str]:
    changed_at = _in_utc(date.changed_at)
    yield "BEGIN:VEVENT"
    yield f"UID:{date.uid}@rekindle"
    yield f"DTSTAMP:{changed_at}"
    yield f"LAST-MODIFIED:{changed_at}"
    yield f"SEQUENCE:{date.version}"
    # Write an end, not a duration: many readers add a duration to the wall time, even when the clocks change.
    if date.slot.first_day and date.slot.end_day:
        yield f"DTSTART;VALUE=DATE:{date.slot.first_day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{date.slot.end_day:%Y%m%d}"
    elif times := local_times(date.slot):
        for name, at in zip(("DTSTART", "DTEND"), times, strict=True):
            yield f"{name};TZID={date.slot.zone}:{_on_wall(at)}"
    else:
        yield f"DTSTART:{_in_utc(date.slot.start)}"
        yield f"DTEND:{_in_utc(date.slot.end)}"
    yield from _repeat(date)
    yield f"SUMMARY:{_escaped(date.title)}"
    yield f"STATUS:{'CANCELLED' if date.is_cancelled else 'CONFIRMED'}"
    if date.is_free:
        yield "TRANSP:TRANSPARENT"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def _repeat(date: CalendarEvent) -> Iterator[str]:
    if date.repeat:
        yield f"RRULE:{date.repeat.rule}"
        for wall in date.repeat.skipped:
            yield f"EXDATE{_in_zone(wall, date.slot.zone)}"
    if date.replaces:
        yield f"RECURRENCE-ID{_in_zone(*date.replaces)}"


def _in_zone(wall: datetime, zone: str) -> str:
    return f":{_on_wall(wall)}Z" if zone == "UTC" else f";TZID={zone}:{_on_wall(wall)}"


@lru_cache(256)
def _zone(name: str, first_year: int, last_year: int) -> bytes:
    """Return the changes of a zone from a year before `first_year` to a year after `last_year`."""
    begin = datetime(first_year - 1, 1, 1, tzinfo=UTC)
    first = Change(begin, zone_changes.offset(begin, name), clock.to_zone(begin, name))
    changes = zone_changes.list_changes(name, first_year - 1, last_year + 1)
    parts = [line for change in (first, *changes) for line in _zone_part(change)]
    return _folded(["BEGIN:VTIMEZONE", f"TZID:{name}", *parts, "END:VTIMEZONE"])


def _zone_part(change: Change) -> Iterator[str]:
    kind = "DAYLIGHT" if change.after.dst() else "STANDARD"
    yield f"BEGIN:{kind}"
    # RFC 5545 gives an onset in the local time before the change.
    yield f"DTSTART:{_on_wall(change.at + change.before)}"
    yield f"TZOFFSETFROM:{_offset_text(change.before)}"
    yield f"TZOFFSETTO:{_offset_text(change.after.utcoffset() or timedelta(0))}"
    yield f"TZNAME:{change.after.tzname()}"
    yield f"END:{kind}"


def _offset_text(offset: timedelta) -> str:
    sign, minutes = "-" if offset < timedelta(0) else "+", abs(offset) // timedelta(minutes=1)
    return f"{sign}{minutes // 60:02}{minutes % 60:02}"


def _in_utc(at: datetime) -> str:
    return f"{_on_wall(at.astimezone(UTC))}Z"


def _on_wall(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S}"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(lines: Iterable[str]) -> bytes:
    return b"".join(_fold(line.encode()) + b"\r\n" for line in lines)


def _fold(line: bytes) -> bytes:
    """Break a long line. A line that goes on begins with a space. No letter is cut."""
    folded = b""
    while len(line) > _LONGEST_LINE:
        cut = _LONGEST_LINE
        while line[cut] & 0xC0 == 0x80:  # inside a letter in UTF-8
            cut -= 1
        folded += line[:cut] + b"\r\n"
        line = b" " + line[cut:]
    return folded + line
