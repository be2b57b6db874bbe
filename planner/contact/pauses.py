"""Space: a pause that one person takes, alone and at once. What the other sends meanwhile is accepted and held.

Only its owner's reads know of it: nothing that the other does, sends or asks ever looks at this table. How a space
starts and ends stands in planner/relationship/space.py.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.couples.couples import Couple
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class Pause(db.Model):
    """One pause, until `ended_at`. What arrives in it is held (see holds.py), also after its end.

    A said one shows the partner one of four fixed sentences, and a day if wished.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    kind = peewee.TextField()
    sentence = peewee.TextField(null=True)
    until = peewee.DateField(null=True)
    said_at = UtcDateTimeField(null=True)
    started_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "pauses"
        constraints = [peewee.Check("kind IN ('quiet', 'said')")]
        indexes = ((("person", "started_at"), False),)


# Two taps on two phones start one pause.
Pause.add_index(Pause.index(Pause.person, unique=True, where=Pause.ended_at.is_null(), name="spaces_one_living"))


class OpenPause(NamedTuple):
    """A pause as its own person sees it."""

    id: UUID
    kind: str
    sentence: str | None
    until: date | None
    said_at: datetime | None
    started_at: datetime


def current(person: UUID) -> OpenPause | None:
    """The pause that somebody is in, or None. For their own eyes and acts only."""
    found = _current(person)
    return OpenPause(*found[0]) if found else None


@db.cached_query
def _current(person: Any) -> Any:
    return Pause.select(Pause.id, Pause.kind, Pause.sentence, Pause.until, Pause.said_at, Pause.started_at).where(
        Pause.person == person, Pause.ended_at.is_null()
    )


def last_said(person: UUID, couple: UUID) -> datetime | None:
    """When somebody last had a sentence shown to the other."""
    query = Pause.select(Pause.said_at).where(
        Pause.person == person, Pause.couple == couple, Pause.said_at.is_null(False)
    )
    found = db.fetch_one(query.order_by(Pause.said_at.desc()))
    return found[0] if found else None
