"""Other programs that read our calendars: recurring-ical-events, libical and ical.js."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import icalendar
import pytest
import recurring_ical_events

from planner.calendars.ics_export import CalendarEvent
from planner.dates.slots import Slot
from tests.clients.test_walk import HERE as CLIENTS
from tests.clients.test_walk import find_node

SYSTEM_PYTHON = "/usr/bin/python3"
FAR = datetime(2100, 1, 1, tzinfo=UTC)


class Occurrence(NamedTuple):
    """An event as a program reads it, or as it has to read it. Whole days have their midnights in UTC."""

    uid: str
    title: str
    status: str
    version: int
    all_day: bool
    start: datetime
    end: datetime


def expected(dates: list[CalendarEvent]) -> list[Occurrence]:
    """Return the occurrences of dates that each program has to find."""
    return sorted(
        Occurrence(
            f"{event.uid}@rekindle",
            event.title,
            status(event),
            event.version,
            event.slot.all_day,
            *times_of(event.slot),
        )
        for event in dates
    )


def status(event: CalendarEvent) -> str:
    """Return the status that programs read."""
    return "CANCELLED" if event.is_cancelled else "CONFIRMED"


def times_of(slot: Slot) -> tuple[datetime, datetime]:
    """Return the start and the end that programs read."""
    return _instant(slot.first_day or slot.start), _instant(slot.end_day or slot.end)


def _instant(at: date | datetime) -> datetime:
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime.combine(at, time(), UTC)


def read_in_python(calendar: bytes, until: datetime = FAR) -> list[Occurrence]:
    """Return the occurrences that recurring-ical-events finds, which does not leave out cancelled ones."""
    query = recurring_ical_events.of(icalendar.Calendar.from_ical(calendar))
    return sorted(
        Occurrence(
            str(event["uid"]),
            str(event["summary"]),
            str(event["status"]),
            int(event["sequence"]),
            not isinstance(event.start, datetime),
            _instant(event.start),
            _instant(event.end),
        )
        for event in query.between(datetime(2000, 1, 1, tzinfo=UTC), until)
    )


def read_with_libical(calendar: bytes, until: datetime = FAR) -> list[Occurrence]:
    """Return the occurrences that libical finds. Skip the test on a machine without it, but never in CI."""
    has_libical = (
        Path(SYSTEM_PYTHON).exists()
        and not _run([SYSTEM_PYTHON, "-c", "import gi; gi.require_version('ICalGLib', '3.0')"], b"").returncode
    )
    if not has_libical:
        reason = "no libical for the Python of the system: apt-get install python3-gi gir1.2-ical-3.0"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return _occurrences([SYSTEM_PYTHON, str(Path(__file__).with_name("libical.py"))], calendar, until)


def read_with_ical_js(calendar: bytes, until: datetime = FAR) -> list[Occurrence]:
    """Return the occurrences that ical.js finds."""
    return _occurrences([find_node(), str(CLIENTS / "read_calendar.mjs")], calendar, until)


READERS: dict[str, Callable[..., list[Occurrence]]] = {
    "recurring-ical-events": read_in_python,
    "libical": read_with_libical,
    "ical.js": read_with_ical_js,
}


def _occurrences(command: list[str], calendar: bytes, until: datetime) -> list[Occurrence]:
    ended = _run([*command, str(int(until.timestamp()))], calendar)
    assert ended.returncode == 0, ended.stderr.decode()
    return sorted(
        Occurrence(*texts, *(datetime.fromtimestamp(seconds, UTC) for seconds in instants))
        for *texts, instants in ((*row[:5], row[5:]) for row in json.loads(ended.stdout))
    )


def _run(command: list[str], data: bytes) -> subprocess.CompletedProcess[Any]:
    return subprocess.run(command, input=data, capture_output=True, timeout=60)
