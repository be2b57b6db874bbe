"""RSVPs: whether a person in space will go to an agreed date, or when it is to be cancelled.

Only their author reads them. Without a time in the RSVP, or without an RSVP, the date is cancelled two to four hours
before it starts, so that the partner does not wait in a restaurant.

A date that a space cancels looks as if a person had cancelled it by hand. So the moment is drawn, and of several dates
each follows the last one after a drawn gap. A key of this server draws: no one else can tell the moments.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts import server_keys
from planner.accounts.accounts import Person
from planner.contact import pauses
from planner.contact.holds import Hold
from planner.contact.pauses import Pause
from planner.dates import state_machine
from planner.dates.dates import Date
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

OFF_BEFORE = timedelta(hours=2)
"""How long before its start a date is cancelled at the latest."""

_SPAN = timedelta(hours=2)
"""A drawn moment is at most this much earlier."""
_MILLISECOND = timedelta(milliseconds=1)
_LEAST_GAP, _MORE_GAP = timedelta(seconds=20), timedelta(seconds=100)


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


def list_not_going(date: UUID) -> set[UUID]:
    """Return the persons in space who call a date off."""
    query = Rsvp.select(Rsvp.person).where(Rsvp.date == date, Rsvp.off_at.is_null(False))
    return {person for (person,) in db.fetch_all(query)}


def accept(person: UUID, date: UUID) -> None:
    """Store "I will go" for a person in space who accepts a date. Without space, do nothing."""
    if pauses.current(person):
        set_rsvp(person, date, None)


def delete_rsvps(person: UUID, now: datetime) -> list[UUID]:
    """Delete a person's RSVPs at the end of a space, and return the dates that were to be cancelled later.

    Those that are to be cancelled now stay until the clock has done so, each after its gap.
    """
    mine = Rsvp.person == person
    dates = [date for (date,) in db.fetch_all(Rsvp.select(Rsvp.date).where(mine, Rsvp.off_at > now))]
    Rsvp.delete().where(mine, Rsvp.off_at.is_null() | (Rsvp.off_at > now)).execute()
    return dates


def drawn_off_at(person: UUID, date: UUID, start: datetime) -> datetime:
    """Return when a date is cancelled for a person in space who chose no time, in whole milliseconds."""
    lead = OFF_BEFORE + _drawn("moment", person, date) * _SPAN
    return start - lead // _MILLISECOND * _MILLISECOND


def is_too_close(person: UUID, date: UUID, couple: UUID, now: datetime) -> bool:
    """Return whether a date has to wait, because another date of the couple was cancelled a moment ago."""
    return _after_last_one(person, date, couple, now, at=now) > now


def _after_last_one(person: UUID, date: UUID, couple: UUID, now: datetime, at: datetime) -> datetime:
    """Return `at`, or a later instant that leaves a gap after the couple's last cancelled date."""
    rows = _last_cancelled(couple, now)
    return max(at, rows[0][0] + drawn_gap(person, date)) if rows else at


def drawn_gap(person: UUID, date: UUID) -> timedelta:
    """Return the least time between the last cancelled date and this one."""
    return _LEAST_GAP + _drawn("gap", person, date) * _MORE_GAP


def _drawn(what: str, person: UUID, date: UUID) -> float:
    """Return a number from 0 to 1 that only this server can draw, the same one each time."""
    return int.from_bytes(server_keys.hmac_digest("offs", f"{what} {person} {date}")[:6]) / 256**6


class DueDate(NamedTuple):
    """A date to cancel for a person in space, and when."""

    at: datetime
    person: UUID
    date: UUID


def list_due(now: datetime, until: datetime | None = None) -> list[DueDate]:
    """Return the dates to cancel now for people in space, or those until a later instant. The next comes first.

    A date is due at the hour that the person chose. Without "I will go", it is due at a drawn moment.
    """
    until = until or now
    latest_start = until + OFF_BEFORE + _SPAN
    undecided = (*_not_going(now, latest_start), *_unknown(now, latest_start))
    rows = {row[:2]: row for row in (*_chosen(now, until), *undecided)}
    due = []
    for person, date, couple, start, off_at in rows.values():
        at = min(off_at or drawn_off_at(person, date, start), start - OFF_BEFORE)
        if at <= until:
            due.append(DueDate(_after_last_one(person, date, couple, now, at), person, date))
    return sorted(each for each in due if each.at <= until)


@db.cached_query
def _chosen(now: Any, until: Any) -> Any:
    """Return the dates that a person cancels at an hour, also when the space has ended since."""
    query = Rsvp.select(Rsvp.person, Date.id, Date.couple, Date.start, Rsvp.off_at).join(Date)
    return query.where(Rsvp.off_at <= until, Date.state == state_machine.ACCEPTED, Date.end > now)


@db.cached_query
def _not_going(now: Any, latest: Any) -> Any:
    own_rsvp = (Rsvp.date == Date.id) & (Rsvp.person == Pause.person)
    return (
        Pause.select(Pause.person, Date.id, Date.couple, Date.start, Rsvp.off_at)
        .join(Date, on=(Date.couple == Pause.couple))
        .join(Rsvp, peewee.JOIN.LEFT_OUTER, on=own_rsvp)
        .where(
            Pause.ended_at.is_null(),
            Date.state == state_machine.ACCEPTED,
            Date.end > now,
            # A date that began before the pause is not cancelled: its people may be there.
            Date.start > Pause.started_at,
            Rsvp.id.is_null() | Rsvp.off_at.is_null(False),
            Date.start <= latest.typed_as(Date.start),
        )
    )


@db.cached_query
def _unknown(now: Any, latest: Any) -> Any:
    """Return the dates that their sender wrote down as agreed, while they are held from the partner."""
    own_rsvp = (Rsvp.date == Date.id) & (Rsvp.person == Hold.person)
    return (
        Hold.select(Hold.person, Date.id, Date.couple, Date.start, Rsvp.off_at)
        .join(Date, on=(Date.id == Hold.subject))
        .join(Rsvp, peewee.JOIN.LEFT_OUTER, on=own_rsvp)
        .where(
            Date.recorded,
            Rsvp.id.is_null() | Rsvp.off_at.is_null(False),
            Date.state == state_machine.ACCEPTED,
            Date.end > now,
            Date.start <= latest.typed_as(Date.start),
        )
    )


@db.cached_query
def _last_cancelled(couple: Any, now: Any) -> Any:
    # One that did not happen was over, so no one waited for it.
    ahead = (Date.state == state_machine.CANCELLED) & Date.answer.is_null()
    query = Date.select(Date.moved_at).where(Date.couple == couple, ahead)
    # A later one was made under a wrong clock.
    return query.where(Date.moved_at <= now).order_by(Date.moved_at.desc()).limit(1)
