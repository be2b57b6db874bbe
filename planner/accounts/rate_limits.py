"""Rate limits: attempts counted by address or name. They are rows, so a limit holds across processes.

An attempt is counted before it is made, and refunded when it succeeds. Counting afterwards would let many attempts at
once through.
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
    """Attempts of one kind by one subject in one window. The id is a keyed digest, so no address is stored."""

    count = peewee.IntegerField()
    ends_at = UtcDateTimeField(index=True)

    class Meta:
        table_name = "rate_limit_counters"


class RateLimit(NamedTuple):
    """At most `most` attempts in `window`, for one subject: an address, a sign-in name or a person."""

    kind: str
    subject: str
    most: int
    window: timedelta


def hit(limits: Collection[RateLimit], now: datetime) -> None:
    """Count one attempt against every limit. Raises RateLimited when one of them is used up."""
    with db.write():
        waits = [wait for limit in sorted(limits) if (wait := _count(limit, now))]
        if waits:
            # Roll back: a refused attempt counts nowhere. Otherwise one address could use up a name's limit.
            raise RateLimited(max(waits))


def refund(limits: Collection[RateLimit], now: datetime) -> None:
    """Refund one attempt after it succeeded."""
    with db.write():
        for limit in sorted(limits):
            RateLimitCounter.update(count=RateLimitCounter.count - 1).where(
                RateLimitCounter.id == _id(limit), RateLimitCounter.count > 0, RateLimitCounter.ends_at > now
            ).execute()


def purge_expired(now: datetime) -> None:
    """Delete windows that have ended."""
    with db.write():
        ended = RateLimitCounter.select(RateLimitCounter.id).where(RateLimitCounter.ends_at <= now)
        if db.proxy.for_update:
            # An attempt locks its rows one by one, so waiting for them here could deadlock. Skip rows that are locked
            # now; the next run deletes them.
            ended = ended.for_update(skip_locked=True)
        ids = [counter for (counter,) in db.fetch_all(ended)]
        RateLimitCounter.delete().where(RateLimitCounter.id.in_(ids)).execute()


def _count(limit: RateLimit, now: datetime) -> int:
    """Count one attempt in a single statement. Return the seconds to wait if it exceeds the limit, else 0."""
    ends_at = now + limit.window
    # A window that ends later than a new one was made under a wrong clock. Replace it, or it would block for too long.
    expired = (RateLimitCounter.ends_at <= now) | (RateLimitCounter.ends_at > ends_at)
    # The database computes the new values from the row, so that concurrent attempts lose no count.
    query = RateLimitCounter.insert(id=_id(limit), count=1, ends_at=ends_at).on_conflict(
        conflict_target=[RateLimitCounter.id],
        update={
            RateLimitCounter.count: peewee.Case(None, [(expired, 1)], RateLimitCounter.count + 1),
            RateLimitCounter.ends_at: peewee.Case(
                None, [(expired, RateLimitCounter.ends_at.to_value(ends_at))], RateLimitCounter.ends_at
            ),
        },
    )
    ((count, ends_at),) = db.fetch_all(query.returning(RateLimitCounter.count, RateLimitCounter.ends_at))
    return 0 if count <= limit.most else math.ceil((ends_at - now).total_seconds())


def _id(limit: RateLimit) -> UUID:
    return UUID(bytes=server_keys.hmac_digest("attempts", f"{limit.kind}\n{limit.subject}")[:16], version=4)
