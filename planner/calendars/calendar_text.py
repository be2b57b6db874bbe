"""The text of a calendar, split into events. Titles, places and descriptions are dropped here and go no further.

It does not understand the values. Untrusted text is only read in the child process (see calendar_reader.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
_ABOUT = ("UID", "SEQUENCE", "STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS", "ATTENDEE")
_OF_EVENTS = frozenset((*TIMES, *_ABOUT))
_OF_ZONES = ("TZID", "TZOFFSETFROM", "TZOFFSETTO")

_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")
_LINE_END = re.compile(r"\r\n?")
# All other lines are skipped by the regular expression itself, which is much faster than a loop.
_WANTED = re.compile(
    rf"^({'|'.join((*TIMES, *_ABOUT, *_OF_ZONES, 'BEGIN', 'END', 'X-WR-CALNAME'))})(?=[:;]).*",
    re.MULTILINE | re.IGNORECASE,
)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^;:]*)')


class NotACalendar(Exception):
    """A text that is no calendar."""


class Property(NamedTuple):
    """One line of an event. The values of `parameters` are without quotes."""

    line: str
    parameters: dict[str, str]
    value: str


class Event(NamedTuple):
    """One component of a calendar, without the words in it."""

    properties: dict[str, list[Property]]

    def value(self, name: str) -> str:
        """Return the first value of a property, or an empty text."""
        lines = self.properties.get(name)
        return lines[0].value if lines else ""

    @property
    def occurrence(self) -> list[Property]:
        """Return which occurrence of a series this event changes, or an empty list."""
        return self.properties.get("RECURRENCE-ID", [])

    @property
    def sequence(self) -> int:
        """Return the number of the revision: a higher one replaces a lower one."""
        number = self.value("SEQUENCE")
        return int(number) if re.fullmatch(r"[0-9]{1,9}", number) else 0

    def as_text(self, extra: Sequence[str] = ()) -> str:
        """Return the event as a component, with its times only."""
        lines = [each.line for name in (*TIMES, "UID", "SEQUENCE") for each in self.properties.get(name, ())]
        return "\r\n".join(["BEGIN:VEVENT", *lines, *extra, "END:VEVENT", ""])


class CalendarText(NamedTuple):
    """The events of a calendar, its own time zones as text, and its name.

    The name can be the mail address of its owner.
    """

    events: list[Event]
    zones: list[str]
    name: str


def split(data: bytes) -> CalendarText:
    """Split a calendar. A component that does not end is left out. Raises NotACalendar."""
    lines = _lines(data)
    if next(lines, ("", ""))[1].upper() != "BEGIN:VCALENDAR":
        raise NotACalendar
    text = CalendarText([], [], "")
    for name, line in lines:
        if name == "X-WR-CALNAME":
            text = text._replace(name=line.partition(":")[2])
        elif name == "BEGIN" and line.upper() == "BEGIN:VEVENT":
            text.events.extend(_event(lines))
        elif name == "BEGIN" and line.upper() == "BEGIN:VTIMEZONE":
            text.zones.append("\r\n".join([line, *(each for _, each in _rest(lines, "END:VTIMEZONE")), ""]))
    return text


def _lines(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield the lines that matter, each after its name. Raises NotACalendar if the first line is another one."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = _FOLD.sub("", data.decode(encoding, errors="replace").replace("\0", "")).lstrip()
    if not text[:6].upper() == "BEGIN:":
        raise NotACalendar
    for found in _WANTED.finditer(_LINE_END.sub("\n", text)):
        yield found[1].upper(), found[0].rstrip()


def _rest(lines: Iterator[tuple[str, str]], end: str) -> Iterator[tuple[str, str]]:
    """Yield the lines up to the end of a component, that line too."""
    for name, line in lines:
        yield name, line
        if name == "END" and line.upper() == end:
            return


def _event(lines: Iterator[tuple[str, str]]) -> Iterator[Event]:
    """Yield the event that begins here, unless the text breaks off. An alarm inside has times of its own."""
    properties: dict[str, list[Property]] = {}
    depth = 0
    for name, line in _rest(lines, "END:VEVENT"):
        if name == "BEGIN":
            depth += 1
        elif name == "END" and line.upper() == "END:VEVENT":
            yield Event(properties)
        elif name == "END":
            depth -= 1
        elif depth == 0 and name in _OF_EVENTS:
            properties.setdefault(name, []).append(_property(line, len(name)))


def _property(line: str, at: int) -> Property:
    if line[at] == ":":
        return Property(line, {}, line[at + 1 :])
    parameters = {}
    while found := _PARAMETER.match(line, at):
        parameters[found[1].upper()] = found[2].strip('"')
        at = found.end()
    return Property(line, parameters, line[at + 1 :])
