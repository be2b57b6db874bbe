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

from planner.errors import TooMany
from planner.people import server_keys
from planner.storage import db
from planner.storage.fields import UtcField


class Attempt(db.Model):
    """Tries of one kind by one subject in one window. The id is a keyed digest: no address is kept."""

    count = peewee.IntegerField()
    ends_at = UtcField(index=True)

    class Meta:
        table_name = "attempts"


class Limit(NamedTuple):
    """At most `most` tries in `window`, for one subject (an address, a sign-in name, a person)."""

    kind: str
    subject: str
    most: int
    window: timedelta


def spend(limits: Collection[Limit], now: datetime) -> None:
    """Count one try against every limit. Raises TooMany when one of them is used up."""
    with db.write():
        waits = [wait for limit in sorted(limits) if (wait := _count(limit, now))]
        if waits:
            # Undoes the transaction: a refused try counts nowhere, or one address could use up a name for everybody.
            raise TooMany(max(waits))


def refund(limits: Collection[Limit], now: datetime) -> None:
    """Hand one try back: it was a rightful one."""
    with db.write():
        for limit in sorted(limits):
            Attempt.update(count=Attempt.count - 1).where(
                Attempt.id == _id(limit), Attempt.count > 0, Attempt.ends_at > now
            ).execute()


def forget(now: datetime) -> None:
    """Drop windows that have ended."""
    with db.write():
        ended = Attempt.select(Attempt.id).where(Attempt.ends_at <= now)
        if db.proxy.for_update:
            # A try locks its few rows one after the other. Waiting for one of them while holding another would be a
            # ring; whatever a try holds now is left for the next time.
            ended = ended.for_update(skip_locked=True)
        ids = [found for (found,) in db.rows(ended)]
        Attempt.delete().where(Attempt.id.in_(ids)).execute()


def _count(limit: Limit, now: datetime) -> int:
    """Count one try in a single statement; the seconds to wait when it was one too many, else 0."""
    ends_at = now + limit.window
    # A window that ends later than one begun now was made under a wrong clock, and would hold for as long as that.
    over = (Attempt.ends_at <= now) | (Attempt.ends_at > ends_at)
    # The row's new values are worked out by the database from the row itself, so that none is lost between two.
    query = Attempt.insert(id=_id(limit), count=1, ends_at=ends_at).on_conflict(
        conflict_target=[Attempt.id],
        update={
            Attempt.count: peewee.Case(None, [(over, 1)], Attempt.count + 1),
            Attempt.ends_at: peewee.Case(None, [(over, Attempt.ends_at.to_value(ends_at))], Attempt.ends_at),
        },
    )
    ((count, ends_at),) = db.rows(query.returning(Attempt.count, Attempt.ends_at))
    return 0 if count <= limit.most else math.ceil((ends_at - now).total_seconds())


def _id(limit: Limit) -> UUID:
    return UUID(bytes=server_keys.digest("attempts", f"{limit.kind}\n{limit.subject}")[:16], version=4)
