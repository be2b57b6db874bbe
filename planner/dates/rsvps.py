"""RSVPs: whether a person in space will go to an agreed date, or when it is to be cancelled.

Only their author reads them. Without an RSVP, the date is cancelled two hours before it starts, so that the partner
does not wait in a restaurant.
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
"""How long before its start a date is cancelled at the latest."""


class Rsvp(db.Model):
    """The RSVP of one person for one date. `off_at` is when the date is cancelled; None means "I will go"."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE", index=False)
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    off_at = UtcDateTimeField(null=True, index=True)

    class Meta:
        table_name = "rsvps"
        indexes = ((("date", "person"), True),)


class UpcomingDate(NamedTuple):
    """An agreed date that has not begun, with the person's own RSVP."""

    date: UUID
    start: datetime
    said: bool
    off_at: datetime | None

    @property
    def going(self) -> bool | None:
        """Return whether this person will go; None without an RSVP."""
        return self.off_at is None if self.said else None

    def latest(self, now: datetime) -> datetime:
        """Return the latest instant for `off_at`; within the last two hours, that is now."""
        return max(self.start - OFF_BEFORE, now)


def list_upcoming(person: UUID, couple: UUID, now: datetime) -> list[UpcomingDate]:
    """Return the couple's agreed dates that have not begun, the next first."""
    mine = (Rsvp.date == Date.id) & (Rsvp.person == person)
    query = Date.select(Date.id, Date.start, Rsvp.id, Rsvp.off_at).join(Rsvp, peewee.JOIN.LEFT_OUTER, on=mine)
    agreed = query.where(Date.couple == couple, Date.state == state_machine.ACCEPTED, Date.start > now)
    return [
        UpcomingDate(date, start, rsvp is not None, off_at)
        for date, start, rsvp, off_at in db.fetch_all(agreed.order_by(Date.start, Date.id))
    ]


def just_begun(couple: UUID, since: datetime, now: datetime) -> list[UUID]:
    """Return the couple's agreed dates that began after `since`."""
    query = Date.select(Date.id).where(Date.couple == couple, Date.state == state_machine.ACCEPTED)
    return [date for (date,) in db.fetch_all(query.where(Date.start > since, Date.start <= now))]


def set_rsvp(person: UUID, date: UUID, off_at: datetime | None) -> None:
    """Store or replace a person's RSVP, inside the caller's transaction."""
    Rsvp.insert(date=date, person=person, off_at=off_at).on_conflict(
        conflict_target=[Rsvp.date, Rsvp.person], update={"off_at": off_at}
    ).execute()


def accept(person: UUID, date: UUID) -> None:
    """Store "I will go" for a person in space who accepts a date. Without space, do nothing."""
    if pauses.current(person):
        set_rsvp(person, date, None)


def delete_rsvps(person: UUID) -> list[UUID]:
    """Delete all RSVPs of a person, and return the dates that were to be cancelled later."""
    later = Rsvp.select(Rsvp.date).where(Rsvp.person == person, Rsvp.off_at.is_null(False))
    dates = [date for (date,) in db.fetch_all(later)]
    Rsvp.delete().where(Rsvp.person == person).execute()
    return dates


def list_due(now: datetime) -> list[tuple[UUID, UUID]]:
    """Return (person, date) for each date to cancel now for a person in space.

    A date is due at the hour that the person chose. Without "I will go", it is due two hours before its start.
    """
    return _due(now, now + OFF_BEFORE)


@db.cached_query
def _due(now: Any, latest: Any) -> Any:
    own_rsvp = (Rsvp.date == Date.id) & (Rsvp.person == Pause.person)
    not_going = Rsvp.id.is_null() | Rsvp.off_at.is_null(False)
    return (
        Pause.select(Pause.person, Date.id)
        .join(Date, on=(Date.couple == Pause.couple))
        .join(Rsvp, peewee.JOIN.LEFT_OUTER, on=own_rsvp)
        .where(
            Pause.ended_at.is_null(),
            Date.state == state_machine.ACCEPTED,
            Date.end > now,
            # A date that began before the pause is not cancelled: its people may be there.
            Date.start > Pause.started_at,
            (Rsvp.off_at <= now) | (not_going & (Date.start <= latest.typed_as(Date.start))),
        )
        .order_by(Date.start, Date.id)
    )
