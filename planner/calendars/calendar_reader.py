"""The child process that reads one calendar: `python -m planner.calendars.calendar_reader`.

A calendar comes from anywhere, and can be made to take all time and memory. So each is read in a process of its own,
which limits itself before it reads anything. It has no settings and no secrets. The libraries remember the time zones
of a calendar by the names that it gives them: in a process of its own, no other calendar meets them.

The input is a line of JSON (`begins` and `ends` in seconds; `owner`: mail addresses of the person), then the calendar.
The output is JSON: the busy times of each kind in seconds, and the number of events that could not be read.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import icalendar
import recurring_ical_events
from icalendar.prop import vDDDTypes, vDuration

from planner import child_readers
from planner.calendars import calendar_text
from planner.calendars.calendar_text import Event, NotACalendar, Property

CPU_SECONDS = 2
MEMORY_BYTES = 200_000_000
MOST_OCCURRENCES = 1_000
"""Occurrences of one event within the window."""

_SECONDS_AN_EVENT = 0.4
_SECONDS_IN_ALL = 1.2
"""Seconds of work, after which the other events count as not read. The process has more: it must still answer."""
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_FREE = ("FREE", "WORKINGELSEWHERE")
_DAY = timedelta(days=1)

Time = date | datetime


class TooHard(BaseException):
    """An event that takes too much time. No library takes it for an error of its own."""


class Window:
    """The time for which busy times are wanted, in UTC."""

    def __init__(self, begins: datetime, ends: datetime) -> None:
        self.begins, self.ends = begins, ends
        self._first_day, self._last_day = (f"{at:%Y%m%d}" for at in (begins - 2 * _DAY, ends + 2 * _DAY))

    def is_before(self, day: str) -> bool:
        """Return whether it ends before a day such as "20261128", in every zone."""
        return day > self._last_day

    def is_after(self, day: str) -> bool:
        """Return whether it begins after a day such as "20261128", in every zone."""
        return day < self._first_day


class Stopwatch:
    """The CPU time that is left for the work."""

    def __init__(self) -> None:
        self._ends_at = time.process_time() + _SECONDS_IN_ALL
        signal.signal(signal.SIGVTALRM, _raise_too_hard)

    def check(self) -> float:
        """Return the seconds that are left. Raises TooHard when all are used up."""
        left = self._ends_at - time.process_time()
        if left <= 0:
            raise TooHard
        return left

    @contextmanager
    def limit(self) -> Iterator[None]:
        """Raise TooHard in a block that takes too much time, or when all the time is used up."""
        # Once: a second signal could arrive outside of this block. If a library swallows it, the process is ended.
        signal.setitimer(signal.ITIMER_VIRTUAL, min(self.check(), _SECONDS_AN_EVENT))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _raise_too_hard(*_: object) -> None:
    raise TooHard


def read(data: bytes, window: Window, owner: Collection[str]) -> dict[str, Any]:
    """Return the busy times of a calendar in a window, and the number of events that could not be read.

    Times with a zone are "fixed". Wall times without a zone are "floating", and whole days are "all_day": these two
    depend on where the person is, and their seconds count as if the person was in UTC. Raises NotACalendar.
    """
    watch, text = Stopwatch(), calendar_text.split(data)
    owner = {each.lower() for each in (*owner, text.name) if "@" in each}
    busy: dict[str, list[tuple[int, int]]] = {"fixed": [], "floating": [], "all_day": []}
    skipped = 0
    for zone in text.zones:
        _learn_zone(zone, watch)
    for events in sorted(_by_uid(text.events), key=_is_series):
        try:
            for start, end in _busy_times(events, window, owner, watch):
                busy[_kind(start)].append((_seconds(start), _seconds(end)))
        except (TooHard, Exception):  # whatever is wrong with one event, the others can be read
            skipped += len(events)
    return {"busy": {kind: _merged(times, window) for kind, times in busy.items()}, "skipped": skipped}


def _learn_zone(zone: str, watch: Stopwatch) -> None:
    """Let the library know a time zone of the calendar. One that is wrong stays unknown to the events."""
    try:
        with watch.limit():
            icalendar.Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{zone}END:VCALENDAR\r\n")
    except (TooHard, Exception):
        return


def _by_uid(events: Iterable[Event]) -> list[list[Event]]:
    """Return the events of each series: of several revisions of one, the latest."""
    series: dict[str | int, dict[str, Event]] = defaultdict(dict)
    for number, event in enumerate(events):
        revisions, occurrence = series[event.value("UID") or number], event.value("RECURRENCE-ID")
        if occurrence not in revisions or event.sequence >= revisions[occurrence].sequence:
            revisions[occurrence] = event
    return [list(revisions.values()) for revisions in series.values()]


def _is_series(events: list[Event]) -> bool:
    return len(events) > 1 or any(name in events[0].properties for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def _busy_times(
    events: list[Event], window: Window, owner: Collection[str], watch: Stopwatch
) -> Iterable[tuple[Time, Time]]:
    watch.check()
    if _is_series(events):
        if _is_over(events, window):
            return []
        with watch.limit():
            return list(_expand(events, window, owner))
    if _is_free(events[0], owner) or _is_outside(events[0], window):
        return []
    return [_span(events[0])]


def _is_free(event: Event, owner: Collection[str]) -> bool:
    """Return whether an event leaves the person free: it is cancelled, shown as free, or declined."""
    if event.value("STATUS").upper() == "CANCELLED" or event.value("TRANSP").upper() == "TRANSPARENT":
        return True
    if event.value("X-MICROSOFT-CDO-BUSYSTATUS").upper() in _FREE:
        return True
    guests = event.properties.get("ATTENDEE", [])
    mine = [guest for guest in guests if guest.value.lower().removeprefix("mailto:") in owner]
    # Without a known address of the person, a single guest is the person.
    answers = [guest.parameters.get("PARTSTAT", "").upper() for guest in mine or guests]
    return answers == ["DECLINED"]


def _is_outside(event: Event, window: Window) -> bool:
    """Return whether an event is clearly before or after the window, by the digits of its days.

    Most events of an old calendar are past, and this is a hundred times faster than to read them.
    """
    start, end = event.value("DTSTART")[:8], event.value("DTEND")[:8]
    if not start.isdigit():
        return False
    return window.is_before(start) or (end.isdigit() and window.is_after(max(start, end)))


def _is_over(events: list[Event], window: Window) -> bool:
    """Return whether each event of a series is clearly before the window, by the digits of its days."""
    return all(window.is_after(_last_day(event)) for event in events)


def _last_day(event: Event) -> str:
    """Return the last day of a series, such as "20261128". It is "9", after every day, if the digits do not say so."""
    start, end = event.value("DTSTART")[:8], event.value("DTEND")[:8]
    until = [rule.value.upper().partition("UNTIL=")[2][:8] for rule in event.properties.get("RRULE", [])]
    days = [start, end, *until]
    if "RDATE" in event.properties or not all(len(day) == 8 and day.isdigit() for day in days):
        return "9"
    longest = datetime.strptime(end, "%Y%m%d") - datetime.strptime(start, "%Y%m%d")  # noqa: DTZ007  # days only
    last = datetime.strptime(max(days), "%Y%m%d") + longest  # noqa: DTZ007
    return f"{last:%Y%m%d}"


def _span(event: Event) -> tuple[Time, Time]:
    start = _time(event.properties["DTSTART"][0])
    if "DTEND" in event.properties:
        return start, _time(event.properties["DTEND"][0])
    if "DURATION" in event.properties:
        return start, start + _duration(event.value("DURATION"))
    return start, start + timedelta(days=0 if isinstance(start, datetime) else 1)


def _duration(value: str) -> timedelta:
    duration: timedelta = vDuration.from_ical(value)  # type: ignore[no-untyped-call]
    return duration


def _time(line: Property) -> Time:
    """Return a day or a time. Raises ValueError for a time in an unknown zone: it could be at any hour."""
    zone = line.parameters.get("TZID")
    at: Any = vDDDTypes.from_ical(line.value, zone)  # type: ignore[no-untyped-call]
    if not isinstance(at, Time) or (zone and isinstance(at, datetime) and at.tzinfo is None):
        raise ValueError("not a time that we know")
    return at


def _expand(events: list[Event], window: Window, owner: Collection[str]) -> Iterator[tuple[Time, Time]]:
    """Yield the busy times of a series, with its changed occurrences. Raises TooHard for too many."""
    for event in events:
        _check(event)
    busy = [event for event in events if not _is_free(event, owner)]
    free = [event for event in events if _is_free(event, owner)]
    # A changed occurrence that leaves the person free is taken out of its series.
    out = [line.line.replace("RECURRENCE-ID", "EXDATE", 1) for event in free for line in event.occurrence]
    calendar = icalendar.Calendar()
    for event in busy:
        calendar.add_component(icalendar.Event.from_ical(event.as_text([] if event.occurrence else out)))
    for series in recurring_ical_events.of(calendar).series:
        # Without a zone, a time can be a day off.
        occurrences = series.between(window.begins - _DAY, window.ends + _DAY)
        times = [(each.start, each.end) for each in islice(occurrences, MOST_OCCURRENCES + 1)]
        if len(times) > MOST_OCCURRENCES:
            raise TooHard
        yield from times


def _check(event: Event) -> None:
    """Check the times and rules of an event.

    Raises ValueError for a time in an unknown zone, and TooHard for a rule that repeats within a day.
    """
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        for line in event.properties.get(name, []):
            _time(line)
    for rule in event.properties.get("RRULE", []):
        if any(f"FREQ={often}" in rule.value.upper() for often in _TOO_OFTEN):
            raise TooHard


def _kind(at: Time) -> str:
    if not isinstance(at, datetime):
        return "all_day"
    return "floating" if at.tzinfo is None else "fixed"


def _seconds(at: Time) -> int:
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def _merged(times: list[tuple[int, int]], window: Window) -> list[tuple[int, int]]:
    """Return times in order, within the window and a day around it, those that touch as one."""
    begins, ends = int((window.begins - _DAY).timestamp()), int((window.ends + _DAY).timestamp())
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(start, begins), min(end, ends)) for start, end in times):
        if start >= end:  # it takes no time
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def main() -> None:
    """Read a calendar from the standard input, and write its busy times to the standard output."""
    child_readers.limit_process(CPU_SECONDS, MEMORY_BYTES)
    asked = json.loads(sys.stdin.buffer.readline())
    window = Window(*(datetime.fromtimestamp(asked[name], UTC) for name in ("begins", "ends")))
    try:
        answer = read(sys.stdin.buffer.read(), window, asked["owner"])
    except NotACalendar:
        answer = {"fault": "not_a_calendar"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
