"""Leases: at most one process of all hosts does a job, for a limited time.

The database's clock decides, because the clocks of two hosts can differ. A process that dies does not give its lease
back: the lease expires.
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from typing import Any

import peewee

from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class Lease(db.Model):
    """The right of one process to do the job `name` until `expires_at`. The operator can read `holder`."""

    name = peewee.TextField(unique=True)
    holder = peewee.TextField()
    expires_at = UtcDateTimeField()

    class Meta:
        table_name = "leases"


def acquire(name: str, duration: timedelta, is_work: bool = True) -> bool:
    """Take a lease from now on, and return whether this process has it now.

    It is False while a lease lasts, also for the process that holds it. `is_work` is False for a sign of life only.
    """
    lease = {
        Lease.name: name,
        Lease.holder: f"{socket.gethostname()}:{os.getpid()}",
        Lease.expires_at: _database_time(duration),
    }
    query = Lease.insert(lease).on_conflict(
        conflict_target=[Lease.name],
        preserve=[Lease.holder, Lease.expires_at],
        where=Lease.expires_at <= _database_time(),
    )
    with db.write(is_work=is_work):
        return bool(db.fetch_all(query.returning(Lease.name)))


def seconds_left(name: str) -> float | None:
    """Return the seconds until a lease ends, negative after its end, or None if no process has ever had it."""
    row = db.fetch_one(Lease.select(Lease.expires_at).where(Lease.name == name))
    return float((row[0] - database_now()).total_seconds()) if row else None


def database_now() -> datetime:
    """Return the present time by the clock of the database."""
    row = db.proxy.execute(peewee.Select(columns=[_database_time()])).fetchone()
    now = UtcDateTimeField.python_value(Lease.expires_at, row[0])
    assert now
    return now


def clock_difference(now: datetime) -> timedelta:
    """Return how far the clock of the database is ahead of this host's `now`. SQLite has the clock of its host.

    The clocks of two hosts can differ by minutes. So what must happen once goes by the clock that they share.
    """
    return database_now() - now if db.proxy.for_update else timedelta()


def _database_time(ahead: timedelta = timedelta()) -> Any:
    """Return the SQL of the database's present time, moved ahead, as `UtcDateTimeField` stores it."""
    seconds = ahead.total_seconds()
    if db.proxy.for_update:  # PostgreSQL
        return peewee.SQL(f"clock_timestamp() + interval '{seconds} seconds'")
    return peewee.SQL(f"strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '{seconds:+} seconds')")
