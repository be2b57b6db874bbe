"""The clock: APScheduler wakes us, rows say what is due. Any number of processes may tick at once.

Nothing is stored in the scheduler. A tick does all that is due now, then asks when the next thing is due.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from planner import clock
from planner.accounts import rate_limits
from planner.contact import received, scheduled_raises
from planner.couples import former_couples
from planner.dates import lifecycle
from planner.notifications import deliveries
from planner.privacy import erasure
from planner.recommender import matches, recommendation_log, votes
from planner.relationship import hold_queue, space
from planner.storage import db, leases

_log = logging.getLogger("rekindle.clock")

INTERVAL = 15
"""Seconds at most between two ticks: another process may have written something that is due sooner."""
_KEEP = timedelta(days=30)


def tick(now: datetime) -> None:
    """Do all that is due, step by step. Each stands alone, so that one fault stops no other."""
    _each(
        raises=lambda: scheduled_raises.apply_due(now),
        call_off=lambda: space.cancel_due_dates(now),
        lapse=lambda: lifecycle.lapse(now),
        match=lambda: matches.create_due(now),
        erase=lambda: erasure.erase_due(now),
        deliver=lambda: deliveries.deliver(now, present=lambda: max(now, clock.utcnow())),
    )


def _each(**steps: Callable[[], object]) -> None:
    for name, step in steps.items():
        try:
            with db.connection():
                step()
        except Exception:  # a clock that stops at a fault would stop all reminders of everybody
            _log.exception("the clock could not finish %s", name)


def next_due() -> datetime | None:
    """The next instant at which a tick has something to do, if one is known."""
    with db.connection():
        dues = (scheduled_raises.next_due(), lifecycle.next_lapse(), deliveries.next_due())
        return min((at for at in dues if at), default=None)


class _SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler is untyped
    """A scheduler that goes on when the machine's clock is set back: by itself it would wait for the old time again."""

    def _process_jobs(self) -> Any:
        with self._jobstores_lock:
            job, latest = self.get_job("tick"), datetime.now(UTC) + timedelta(seconds=INTERVAL + 1)
            if job is not None and job.next_run_time > latest:
                job.modify(next_run_time=datetime.now(UTC))
        return super()._process_jobs()


def start() -> BackgroundScheduler:
    """Start ticking in a thread of this process, from now on. Stop it with `shutdown(wait=False)`.

    A tick arms the next one under the scheduler's own lock: a shutdown that waits for the tick holds it for ever.
    """
    scheduler = _SteadyScheduler(timezone=UTC)

    def wake() -> None:
        tick(clock.utcnow())
        due, latest = next_due(), datetime.now(UTC) + timedelta(seconds=INTERVAL)
        # What is due at this very moment was just done, or is held by another process: never spin.
        soonest = datetime.now(UTC) + timedelta(seconds=1)
        with suppress(JobLookupError):  # the scheduler was stopped during this tick
            scheduler.modify_job("tick", next_run_time=max(soonest, min(due or latest, latest)))

    # No grace time: a late tick (the machine slept) is a tick that is needed.
    scheduler.add_job(
        wake,
        "interval",
        seconds=INTERVAL,
        id="tick",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
        next_run_time=datetime.now(UTC),
    )
    scheduler.add_job(
        run_hourly_housekeeping,
        "interval",
        minutes=10,  # often enough to take over soon from a process that died
        id="housekeeping",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
        next_run_time=datetime.now(UTC) + timedelta(minutes=1),
    )
    scheduler.start()
    return scheduler


def run_hourly_housekeeping() -> None:
    """Run the housekeeping, unless a process on any host began it within the last hour."""
    with db.connection():
        acquired = leases.acquire("housekeeping", timedelta(hours=1))
    if acquired:
        run_housekeeping(clock.utcnow())


def run_housekeeping(now: datetime) -> None:
    """Catch up with matches, set aside what nobody said a word about, and drop what nobody needs any more: limits whose
    window is over, settled deliveries, what was kept for a time, what an erasure left, votes that ended, slates of old.
    """
    _each(
        matches=lambda: matches.create_missed(now),
        attempts=lambda: rate_limits.purge_expired(now),
        deliveries=lambda: deliveries.purge_finished(now - _KEEP),
        kept=lambda: former_couples.purge_expired(now),
        records=lambda: received.purge_expired(now),
        held=lambda: hold_queue.dismiss_old(now),
        erased=lambda: erasure.remove_tombstones(now),
        tastes=lambda: votes.purge_before(now - votes.RETENTION),
        slates=lambda: recommendation_log.purge_before((now - recommendation_log.RETENTION).date()),
    )
