"""Rate limits: attempts counted by address or name. They are rows, so a limit holds across processes.

An attempt is counted before it is made, and refunded when it succeeds. Counting afterwards would let many attempts at
once through.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts import server_keys
from planner.errors import RateLimited
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

_FIRST_WINDOW = datetime(2000, 1, 1, tzinfo=UTC)
_SKEW = timedelta(minutes=1)
"""Hosts differ by seconds, and of two requests at once the later one can write first."""


class RateLimitCounter(db.Model):
    """Attempts of one kind by one subject in one window. The id is a keyed digest, so no address is stored."""

    count = peewee.IntegerField()
    ends_at = UtcDateTimeField(index=True)

    class Meta:
        table_name = "rate_limit_counters"


class RateLimit(NamedTuple):
    """At most `most` attempts in `window`, for one subject: an address, a sign-in name or a person.

    `private`: only the person who is signed in can make these attempts, so they may see how many are left.
    """

    kind: str
    subject: str
    most: int
    window: timedelta
    private: bool = False


class RateLimitState(NamedTuple):
    """What an attempt found: how many are left after it, and the whole seconds until the window ends."""

    limit: RateLimit
    left: int
    resets_in: int


def hit(limits: Collection[RateLimit], now: datetime) -> list[RateLimitState]:
    """Count one attempt against every limit, and return their states. Raises RateLimited when one is used up."""
    with db.write():
        states = [_count(limit, now) for limit in sorted(limits)]
        exceeded = [state for state in states if state.left < 0]
        if exceeded:
            # Roll back: a refused attempt counts nowhere. Otherwise one address could use up a name's limit.
            longest = max(exceeded, key=lambda state: state.resets_in)
            raise RateLimited(longest.resets_in, longest.limit.kind)
    return states


def refund(limits: Collection[RateLimit], now: datetime) -> None:
    """Refund one attempt after it succeeded."""
    with db.write():
        for limit in sorted(limits):
            _refund_one(_id(limit), now)


@db.cached_update
def _refund_one(limit: Any, now: Any) -> Any:
    counter = RateLimitCounter
    running = counter.id == limit, counter.count > 0, counter.ends_at > now
    return counter.update(count=counter.count - 1).where(*running)


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


def _count(limit: RateLimit, now: datetime) -> RateLimitState:
    """Count one attempt in a single statement. If it exceeds the limit, `left` is negative."""
    ends_at = _end_of_window(limit, now)
    # A window that ends much later than a new one was made under a wrong clock. Replace it, or it would block for too
    # long. Without the skew, an earlier request that writes later would begin to count anew. Across the end of a shared
    # window, it finds the next one.
    latest = ends_at + _SKEW + (timedelta() if limit.private else limit.window)
    ((count, ends_at),) = _counted(_id(limit), ends_at, latest, now)
    return RateLimitState(limit, limit.most - count, math.ceil((ends_at - now).total_seconds()))


@db.cached_query
def _counted(limit: Any, ends_at: Any, latest: Any, now: Any) -> Any:
    """Count one attempt, in a new window if the stored one has expired.

    The database computes the new values from the row, so that concurrent attempts lose no count.
    """
    counter = RateLimitCounter
    new_end = ends_at.typed_as(counter.ends_at)
    expired = (counter.ends_at <= now) | (counter.ends_at > latest)
    query = counter.insert(id=limit.typed_as(counter.id), count=1, ends_at=new_end).on_conflict(
        conflict_target=[counter.id],
        update={
            counter.count: peewee.Case(None, [(expired, 1)], counter.count + 1),
            counter.ends_at: peewee.Case(None, [(expired, new_end)], counter.ends_at),
        },
    )
    return query.returning(counter.count, counter.ends_at)


def _end_of_window(limit: RateLimit, now: datetime) -> datetime:
    """Return the end of the window that an attempt at `now` counts in, if it is the first one.

    A private window begins with its first attempt. Those of a limit that people share begin at fixed times. Otherwise
    the wait would tell a person to the second when another one at their address signed up or mistyped a password.
    """
    if limit.private:
        return now + limit.window
    return now + limit.window - (now - _FIRST_WINDOW) % limit.window


def _id(limit: RateLimit) -> UUID:
    return UUID(bytes=server_keys.hmac_digest("attempts", f"{limit.kind}\n{limit.subject}")[:16], version=4)
