"""Whether this server can do all of its work: what a health check of a container or a monitor asks.

It has no number that tells of people: anyone may ask.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from planner import clock, schema
from planner.notifications import backlog
from planner.storage import leases
from planner.storage.health_check import Check

HEARTBEAT = timedelta(minutes=1)
"""The clock notes that it ticks, at most so often over all processes."""
LATE_TICK_S = 180.0
_LATE_DELIVERY = timedelta(minutes=10)

_TICK = "tick"


class Readiness(NamedTuple):
    """The state of each part: "ok", or what is wrong. `last_tick_s` is the age of the last tick in seconds."""

    database: str
    migrations: str
    clock: str
    deliveries: str
    last_tick_s: int | None

    @property
    def is_ready(self) -> bool:
        """Return whether all parts are in order."""
        return {self.database, self.migrations, self.clock, self.deliveries} == {"ok"}


_UNKNOWN = Readiness("no-answer", "unknown", "unknown", "unknown", None)


def beat() -> None:
    """Note that the clock ticks, unless a process did so within the last minute. The clock calls this."""
    left = leases.seconds_left(_TICK)
    if left is None or left <= 0:
        leases.acquire(_TICK, HEARTBEAT, is_work=False)


def seconds_since_tick() -> float | None:
    """Return the age of the last tick by the clock of the database. None before the first one."""
    left = leases.seconds_left(_TICK)
    return None if left is None else max(0.0, HEARTBEAT.total_seconds() - left)


def state() -> Readiness:
    """Return the state of this server, after less than a second."""
    return _check.answer() or _UNKNOWN


def _look() -> Readiness:
    missing = schema.pending()
    if missing:
        return Readiness("ok", "missing", "unknown", "unknown", None)
    age = seconds_since_tick()
    late = backlog.has_due(clock.utcnow() - _LATE_DELIVERY)
    return Readiness("ok", "ok", _tick(age), "late" if late else "ok", None if age is None else round(age))


def _tick(age: float | None) -> str:
    if age is None:
        return "waiting"
    return "late" if age > LATE_TICK_S else "ok"


_check = Check(_look)
