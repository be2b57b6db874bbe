"""How often something was tried from one place or at one name: rows, so that a limit holds across processes.

A try is counted before it is made and handed back when it succeeds. Counting afterwards would let many at once through.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import peewee

from planner.accounts import server_keys
from planner.errors import RateLimited
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class RateLimitCounter(db.Model):
    """Tries of one kind by one subject in one window. The id is a keyed digest: no address is kept."""

    count = peewee.IntegerField()
    ends_at = UtcDateTimeField(index=True)

    class Meta:
        table_name = "rate_limit_counters"


class RateLimit(NamedTuple):
    """At most `most` tries in `window`, for one subject (an address, a sign-in name, a person)."""

    kind: str
    subject: str
    most: int
    window: timedelta


def hit(limits: Collection[RateLimit], now: datetime) -> None:
    """Count one try against every limit. Raises TooMany when one of them is used up."""
    with db.write():
        waits = [wait for limit in sorted(limits) if (wait := _count(limit, now))]
        if waits:
            # Undoes the transaction: a refused try counts nowhere, or one address could use up a name for everybody.
            raise RateLimited(max(waits))


def refund(limits: Collection[RateLimit], now: datetime) -> None:
    """Hand one try back: it was a rightful one."""
    with db.write():
        for limit in sorted(limits):
            RateLimitCounter.update(count=RateLimitCounter.count - 1).where(
                RateLimitCounter.id == _id(limit), RateLimitCounter.count > 0, RateLimitCounter.ends_at > now
            ).execute()


def purge_expired(now: datetime) -> None:
    """Drop windows that have ended."""
    with db.write():
        ended = RateLimitCounter.select(RateLimitCounter.id).where(RateLimitCounter.ends_at <= now)
        if db.proxy.for_update:
            # A try locks its few rows one after the other. Waiting for one of them while holding another would be a
            # ring; whatever a try holds now is left for the next time.
            ended = ended.for_update(skip_locked=True)
        ids = [found for (found,) in db.fetch_all(ended)]
        RateLimitCounter.delete().where(RateLimitCounter.id.in_(ids)).execute()


def _count(limit: RateLimit, now: datetime) -> int:
    """Count one try in a single statement; the seconds to wait when it was one too many, else 0."""
    ends_at = now + limit.window
    # A window that ends later than one begun now was made under a wrong clock, and would hold for as long as that.
    over = (RateLimitCounter.ends_at <= now) | (RateLimitCounter.ends_at > ends_at)
    # The row's new values are worked out by the database from the row itself, so that none is lost between two.
    query = RateLimitCounter.insert(id=_id(limit), count=1, ends_at=ends_at).on_conflict(
        conflict_target=[RateLimitCounter.id],
        update={
            RateLimitCounter.count: peewee.Case(None, [(over, 1)], RateLimitCounter.count + 1),
            RateLimitCounter.ends_at: peewee.Case(
                None, [(over, RateLimitCounter.ends_at.to_value(ends_at))], RateLimitCounter.ends_at
            ),
        },
    )
    ((count, ends_at),) = db.fetch_all(query.returning(RateLimitCounter.count, RateLimitCounter.ends_at))
    return 0 if count <= limit.most else math.ceil((ends_at - now).total_seconds())


def _id(limit: RateLimit) -> UUID:
    return UUID(bytes=server_keys.hmac_digest("attempts", f"{limit.kind}\n{limit.subject}")[:16], version=4)
