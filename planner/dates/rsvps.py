"""Attendances: what somebody in space said about an agreed date: "I will go", or "off" at an hour of their choice.

Nobody else reads them. Where somebody in space has said nothing, a date is off two hours before it starts, at the
latest: nobody waits in a restaurant.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.contact import pauses
from planner.contact.pauses import Pause
from planner.dates import state_machine
from planner.dates.views import Date
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

OFF_BEFORE = timedelta(hours=2)
"""A date is called off at the latest this long before it starts."""


class Rsvp(db.Model):
    """One person's word on one date. `off_at` is when it is called off; empty for "I will go"."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE", index=False)
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    off_at = UtcDateTimeField(null=True, index=True)

    class Meta:
        table_name = "rsvps"
        indexes = ((("date", "person"), True),)


class UpcomingDate(NamedTuple):
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


def list_upcoming(person: UUID, couple: UUID, now: datetime) -> list[UpcomingDate]:
    """The couple's agreed dates that lie ahead, the next first."""
    mine = (Rsvp.date == Date.id) & (Rsvp.person == person)
    query = Date.select(Date.id, Date.start, Rsvp.id, Rsvp.off_at).join(Rsvp, peewee.JOIN.LEFT_OUTER, on=mine)
    agreed = query.where(Date.couple == couple, Date.state == state_machine.ACCEPTED, Date.start > now)
    return [
        UpcomingDate(date, start, word is not None, off_at)
        for date, start, word, off_at in db.fetch_all(agreed.order_by(Date.start, Date.id))
    ]


def just_begun(couple: UUID, since: datetime, now: datetime) -> list[UUID]:
    """The couple's agreed dates that began after `since`."""
    query = Date.select(Date.id).where(Date.couple == couple, Date.state == state_machine.ACCEPTED)
    return [date for (date,) in db.fetch_all(query.where(Date.start > since, Date.start <= now))]


def set_rsvp(person: UUID, date: UUID, off_at: datetime | None) -> None:
    """Keep (or replace) a person's word on a date, inside the caller's transaction."""
    Rsvp.insert(date=date, person=person, off_at=off_at).on_conflict(
        conflict_target=[Rsvp.date, Rsvp.person], update={"off_at": off_at}
    ).execute()


def accept(person: UUID, date: UUID) -> None:
    """Somebody agreed to a date: in space, that is as good as "I will go"."""
    if pauses.current(person):
        set_rsvp(person, date, None)


def delete_rsvps(person: UUID) -> list[UUID]:
    """Take back a person's words on all dates; those that were to be called off later."""
    later = Rsvp.select(Rsvp.date).where(Rsvp.person == person, Rsvp.off_at.is_null(False))
    found = [date for (date,) in db.fetch_all(later)]
    Rsvp.delete().where(Rsvp.person == person).execute()
    return found


def list_due(now: datetime) -> list[tuple[UUID, UUID]]:
    """(person, date) of what is to be called off now for somebody in space: at the hour that they chose, or as the
    latest moment has come and they have not said that they will go.
    """
    return _due(now, now + OFF_BEFORE)


@db.cached_query
def _due(now: Any, latest: Any) -> Any:
    word = (Rsvp.date == Date.id) & (Rsvp.person == Pause.person)
    not_going = Rsvp.id.is_null() | Rsvp.off_at.is_null(False)
    return (
        Pause.select(Pause.person, Date.id)
        .join(Date, on=(Date.couple == Pause.couple))
        .join(Rsvp, peewee.JOIN.LEFT_OUTER, on=word)
        .where(
            Pause.ended_at.is_null(),
            Date.state == state_machine.ACCEPTED,
            Date.end > now,
            # What had begun before the pause is nobody's to call off.
            Date.start > Pause.started_at,
            (Rsvp.off_at <= now) | (not_going & (Date.start <= latest.typed_as(Date.start))),
        )
        .order_by(Date.start, Date.id)
    )
