"""What two keep of each other once their couple has ended: for thirty days the dates to look back on, and an export.

It stands here, below the dates, because a request's actor knows of it. How a couple ends stands in
planner/consent/leaving.py.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import peewee

from planner.people.accounts import Person
from planner.people.couples import Couple, Member
from planner.storage import db
from planner.storage.fields import UtcField

LIFE = timedelta(days=30)


class Kept(db.Model):
    """Until when one person may look back on a couple that has ended."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    until = UtcField(index=True)

    class Meta:
        table_name = "kept"
        indexes = ((("person", "couple"), True),)


class Former(NamedTuple):
    """A couple that has ended, as one of the two may look back on it. `partner` is None once their account is gone."""

    couple: UUID
    partner: UUID | None
    partner_name: str | None
    until: datetime


def keep(couple: UUID, persons: Collection[UUID], now: datetime) -> None:
    """Let these two look back on their couple for thirty days. Inside the transaction that ends it."""
    for person in persons:
        db.insert(Kept, person=person, couple=couple, until=now + LIFE)


def couples(person: UUID, now: datetime) -> list[Former]:
    """The ended couples that a person may still look back on, the one that ended last first."""
    theirs = Member.alias()
    query = (
        Kept.select(Kept.couple, theirs.person, theirs.name, Kept.until)
        .join(
            theirs, peewee.JOIN.LEFT_OUTER, on=((theirs.couple == Kept.couple) & (theirs.person != Kept.person))
        )
        .where(Kept.person == person, Kept.until > now)
        .order_by(Kept.until.desc(), Kept.id)
    )  # fmt: skip
    return [Former(*row) for row in db.rows(query)]


def forget(now: datetime) -> None:
    """Drop what nobody may look back on any more."""
    with db.write():
        Kept.delete().where(Kept.until <= now).execute()
