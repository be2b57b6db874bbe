"""The clock: APScheduler wakes a thread, and rows say what is due. Any number of processes may tick at once.

The scheduler stores nothing. A tick does what is due, then asks for the next due time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock, Thread
from time import perf_counter
from typing import Any

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from planner import clock, inbox, mail, readiness
from planner.accounts import account_mails, email_addresses, rate_limits, security_events, sessions
from planner.calendars import busy_times, calendar_refresh, date_lines
from planner.contact import received, scheduled_raises
from planner.couples import former_couples
from planner.dates import lifecycle, ritual_dates
from planner.errors import Unavailable
from planner.notes import couple_questions
from planner.notifications import deliveries, prompt_reminders
from planner.notifications.channels import CHANNELS
from planner.notifications.mail_channel import MailChannel
from planner.privacy import erasure, restores
from planner.recommender import matches, recommendation_log, votes
from planner.relationship import hold_queue, space
from planner.storage import backups, db, leases
from planner.storage.backups import Daily
from planner.storage.faults import UnusableBackup
from planner.talks import talks

_log = logging.getLogger("rekindle.clock")

INTERVAL = 15
"""Most seconds between two ticks. Another process can write something that is due sooner than the known next time."""
SHORTEST = 1
"""Least seconds between two ticks. It never spins: another process does the things that are still due."""
CALENDAR_INTERVAL = 3
"""Seconds between two looks for calendars to read. A person who has just added one waits for it."""
MAIL_INTERVAL = 3
"""Seconds between two looks for mails about accounts. A person waits for a code."""
_refreshing = Lock()
_mailing = Lock()
_DELIVERY_RETENTION = timedelta(days=30)
# The rooms of dates are above that of notifications, so the words about a date are handed to it here.
CHANNELS["mail"] = MailChannel(date_lines.describe)


def tick(now: datetime, present: Callable[[], datetime] = clock.utcnow) -> None:
    """Do all that is due. A step that fails does not stop the others. `present` tells the time during a long tick."""
    _each(
        raises=lambda: scheduled_raises.apply_due(now),
        call_off=lambda: space.cancel_due_dates(now),
        lapse=lambda: lifecycle.lapse(now),
        complete=lambda: lifecycle.complete_past(now),
        rituals=lambda: ritual_dates.top_up(now),
        match=lambda: matches.create_due(now),
        erase=lambda: erasure.erase_due(now),
        prompts=lambda: prompt_reminders.announce_due(now),
        deliver=lambda: deliveries.deliver(now, present=lambda: max(now, present())),
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
        dues = (
            scheduled_raises.next_due(),
            lifecycle.next_lapse(),
            ritual_dates.next_due(),
            prompt_reminders.next_due(),
            deliveries.next_due(),
            call_off,
        )
        return min((at for at in dues if at), default=None)


def _shared_clock() -> Callable[[], datetime]:
    """Return what tells the time for all hosts of the database: this host's clock, corrected by the database's."""
    ahead = timedelta()
    with suppress(Unavailable), db.connection():
        ahead = leases.clock_difference(clock.utcnow())
    return lambda: clock.utcnow() + ahead


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


def start_marks() -> BackgroundScheduler:
    """Keep the marks of this process, of which another process is the clock. Stop it with `shutdown(wait=False)`."""
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        lambda: _each(mark=lambda: restores.advance(clock.utcnow())),
        "interval",
        seconds=INTERVAL,
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    scheduler.start()
    return scheduler


def start(daily: Daily | None = None, on_tick: Callable[[float], None] | None = None) -> BackgroundScheduler:
    """Start to tick in a thread of this process, and to make daily backups. Stop it with `shutdown(wait=False)`.

    It tells `on_tick` the seconds of each tick.
    A tick schedules the next one under the scheduler's lock. A shutdown that waits for a tick would deadlock.
    """
    scheduler = _SteadyScheduler(timezone=UTC)

    def wake() -> None:
        began = perf_counter()
        present = _shared_clock()
        tick(present(), present)
        if on_tick:
            on_tick(perf_counter() - began)
        _each(beat=readiness.beat, mark=lambda: restores.advance(clock.utcnow()))
        latest = datetime.now(UTC) + timedelta(seconds=INTERVAL)
        try:
            due = next_due()
        except Unavailable:
            due = None
        soonest = datetime.now(UTC) + timedelta(seconds=SHORTEST)
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
        lambda: _run_regular_jobs(daily),
        "interval",
        minutes=10,  # often enough to take over soon from a process that died
        id="housekeeping",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
        next_run_time=datetime.now(UTC) + timedelta(minutes=1),
    )
    # A thread of its own: the hosts of calendars can take their time, and the end of this process does not wait for it.
    scheduler.add_job(
        lambda: Thread(target=refresh_calendars, name="calendars", daemon=True).start(),
        "interval",
        seconds=CALENDAR_INTERVAL,
        id="calendars",
        coalesce=True,
        max_instances=1,
        misfire_grace_time=None,
    )
    if mail.is_set_up():
        scheduler.add_job(
            lambda: Thread(target=lambda: send_account_mails(_shared_clock()), name="mails", daemon=True).start(),
            "interval",
            seconds=MAIL_INTERVAL,
            id="mails",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    return scheduler


def refresh_calendars() -> None:
    """Read the calendars that are due, unless this process does so already."""
    if not _refreshing.acquire(blocking=False):
        return
    try:
        with suppress(Unavailable):
            calendar_refresh.refresh_due(clock.utcnow)
    finally:
        _refreshing.release()


def send_account_mails(present: Callable[[], datetime] = clock.utcnow) -> None:
    """Send the mails about accounts that are due, unless this process does so already. `present` tells the time."""
    if not _mailing.acquire(blocking=False):
        return
    try:
        with suppress(Unavailable):
            account_mails.send_due(present, email_addresses.set_aside)
    finally:
        _mailing.release()


def _run_regular_jobs(daily: Daily | None) -> None:
    run_hourly_housekeeping()
    if daily:
        run_daily_backup(daily)


def run_daily_backup(daily: Daily) -> None:
    """Make the backup of the day, if it is due and no other process makes it."""
    try:
        if made := backups.make_daily(daily, clock.utcnow()):
            _log.info("the backup %s was made and checked", made.path.name)
    except Unavailable:
        return
    except UnusableBackup as error:
        _log.error("no backup was made, and the next try is in an hour: %s", error)


def run_hourly_housekeeping() -> None:
    """Run the housekeeping, unless a process on any host began it within the last hour."""
    acquired = False
    with suppress(Unavailable), db.connection():
        acquired = leases.acquire("housekeeping", timedelta(hours=1))
    if acquired:
        run_housekeeping(clock.utcnow())


def run_housekeeping(now: datetime) -> None:
    """Create missed matches, dismiss old held items, end talks that were left, and purge expired rows."""
    _each(
        matches=lambda: matches.create_missed(now),
        rate_limits=lambda: rate_limits.purge_expired(now),
        mails=lambda: account_mails.purge_expired(now),
        sessions=lambda: sessions.purge_rested(now),
        security_events=lambda: security_events.purge_before(now - security_events.RETENTION),
        deliveries=lambda: deliveries.purge_finished(now - _DELIVERY_RETENTION),
        items=lambda: inbox.purge_expired(now - _DELIVERY_RETENTION),
        former_couples=lambda: former_couples.purge_expired(now),
        received=lambda: received.purge_expired(now),
        questions=lambda: couple_questions.purge_unanswered(now.date()),
        holds=lambda: hold_queue.dismiss_old(now),
        talks=lambda: talks.end_overdue(now),
        old_talks=lambda: talks.purge_before(now - talks.RETENTION),
        busy_times=lambda: busy_times.purge_past(now),
        tombstones=lambda: erasure.remove_tombstones(now),
        votes=lambda: votes.purge_before(now - votes.RETENTION),
        recommendations=lambda: recommendation_log.purge_before((now - recommendation_log.RETENTION).date()),
    )
