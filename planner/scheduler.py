"""The clock: APScheduler wakes a thread, and rows say what is due. Any number of processes may tick at once.

The scheduler stores nothing. A tick does what is due, then asks for the next due time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from planner import clock, inbox
from planner.accounts import rate_limits
from planner.contact import received, scheduled_raises
from planner.couples import former_couples
from planner.dates import lifecycle
from planner.errors import Unavailable
from planner.notifications import deliveries
from planner.privacy import erasure, restores
from planner.recommender import matches, recommendation_log, votes
from planner.relationship import hold_queue, space
from planner.storage import db, leases

_log = logging.getLogger("rekindle.clock")

INTERVAL = 15
"""Most seconds between two ticks. Another process can write something that is due sooner than the known next time."""
_DELIVERY_RETENTION = timedelta(days=30)


def tick(now: datetime) -> None:
    """Do all that is due. A step that fails does not stop the others."""
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
        except Unavailable:  # the storage logs the cause
            continue
        except Exception:  # a fault of one step must not stop all reminders
            _log.exception("the clock could not finish %s", name)


def next_due() -> datetime | None:
    """Return the next time at which a tick has something to do, if one is known."""
    now = clock.utcnow()
    with db.connection():
        # At its own instant, not at that of the next tick: the times between ticks are regular.
        call_off = space.next_cancellation(now, now + timedelta(seconds=INTERVAL))
        dues = (scheduled_raises.next_due(), lifecycle.next_lapse(), deliveries.next_due(), call_off)
        return min((at for at in dues if at), default=None)


class _SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler is untyped
    """A scheduler that goes on ticking when the machine's clock is set back.

    APScheduler alone would wait until the old time comes again.
    """

    def _process_jobs(self) -> Any:
        with self._jobstores_lock:
            job, latest = self.get_job("tick"), datetime.now(UTC) + timedelta(seconds=INTERVAL + 1)
            if job is not None and job.next_run_time > latest:
                job.modify(next_run_time=datetime.now(UTC))
        return super()._process_jobs()


def start() -> BackgroundScheduler:
    """Start to tick in a thread of this process. Stop it with `shutdown(wait=False)`.

    A tick schedules the next one under the scheduler's lock. A shutdown that waits for a tick would deadlock.
    """
    scheduler = _SteadyScheduler(timezone=UTC)

    def wake() -> None:
        tick(clock.utcnow())
        _each(mark=lambda: restores.advance(clock.utcnow()))
        latest = datetime.now(UTC) + timedelta(seconds=INTERVAL)
        try:
            due = next_due()
        except Unavailable:
            due = None
        # Never spin: another process does the things that are still due.
        soonest = datetime.now(UTC) + timedelta(seconds=1)
        with suppress(JobLookupError):  # the scheduler was stopped during this tick
            scheduler.modify_job("tick", next_run_time=max(soonest, min(due or latest, latest)))

    # No grace time: after the machine slept, a late tick is still needed.
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
    acquired = False
    with suppress(Unavailable), db.connection():
        acquired = leases.acquire("housekeeping", timedelta(hours=1))
    if acquired:
        run_housekeeping(clock.utcnow())


def run_housekeeping(now: datetime) -> None:
    """Create missed matches, dismiss old held items, and purge expired rows."""
    _each(
        matches=lambda: matches.create_missed(now),
        rate_limits=lambda: rate_limits.purge_expired(now),
        deliveries=lambda: deliveries.purge_finished(now - _DELIVERY_RETENTION),
        items=lambda: inbox.purge_expired(now - _DELIVERY_RETENTION),
        former_couples=lambda: former_couples.purge_expired(now),
        received=lambda: received.purge_expired(now),
        holds=lambda: hold_queue.dismiss_old(now),
        tombstones=lambda: erasure.remove_tombstones(now),
        votes=lambda: votes.purge_before(now - votes.RETENTION),
        recommendations=lambda: recommendation_log.purge_before((now - recommendation_log.RETENTION).date()),
    )
