"""Dates: their rows, and the conditions under which a person sees them. The moves are in lifecycle.py."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.catalogue import guides
from planner.catalogue.activities import Activity, ActivityEntry
from planner.couples.couples import Couple
from planner.dates import state_machine
from planner.dates.slots import LONGEST, Slot
from planner.storage import db
from planner.storage.cached_queries import Reading
from planner.storage.columns import UtcDateTimeField


class Date(db.Model):
    """A date of a couple, or a solo date without a couple. `sender` made the current offer."""

    couple = peewee.ForeignKeyField(Couple, null=True, on_delete="CASCADE", index=False)
    proposer = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
    sender = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
    awaiting = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="RESTRICT")
    message = peewee.TextField(null=True)
    place = peewee.TextField(null=True)
    guide = peewee.TextField(null=True)  # the slug of the guide for a talk
    recorded = peewee.BooleanField(default=False)  # its proposer wrote it down as agreed; the partner has not confirmed
    state = peewee.TextField()
    version = peewee.IntegerField(default=1)
    request = peewee.TextField()  # digest of the create request: it tells a repeat from another create with the same id
    last_request_digest = peewee.TextField()  # the same for the last move: its name, person and argument
    answer = peewee.TextField(null=True)
    created_at = UtcDateTimeField()
    moved_at = UtcDateTimeField()
    offered_at = UtcDateTimeField(null=True)  # when the current or last offer was made
    expires_at = UtcDateTimeField(null=True)
    start = UtcDateTimeField(null=True)
    end = UtcDateTimeField(null=True)

    class Meta:
        table_name = "dates"
        constraints = [
            peewee.Check(
                "state IN ('proposed', 'accepted', 'completed', 'declined', 'withdrawn', 'cancelled', 'lapsed')"
            ),
            # A date is open exactly as long as it awaits a person's answer.
            peewee.Check("(state = 'proposed') = (awaiting_id IS NOT NULL)"),
        ]
        indexes = (
            (("couple", "created_at"), False),
            (("proposer", "created_at"), False),
            (("couple", "state", "end"), False),
            (("proposer", "state", "end"), False),
        )


Date.add_index(Date.index(Date.expires_at, where=(Date.state == "proposed"), name="dates_open"))
Date.add_index(Date.index(Date.end, where=(Date.state == "accepted"), name="dates_agreed"))
Date.add_index(Date.index(Date.start, where=Date.recorded & (Date.state == "accepted"), name="dates_recorded"))


class SlotRow(db.Model):
    """One slot of an offer. An accepted date has the slot that the receiver chose, and those that a move offers."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE")
    start = UtcDateTimeField()
    end = UtcDateTimeField()
    local_time = peewee.TextField()  # naive, in the zone, as the sender entered it
    zone = peewee.TextField()
    days = peewee.IntegerField(null=True)  # of a slot of whole days, which begins at a midnight in the zone
    for_move = peewee.BooleanField(default=False)  # offered by the `Reschedule` of the date

    class Meta:
        table_name = "slots"


class Reschedule(db.Model):
    """An offer to move an agreed date, which keeps its time until the partner accepts."""

    date = peewee.ForeignKeyField(Date, unique=True, on_delete="CASCADE", backref="+")
    sender = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+")
    expires_at = UtcDateTimeField(index=True)

    class Meta:
        table_name = "reschedules"


class DateText(db.Model):
    """A message or a place that replaces the one of the proposal. The newest that is not held counts.

    `change` is the id of the act, for its holds: one act can change both.
    """

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE", index=False)
    author = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+")
    change = peewee.UUIDField(index=True)
    kind = peewee.TextField()
    text = peewee.TextField(null=True)
    at = UtcDateTimeField()

    class Meta:
        table_name = "date_texts"
        constraints = [peewee.Check("kind IN ('message', 'place')")]
        indexes = ((("date", "kind", "at"), False),)


class DateRow(NamedTuple):
    """The columns of a date that views and moves need."""

    id: UUID
    couple_id: UUID | None
    proposer_id: UUID
    sender_id: UUID
    activity_id: UUID
    message: str | None
    place: str | None
    guide: str | None
    recorded: bool
    state: str
    version: int
    last_request_digest: str
    answer: str | None
    created_at: datetime
    expires_at: datetime | None
    start: datetime | None
    end: datetime | None
    offered_at: datetime | None


def pace_of(activity: ActivityEntry, guide: str | None) -> int:
    """Return the pace of a date: that of its activity or of its guide, whichever is closer."""
    return max(activity.content.pace, guides.pace_of(guide))


COLUMNS = [getattr(Date, name) for name in DateRow._fields]


READABLE_STATES = (state_machine.ACCEPTED, state_machine.COMPLETED, state_machine.CANCELLED)
"""After a couple has ended, both may read its dates in these states for a while."""


def find_row(person: UUID, couple: UUID | None, date_id: UUID, former: UUID | None = None) -> DateRow | None:
    """Return the row of a date of the couple, of the former couple or of the person alone, or None."""
    rows = _by_id(date_id, person, couple, former)
    return DateRow(*rows[0]) if rows else None


@db.cached_query
def _by_id(date_id: Any, me: Any, couple: Any, former: Any) -> Any:
    return Date.select(*COLUMNS).where(Date.id == date_id, visible(me, couple) | of_former_couple(me, former))


def ahead(me: Any, couple: Any, now: Any) -> list[Any]:
    """Return the conditions for agreed dates that are not over, and open proposals."""
    is_open = (Date.state == state_machine.PROPOSED) & (Date.expires_at > now)
    is_ahead = (Date.state == state_machine.ACCEPTED) & (Date.end > now)
    alone, together = scopes(me, couple)
    return [alone & is_ahead, together & is_ahead, together & is_open]


