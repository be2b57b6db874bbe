"""The backlog of deliveries, for the operator: how many there are in each state. It names no person and no kind."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import peewee

from planner.notifications.deliveries import Delivery
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class Backlog(NamedTuple):
    """The deliveries of one channel that are stored, by state: 30 days of them."""

    channel: str
    waiting: int
    due: int
    claimed: int
    sent: int
    given_up: int


def has_due(before: datetime) -> bool:
    """Return whether a delivery that was due before an instant still waits for a process."""
    return bool(db.fetch_one(Delivery.select(Delivery.id).where(Delivery.next_at <= before, _is_free(before))))


def oldest_due(now: datetime) -> datetime | None:
    """Return since when the oldest due delivery waits, or None."""
    at = Delivery.select(peewee.fn.MIN(Delivery.next_at)).where(Delivery.next_at <= now).scalar()
    return UtcDateTimeField.python_value(Delivery.next_at, at) if at is not None else None


def count(now: datetime) -> list[Backlog]:
    """Return the numbers of each channel."""
    is_claimed = Delivery.next_at.is_null(False) & (Delivery.lease_until > now)
    is_due = (Delivery.next_at <= now) & _is_free(now)
    is_waiting = (Delivery.next_at > now) & _is_free(now)
    is_sent = Delivery.done_at.is_null(False)
    is_given_up = Delivery.next_at.is_null() & Delivery.done_at.is_null()
    states = (is_waiting, is_due, is_claimed, is_sent, is_given_up)
    sums = [peewee.fn.SUM(peewee.Case(None, [(state, 1)], 0)) for state in states]
    rows = db.fetch_all(Delivery.select(Delivery.channel, *sums).group_by(Delivery.channel).order_by(Delivery.channel))
    return [Backlog(channel, *map(int, numbers)) for channel, *numbers in rows]


def _is_free(at: datetime) -> Any:
    return Delivery.lease_until.is_null() | (Delivery.lease_until <= at)
