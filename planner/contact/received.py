"""Received copies: every text that the partner sent to a person, for twelve months.

A row is written in the sender's transaction and belongs to the receiver. Recalls, a breakup or a deleted account do not
change it. Only its owner reads it, after a password check.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.contact import contact_log
from planner.couples.couples import Couple, Member, Pair
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

RETENTION = timedelta(days=365)


class ReceivedCopy(db.Model):
    """A text sent to `person`: a note, an own idea, a request, or the message of a proposal. `words` is JSON."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, null=True, on_delete="SET NULL")
    kind = peewee.TextField()
    subject = peewee.UUIDField(index=True)
    words = peewee.TextField()
    at = UtcDateTimeField()
    name = peewee.TextField(null=True)  # the sender's name in the couple; set when the couple ends

    class Meta:
        table_name = "received_copies"
        constraints = [peewee.Check("kind IN ('note', 'idea', 'message', 'request', 'answer', 'day')")]
        indexes = ((("person", "at"), False),)


def deliver(
    pair: Pair,
    kind: str,
    subject: UUID,
    words: dict[str, Any],
    now: datetime,
    pace: int | None = None,
    answers: UUID | None = None,
) -> None:
    """Deliver a text of `pair.me` to the partner, who gets a copy. It costs one shared event.

    `pace` is that of the text, if it needs one: a partner with a lower quiet pace does not see it. `answers` is what it
    answers.

    Call inside the sender's transaction. Raises QuotaExceeded.
    """
    contact_log.charge(pair, contact_log.SHARED, subject, now, answers=answers, pace=pace)
    _keep_copy(pair.couple, pair.partner, kind, subject, words, now)


def exchange(
    pair: Pair,
    kind: str,
    subject: UUID,
    words_of: Mapping[UUID, dict[str, Any]],
    paces: Mapping[UUID, int | None],
    now: datetime,
) -> None:
    """Deliver a text of each of two partners, at the moment that both agreed to. `words_of` is by sender.

    It costs each of them one shared event and is never refused: a refusal would tell of the partner's private act.
    `paces` are those that the texts need, as in `deliver`. Call inside the transaction that makes both texts visible.
    """
    for sender, receiver in ((pair.me, pair.partner), (pair.partner, pair.me)):
        contact_log.book(pair.couple, sender, contact_log.SHARED, subject, now, pace=paces[sender])
        _keep_copy(pair.couple, receiver, kind, subject, words_of[sender], now)


def _keep_copy(couple: UUID, person: UUID, kind: str, subject: UUID, words: dict[str, Any], now: datetime) -> None:
    text_json = json.dumps(words, ensure_ascii=False, sort_keys=True)
    db.insert_if_absent(ReceivedCopy, person=person, couple=couple, kind=kind, subject=subject, words=text_json, at=now)


def list_sent(pair: Pair, kind: str, since: datetime) -> list[tuple[dict[str, Any], datetime]]:
    """Return the texts of a kind that `pair.me` sent to the partner since then, with their times. Newest first."""
    sent = ReceivedCopy.person == pair.partner, ReceivedCopy.couple == pair.couple, ReceivedCopy.kind == kind
    query = ReceivedCopy.select(ReceivedCopy.words, ReceivedCopy.at).where(*sent, ReceivedCopy.at > since)
    return [(json.loads(words), at) for words, at in db.fetch_all(query.order_by(ReceivedCopy.at.desc()))]


class ReceivedItem(NamedTuple):
    """One text that reached the viewer, with the sender's name in the couple. `present`: from the current couple.

    `words` is the text as it was delivered; later changes are not recorded. A note has `kind` and `body`. An own idea
    has its fields, a proposal has its `message`, and a request has `body` and `day`. Of photos, only the captions stay.
    """

    id: UUID
    kind: str
    subject: UUID
    words: dict[str, Any]
    at: datetime
    sender_name: str | None
    present: bool


def list_received(
    person: UUID, present: UUID | None, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[ReceivedItem]:
    """Return what a person received in the last twelve months, newest first. The caller checks the password.

    `present` is the person's couple.
    """
    rows = _list_received(person, now - RETENTION, limit, *(after or ()))
    return [
        ReceivedItem(record, kind, subject, json.loads(words), at, saved_name or name, couple == present is not None)
        for record, kind, subject, words, at, saved_name, name, couple in rows
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
    """Save the senders' names in the copies of a couple that ends. They outlive the senders' accounts."""
    sender_name = Member.select(Member.name).where(
        Member.couple == ReceivedCopy.couple, Member.person != ReceivedCopy.person
    )
    ReceivedCopy.update(name=sender_name).where(ReceivedCopy.couple == couple).execute()


def purge_expired(now: datetime) -> None:
    """Delete copies older than twelve months."""
    with db.write():
        ReceivedCopy.delete().where(ReceivedCopy.at <= now - RETENTION).execute()
