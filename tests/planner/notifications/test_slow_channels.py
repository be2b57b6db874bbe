"""Channels slower than a lease: other processes take over, and no notification is sent twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from planner import inbox
from planner.notifications import deliveries
from planner.notifications.deliveries import LEASE
from planner.storage import db
from tests.channels import calling
from tests.conftest import NOON


def test_another_process_sends_what_a_slow_channel_did_not_and_nothing_is_sent_twice(database: str) -> None:
    with db.write():
        for _ in range(30):
            inbox.add(uuid4(), "note_shared", uuid4(), NOON)
    present, sent = [NOON], list[UUID]()

    def other(delivery: UUID, _: UUID, __: str) -> None:
        sent.append(delivery)

    def slow(delivery: UUID, _: UUID, __: str) -> None:
        sent.append(delivery)
        present[0] += LEASE / 5
        if len(sent) < 12:
            # Another process ticks at the same time, with a running clock, and takes the free deliveries.
            deliveries.deliver(present[0], calling(post=other), lambda: present[0])

    deliveries.deliver(NOON, calling(post=slow), lambda: present[0])
    present[0] += LEASE + timedelta(seconds=1)
    deliveries.deliver(present[0], calling(post=other), lambda: present[0])
    assert len(sent) == len(set(sent)) == 30