def in_one_of(lists: list[Any], newest: Any = None, soonest: Any = None) -> Any:
    """Return the condition of several lists; with `newest` or `soonest`, of that many in each."""
    return in_any(each_of(lists, newest, soonest))


def each_of(lists: list[Any], newest: Any = None, soonest: Any = None, first: Any = None) -> list[Any]:
    """Return the query of each list; with `newest`, `soonest` or `first`, of that many in each.

    The soonest are those that end first, in the order of an index. The first are those that begin first.
    """
    queries = []
    for condition in lists:
        query = Date.select(Date.id).where(condition)
        if newest is not None:
            query = query.order_by(Date.created_at.desc(), Date.id.desc()).limit(newest)
        if soonest is not None:
            query = query.order_by(Date.end, Date.id).limit(soonest)
        if first is not None:
            query = query.order_by(Date.start, Date.id).limit(first)
        queries.append(query)
    return queries


def in_any(queries: list[Any]) -> Any:
    """Return the condition that one of these queries has the date.

    Each is a query of its own, with its own index, and they are one union. With OR, PostgreSQL reads the dates of all
    people, and SQLite those of one person.
    """
    parts = [query.alias(f"list{number}") for number, query in enumerate(queries)]  # SQLite takes no limit in a union
    return Date.id.in_(functools.reduce(operator.add, [peewee.Select([part], [part.c.id]) for part in parts]))


def visible(me: Any, couple: Any) -> Any:
    """Return the condition for the dates that a person may see: solo dates, and dates of the couple.

    Use it only in a cached query. There `couple = NULL` matches no row, so a person without a couple sees solo dates
    only.
    """
    alone, together = scopes(me, couple)
    return alone | together


def scopes(me: Any, couple: Any) -> tuple[Any, Any]:
    """Return the conditions for the solo dates of a person, and for the dates of the couple."""
    return Date.couple.is_null() & (Date.proposer == me), Date.couple == couple


def of_former_couple(me: Any, former: Any) -> Any:
    """Return the condition for readable dates of a former couple: agreed dates, and the person's own offers.

    Offers of the former partner are out of view, like everything else of theirs. So held offers are, too.
    """
    return (Date.couple == former) & ((Date.sender == me) | Date.state.in_(READABLE_STATES))


def list_agreed_alone(person: UUID, begins: datetime, ends: datetime) -> list[tuple[datetime, datetime]]:
    """Return the start and end of a person's agreed dates alone in a stretch of time, ordered by start."""
    # The index is of the end alone. Without the last argument, it would lead to all dates ahead.
    return _agreed_alone(person, begins, ends, ends + LONGEST)


@db.cached_query
def _agreed_alone(person: Any, begins: Any, ends: Any, last_end: Any) -> Any:
    alone, _ = scopes(person, None)
    within = (Date.state == state_machine.ACCEPTED) & (Date.end > begins) & (Date.end < last_end)
    return Date.select(Date.start, Date.end).where(alone & within, Date.start < ends).order_by(Date.start, Date.id)


def slots_of(dates: list[UUID], for_move: bool = False) -> dict[UUID, list[Slot]]:
    """Return the slots of each date, or those that its move offers, ordered by start."""
    return all_slots_of(dates)[for_move]


def all_slots_of(dates: list[UUID]) -> tuple[dict[UUID, list[Slot]], dict[UUID, list[Slot]]]:
    """Return the slots of each date, and those that its move offers, ordered by start. One query."""
    slots_by_date: tuple[dict[UUID, list[Slot]], dict[UUID, list[Slot]]] = ({date: [] for date in dates}, {})
    for date, for_move, slot_id, start, end, local_time, zone, days in slots_reading(dates).rows():
        slot = Slot(slot_id, start, end, datetime.fromisoformat(local_time), zone, days)
        slots_by_date[bool(for_move)].setdefault(date, []).append(slot)
    return slots_by_date


def slots_reading(dates: list[UUID]) -> Reading:
    """Return the reading of the slots of dates, and of those that their moves offer."""
    return _slots.on(dates)


@db.cached_query
def _slots(dates: Any) -> Any:
    of_slot = (SlotRow.id, SlotRow.start, SlotRow.end, SlotRow.local_time, SlotRow.zone, SlotRow.days)
    return (
        SlotRow.select(SlotRow.date, SlotRow.for_move, *of_slot).where(SlotRow.date.in_(dates)).order_by(SlotRow.start)
    )


def state_of(row: DateRow) -> state_machine.DateState:
    """Return what the state machine needs of a row."""
    return state_machine.DateState(row.state, row.expires_at, row.start, row.end, row.recorded, row.answer)


def role(row: DateRow, person: UUID, couple: UUID | None) -> str:
    """Return the role of a person in a date that they may see."""
    if row.couple_id is None:
        return state_machine.ALONE
    if row.couple_id != couple:
        return state_machine.FORMER
    return state_machine.SENDER if row.sender_id == person else state_machine.ANSWERER


def insert_slots(date_id: UUID, offered_slots: Iterable[Slot], for_move: bool = False) -> None:
    """Insert the slots of a date or of its move, inside the caller's transaction."""
    rows = [
        {
            "id": slot.id,
            "date": date_id,
            "start": slot.start,
            "end": slot.end,
            "local_time": slot.local_time.isoformat(timespec="minutes"),
            "zone": slot.zone,
            "days": slot.days,
            "for_move": for_move,
        }
        for slot in offered_slots
    ]
    db.insert_all_if_absent(SlotRow, rows)
