"""Deliveries by several real processes, and by a process that is killed."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from planner import inbox
from planner.notifications import deliveries
from planner.notifications.deliveries import LEASE, Delivery
from planner.storage import db
from tests import processes, push_services
from tests.campaigns import deliveries as deliveries_campaign
from tests.channels import calling
from tests.conftest import NOON
from tests.planner.notifications.worker import work as work_once


@pytest.fixture
def work(database, tmp_path):
    """Return a function that runs workers at once, and returns the deliveries and the exit code of each."""

    def run(count, now, die_at=0, push_host=""):
        files = [tmp_path / f"{uuid4().hex}.txt" for _ in range(count)]
        with ExitStack() as stack:
            workers = [
                stack.enter_context(processes.running(work_once, database, file, now, die_at, push_host))
                for file in files
            ]
            for worker in workers:
                assert worker.hear() == "ready"
            for worker in workers:
                worker.tell()
            ends = [worker.wait() for worker in workers]
        return [file.read_text().split() for file in files], ends

    return run


def plan(count):
    with db.write():
        for _ in range(count):
            inbox.add(uuid4(), "note_shared", uuid4(), NOON)


def test_four_processes_deliver_five_hundred_items_once_each(work):
    plan(500)
    delivered, ends = work(4, NOON)
    all_ids = [delivery for ids in delivered for delivery in ids]
    assert ends == [0] * 4
    assert len(all_ids) == len(set(all_ids)) == 500
    assert sum(bool(ids) for ids in delivered) > 1, "one process did it all: nothing was tried here"
    with db.connection():
        rows = db.fetch_all(Delivery.select(Delivery.done_at, Delivery.next_at, Delivery.lease_until, Delivery.tries))
    assert rows == [(NOON, None, None, 1)] * 500


def test_deliveries_of_a_killed_worker_are_sent_after_its_lease_and_at_most_one_twice(work):
    plan(60)
    (first,), ends = work(1, NOON, die_at=5)
    assert (ends, len(first)) == ([-signal.SIGKILL], 5)

    # The killed worker still has the lease of 50. A second process takes only the ten free ones.
    (second,), ends = work(1, NOON + LEASE - timedelta(seconds=1))
    assert (ends, len(second)) == ([0], 10)

    after = []
    with db.connection():
        assert deliveries.next_due() == NOON + LEASE
        deliveries.deliver(NOON + LEASE, calling(test=lambda delivery, person, text: after.append(str(delivery))))
        assert deliveries.next_due() is None
    assert len(after) == 46
    # The delivery at the kill comes twice, and all others come once.
    assert set(first) & set(after) == {first[-1]}
    assert len({*first, *second, *after}) == 60


def test_no_push_is_lost_at_a_kill_and_only_the_one_at_the_kill_comes_twice(work):
    with push_services.running() as service:
        deliveries_campaign.fill(service, 60)
        (first,), ends = work(1, NOON, 5, service.host)
        assert (ends, len(service.received)) == ([-signal.SIGKILL], 5)
        after, ends = work(4, NOON + LEASE, push_host=service.host)
    assert ends == [0] * 4
    received = Counter(str(UUID(each.headers["topic"])) for each in service.received)
    assert len(received) == 60
    assert {topic for topic, count in received.items() if count > 1} == {first[-1]}
    assert sum(map(len, after)) == 56
