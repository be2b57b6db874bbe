"""Leases: one process has a lease, by the clock of the database, until it expires."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import time_machine

from planner import scheduler
from planner.storage import db, leases
from planner.storage.leases import Lease
from tests.racing import together

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

_PROCESS = """
import sys
from datetime import timedelta
from planner.storage import db, leases

db.open_database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
with db.connection():
    print(leases.acquire("job", timedelta(seconds=float(sys.argv[2]))), flush=True)
sys.stdin.readline()
"""


class Process:
    """Another process over the same database."""

    def __init__(self, url: str, duration: timedelta) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-c", _PROCESS, url, str(duration.total_seconds())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.popen.stdout.readline() == "ready\n"

    def go(self) -> None:
        self.popen.stdin.write("go\n")
        self.popen.stdin.flush()

    def acquired(self) -> bool:
        return {"True\n": True, "False\n": False}[self.popen.stdout.readline()]

    def end(self) -> None:
        self.popen.kill()
        self.popen.communicate()


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
        processes = [Process(database, HOUR) for _ in range(4)]
        try:
            for process in processes:
                process.go()
            assert sorted(process.acquired() for process in processes) == [False] * 3 + [True]
        finally:
            for process in processes:
                process.end()
        expire()


def test_a_lease_names_its_holder_and_another_lease_is_free(database: str) -> None:
    assert acquire()
    with db.connection():
        assert leases.acquire("another job", HOUR)
        (holder,) = db.fetch_one(Lease.select(Lease.holder).where(Lease.name == "job"))
    assert holder.endswith(f":{os.getpid()}")


def test_a_stopped_or_killed_holder_has_its_lease_until_it_expires(database: str) -> None:
    holder = Process(database, HOUR)
    try:
        holder.go()
        assert holder.acquired()
        holder.popen.send_signal(signal.SIGSTOP)
        assert not acquire()
    finally:
        holder.end()
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
