from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from planner import inbox
from planner.contact import visible_inbox
from planner.errors import Unavailable
from planner.inbox import Item
from planner.notifications import deliveries
from planner.notifications.deliveries import BATCH, LEASE, Delivery
from planner.storage import db
from tests.channels import calling
from tests.conftest import NOON

MINUTE = timedelta(minutes=1)


class Post:
    """A channel that records its notifications, and fails while `fails` is true."""

    def __init__(self, fails=False):
        self.fails = fails
        self.handed = []

    def __call__(self, delivery, person, text):
        assert isinstance(delivery, UUID)
        assert not db.proxy.in_transaction(), "nothing is sent inside a transaction"
        self.handed.append((person, text))
        if self.fails:
            raise ConnectionError("nobody answers")


def plan(count=1, at=NOON, expires_at=None):
    people = [uuid4() for _ in range(count)]
    with db.write():
        for person in people:
            inbox.add(person, "note_shared", uuid4(), at, expires_at)
    return people


def rows():
    return db.fetch_all(Delivery.select(Delivery.tries, Delivery.next_at, Delivery.lease_until, Delivery.done_at))


def test_an_item_is_sent_once_at_its_time(database):
    (person,), post = plan(), Post()
    assert deliveries.deliver(NOON - MINUTE, calling(post=post)) == 0
    assert deliveries.deliver(NOON, calling(post=post)) == 1
    assert deliveries.deliver(NOON, calling(post=post)) == deliveries.deliver(NOON + MINUTE, calling(post=post)) == 0
    assert post.handed == [(person, "Your partner has shared a note with you.")]
    assert rows() == [(1, None, None, NOON)]


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_the_log_names_no_person_and_no_kind(database, caplog, level):
    (person,) = plan()
    with caplog.at_level(level):
        assert deliveries.deliver(NOON) == 1
    ((delivery,),) = db.fetch_all(Delivery.select(Delivery.id))
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("rekindle")]
    assert lines == {"INFO": [], "DEBUG": [f"delivery {delivery}"]}[level]
    assert str(person) not in caplog.text


def test_every_channel_gets_its_own_delivery(database):
    plan(2)
    mail, push = Post(), Post(fails=True)
    assert deliveries.deliver(NOON, calling(first=mail, second=push)) == 2
    assert (len(mail.handed), len(push.handed)) == (2, 2)
    push.fails = False
    assert deliveries.deliver(NOON + MINUTE, calling(first=mail, second=push)) == 2
    assert (len(mail.handed), len(push.handed)) == (2, 4)


def test_a_failed_delivery_is_retried_with_growing_waits_and_then_given_up(database):
    (person,), post = plan(), Post(fails=True)
    now, tries = NOON, 1
    for wait in (1, 5, 30, 120, 360):
        assert deliveries.deliver(now, calling(post=post)) == 0
        assert rows() == [(tries, now + wait * MINUTE, None, None)]
        assert deliveries.deliver(now + wait * MINUTE - timedelta(microseconds=1), calling(post=post)) == 0
        assert len(post.handed) == tries
        now, tries = now + wait * MINUTE, tries + 1
    assert deliveries.deliver(now, calling(post=post)) == 0
    assert rows() == [(6, None, None, None)]
    assert deliveries.deliver(now + timedelta(days=9), calling(post=post)) == 0
    assert len(post.handed) == 6
    # The item itself stays in the inbox.
    assert len(visible_inbox.list_items(person, now, 9)) == 1


def test_a_channel_that_works_again_gets_the_failed_delivery(database):
    plan()
    post = Post(fails=True)
    deliveries.deliver(NOON, calling(post=post))
    post.fails = False
    assert deliveries.deliver(NOON + MINUTE, calling(post=post)) == 1
    assert rows() == [(2, None, None, NOON + MINUTE)]


def test_one_failed_delivery_does_not_stop_the_others(database):
    people = plan(3)
    reached = []

    def picky(delivery, person, text):
        if person == people[1]:
            raise TimeoutError
        reached.append(person)

    assert deliveries.deliver(NOON, calling(post=picky)) == 2
    assert sorted(reached) == sorted([people[0], people[2]])


def test_a_delivery_for_a_removed_channel_does_not_stop_the_others(database):
    plan()
    deliveries.queue(NOON, calling(fax=Post()))
    plan(2, at=NOON + MINUTE)
    post = Post()
    assert deliveries.deliver(NOON + MINUTE, calling(post=post)) == 2
    assert len(post.handed) == 2


def test_an_expired_item_is_never_queued(database):
    plan(expires_at=NOON + MINUTE)
    post = Post()
    assert deliveries.deliver(NOON + MINUTE, calling(post=post)) == 0
    assert (post.handed, rows(), deliveries.next_due()) == ([], [], None)


def test_a_delivery_that_expires_while_it_waits_is_dropped(database):
    plan(expires_at=NOON + MINUTE)
    post = Post(fails=True)
    deliveries.deliver(NOON, calling(post=post))
    assert deliveries.deliver(NOON + MINUTE, calling(post=post)) == 0
    assert (len(post.handed), deliveries.next_due()) == (1, None)


def test_a_batch_of_expired_deliveries_does_not_stop_the_others(database):
    plan(BATCH + 10, expires_at=NOON + MINUTE)
    deliveries.queue(NOON, calling(post=Post()))
    deliveries.queue(NOON, calling(post=Post()))
    plan(1, at=NOON + MINUTE)
    post = Post()
    assert deliveries.deliver(NOON + MINUTE, calling(post=post)) == 1
    assert deliveries.next_due() is None


