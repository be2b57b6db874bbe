"""Deliveries: one row for each item, channel and target, so that a repeat after a crash reaches one device only.

A process claims a delivery with a token and a lease, so any number of processes may work. An item is queued once, when
it becomes visible. A delivery is sent after its claim is committed, and marked as done afterwards. A crash in between
loses nothing, and repeats the delivery at most once.
"""

from __future__ import annotations

import logging
import random
from collections import deque
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox, messages
from planner.accounts.accounts import Person
from planner.contact import hold_sync, visible_inbox
from planner.errors import Unavailable
from planner.inbox import Item
from planner.notifications import preferences, selection
from planner.notifications.channels import CHANNELS
from planner.notifications.outgoing import DIGEST, Channel, Gone, Message, TryLater
from planner.notifications.selection import Announced
from planner.outbound import RETRY_WAITS
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

_log = logging.getLogger("rekindle.deliveries")

LEASE = timedelta(minutes=2)
BATCH = 50
MOST_CRASHES = 3
"""After so many senders that died with a delivery in their hands, it is given up."""
LATE = timedelta(hours=6)
"""After this delay, one message to a target replaces all that are so late."""
_JITTER = 0.25
"""By how much chance may lengthen a wait. Else all would ask a busy host again at once."""


class Delivery(db.Model):
    """The notification of one item over one channel to one target. `next_at` is None once it is done or given up.

    `due_at` is when it should have gone out. `digest_at` is when it began to go out in place of several late ones.
    `crashes` counts the senders that did not come back.
    """

    item = peewee.ForeignKeyField(Item, on_delete="CASCADE", index=False)
    channel = peewee.TextField()
    target = peewee.UUIDField(null=True)
    tries = peewee.IntegerField(default=0)
    crashes = peewee.IntegerField(default=0)
    next_at = UtcDateTimeField(null=True)
    token = peewee.UUIDField(null=True)
    lease_until = UtcDateTimeField(null=True)
    done_at = UtcDateTimeField(null=True)
    due_at = UtcDateTimeField(null=True)
    digest_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "deliveries"
        indexes = ((("item", "channel", "target"), True),)


Delivery.add_index(Delivery.index(Delivery.next_at, where=Delivery.next_at.is_null(False), name="deliveries_due"))
Delivery.add_index(Delivery.index(Delivery.target, where=Delivery.digest_at.is_null(False), name="deliveries_digests"))


class _Outcome(NamedTuple):
    """What became of a claimed delivery, by the number of its tries."""

    id: UUID
    tries: int
    next_at: datetime | None
    done_at: datetime | None


_outcomes = deque[_Outcome]()
"""What this process still has to write."""


class Claimed(NamedTuple):
    """A delivery that this process holds until its lease ends."""

    id: UUID
    channel: str
    tries: int
    due_at: datetime | None
    message: Message


def queue(now: datetime, channels: Mapping[str, Channel] = CHANNELS) -> int:
    """Create deliveries for items that became visible, and return the number of these items.

    Expired items get no delivery. Held items get none either: they count as queued, so that the end of a pause does
    not send them all at once.
    """
    if not _any_due(now):  # most ticks find nothing
        return 0
    due = Item.queued_at.is_null() & (Item.visible_at <= now)
    synced = hold_sync.sync_receivers(due)
    # For a receiver with holds, an item that arrived after the sync waits for the next round.
    ready = due & (~hold_sync.is_needed(Item.person) | Item.id.in_(synced))
    persons = _persons_with_counted(ready)
    number = _queue_batch(ready, persons, channels, now)
    if persons and not number:  # another process has just taken them: begin at another place
        elsewhere = ready & (Item.id >= uuid4())
        number = _queue_batch(elsewhere, _persons_with_counted(elsewhere), channels, now)
    return number


@db.cached_query
def _any_due(now: Any) -> Any:
    return Item.select(Item.id).where(Item.queued_at.is_null(), Item.visible_at <= now).limit(1)


