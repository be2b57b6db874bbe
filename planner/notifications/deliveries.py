"""Deliveries: one row for each item and channel.

A process claims a delivery with a token and a lease, so any number of processes may work. An item is queued once, when
it becomes visible. A delivery is sent after its claim is committed, and marked as done afterwards. A crash in between
loses nothing, and repeats the delivery at most once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox, messages
from planner.contact import hold_sync, visible_inbox
from planner.inbox import Item
from planner.notifications.channels import CHANNELS, Channel
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

_log = logging.getLogger("rekindle.deliveries")

LEASE = timedelta(minutes=2)
BATCH = 50
# The wait after each failed try. After the last try the delivery is given up; its item stays in the inbox.
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))


class Delivery(db.Model):
    """The notification of one item over one channel. `next_at` is None once it is done or given up."""

    item = peewee.ForeignKeyField(Item, on_delete="CASCADE", index=False)
    channel = peewee.TextField()
    tries = peewee.IntegerField(default=0)
    next_at = UtcDateTimeField(null=True)
    token = peewee.UUIDField(null=True)
    lease_until = UtcDateTimeField(null=True)
    done_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "deliveries"
        indexes = ((("item", "channel"), True),)


Delivery.add_index(Delivery.index(Delivery.next_at, where=Delivery.next_at.is_null(False), name="deliveries_due"))


class Claimed(NamedTuple):
    """A delivery that this process holds until its lease ends."""

    id: UUID
    item: UUID
    channel: str
    tries: int
    person: UUID
    text: str


def queue(now: datetime, channels: Mapping[str, Channel] = CHANNELS) -> int:
    """Create deliveries for items that became visible, and return the number of these items.

    Expired items get no delivery. Held items get none either: they count as queued, so that the end of a pause does
    not send them all at once.
    """
    due = Item.queued_at.is_null() & (Item.visible_at <= now)
    synced = hold_sync.sync_receivers(due)
    # For a receiver with holds, an item that arrived after the sync waits for the next round.
    ready = due & (~hold_sync.is_needed(Item.person) | Item.id.in_(synced))
    with db.write():
        due_items = Item.select(Item.id, Item.expires_at).where(ready).order_by(Item.visible_at)
        rows = db.fetch_all(_unclaimed(due_items))
        Item.update(queued_at=now).where(Item.id.in_([row[0] for row in rows])).execute()
        suppressed = visible_inbox.suppressed([row[0] for row in rows]) if rows else ()
        for item, expires_at in rows:
            if item not in suppressed and (expires_at is None or expires_at > now):
                for channel in channels:
                    db.insert_if_absent(Delivery, item=item, channel=channel, tries=0, next_at=now)
    return len(rows)


def claim(now: datetime) -> list[Claimed]:
    """Claim a batch of due deliveries for this process. Deliveries of expired items are dropped."""
    any_rows, claimed = True, list[Claimed]()
    while any_rows and not claimed:  # when all items of a batch have expired, claim the next batch
        token = uuid4()
        any_rows = _claim_rows(token, now)
        claimed = _claimed(token)
    return claimed


def _claim_rows(token: UUID, now: datetime) -> bool:
    is_free = Delivery.lease_until.is_null() | (Delivery.lease_until <= now)
    due = Delivery.select(Delivery.id).where(Delivery.next_at <= now, is_free).order_by(Delivery.next_at)
    with db.write():
        ids = [row[0] for row in db.fetch_all(_unclaimed(due))]
        is_claimed = Delivery.id.in_(ids)
        Delivery.update(token=token, lease_until=now + LEASE, tries=Delivery.tries + 1).where(is_claimed).execute()
        Delivery.update(next_at=None).where(is_claimed, _whose_item(Item.expires_at <= now)).execute()
    return bool(ids)


def _claimed(token: UUID) -> list[Claimed]:
    rows = db.fetch_all(
        Delivery.select(Delivery.id, Delivery.item, Delivery.channel, Delivery.tries, Item.person, Item.kind)
        .join(Item)
        .where(Delivery.token == token, Delivery.next_at.is_null(False))
        .order_by(Delivery.next_at, Delivery.id)
    )
    return [
        Claimed(delivery, item, channel, tries, person, messages.text("inbox", kind))
        for delivery, item, channel, tries, person, kind in rows
    ]


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
    while queue(now, channels):
        pass
    sent = 0
    while claimed := claim(claimed_at := present()):
        for delivery in claimed:
            if present() < claimed_at + LEASE / 2:
                sent += _send(delivery, channels, present())
            else:
                _finish(delivery, next_at=present())
    return sent


def _send(delivery: Claimed, channels: Mapping[str, Channel], now: datetime) -> bool:
    try:
        channels[delivery.channel](delivery.id, delivery.person, delivery.text)
    except Exception:  # an external service may fail in any way, and all remaining deliveries must go out
        _log.warning("delivery %s failed at try %s", delivery.id, delivery.tries, exc_info=True)
        wait = _WAITS[delivery.tries - 1] if delivery.tries <= len(_WAITS) else None
        _finish(delivery, next_at=now + wait if wait else None)
        return False
    _finish(delivery, next_at=None, done_at=now)
    return True


def _finish(delivery: Claimed, next_at: datetime | None, done_at: datetime | None = None) -> None:
    with db.write():
        _finish_claim(delivery.id, delivery.tries, next_at, done_at)


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
