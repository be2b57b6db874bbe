"""Holds: one row for each thing that is held back from a receiver. It is out of view as long as its row exists.

Only the receiver's own requests and the clock write these rows (see hold_sync.py), and only the receiver's reads use
them. The sender's path never does, so a sender can learn nothing from it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.contact import pauses
from planner.contact.pauses import Pause
from planner.couples.couples import Couple, Member
from planner.errors import Conflict
from planner.storage import db
from planner.storage.cached_queries import Reading
from planner.storage.columns import UtcDateTimeField

SPACE, PACE, RHYTHM = "space", "pace", "rhythm"


class Hold(db.Model):
    """One thing that is held back: a date, note, idea, request, answer, day, or inbox item.

    `space` is the pause in which it arrived. A dismissed thing stays out of view, unless its receiver answers.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    kind = peewee.TextField()
    subject = peewee.UUIDField(index=True)
    reason = peewee.TextField()
    space = peewee.ForeignKeyField(Pause, null=True, on_delete="CASCADE")
    arrived_at = UtcDateTimeField()
    dismissed_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "holds"
        constraints = [
            peewee.Check("kind IN ('date', 'note', 'idea', 'answer', 'day', 'request', 'item')"),
            peewee.Check("reason IN ('space', 'pace', 'rhythm')"),
            peewee.Check("(reason = 'space') = (space_id IS NOT NULL)"),
        ]
        indexes = ((("person", "subject", "arrived_at"), True),)


def is_response_held(person: Any, at: Any) -> Any:
    """Return the condition that a fixed response, given at `at` (a column), is held back from `person`.

    It is held in space, and at a rhythm quietly chosen that has none. It costs nothing, so no row of the contact log
    says that it arrived.
    """
    pause = Pause.select(Pause.id).where(Pause.person == person, Pause.ended_at.is_null(), Pause.started_at <= at)
    quiet = Member.quiet_rhythm == "apart", Member.quiet_rhythm_since <= at
    member = Member.select(Member.id).where(Member.person == person, Member.left_at.is_null(), *quiet)
    return peewee.fn.EXISTS(pause) | peewee.fn.EXISTS(member)


class HeldItem(NamedTuple):
    """One thing in the receiver's queue: what it is, when it arrived, and why it is held."""

    subject: UUID
    kind: str
    arrived_at: datetime
    reason: str


def is_held(person: Any, subject: Any) -> Any:
    """Return the condition that the thing `subject` (a column) is held back from `person`, or was dismissed."""
    return peewee.fn.EXISTS(Hold.select(Hold.id).where(Hold.person == person, Hold.subject == subject))


def is_dismissed(person: Any, subject: Any) -> Any:
    """Return the condition that `person` dismissed the thing `subject` (a column)."""
    held = Hold.select(Hold.id).where(Hold.person == person, Hold.subject == subject)
    return peewee.fn.EXISTS(held.where(Hold.dismissed_at.is_null(False)))


def queue(person: UUID) -> list[HeldItem]:
    """Return the things that wait for a person's decision, newest first, without inbox items."""
    columns = (Hold.subject, Hold.kind, Hold.arrived_at, Hold.reason)
    query = Hold.select(*columns).where(Hold.person == person, Hold.dismissed_at.is_null(), Hold.kind != "item")
    return [HeldItem(*row) for row in db.fetch_all(query.order_by(Hold.arrived_at.desc(), Hold.subject.desc()))]


def is_anything_held(person: UUID) -> bool:
    """Return whether a thing waits for a person's decision. Only for that person's own requests."""
    return bool(held_reading(person).rows())


def held_reading(person: UUID) -> Reading:
    """Return the reading of one thing that waits for a person's decision."""
    return _first_held.on(person)


@db.cached_query
def _first_held(person: Any) -> Any:
    return Hold.select(Hold.id).where(Hold.person == person, Hold.dismissed_at.is_null(), Hold.kind != "item").limit(1)


def answer(person: UUID, subject: UUID) -> None:
    """Release a thing that its receiver answers, also a dismissed one. Call inside the transaction of the answer."""
    _answer(person, subject)


@db.cached_update
def _answer(person: Any, subject: Any) -> Any:
    return Hold.delete().where(Hold.person == person, Hold.subject == subject)


def dismiss(person: UUID, subject: UUID, now: datetime) -> None:
    """Dismiss one held thing, which its receiver does not want. Call inside a transaction."""
    held = Hold.person == person, Hold.subject == subject, Hold.dismissed_at.is_null()
    Hold.update(dismissed_at=now).where(*held).execute()


def check_may_send(sender: UUID, subject: UUID) -> None:
    """Raise Conflict if the sender is in space, unless `subject` is an offer that this space holds for the sender.

    It reads the sender's own rows only.
    """
    if pauses.current(sender) is None:
        return
    held = Hold.select(Hold.id).where(Hold.person == sender, Hold.subject == subject, Hold.reason == SPACE)
    if db.fetch_one(held.where(Hold.dismissed_at.is_null())) is None:
        raise Conflict("in_space")


def waiting(person: UUID, ended_before: datetime | None = None) -> tuple[Any, ...]:
    """Return the conditions for what arrived in pauses that are over, and waits for the person's decision."""
    over = Pause.select(Pause.id).where(Pause.person == person, Pause.ended_at.is_null(False))
    if ended_before:
        over = over.where(Pause.ended_at <= ended_before)
    return Hold.person == person, Hold.dismissed_at.is_null(), Hold.space.in_(over)


def waiting_since(person: UUID) -> datetime | None:
    """Return the end of the oldest pause from which something still waits, or None."""
    ended = Pause.select(Pause.ended_at).join(Hold, on=(Hold.space == Pause.id)).where(*waiting(person))
    row = db.fetch_one(ended.order_by(Pause.ended_at))
    return row[0] if row else None


def waiting_longer(before: datetime) -> list[UUID]:
    """Return the persons for whom something waits from a pause that ended before then."""
    query = Hold.select(Hold.person).join(Pause).where(Hold.dismissed_at.is_null(), Pause.ended_at <= before)
    return [person for (person,) in db.fetch_all(query.distinct())]


def forget_pauses(person: UUID, most: int) -> None:
    """Delete a person's oldest quiet pauses beyond `most` that are over and hold nothing. Call inside a transaction."""
    holds_something = peewee.fn.EXISTS(Hold.select(Hold.id).where(Hold.space == Pause.id))
    quiet = Pause.person == person, Pause.ended_at.is_null(False), Pause.said_at.is_null(), ~holds_something
    newest_first = Pause.select(Pause.id).where(*quiet).order_by(Pause.started_at.desc(), Pause.id)
    old = [pause for (pause,) in db.fetch_all(newest_first.offset(most))]
    if old:
        Pause.delete().where(Pause.id.in_(old)).execute()
