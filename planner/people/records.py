"""The receiver's own record: every word that the other put before them, as it stood then, for twelve months.

A row is written in the sender's transaction and belongs to the receiver from then on: recalling, editing, leaving or
deleting an account takes nothing out of it. Only its owner reads it, behind the password.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import peewee

from planner.people import contacts
from planner.people.accounts import Person
from planner.people.couples import Couple, Member, Pair
from planner.storage import db
from planner.storage.fields import UtcField

if TYPE_CHECKING:  # at run time sign-ins ask for what is held, and that is read from here
    from planner.people.sign_ins import Actor

LIFE = timedelta(days=365)


class Record(db.Model):
    """Words that reached `person`: a note, an own idea of the other's, or the line of a proposal; `words` is JSON."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, null=True, on_delete="SET NULL")
    kind = peewee.TextField()
    subject = peewee.UUIDField(index=True)
    words = peewee.TextField()
    at = UtcField()
    name = peewee.TextField(null=True)  # the sender's, as the couple knew it; kept here from its end on

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


class Received(NamedTuple):
    """One thing that reached its reader: who sent it, by the name that the couple knew, and whether it is this couple.

    `words` are as they stood when they were put before the reader: `kind` and `body` of a note, the fields of an own
    idea, the `line` of a proposal. What became of them afterwards stands nowhere here.
    """

    id: UUID
    kind: str
    subject: UUID
    words: dict[str, Any]
    at: datetime
    sender_name: str | None
    present: bool


def listed(actor: Actor, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None) -> list[Received]:
    """What reached the actor in the last twelve months, newest first. The caller has checked the password."""
    rows = _listed(actor.id, now - LIFE, limit, *(after or ()))
    return [
        Received(record, kind, subject, json.loads(words), at, kept_name or name, couple == actor.couple is not None)
        for record, kind, subject, words, at, kept_name, name, couple in rows
    ]


@db.prepared
def _listed(person: Any, since: Any, limit: Any, *after: Any) -> Any:
    columns = (Record.id, Record.kind, Record.subject, Record.words, Record.at, Record.name, Member.name, Record.couple)
    sender = (Member.couple == Record.couple) & (Member.person != Record.person)
    query = (
        Record.select(*columns)
        .join(Member, peewee.JOIN.LEFT_OUTER, on=sender)
        .where(Record.person == person, Record.at > since)
        .order_by(Record.at.desc(), Record.id.desc())
        .limit(limit)
    )
    if after:
        at, last = after
        query = query.where(Record.at <= at, (Record.at < at) | (Record.id < last))
    return query


def sign(couple: UUID) -> None:
    """Write the senders' names into the records of a couple that ends: an account that goes takes nothing along."""
    theirs = Member.select(Member.name).where(Member.couple == Record.couple, Member.person != Record.person)
    Record.update(name=theirs).where(Record.couple == couple).execute()


def forget(now: datetime) -> None:
    """Drop what is older than twelve months."""
    with db.write():
        Record.delete().where(Record.at <= now - LIFE).execute()
