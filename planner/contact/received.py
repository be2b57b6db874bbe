"""The receiver's own record: every text that the partner put before them, for twelve months.

A row is written in the sender's transaction and belongs to the receiver from then on: recalling, leaving or deleting an
account takes nothing out of it. Only its owner reads it, behind the password.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.contact import contact_log
from planner.couples.couples import Couple, Member, Pair
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

if TYPE_CHECKING:  # at run time sign-ins ask for what is held, and that is read from here
    from planner.contact.viewer import Viewer

RETENTION = timedelta(days=365)


class ReceivedCopy(db.Model):
    """Words that reached `person`: a note, an own idea of the other's, or the line of a proposal; `words` is JSON."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, null=True, on_delete="SET NULL")
    kind = peewee.TextField()
    subject = peewee.UUIDField(index=True)
    words = peewee.TextField()
    at = UtcDateTimeField()
    name = peewee.TextField(null=True)  # the sender's, as the couple knew it; kept here from its end on

    class Meta:
        table_name = "received_copies"
        constraints = [peewee.Check("kind IN ('note', 'idea', 'message')")]
        indexes = ((("person", "at"), False),)


def deliver(pair: Pair, kind: str, subject: UUID, words: dict[str, Any], now: datetime) -> None:
    """Put words of `pair.me` before the partner: it costs one shared thing, and the partner's record keeps them.

    Inside the sender's transaction. Raises TooSoon.
    """
    contact_log.charge(pair, contact_log.SHARED, subject, now)
    kept = json.dumps(words, ensure_ascii=False, sort_keys=True)
    db.insert_if_absent(
        ReceivedCopy, person=pair.partner, couple=pair.couple, kind=kind, subject=subject, words=kept, at=now
    )


class ReceivedItem(NamedTuple):
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


def list_received(
    viewer: Viewer, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[ReceivedItem]:
    """What reached the viewer in the last twelve months, newest first. The caller has checked the password."""
    rows = _list_received(viewer.id, now - RETENTION, limit, *(after or ()))
    return [
        ReceivedItem(
            record, kind, subject, json.loads(words), at, kept_name or name, couple == viewer.couple is not None
        )
        for record, kind, subject, words, at, kept_name, name, couple in rows
    ]


@db.cached_query
def _list_received(person: Any, since: Any, limit: Any, *after: Any) -> Any:
    columns = (
        ReceivedCopy.id,
        ReceivedCopy.kind,
        ReceivedCopy.subject,
        ReceivedCopy.words,
        ReceivedCopy.at,
        ReceivedCopy.name,
        Member.name,
        ReceivedCopy.couple,
    )
    sender = (Member.couple == ReceivedCopy.couple) & (Member.person != ReceivedCopy.person)
    query = (
        ReceivedCopy.select(*columns)
        .join(Member, peewee.JOIN.LEFT_OUTER, on=sender)
        .where(ReceivedCopy.person == person, ReceivedCopy.at > since)
        .order_by(ReceivedCopy.at.desc(), ReceivedCopy.id.desc())
        .limit(limit)
    )
    if after:
        at, last = after
        query = query.where(ReceivedCopy.at <= at, (ReceivedCopy.at < at) | (ReceivedCopy.id < last))
    return query


def freeze_sender_names(couple: UUID) -> None:
    """Write the senders' names into the records of a couple that ends: an account that goes takes nothing along."""
    theirs = Member.select(Member.name).where(
        Member.couple == ReceivedCopy.couple, Member.person != ReceivedCopy.person
    )
    ReceivedCopy.update(name=theirs).where(ReceivedCopy.couple == couple).execute()


def purge_expired(now: datetime) -> None:
    """Drop what is older than twelve months."""
    with db.write():
        ReceivedCopy.delete().where(ReceivedCopy.at <= now - RETENTION).execute()