def test_a_deleted_item_is_not_delivered(database):
    plan(2)
    deliveries.queue(NOON, calling(post=Post()))
    with db.write():
        Item.delete().where(Item.id == Item.select(Item.id).limit(1)).execute()
    post = Post()
    assert deliveries.deliver(NOON, calling(post=post)) == 1


def test_a_claimed_delivery_cannot_be_claimed_again_until_its_lease_ends(database):
    plan(3)
    deliveries.queue(NOON, calling(post=Post()))
    claimed = deliveries.claim(NOON)
    assert len(claimed) == 3
    assert deliveries.claim(NOON) == deliveries.claim(NOON + LEASE - timedelta(microseconds=1)) == []
    assert deliveries.next_due() == NOON + LEASE
    again = [deliveries.claim(NOON + LEASE) for _ in claimed]
    assert {delivery.id for (delivery,) in again} == {delivery.id for delivery in claimed}
    assert {delivery.tries for (delivery,) in again} == {2}


def test_a_delivery_that_kills_its_senders_is_given_up_and_takes_no_other_with_it(database):
    """One of five kills each process that sends it. A lease later, another one goes on."""
    people = plan(5)
    killer, post, dead = people[2], Post(), []

    class Killed(BaseException):
        pass

    def deadly(delivery, person, text):
        if person == killer:
            dead.append(person)
            raise Killed
        post(delivery, person, text)

    for lease in range(6):
        with suppress(Killed):
            deliveries.deliver(NOON + lease * LEASE, calling(post=deadly))
    assert dead == [killer] * deliveries.MOST_CRASHES
    assert sorted(person for person, _ in post.handed) == sorted({*people} - {killer})
    assert deliveries.next_due() is None


def test_a_process_that_finishes_after_its_lease_changes_nothing(database):
    plan()
    late = Post()

    def slow(delivery, person, text):
        # Another process takes over while this one sleeps, and fails.
        late.fails = True
        deliveries.deliver(NOON + LEASE, calling(post=late))

    assert deliveries.deliver(NOON, calling(post=slow)) == 1
    assert rows() == [(2, NOON + LEASE + 5 * MINUTE, None, None)]


def test_what_was_sent_while_the_database_went_away_is_not_sent_again(database, monkeypatch):
    people, post = plan(3), Post()
    finish_claim, faults = deliveries._finish_claim, [db.faults.NoAnswer("it is away")] * 2

    def fail_first(*outcome):
        if faults:
            raise faults.pop()
        return finish_claim(*outcome)

    monkeypatch.setattr(deliveries, "_finish_claim", fail_first)
    for sent in [1, 1, 3]:
        with suppress(Unavailable):
            deliveries.deliver(NOON, calling(post=post))
        assert len(post.handed) == sent
    assert sorted(person for person, _ in post.handed) == sorted(people)
    assert {done_at for *_, done_at in rows()} == {NOON}
    assert {crashes for (crashes,) in db.fetch_all(Delivery.select(Delivery.crashes))} == {0}


def test_a_claim_takes_a_batch_of_the_oldest_deliveries(database):
    old = plan(BATCH, at=NOON)
    new = plan(5, at=NOON + MINUTE)
    for at in (NOON, NOON + MINUTE):
        deliveries.queue(at, calling(post=Post()))
    assert {delivery.message.person for delivery in deliveries.claim(NOON + MINUTE)} == set(old)
    assert {delivery.message.person for delivery in deliveries.claim(NOON + MINUTE)} == set(new)


@pytest.mark.parametrize("count", [0, 1, BATCH, 2 * BATCH + 1])
def test_one_call_delivers_everything_that_is_due(database, count):
    people, post = plan(count), Post()
    assert deliveries.deliver(NOON, calling(post=post)) == count
    assert sorted(person for person, _ in post.handed) == sorted(people)


def test_next_due_is_the_earliest_of_items_waits_and_leases(database):
    assert deliveries.next_due() is None
    plan(at=NOON + timedelta(hours=5))
    assert deliveries.next_due() == NOON + timedelta(hours=5)
    plan(at=NOON)
    assert deliveries.next_due() == NOON
    deliveries.deliver(NOON, calling(post=Post(fails=True)))
    assert deliveries.next_due() == NOON + MINUTE
    deliveries.claim(NOON + MINUTE)
    assert deliveries.next_due() == NOON + MINUTE + LEASE


def test_purge_deletes_only_finished_deliveries_of_old_items(database):
    plan(1, at=NOON)
    deliveries.deliver(NOON, calling(post=Post()))
    plan(1, at=NOON)
    deliveries.deliver(NOON, calling(post=Post(fails=True)))
    plan(1, at=NOON + MINUTE)
    deliveries.deliver(NOON + MINUTE - timedelta(microseconds=1), calling(post=Post()))
    deliveries.queue(NOON + MINUTE, calling(post=Post()))
    deliveries.purge_finished(NOON)
    assert len(rows()) == 3
    deliveries.purge_finished(NOON + MINUTE)
    assert [row[3] for row in rows()] == [None, None]
    assert Item.select().count() == 3


@pytest.mark.parametrize("give_up", [deliveries.cancel_all, deliveries.cancel_from_partner])
def test_a_delivery_cancelled_during_its_sending_is_not_retried(database, give_up):
    (person,) = plan()

    def slow(delivery, who, text):
        with db.write():
            give_up(person)
        raise TimeoutError

    assert deliveries.deliver(NOON, calling(post=slow)) == 0
    post = Post()
    assert deliveries.deliver(NOON + 9 * MINUTE, calling(post=post)) == 0
    assert (post.handed, deliveries.next_due()) == ([], None)
