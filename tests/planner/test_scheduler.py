from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from planner import clock, inbox, scheduler
from planner.contact import visible_inbox
from planner.dates import lifecycle
from planner.notifications.channels import CHANNELS
from planner.notifications.deliveries import Delivery
from planner.privacy import erasure_log
from planner.storage import db
from tests.channels import Calling
from tests.conftest import NOON
from tests.databases import without_table
from tests.dates import START, agreed, instant, offer, slot

HOUR = timedelta(hours=1)


@pytest.fixture
def carried(monkeypatch):
    """Return the list of notifications as (person, text, real time). There is only one channel."""
    notifications: list[tuple[UUID, str, datetime]] = []
    for name in list(CHANNELS):
        monkeypatch.delitem(CHANNELS, name)
    channel = Calling(lambda _, person, text: notifications.append((person, text, clock.utcnow())))
    monkeypatch.setitem(CHANNELS, "test", channel)
    return notifications


def plan(at, expires_at=None):
    person = uuid4()
    with db.connection(), db.write():
        inbox.add(person, "date_soon", uuid4(), at, expires_at)
    return person


def state_of(person, date):
    return person.get(f"/dates/{date['id']}")["state"]


def test_a_tick_does_exactly_what_is_due(cast, carried):
    lapsing = offer(cast.alice, slots=[slot(NOON + 2 * HOUR + timedelta(minutes=15))])
    due, ahead = plan(NOON + 2 * HOUR), plan(NOON + 3 * HOUR)
    scheduler.tick(NOON + 2 * HOUR)
    with db.connection():
        assert lifecycle.lapse(NOON + 2 * HOUR) == 0, "the tick has noted it"
    assert state_of(cast.alice, lapsing) == "lapsed"
    people = [person for person, _, _ in carried]
    assert people.count(due) == 1
    assert ahead not in people
    scheduler.tick(NOON + 2 * HOUR)
    assert len(carried) == len(people)


def test_a_failed_step_stops_no_other_step_and_the_next_tick_repeats_it(cast, carried, caplog, monkeypatch):
    lapsing = offer(cast.alice, slots=[slot(NOON + 2 * HOUR + timedelta(minutes=15))])
    at, due = NOON + 2 * HOUR, plan(NOON)
    monkeypatch.setattr(lifecycle, "lapse", lambda _now: 1 / 0)
    with without_table("dates"), caplog.at_level(logging.WARNING):
        scheduler.tick(at)
    monkeypatch.undo()
    fault, bug = caplog.records
    assert "dates" in fault.getMessage()
    assert fault.exc_info is None, "the cause of a fault of the database is one line"
    assert (bug.getMessage(), bug.exc_info is None) == ("the clock could not finish lapse", False)
    assert due in [person for person, _, _ in carried]
    scheduler.tick(at)
    with db.connection():
        assert lifecycle.next_lapse() is None
    assert state_of(cast.alice, lapsing) == "lapsed"


def test_a_clock_without_a_database_keeps_ticking(database, carried, caplog, tmp_path):
    due = plan(NOON)
    db.dispose()
    db.open_database(f"sqlite:///{tmp_path}")  # a folder: nothing can be opened there
    scheduler.tick(NOON)
    (line,) = caplog.messages
    assert line.startswith("the database cannot be used: ")
    db.open_database(database)
    scheduler.tick(NOON)
    assert [person for person, _, _ in carried] == [due]


def test_after_an_outage_due_items_are_sent_and_expired_ones_are_not(cast, carried):
    date = agreed(cast.alice, cast.bob)
    # The machine was off until an hour before the start, so the reminder of the day before was missed.
    scheduler.tick(START - HOUR)
    texts = sorted(text for person, text, _ in carried if person == UUID(cast.bob.id))
    late, soon = "Some things are waiting for you.", "Your date starts soon."
    assert texts == [late, soon], "it is no longer tomorrow, and what is late comes as one"
    carried.clear()
    scheduler.tick(instant(date["slots"][0]["end"]) + timedelta(days=15, hours=1))
    assert carried == [], "nobody is asked two weeks later"


