"""Pauses: a person takes space, alone and at once. Items that the partner sends are accepted and held.

Only its owner's reads use this table. Nothing that the partner does reads it, but for the sentence that the owner
shows. planner/relationship/space.py starts and ends a pause.
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
    """One pause, until `ended_at`. Things that arrive in it are held (see holds.py), also after its end.

    A pause of kind "said" shows the partner one of four fixed sentences, and optionally a day. Until its end, its owner
    reads `partner_name`: a new name of the partner waits.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    kind = peewee.TextField()
    partner_name = peewee.TextField(null=True)
    sentence = peewee.TextField(null=True)
    until = peewee.DateField(null=True)
    said_at = UtcDateTimeField(null=True)
    started_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True, index=True)  # each tick begins with the open ones

    class Meta:
        table_name = "pauses"
        constraints = [peewee.Check("kind IN ('quiet', 'said')")]
        indexes = ((("person", "started_at"), False),)


# Taps on two phones at once start only one pause.
Pause.add_index(Pause.index(Pause.person, unique=True, where=Pause.ended_at.is_null(), name="pauses_one_open"))


class OpenPause(NamedTuple):
    """A pause as its owner sees it."""

    id: UUID
    kind: str
    sentence: str | None
    until: date | None
    said_at: datetime | None
    started_at: datetime


def current(person: UUID) -> OpenPause | None:
    """Return a person's current pause, or None. Only for that person's own requests."""
    rows = _current(person)
    return OpenPause(*rows[0]) if rows else None


@db.cached_query
def _current(person: Any) -> Any:
    return Pause.select(Pause.id, Pause.kind, Pause.sentence, Pause.until, Pause.said_at, Pause.started_at).where(
        Pause.person == person, Pause.ended_at.is_null()
    )


def last_said(person: UUID, couple: UUID) -> datetime | None:
    """Return when a person last showed the partner a sentence."""
    query = Pause.select(Pause.said_at).where(
        Pause.person == person, Pause.couple == couple, Pause.said_at.is_null(False)
    )
    row = db.fetch_one(query.order_by(Pause.said_at.desc()))
    return row[0] if row else None


def is_partner_in_said_space(person: UUID, couple: UUID) -> bool:
    """Return whether the partner now shows this person the sentence of a space."""
    said = Pause.select(Pause.id).where(
        Pause.couple == couple, Pause.person != person, Pause.kind == "said", Pause.ended_at.is_null()
    )
    return db.fetch_one(said) is not None
