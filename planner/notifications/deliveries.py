"""Deliveries: one row an item and channel, claimed with a token and a lease, so that any number of processes may work.

An item is queued once, when it becomes visible. A delivery is sent after its claim is committed, and marked as done
afterwards: a crash between the two repeats it at most once, and loses nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox
from planner.contact import hold_sync, visible_inbox
from planner.inbox import Item
from planner.notifications.channels import CHANNELS, Channel
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

_log = logging.getLogger("rekindle.deliveries")

LEASE = timedelta(minutes=2)
BATCH = 50
# The wait after each failed try; after the last one it is given up. The item itself stays in the inbox.
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))


class Delivery(db.Model):
    """Word of one item over one channel. `next_at` is empty once it is done or given up."""

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
    """Write deliveries for items that became visible; the number of items.

    What has become useless gets none, and neither does what is held back from its person: it counts as announced, so
    that nothing floods out when they come back.
    """
    due = Item.queued_at.is_null() & (Item.visible_at <= now)
    synced = hold_sync.sync_receivers(due)
    # An item that a receiver with holds got since then waits for the next round.
    ready = due & (~hold_sync.is_needed(Item.person) | Item.id.in_(synced))
    with db.write():
        due_items = Item.select(Item.id, Item.expires_at).where(ready).order_by(Item.visible_at)
        rows = db.fetch_all(_unclaimed(due_items))
        Item.update(queued_at=now).where(Item.id.in_([row[0] for row in rows])).execute()
        hushed = visible_inbox.suppressed([row[0] for row in rows]) if rows else ()
        for item, expires_at in rows:
            if item not in hushed and (expires_at is None or expires_at > now):
                for channel in channels:
                    db.insert_if_absent(Delivery, item=item, channel=channel, tries=0, next_at=now)
    return len(rows)


def claim(now: datetime) -> list[Claimed]:
    """Take some due deliveries for this process alone. Those whose item has become useless are dropped."""
    taken, found = True, list[Claimed]()
    while taken and not found:  # a whole batch may be useless: behind it there may be more
        token = uuid4()
        taken = _claim_rows(token, now)
        found = _claimed(token)
    return found


def _claim_rows(token: UUID, now: datetime) -> bool:
    free = Delivery.lease_until.is_null() | (Delivery.lease_until <= now)
    due = Delivery.select(Delivery.id).where(Delivery.next_at <= now, free).order_by(Delivery.next_at)
    with db.write():
        taken = [row[0] for row in db.fetch_all(_unclaimed(due))]
        mine = Delivery.id.in_(taken)
        Delivery.update(token=token, lease_until=now + LEASE, tries=Delivery.tries + 1).where(mine).execute()
        Delivery.update(next_at=None).where(mine, _whose_item(Item.expires_at <= now)).execute()
    return bool(taken)


def _claimed(token: UUID) -> list[Claimed]:
    rows = db.fetch_all(
        Delivery.select(Delivery.id, Delivery.item, Delivery.channel, Delivery.tries, Item.person, Item.kind)
        .join(Item)
        .where(Delivery.token == token, Delivery.next_at.is_null(False))
        .order_by(Delivery.next_at, Delivery.id)
    )
    return [
        Claimed(delivery, item, channel, tries, person, inbox.KINDS[kind].text)
        for delivery, item, channel, tries, person, kind in rows
    ]


def _unclaimed(due: Any) -> Any:
    """At most a batch of the rows, without those that another process is taking at this moment."""
    due = due.limit(BATCH)
    return due.for_update(skip_locked=True) if db.proxy.for_update else due


def deliver(
    now: datetime, channels: Mapping[str, Channel] = CHANNELS, present: Callable[[], datetime] | None = None
) -> int:
    """Queue, claim and send all that is due; the number that went out. Nothing is sent inside a transaction.

    `present` tells the time while this goes on: a lease counts from its own claim, not from the beginning of a long
    tick, and what is not sent within half of it is handed back before another process may take it, too.
    """
    present = present or (lambda: now)
    while queue(now, channels):
        pass
    sent = 0
    while claimed := claim(at := present()):
        for one in claimed:
            if present() < at + LEASE / 2:
                sent += _send(one, channels, present())
            else:
                _finish(one, next_at=present())
    return sent


def _send(one: Claimed, channels: Mapping[str, Channel], now: datetime) -> bool:
    try:
        channels[one.channel](one.id, one.person, one.text)
    except Exception:  # a channel is somebody else's machine, or gone: whatever it does, the others must go out
        _log.warning("delivery %s failed at try %s", one.id, one.tries, exc_info=True)
        wait = _WAITS[one.tries - 1] if one.tries <= len(_WAITS) else None
        _finish(one, next_at=now + wait if wait else None)
        return False
    _finish(one, next_at=None, done_at=now)
    return True


def _finish(one: Claimed, next_at: datetime | None, done_at: datetime | None = None) -> None:
    with db.write():
        _finished(one.id, one.tries, next_at, done_at)


@db.cached_update
def _finished(delivery: Any, tries: Any, next_at: Any, done_at: Any) -> Any:
    values = {
        Delivery.next_at: next_at.typed_as(Delivery.next_at),
        Delivery.done_at: done_at.typed_as(Delivery.done_at),
        Delivery.lease_until: None,
    }
    # A process that came back after its lease ended finds another tries count, and leaves the row alone.
    return Delivery.update(values).where(Delivery.id == delivery, Delivery.tries == tries)


def cancel_all(person: UUID) -> None:
    """Give up what waits to go out to a person; inside the caller's transaction."""
    _give_up(Item.person == person)


def cancel_from_partner(person: UUID) -> None:
    """As `stop`, of what the other did only."""
    _give_up((Item.person == person) & Item.kind.in_(inbox.FROM_PARTNER))


def _give_up(condition: Any) -> None:
    # With another tries count, what is being sent at this moment cannot come back to be tried again (see `_settled`).
    values = {Delivery.next_at: None, Delivery.lease_until: None, Delivery.tries: Delivery.tries + 1}
    Delivery.update(values).where(Delivery.next_at.is_null(False), _whose_item(condition)).execute()


def next_due() -> datetime | None:
    """The next instant at which there is something to queue or to send, if any."""
    item = Item.select(peewee.fn.MIN(Item.visible_at)).where(Item.queued_at.is_null()).scalar()
    moment = peewee.Case(None, [(Delivery.lease_until.is_null(), Delivery.next_at)], Delivery.lease_until)
    delivery = Delivery.select(peewee.fn.MIN(moment)).where(Delivery.next_at.is_null(False)).scalar()
    found = [UtcDateTimeField.python_value(Item.visible_at, one) for one in (item, delivery) if one is not None]
    return min((one for one in found if one), default=None)


def purge_finished(before: datetime) -> None:
    """Drop settled deliveries of items that became visible before then."""
    with db.write():
        Delivery.delete().where(Delivery.next_at.is_null(), _whose_item(Item.visible_at < before)).execute()


def _whose_item(condition: Any) -> Any:
    """A condition on a delivery's item, looked up from the delivery: the items of all years are many more."""
    return peewee.fn.EXISTS(Item.select(Item.id).where(Item.id == Delivery.item, condition))