def test_next_due_is_the_earlier_of_lapse_and_delivery(cast, carried):
    scheduler.tick(NOON)
    assert scheduler.next_due() is None
    lapsing = offer(cast.alice)
    scheduler.tick(NOON)
    assert scheduler.next_due() == instant(lapsing["expires_at"])
    plan(NOON + HOUR)
    assert scheduler.next_due() == NOON + HOUR
    scheduler.tick(NOON + HOUR)
    assert scheduler.next_due() == instant(lapsing["expires_at"])
    scheduler.tick(instant(lapsing["expires_at"]))
    assert scheduler.next_due() is None


def test_a_clock_that_jumps_back_delivers_nothing_twice(database, carried):
    plan(NOON)
    for at in (NOON + HOUR, NOON - HOUR, NOON, NOON + 2 * HOUR):
        scheduler.tick(at)
    assert len(carried) == 1


def test_housekeeping_deletes_old_finished_deliveries_and_keeps_their_items(database, carried):
    person = plan(NOON)
    scheduler.tick(NOON)
    scheduler.run_housekeeping(NOON + timedelta(days=30))
    with db.connection():
        assert Delivery.select().count() == 1
    scheduler.run_housekeeping(NOON + timedelta(days=30, seconds=1))
    with db.connection():
        assert Delivery.select().count() == 0
        assert len(visible_inbox.list_items(person, NOON + timedelta(days=31), 9)) == 1
    scheduler.tick(NOON + timedelta(days=31))
    assert len(carried) == 1


@pytest.mark.real_time
def test_a_started_clock_does_missed_work_at_once_and_wakes_for_later_work(database, carried):
    now = clock.utcnow()
    missed, coming, at = plan(now - HOUR), plan(now + timedelta(seconds=1.5)), now + timedelta(seconds=1.5)
    running = scheduler.start()
    deadline = time.monotonic() + scheduler.INTERVAL - 3

    def armed():
        # A tick sets the next run as its last act. After that, no tick is running.
        job = running.get_job("tick")
        return len(carried) == 2 and job.next_run_time > clock.utcnow() + timedelta(seconds=5)

    try:
        while not armed() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert [person for person, _, _ in carried] == [missed, coming], "in less than an interval"
        assert carried[1][2] >= at
        assert running.get_job("tick").next_run_time <= datetime.now(UTC) + timedelta(seconds=scheduler.INTERVAL)
        assert erasure_log.read_marks(), "the next start will notice a restore"
    finally:
        stop(running)


@pytest.mark.real_time
def test_a_machine_clock_that_is_set_back_does_not_stop_the_ticks(database, monkeypatch):
    ticks = []
    monkeypatch.setattr(scheduler, "INTERVAL", 1)
    monkeypatch.setattr(scheduler, "tick", lambda now, present: ticks.append(now))
    running = scheduler.start()
    try:
        assert within(5, lambda: ticks)
        # For the scheduler, a clock that goes back an hour puts the next tick an hour away.
        running.modify_job("tick", next_run_time=datetime.now(UTC) + HOUR)
        before = len(ticks)
        assert within(5, lambda: len(ticks) > before + 1)
    finally:
        stop(running)


@pytest.mark.real_time
def test_a_host_with_a_fast_clock_goes_by_that_of_the_database(database, monkeypatch):
    """Two hosts of one PostgreSQL that are minutes apart see the same time. SQLite has one host."""
    real, ticks = clock.utcnow, []
    monkeypatch.setattr(clock, "utcnow", lambda: real() + HOUR)
    monkeypatch.setattr(scheduler, "tick", lambda now, present: ticks.append((now, present())))
    running = scheduler.start()
    try:
        assert within(5, lambda: ticks)
    finally:
        stop(running)
    ahead = timedelta() if db.proxy.for_update else HOUR
    assert all(abs(at - ahead - real()) < timedelta(seconds=10) for at in ticks[0])


def within(seconds, true):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False


def stop(running):
    """Stop a clock, and wait for a running tick: it must not use the database of the next test."""
    running.shutdown(wait=False)
    running._executors["default"]._pool.shutdown(wait=True)
