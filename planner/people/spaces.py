"""Space: a pause that one person takes, alone and at once. What the other sends meanwhile is accepted and held.

Only its owner's reads know of it: nothing that the other does, sends or asks ever looks at this table. How a space
starts and ends stands in planner/consent/space.py.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.errors import WrongState
from planner.people.accounts import Person
from planner.people.couples import Couple
from planner.storage import db
from planner.storage.fields import UtcField


class Space(db.Model):
    """One pause. It is lived in until `ended_at`; what came in it is held until `settled_at`.

    `settled_as` says how: "looked" (it is simply there, as if it had just come) or "discarded" (it stays out of view).
    A said one shows the other one of four fixed sentences, and a day if wished.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    kind = peewee.TextField()
    sentence = peewee.TextField(null=True)
    until = peewee.DateField(null=True)
    said_at = UtcField(null=True)
    started_at = UtcField()
    ended_at = UtcField(null=True)
    settled_at = UtcField(null=True)
    settled_as = peewee.TextField(null=True)

    class Meta:
        table_name = "spaces"
        constraints = [peewee.Check("kind IN ('quiet', 'said')")]
        indexes = ((("person", "started_at"), False),)


# Two taps on two phones start one pause.
Space.add_index(Space.index(Space.person, unique=True, where=Space.ended_at.is_null(), name="spaces_one_living"))


class Discard(db.Model):
    """What somebody set aside after a pause, and so does not see for good. Nobody else reads it.

    A "thing" (a date, a note, an idea) stays out of view; of a "change", to something that was seen before, the words
    from `since` until `until` do.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    kind = peewee.TextField()
    subject = peewee.UUIDField()
    since = UtcField()
    until = UtcField()

    class Meta:
        table_name = "discards"
        constraints = [peewee.Check("kind IN ('thing', 'change')")]
        indexes = ((("person", "subject", "since"), True),)


class Pause(NamedTuple):
    """A pause as its own person sees it."""

    id: UUID
    kind: str
    sentence: str | None
    until: date | None
    said_at: datetime | None
    started_at: datetime


def living(person: UUID) -> Pause | None:
    """The pause that somebody is in, or None. For their own eyes and acts only."""
    found = _living(person)
    return Pause(*found[0]) if found else None


@db.prepared
def _living(person: Any) -> Any:
    return Space.select(
        Space.id, Space.kind, Space.sentence, Space.until, Space.said_at, Space.started_at
    ).where(Space.person == person, Space.ended_at.is_null())  # fmt: skip


def refuse_sending(sender: UUID, answers: datetime | None = None) -> None:
    """Refuse new words of somebody who is in space themselves. It reads the sender's own pauses, nobody else's.

    `answers` is when the offer was made that this one answers: what is held may be answered from within. Raises
    WrongState.
    """
    windows = _unsettled(sender)
    if all(ended for _, ended in windows):
        return
    held = answers is not None and any(start <= answers and (not end or answers <= end) for start, end in windows)
    if not held:
        raise WrongState("You are in space. End it first, or answer one of the things that are held for you.")


@db.prepared
def _unsettled(person: Any) -> Any:
    return Space.select(Space.started_at, Space.ended_at).where(Space.person == person, Space.settled_at.is_null())


def last_said(person: UUID, couple: UUID) -> datetime | None:
    """When somebody last had a sentence shown to the other."""
    query = Space.select(Space.said_at).where(
        Space.person == person, Space.couple == couple, Space.said_at.is_null(False)
    )
    found = db.row(query.order_by(Space.said_at.desc()))
    return found[0] if found else None


def in_window(person: Any, at: Any) -> Any:
    """The condition that `at` lies in a pause of `person` (both columns) that is not settled. Its ends belong to it:
    of two things in one instant, the one that holds back wins.
    """
    return peewee.fn.EXISTS(
        Space.select(Space.id).where(
            Space.person == person, Space.settled_at.is_null(), Space.started_at <= at,
            Space.ended_at.is_null() | (Space.ended_at >= at),
        )
    )  # fmt: skip


def set_aside(person: UUID) -> set[UUID]:
    """The things that somebody set aside."""
    return {one for (one,) in db.rows(Discard.select(Discard.subject).where(*_things(person)))}


def take_up(person: UUID, subject: UUID) -> None:
    """What somebody answers with words of their own is set aside no longer; inside that transaction."""
    Discard.delete().where(*_things(person), Discard.subject == subject).execute()


def _things(person: Any) -> tuple[Any, ...]:
    return Discard.person == person, Discard.kind == "thing"


def is_set_aside(person: Any, subject: Any) -> Any:
    """The condition that `person` set the thing `subject` (a column) aside."""
    return peewee.fn.EXISTS(Discard.select(Discard.id).where(*_things(person), Discard.subject == subject))
