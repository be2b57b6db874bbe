"""Measure free times with many busy calendars: the cost must grow with the window, not with the calendars' length.

    python -m tests.benchmarks.busy_calendars

One person has 20 calendars with five events a day each, of 200, 2,000 and 4,000 events. So a longer calendar reaches
further into the future.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from api.app import create_app
from planner import schema
from planner.calendars import busy_times
from planner.calendars.busy_calendars import BusyCalendar
from planner.calendars.calendar_readings import Reading
from planner.catalogue import sync
from planner.storage import db
from tests.conftest import SETTINGS
from tests.people import Person, shipped, sign_up

CALENDARS = 20
_BETWEEN = timedelta(hours=4.8)
_LONG = timedelta(minutes=10)


def fill(person: Person, events: int, now: datetime) -> None:
    """Replace the calendars of a person by ones with so many events."""
    with db.connection(), db.write():
        BusyCalendar.delete().where(BusyCalendar.person == person.id).execute()
        for number in range(CALENDARS if events else 0):
            calendar = BusyCalendar.create(person=person.id, name="Work", request="-", created_at=now).id
            starts = [now + at * _BETWEEN + number * _LONG for at in range(events)]
            spans = [(start, start + _LONG / 2) for start in starts]
            busy_times.store(calendar, Reading({"fixed": spans, "floating": [], "all_day": []}, 0), now)


def milliseconds(act: Callable[[], object], times: int = 15) -> float:
    """Return the median time of an act."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)


def main() -> None:
    """Print a line for each length."""
    with tempfile.TemporaryDirectory() as folder:
        db.open_database(f"sqlite:///{folder}/rekindle.sqlite3")
        schema.upgrade()
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        with db.connection():
            sync.sync(shipped(), now)
        person = sign_up(create_app(SETTINGS), "Sam", "Europe/Lisbon")
        day = (now + timedelta(days=1)).date()
        path = f"/suggestions?for=one&when={day}T08:00/{day + timedelta(days=13)}T22:00"
        for events in (0, 200, 2_000, 4_000):
            fill(person, events, now)
            figures = [f"suggestions for two weeks {milliseconds(lambda: person.get(path)):.0f} ms"]
            for days in (1, 28, 365):
                ends = now + timedelta(days=days)
                with db.connection():
                    taken = milliseconds(lambda ends=ends: busy_times.list_between(UUID(person.id), now, ends))
                figures.append(f"busy times of {days} days {taken:.1f} ms")
            print(f"{CALENDARS} calendars of {events} events: {', '.join(figures)}", flush=True)
        db.dispose()


if __name__ == "__main__":
    main()