def _queue_batch(ready: Any, persons: Collection[UUID], channels: Mapping[str, Channel], now: datetime) -> int:
    """Create deliveries for a batch of items. Items of which only some are pushed have to be of these persons."""
    with db.write((Person, persons)):
        fields = Item.id, Item.person, Item.kind, Item.visible_at, Item.expires_at
        due_items = Item.select(*fields).where(ready, _is_uncounted() | Item.person.in_(persons))
        due_items = due_items.order_by(Item.visible_at)
        items = [Announced(*row) for row in db.fetch_all(_unclaimed(due_items))]
        Item.update(queued_at=now).where(Item.id.in_([item.id for item in items])).execute()
        suppressed = visible_inbox.suppressed([item.id for item in items]) if items else ()
        _create([item for item in items if item.id not in suppressed and _is_useful(item, now)], channels, now)
    return len(items)


def _persons_with_counted(ready: Any) -> list[UUID]:
    """Return persons with due items of which only some are pushed each week.

    Their rows are locked meanwhile. Else two processes would each count the pushes of the week without the other one's.
    """
    items = Item.select(Item.person).where(ready, ~_is_uncounted()).order_by(Item.visible_at).limit(BATCH)
    return list({person for (person,) in db.fetch_all(items)})


def _is_uncounted() -> Any:
    return Item.kind.not_in(selection.COUNTED)


def _is_useful(item: Announced, now: datetime) -> bool:
    return item.expires_at is None or item.expires_at > now


def _create(items: Collection[Announced], channels: Mapping[str, Channel], now: datetime) -> None:
    """Create a delivery for each target of these items and their persons, as the persons chose."""
    persons = {item.person for item in items}
    for name, channel in channels.items() if persons else ():
        targets: dict[UUID, list[UUID]] = {}
        for person, target in channel.targets(persons):
            targets.setdefault(person, []).append(target)
        reached = [item for item in items if item.person in targets]
        pushes = _pushes_of_week(targets, now) if reached and name == preferences.PUSH else {}
        for item, due_at, next_at in selection.plan(name, reached, pushes, now) if reached else ():
            for target in targets[item.person]:
                values = {"channel": name, "target": target, "tries": 0, "due_at": due_at, "next_at": next_at}
                db.insert_if_absent(Delivery, item=item.id, **values)


