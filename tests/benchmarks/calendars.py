"""Measure calendars over the database: the feed, free times for two, and suggestions for a person with a long history.

    python -m tests.benchmarks.calendars

Each figure is also a ratio to the first screen of the same run, because machines differ. It is the time of the
processor, with that of SQLite, because other programs take the rest. The cost must grow with the days that are asked
for, not with the history.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from api.app import create_app
from planner import clock, schema
from planner.accounts import passwords
from planner.catalogue import sync
from planner.dates import state_machine
from planner.dates.dates import Date, insert_slots
from planner.dates.slots import Slot
from planner.storage import db
from tests.benchmarks.busy_calendars import fill
from tests.conftest import SETTINGS
from tests.people import Person, activity_id, pair, shipped, sign_up
from tests.rituals import own_ritual, tick

DAY = timedelta(days=1)
ZONES = ("Europe/Lisbon", "America/New_York")
DATES, RITUALS, EVENTS = 500, 20, 2_000
HISTORY = (0, 1_000, 10_000)


def add_dates(person: Person, count: int, first: datetime, between: timedelta, state: str) -> None:
    """Add agreed dates of a person alone, one after the other."""
    values = {"proposer": person.id, "sender": person.id, "activity": UUID(activity_id(party="one")), "state": state}
    values |= {"request": "-", "last_request_digest": "-", "created_at": first, "moved_at": first}
    with db.connection(), db.write():
        for start in (first + number * between for number in range(count)):
            ids = uuid4(), uuid4()
            end = start + timedelta(hours=1)
            Date.insert(id=ids[0], start=start, end=end, **values).execute()
            wall = clock.to_zone(start, ZONES[0]).replace(tzinfo=None)
            insert_slots(ids[0], [Slot(ids[1], start, end, wall, ZONES[0])])


@contextmanager
def couple(now: datetime) -> Iterator[tuple[Person, Person]]:
    """Yield a couple in a new SQLite database."""
    passwords.set_cost(SETTINGS.password_cost)
    with tempfile.TemporaryDirectory() as folder:
        db.open_database(f"sqlite:///{folder}/rekindle.sqlite3")
        schema.upgrade()
        with db.connection():
            sync.sync(shipped(), now)
        app = create_app(SETTINGS)
        one, other = (sign_up(app, name, zone) for name, zone in zip(("Sam", "Robin"), ZONES, strict=True))
        pair(one, other)
        yield one, other
        db.dispose()


def milliseconds(act: Callable[[], object], times: int = 15) -> float:
    """Return the median time that an act takes of the processor."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        act()
        taken.append(time.process_time() - began)
    return 1000 * statistics.median(taken)


class Report:
    """Print the milliseconds of requests of a person, and their ratio to the first screen."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._first_screen = milliseconds(lambda: person.get("/today"))
        print(f"{'the first screen':62} {self._first_screen:7.1f} ms")

    def get(self, name: str, path: str) -> None:
        """Print the figures of a read."""
        self._print(name, milliseconds(lambda: self._person.get(path)))

    def feed(self, name: str, address: str) -> None:
        """Print the figures of a feed, and its size."""
        client = self._person.app.test_client()
        size = len(client.get(address).data) // 1024
        self._print(f"{name} ({size} KiB)", milliseconds(lambda: client.get(address)))

    def _print(self, name: str, taken: float) -> None:
        print(f"{name:62} {taken:7.1f} ms {taken / self._first_screen:6.1f} times the first screen", flush=True)


def measure_feeds(report: Report, person: Person, now: datetime) -> None:
    """Measure a feed with no dates, with many, with rituals, and with a growing history."""
    address = str(person.post("/calendar-feed", {"shows_titles": True})["address"])
    report.feed("feed of no dates", address)
    for number in range(RITUALS):
        start = f"{(now + (number + 2) * DAY).date()}T19:{number:02}"
        own_ritual(person, start, ZONES[number % 2], every="day" if number % 2 else "week")
    tick()
    report.feed(f"feed of {RITUALS} rituals", address)
    add_dates(person, DATES, now + DAY, timedelta(hours=14), state_machine.ACCEPTED)
    report.feed(f"feed of {RITUALS} rituals and {DATES} dates", address)
    when = f"{(now + DAY).date()}T08:00/{(now + 2 * DAY).date()}T22:00"
    before = 0
    for history in HISTORY:
        first = now - 40 * DAY - history * timedelta(hours=9)
        add_dates(person, history - before, first, timedelta(hours=9), state_machine.COMPLETED)
        before = history
        report.feed(f"feed after {history} past dates", address)
        report.get(f"suggestions when=..., after {history} past dates", f"/suggestions?for=one&when={when}")


def measure_free_times(report: Report, one: Person, other: Person, now: datetime) -> None:
    """Measure free times for two, with busy calendars of a growing length and in a growing window."""
    for person in (one, other):
        person.put("/availability/sharing", {"shared": True})
    first = (now + DAY).date()
    for events in (0, EVENTS // 10, EVENTS, 2 * EVENTS):
        for person in (one, other):
            fill(person, events, now)
        for days in (1, 7, 28):
            path = f"/free-times?from={first}&to={first + (days - 1) * DAY}"
            assert one.get(path)["for"] == "two"
            report.get(f"free times of {days} days for two, 20 calendars of {events} events", path)


def main() -> None:
    """Print all figures."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with couple(now) as (one, other):
        report = Report(one)
        measure_free_times(report, one, other, now)
        for person in (one, other):
            fill(person, 0, now)
        measure_feeds(report, one, now)


if __name__ == "__main__":
    main()
