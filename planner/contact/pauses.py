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
from planner.errors import Conflict
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class Pause(db.Model):
    """One pause. It is lived in until `ended_at`; what came in it is held until `settled_at`.

    `settled_as` says how: "looked" (it is simply there, as if it had just come) or "discarded" (it stays out of view).
    A said one shows the other one of four fixed sentences, and a day if wished.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    kind = peewee.TextField()
    sentence = peewee.TextField(null=True)
    until = peewee.DateField(null=True)
    said_at = UtcDateTimeField(null=True)
    started_at = UtcDateTimeField()
    ended_at = UtcDateTimeField(null=True)
    settled_at = UtcDateTimeField(null=True)
    settled_as = peewee.TextField(null=True)

    class Meta:
        table_name = "pauses"
        constraints = [peewee.Check("kind IN ('quiet', 'said')")]
        indexes = ((("person", "started_at"), False),)


# Two taps on two phones start one pause.
Pause.add_index(Pause.index(Pause.person, unique=True, where=Pause.ended_at.is_null(), name="spaces_one_living"))


class Dismissal(db.Model):
    """What somebody set aside after a pause, and so does not see for good. Nobody else reads it.

    A "thing" (a date, a note, an idea) stays out of view; of a "change", to something that was seen before, the words
    from `since` until `until` do.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    kind = peewee.TextField()
    subject = peewee.UUIDField()
    since = UtcDateTimeField()
    until = UtcDateTimeField()

    class Meta:
        table_name = "dismissals"
        constraints = [peewee.Check("kind IN ('thing', 'change')")]
        indexes = ((("person", "subject", "since"), True),)


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


def check_may_send(sender: UUID, answers: datetime | None = None) -> None:
    """Refuse new words of somebody who is in space themselves. It reads the sender's own pauses, nobody else's.

    `answers` is when the offer was made that this one answers: what is held may be answered from within. Raises
    WrongState.
    """
    windows = _unsettled(sender)
    if all(ended for _, ended in windows):
        return
    held = answers is not None and any(start <= answers and (not end or answers <= end) for start, end in windows)
    if not held:
        raise Conflict("You are in space. End it first, or answer one of the things that are held for you.")


@db.cached_query
def _unsettled(person: Any) -> Any:
    return Pause.select(Pause.started_at, Pause.ended_at).where(Pause.person == person, Pause.settled_at.is_null())


def last_said(person: UUID, couple: UUID) -> datetime | None:
    """When somebody last had a sentence shown to the other."""
    query = Pause.select(Pause.said_at).where(
        Pause.person == person, Pause.couple == couple, Pause.said_at.is_null(False)
    )
    found = db.fetch_one(query.order_by(Pause.said_at.desc()))
    return found[0] if found else None


def during_open_pause(person: Any, at: Any) -> Any:
    """The condition that `at` lies in a pause of `person` (both columns) that is not settled. Its ends belong to it:
    of two things in one instant, the one that holds back wins.
    """
    return peewee.fn.EXISTS(
        Pause.select(Pause.id).where(
            Pause.person == person,
            Pause.settled_at.is_null(),
            Pause.started_at <= at,
            Pause.ended_at.is_null() | (Pause.ended_at >= at),
        )
    )


def dismissed_ids(person: UUID) -> set[UUID]:
    """The things that somebody set aside."""
    return {one for (one,) in db.fetch_all(Dismissal.select(Dismissal.subject).where(*_things(person)))}


def undismiss(person: UUID, subject: UUID) -> None:
    """What somebody answers with words of their own is set aside no longer; inside that transaction."""
    Dismissal.delete().where(*_things(person), Dismissal.subject == subject).execute()


def _things(person: Any) -> tuple[Any, ...]:
    return Dismissal.person == person, Dismissal.kind == "thing"


def is_dismissed(person: Any, subject: Any) -> Any:
    """The condition that `person` set the thing `subject` (a column) aside."""
    return peewee.fn.EXISTS(Dismissal.select(Dismissal.id).where(*_things(person), Dismissal.subject == subject))
