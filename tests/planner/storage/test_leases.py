"""Leases: one process has a lease, by the clock of the database, until it expires."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

import time_machine

from planner import scheduler
from planner.storage import db, leases
from planner.storage.leases import Lease
from tests import processes
from tests.processes import Process
from tests.racing import together

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def holding(pipe: Connection, url: str, duration: timedelta) -> None:
    """Try to take the lease in another process, and stay."""
    db.open_database(url)
    pipe.send("ready")
    pipe.recv()
    with db.connection():
        pipe.send(leases.acquire("job", duration))
    pipe.recv()


@contextmanager
def ready(url: str) -> Iterator[Process]:
    """Yield another process over the same database, which waits to try."""
    with processes.running(holding, url, HOUR) as process:
        assert process.hear() == "ready"
        yield process


def acquire(duration: timedelta = HOUR) -> bool:
    with db.connection():
        return leases.acquire("job", duration)


def expire() -> None:
    with db.connection(), db.write():
        Lease.update(expires_at=datetime(2001, 1, 1, tzinfo=UTC)).execute()


def shorten(passed: timedelta) -> None:
    """Move the end of all leases forward, as if that much time had passed."""
    with db.connection(), db.write():
        ((expires_at,),) = db.fetch_all(Lease.select(Lease.expires_at))
        Lease.update(expires_at=expires_at - passed).execute()


def test_one_of_eight_threads_gets_a_lease(database: str) -> None:
    for _ in range(5):
        assert sorted(together(*[acquire] * 8)) == [False] * 7 + [True]
        assert not acquire(), "not even the holder"
        expire()


def test_one_of_several_processes_gets_a_lease_before_and_after_it_expires(database: str) -> None:
    for _ in range(2):
        with ExitStack() as stack:
            others = [stack.enter_context(ready(database)) for _ in range(4)]
            for other in others:
                other.tell()
            assert sorted(other.hear() for other in others) == [False] * 3 + [True]
        expire()


def test_a_lease_names_its_holder_and_another_lease_is_free(database: str) -> None:
    assert acquire()
    with db.connection():
        assert leases.acquire("another job", HOUR)
        (holder,) = db.fetch_one(Lease.select(Lease.holder).where(Lease.name == "job"))
    assert holder.endswith(f":{os.getpid()}")


def test_a_stopped_or_killed_holder_has_its_lease_until_it_expires(database: str) -> None:
    with ready(database) as holder:
        holder.tell()
        assert holder.hear()
        os.kill(holder.pid, signal.SIGSTOP)
        assert not acquire()
    assert not acquire(), "nothing gives the lease of a dead process back"
    expire()
    assert acquire()


def test_a_lease_lasts_for_its_duration(database: str) -> None:
    """Shorten each lease in SQL instead of waiting."""
    for duration, passed, expired in [(HOUR, HOUR - MINUTE, False), (HOUR, HOUR, True), (MINUTE, MINUTE, True)]:
        expire()
        assert acquire(duration)
        shorten(passed)
        assert acquire(duration) == expired


def test_a_lease_ignores_the_clock_of_the_host(database: str) -> None:
    early, late = datetime(2001, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
    with time_machine.travel(early):
        assert acquire()
        assert not acquire()
    with time_machine.travel(late):
        assert not acquire()
    with time_machine.travel(datetime.now(UTC) + 3 * MINUTE):
        expire()
        assert acquire(MINUTE)
        assert not acquire(MINUTE)
    assert not acquire(MINUTE)
    with time_machine.travel(datetime.now(UTC) + 3 * MINUTE):
        assert not acquire(MINUTE), "a host whose clock is ahead does not get it early"
    expire()
    with time_machine.travel(early - HOUR):
        assert acquire()


def test_housekeeping_runs_once_an_hour_over_all_processes(database: str, monkeypatch) -> None:
    runs = []
    monkeypatch.setattr(scheduler, "run_housekeeping", runs.append)
    together(*[scheduler.run_hourly_housekeeping] * 6)
    scheduler.run_hourly_housekeeping()
    assert len(runs) == 1

    expire()
    together(*[scheduler.run_hourly_housekeeping] * 6)
    assert len(runs) == 2
