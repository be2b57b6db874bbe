"""Measure reminders: a tick beside many that are not due, and how many go out in a second.

    python -m tests.benchmarks.reminders [WAITING ...]

Each number of waiting reminders gets a line. A tick must not cost more with more of them. Its figure is processor time,
which other work on the machine changes less. Then one, two and four processes send a thousand due reminders over a
channel that does nothing, so the figure is that of the database alone.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from planner import clock, scheduler, schema
from planner.notifications import deliveries
from planner.notifications.deliveries import Delivery
from planner.storage import db
from tests import postgresql
from tests.channels import calling

WAITING = (1_000, 100_000, 1_000_000)
DUE = 1_000
_TICKS = 5
_NOW = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '{} seconds')",
    "postgresql": "now() + interval '{} seconds'",
}
_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
_HOUR = 3600


def add(kind: str, count: int, seconds: int) -> None:
    """Add reminders that are due some seconds from now, each for another person."""
    columns = "id, person, kind, subject, visible_at, expires_at"
    visible, useless = (_NOW[kind].format(f"{each:+}") for each in (seconds, seconds + 24 * _HOUR))
    row = f"{_ID[kind]}, {_ID[kind]}, 'date_soon', {_ID[kind]}, {visible}, {useless}"
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
    with db.connection(), db.without_timeouts(), db.write():
        db.proxy.execute_sql(f"INSERT INTO inbox_items ({columns}) {numbers.format(count)} SELECT {row} FROM n")


def tick_cost() -> float:
    """Return the processor time of a tick without anything due, in milliseconds."""
    costs = []
    for _ in range(_TICKS):
        began = time.process_time()
        scheduler.tick(clock.utcnow())
        scheduler.next_due()
        costs.append(1000 * (time.process_time() - began))
    return median(costs)


def rate(url: str, kind: str, processes: int) -> float:
    """Return how many due reminders so many processes send in a second."""
    command = [sys.executable, "-m", "tests.benchmarks.reminders", "send", url]
    senders = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    for sender in senders:
        assert sender.stdout
        sender.stdout.readline()  # it is ready
    add(kind, DUE, -1)
    began = time.monotonic()
    for sender in senders:
        assert sender.stdin
        sender.stdin.close()
    for sender in senders:
        sender.wait()
    seconds = time.monotonic() - began
    with db.connection():
        assert Delivery.select().where(Delivery.done_at.is_null()).count() == 0
    return DUE / seconds


def send(url: str) -> None:
    """Send what is due, when the parent says so."""
    db.open_database(url)
    channels = calling(nothing=lambda delivery, person, text: None)
    with db.connection():
        print("ready", flush=True)
        sys.stdin.read()
        deliveries.deliver(clock.utcnow(), channels, present=clock.utcnow)


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the URLs of empty databases by their kind."""
    with postgresql.running(fsync=True) as server:
        urls = {"sqlite": f"sqlite:///{folder / 'rekindle.sqlite3'}"}
        if server:
            postgresql.administer(server, "CREATE DATABASE reminders")
            urls["postgresql"] = server.format(database="reminders")
        yield urls


def main(sizes: list[int]) -> None:
    """Print a line for each number of waiting reminders."""
    with tempfile.TemporaryDirectory(prefix="rekindle-reminders-") as name, databases(Path(name)) as urls:
        for kind, url in urls.items():
            db.open_database(url)
            schema.upgrade()
            waiting = 0
            for size in sizes:
                add(kind, size - waiting, round(timedelta(days=30).total_seconds()))
                waiting = size
                if kind == "postgresql":
                    with db.connection():
                        db.proxy.execute_sql("ANALYZE")
                cost = tick_cost()
                rates = ", ".join(f"{rate(url, kind, count):.0f} with {count}" for count in (1, 2, 4))
                print(f"{kind}, {size} waiting: {cost:.1f} ms a tick; due ones sent in a second: {rates}", flush=True)
            db.dispose()


if __name__ == "__main__":
    if sys.argv[1:2] == ["send"]:
        send(sys.argv[2])
    else:
        main([int(each) for each in sys.argv[1:]] or list(WAITING))
