"""Read access to an ended couple: for thirty days each can look back on the dates and export them.

The viewer of a request includes it, so it must be below the dates. planner/relationship/leaving.py ends a couple.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.couples.couples import Couple, Member
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

RETENTION = timedelta(days=30)


class FormerCoupleAccess(db.Model):
    """Until when one person may look back on an ended couple."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    until = UtcDateTimeField(index=True)

    class Meta:
        table_name = "former_couple_access"
        indexes = ((("person", "couple"), True),)


class FormerCouple(NamedTuple):
    """An ended couple, as one former member may see it. `partner` is None once that account is gone."""

    couple: UUID
    partner: UUID | None
    partner_name: str | None
    until: datetime


def grant(couple: UUID, persons: Collection[UUID], now: datetime) -> None:
    """Let both look back on their couple for thirty days. Call inside the transaction that ends it."""
    for person in persons:
        db.insert_if_absent(FormerCoupleAccess, person=person, couple=couple, until=now + RETENTION)


def list_former_couples(person: UUID, now: datetime) -> list[FormerCouple]:
    """Return the ended couples that a person may still look back on, latest end first."""
    theirs = Member.alias()
    query = (
        FormerCoupleAccess.select(FormerCoupleAccess.couple, theirs.person, theirs.name, FormerCoupleAccess.until)
        .join(
            theirs,
            peewee.JOIN.LEFT_OUTER,
            on=((theirs.couple == FormerCoupleAccess.couple) & (theirs.person != FormerCoupleAccess.person)),
        )
        .where(FormerCoupleAccess.person == person, FormerCoupleAccess.until > now)
        .order_by(FormerCoupleAccess.until.desc(), FormerCoupleAccess.id)
    )
    return [FormerCouple(*row) for row in db.fetch_all(query)]


def purge_expired(now: datetime) -> None:
    """Delete read access that has expired."""
    with db.write():
        FormerCoupleAccess.delete().where(FormerCoupleAccess.until <= now).execute()
