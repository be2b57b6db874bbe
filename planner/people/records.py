"""The receiver's own record: every word that the other put before them, as it stood then, for twelve months.

A row is written in the sender's transaction and belongs to the receiver from then on: recalling, editing, leaving or
deleting an account takes nothing out of it. Only its owner reads it, behind the password.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import peewee

from planner.people import contacts
from planner.people.accounts import Person
from planner.people.couples import Couple, Pair
from planner.storage import db
from planner.storage.fields import UtcField

KINDS = ("note", "idea", "line")


class Record(db.Model):
    """Words that reached `person`: a note, an own idea of the other's, or the line of a proposal; `words` is JSON."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, null=True, on_delete="SET NULL")
    kind = peewee.TextField()
    subject = peewee.UUIDField(index=True)
    words = peewee.TextField()
    at = UtcField()

    class Meta:
        table_name = "records"
        constraints = [peewee.Check("kind IN ('note', 'idea', 'line')")]
        indexes = ((("person", "at"), False),)


def put(pair: Pair, kind: str, subject: UUID, words: dict[str, Any], now: datetime) -> None:
    """Put words of `pair.me` before the partner: it costs one shared thing, and the partner's record keeps them.

    Inside the sender's transaction. Raises TooSoon.
    """
    contacts.spend(pair, contacts.SHARED, subject, now)
    kept = json.dumps(words, ensure_ascii=False, sort_keys=True)
    db.insert(Record, person=pair.partner, couple=pair.couple, kind=kind, subject=subject, words=kept, at=now)
