"""Attendances: what somebody in space said about an agreed date: "I will go", or "off" at an hour of their choice.

Nobody else reads them. Where somebody in space has said nothing, a date is off two hours before it starts, at the
latest: nobody waits in a restaurant.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.dates import moves
from planner.dates.agenda import Date
from planner.people import spaces
from planner.people.accounts import Person
from planner.people.spaces import Space
from planner.storage import db
from planner.storage.fields import UtcField

OFF_BEFORE = timedelta(hours=2)
"""A date is called off at the latest this long before it starts."""


class Attendance(db.Model):
    """One person's word on one date. `off_at` is when it is called off; empty for "I will go"."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE", index=False)
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    off_at = UtcField(null=True, index=True)

    class Meta:
        table_name = "attendances"
        indexes = ((("date", "person"), True),)


class Ahead(NamedTuple):
    """An agreed date of the couple that has not begun, with the person's own word on it."""

    date: UUID
    start: datetime
    said: bool
    off_at: datetime | None

    @property
    def going(self) -> bool | None:
        """Whether this person said that they will go; None when they said nothing."""
        return self.off_at is None if self.said else None

    def latest(self, now: datetime) -> datetime:
        """The latest moment at which it can be called off for later; past, it is go or off now."""
        return max(self.start - OFF_BEFORE, now)


def ahead(person: UUID, couple: UUID, now: datetime) -> list[Ahead]:
    """The couple's agreed dates that lie ahead, the next first."""
    mine = (Attendance.date == Date.id) & (Attendance.person == person)
    query = Date.select(Date.id, Date.start, Attendance.id, Attendance.off_at).join(
        Attendance, peewee.JOIN.LEFT_OUTER, on=mine
    )
    agreed = query.where(Date.couple == couple, Date.state == moves.ACCEPTED, Date.start > now)
    return [
        Ahead(date, start, word is not None, off_at)
        for date, start, word, off_at in db.rows(agreed.order_by(Date.start, Date.id))
    ]


def just_begun(couple: UUID, since: datetime, now: datetime) -> list[UUID]:
    """The couple's agreed dates that began after `since`."""
    query = Date.select(Date.id).where(Date.couple == couple, Date.state == moves.ACCEPTED)
    return [date for (date,) in db.rows(query.where(Date.start > since, Date.start <= now))]


def say(person: UUID, date: UUID, off_at: datetime | None) -> None:
    """Keep (or replace) a person's word on a date, inside the caller's transaction."""
    Attendance.insert(date=date, person=person, off_at=off_at).on_conflict(
        conflict_target=[Attendance.date, Attendance.person], update={"off_at": off_at}
    ).execute()


def accept(person: UUID, date: UUID) -> None:
    """Somebody agreed to a date: in space, that is as good as "I will go"."""
    if spaces.living(person):
        say(person, date, None)


def forget(person: UUID) -> list[UUID]:
    """Take back a person's words on all dates; those that were to be called off later."""
    later = Attendance.select(Attendance.date).where(Attendance.person == person, Attendance.off_at.is_null(False))
    found = [date for (date,) in db.rows(later)]
    Attendance.delete().where(Attendance.person == person).execute()
    return found


def due(now: datetime) -> list[tuple[UUID, UUID]]:
    """(person, date) of what is to be called off now for somebody in space: at the hour that they chose, or as the
    latest moment has come and they have not said that they will go.
    """
    return _due(now, now + OFF_BEFORE)


@db.prepared
def _due(now: Any, latest: Any) -> Any:
    word = (Attendance.date == Date.id) & (Attendance.person == Space.person)
    not_going = Attendance.id.is_null() | Attendance.off_at.is_null(False)
    return (
        Space.select(Space.person, Date.id)
        .join(Date, on=(Date.couple == Space.couple))
        .join(Attendance, peewee.JOIN.LEFT_OUTER, on=word)
        .where(
            Space.ended_at.is_null(), Date.state == moves.ACCEPTED, Date.end > now,
            # What had begun before the pause is nobody's to call off.
            Date.start > Space.started_at,
            (Attendance.off_at <= now) | (not_going & (Date.start <= latest.of(Date.start))),
        )
        .order_by(Date.start, Date.id)
    )  # fmt: skip
