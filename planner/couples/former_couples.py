"""What two keep of each other once their couple has ended: for thirty days the dates to look back on, and an export.

It stands here, below the dates, because a request's viewer knows of it. How a couple ends stands in
planner/relationship/leaving.py.
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
    """Until when one person may look back on a couple that has ended."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    until = UtcDateTimeField(index=True)

    class Meta:
        table_name = "former_couple_access"
        indexes = ((("person", "couple"), True),)


class FormerCouple(NamedTuple):
    """A couple that has ended, as one of the two may look back on it. `partner` is None once their account is gone."""

    couple: UUID
    partner: UUID | None
    partner_name: str | None
    until: datetime


def grant(couple: UUID, persons: Collection[UUID], now: datetime) -> None:
    """Let these two look back on their couple for thirty days. Inside the transaction that ends it."""
    for person in persons:
        db.insert_if_absent(FormerCoupleAccess, person=person, couple=couple, until=now + RETENTION)


def list_former_couples(person: UUID, now: datetime) -> list[FormerCouple]:
    """The ended couples that a person may still look back on, the one that ended last first."""
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
    """Drop what nobody may look back on any more."""
    with db.write():
        FormerCoupleAccess.delete().where(FormerCoupleAccess.until <= now).execute()