def _pushes_of_week(persons: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """Return how many items were pushed to each person in the last week, beside those about dates."""
    pushed = peewee.fn.EXISTS(
        Delivery.select(Delivery.id).where(Delivery.item == Item.id, Delivery.channel == preferences.PUSH)
    )
    recent = Item.queued_at > now - selection.WEEK, Item.kind.in_(selection.COUNTED)
    query = Item.select(Item.person, peewee.fn.COUNT(Item.id)).where(Item.person.in_(list(persons)), *recent, pushed)
    return dict(db.fetch_all(query.group_by(Item.person)))


def claim(now: datetime) -> list[Claimed]:
    """Claim a batch of due deliveries for this process. Deliveries of expired items are dropped."""
    any_rows, claimed = True, list[Claimed]()
    while any_rows and not claimed:  # when all items of a batch have expired, claim the next batch
        token = uuid4()
        any_rows = _claim_rows(token, now)
        claimed = _claimed(token) if any_rows else []
    return claimed


def _claim_rows(token: UUID, now: datetime) -> bool:
    if not _any_free(now):
        return False
    is_free = Delivery.lease_until.is_null() | (Delivery.lease_until <= now)
    due = Delivery.select(Delivery.id, Delivery.crashes, Delivery.lease_until).where(Delivery.next_at <= now, is_free)
    with db.write():
        rows = db.fetch_all(_unclaimed(due.order_by(Delivery.next_at)))
        ids = _together(rows)
        is_claimed = Delivery.id.in_(ids)
        _count_crashes([delivery for delivery, _, lease_until in rows if delivery in ids and lease_until])
        Delivery.update(token=token, lease_until=now + LEASE, tries=Delivery.tries + 1).where(is_claimed).execute()
        is_useless = _whose_item(Item.expires_at <= now) | (Delivery.crashes >= MOST_CRASHES)
        Delivery.update(next_at=None).where(is_claimed, is_useless).execute()
    return bool(ids)


@db.cached_query
def _any_free(now: Any) -> Any:
    is_free = Delivery.lease_until.is_null() | (Delivery.lease_until <= now)
    return Delivery.select(Delivery.id).where(Delivery.next_at <= now, is_free).limit(1)


def _together(rows: list[tuple[UUID, int, datetime | None]]) -> list[UUID]:
    """Return the deliveries to claim: all that no sender has died with, or else one alone.

    One of a batch may kill its sender, and it is unknown which. Alone, it takes no other with it.
    """
    fresh = [delivery for delivery, crashes, lease_until in rows if not crashes and lease_until is None]
    return fresh or [delivery for delivery, *_ in rows[:1]]


def _count_crashes(lost: list[UUID]) -> None:
    """Count the senders that died with these. The lease of each has ended, and it is not finished."""
    if lost:
        Delivery.update(crashes=Delivery.crashes + 1).where(Delivery.id.in_(lost)).execute()
        _log.warning("a sender did not come back with the delivery %s", lost[0])


def _claimed(token: UUID) -> list[Claimed]:
    return [
        Claimed(id_, channel, tries, due_at, Message(id_, person, kind, text_of(kind), subject, target, expires_at))
        for id_, channel, tries, due_at, target, person, kind, subject, expires_at in _rows_of(token)
    ]


@db.cached_query
def _rows_of(token: Any) -> Any:
    of_item = Item.person, Item.kind, peewee.fn.COALESCE(Item.target, Item.subject), Item.expires_at
    return (
        Delivery.select(Delivery.id, Delivery.channel, Delivery.tries, Delivery.due_at, Delivery.target, *of_item)
        .join(Item)
        .where(Delivery.token == token, Delivery.next_at.is_null(False))
        .order_by(Delivery.next_at, Delivery.id)
    )


def text_of(kind: str) -> str:
    """Return the sentence that channels send for an item of a kind. It says neither who nor what."""
    return messages.text("push", kind if kind in messages.keys("push") else "other")


def _unclaimed(due: Any) -> Any:
    """Limit a query to one batch, and skip rows that another process has locked."""
    due = due.limit(BATCH)
    return due.for_update(skip_locked=True) if db.proxy.for_update else due


def deliver(
    now: datetime, channels: Mapping[str, Channel] = CHANNELS, present: Callable[[], datetime] | None = None
) -> int:
    """Queue, claim and send all due deliveries, and return the number sent. Nothing is sent inside a transaction.

    `present` returns the current time. A lease counts from its own claim, not from the beginning of a long tick. After
    half of the lease, unsent deliveries are handed back, before another process may claim them as well.
    """
    present = present or (lambda: now)
    _write_outcomes()
    while queue(now, channels):
        pass
    sent = 0
    while claimed := claim(claimed_at := present()):
        for number, delivery in enumerate(claimed):
            try:
                if present() < claimed_at + LEASE / 2:
                    sent += _send(delivery, channels, present())
                else:
                    _finish(delivery, next_at=present())
            except Unavailable:
                _outcomes.extend(_Outcome(unsent.id, unsent.tries, present(), None) for unsent in claimed[number + 1 :])
                raise
    return sent


def _send(delivery: Claimed, channels: Mapping[str, Channel], now: datetime) -> bool:
    try:
        message = delivery.message
        if delivery.due_at and delivery.due_at <= now - LATE:
            if not _take_digest(delivery, now):
                _finish(delivery, next_at=None, done_at=now)
                return False
            message = message._replace(kind=DIGEST, text=text_of(DIGEST))
        channels[delivery.channel].send(message, now)
    except Gone:
        _finish(delivery, next_at=None)
        return False
    except TryLater as later:
        _finish(delivery, next_at=_later(delivery, now, later.after or timedelta(), _JITTER))
        return False
    except Exception:  # an external service may fail in any way, and all remaining deliveries must go out
        _log.warning("delivery %s failed at try %s", delivery.id, delivery.tries, exc_info=True)
        _finish(delivery, next_at=_later(delivery, now))
        return False
    _finish(delivery, next_at=None, done_at=now)
    return True


def _take_digest(delivery: Claimed, now: datetime) -> bool:
    """Make a late delivery the one that goes out for all late ones to its target. Return False if another one does."""
    to_target = (Delivery.target == delivery.message.target) & (Delivery.channel == delivery.channel)
    with db.write((Person, [delivery.message.person])):  # else two processes could each take one
        others = Delivery.select().where(to_target, Delivery.digest_at > now - LATE, Delivery.id != delivery.id)
        if others.exists():
            return False
        Delivery.update(digest_at=now).where(Delivery.id == delivery.id).execute()
        return True


def _later(delivery: Claimed, now: datetime, least: timedelta = timedelta(), jitter: float = 0) -> datetime | None:
    """Return when to try again, or None after the last try. `least` is how long the channel asked to wait."""
    if delivery.tries > len(RETRY_WAITS):
        return None  # its item stays in the inbox
    wait = max(RETRY_WAITS[delivery.tries - 1], least)
    return now + wait * random.uniform(1, 1 + jitter)  # noqa: S311  # not a secret


def _finish(delivery: Claimed, next_at: datetime | None, done_at: datetime | None = None) -> None:
    _outcomes.append(_Outcome(delivery.id, delivery.tries, next_at, done_at))
    _write_outcomes()


def _write_outcomes() -> None:
    """Write what became of deliveries. What the database does not take is written at the next tick.

    Otherwise these would go out again, although they were sent, or wait for the end of their lease.
    """
    while _outcomes:
        outcome = _outcomes.popleft()
        try:
            with db.write():
                _finish_claim(*outcome)
        except Unavailable:
            _outcomes.appendleft(outcome)
            raise


@db.cached_update
def _finish_claim(delivery: Any, tries: Any, next_at: Any, done_at: Any) -> Any:
    values = {
        Delivery.next_at: next_at.typed_as(Delivery.next_at),
        Delivery.done_at: done_at.typed_as(Delivery.done_at),
        Delivery.lease_until: None,
    }
    # After its lease ended, a process finds another number of tries, and so leaves the row as it is.
    return Delivery.update(values).where(Delivery.id == delivery, Delivery.tries == tries)


def cancel_all(person: UUID) -> None:
    """Cancel the waiting deliveries to a person, inside the caller's transaction."""
    _give_up(Item.person == person)


def cancel_from_partner(person: UUID) -> None:
    """Cancel the waiting deliveries of items that the partner caused, inside the caller's transaction."""
    _give_up((Item.person == person) & Item.kind.in_(inbox.FROM_PARTNER))


def _give_up(condition: Any) -> None:
    # A higher number of tries prevents another try of a delivery that is being sent now (see `_finish_claim`).
    values = {Delivery.next_at: None, Delivery.lease_until: None, Delivery.tries: Delivery.tries + 1}
    Delivery.update(values).where(Delivery.next_at.is_null(False), _whose_item(condition)).execute()


def next_due() -> datetime | None:
    """Return the next instant at which an item is to be queued or a delivery to be sent, or None."""
    item_at = Item.select(peewee.fn.MIN(Item.visible_at)).where(Item.queued_at.is_null()).scalar()
    moment = peewee.Case(None, [(Delivery.lease_until.is_null(), Delivery.next_at)], Delivery.lease_until)
    delivery_at = Delivery.select(peewee.fn.MIN(moment)).where(Delivery.next_at.is_null(False)).scalar()
    instants = [UtcDateTimeField.python_value(Item.visible_at, at) for at in (item_at, delivery_at) if at is not None]
    return min((at for at in instants if at), default=None)


def purge_finished(before: datetime) -> None:
    """Delete finished deliveries of items that became visible before an instant."""
    with db.write():
        Delivery.delete().where(Delivery.next_at.is_null(), _whose_item(Item.visible_at < before)).execute()


def _whose_item(condition: Any) -> Any:
    """Return a condition on a delivery's item. It starts from the delivery, because there are many more items."""
    return peewee.fn.EXISTS(Item.select(Item.id).where(Item.id == Delivery.item, condition))
