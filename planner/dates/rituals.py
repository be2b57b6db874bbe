"""Rituals: dates that repeat by a rule. Their rows, and which dates belong to which ritual.

A ritual begins with one date, which offers it or plans it alone. Its next dates are ordinary agreed dates, which the
clock makes some weeks ahead (see ritual_dates.py). The later ones exist only by the rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner.accounts import caps
from planner.contact.holds import is_held
from planner.dates import recurrence, state_machine
from planner.dates.dates import Date, SlotRow, scopes
from planner.dates.recurrence import Rule
from planner.dates.slots import Slot, SlotRequest
from planner.errors import Conflict, FieldError, Invalid
from planner.storage import db
from planner.storage.cached_queries import Reading
from planner.storage.columns import UtcDateTimeField

OFFERED, RUNNING, ENDED, CLOSED = "offered", "running", "ended", "closed"
STATES = (OFFERED, RUNNING, ENDED, CLOSED)


class Ritual(db.Model):
    """A ritual, with the wall time of its first occurrence. It goes where its first date goes.

    `due_at` is when the clock has something to do for it; None before both agree and after its end. On its acceptance
    it replaces the occurrences of the ritual `replaces` from the day `replaces_from` on.
    """

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE", unique=True)
    rule = peewee.TextField()  # see recurrence.to_text
    local_time = peewee.TextField()
    zone = peewee.TextField()
    minutes = peewee.IntegerField()
    replaces = peewee.ForeignKeyField("self", null=True, on_delete="SET NULL", backref="+")
    replaces_from = peewee.DateField(null=True)
    due_at = UtcDateTimeField(null=True)
    ended_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "rituals"
        constraints = [peewee.Check("due_at IS NULL OR ended_at IS NULL")]


Ritual.add_index(Ritual.index(Ritual.due_at, where=Ritual.due_at.is_null(False), name="rituals_due"))


class RitualDate(db.Model):
    """A date of a ritual, and the wall time by the rule. The date itself may be moved or cancelled."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE", unique=True)
    ritual = peewee.ForeignKeyField(Ritual, on_delete="CASCADE", index=False)
    occurrence = peewee.TextField()

    class Meta:
        table_name = "ritual_dates"
        # Two processes that tick at once make each date once.
        indexes = ((("ritual", "occurrence"), True),)


class RitualRow(NamedTuple):
    """A ritual, with the columns of its first date that it needs."""

    id: UUID
    text: str
    local_time: str
    zone: str
    minutes: int
    replaces_id: UUID | None
    replaces_from: date | None
    due_at: datetime | None
    ended_at: datetime | None
    date_id: UUID
    couple_id: UUID | None
    proposer_id: UUID
    sender_id: UUID
    activity_id: UUID
    message: str | None
    place: str | None
    guide: str | None
    date_state: str
    expires_at: datetime | None

    @property
    def rule(self) -> Rule:
        """Return the rule."""
        return recurrence.parse(self.text)

    @property
    def start(self) -> datetime:
        """Return the wall time of the first occurrence."""
        return datetime.fromisoformat(self.local_time)

    @property
    def length(self) -> timedelta:
        """Return how long each date takes."""
        return timedelta(minutes=self.minutes)

    @property
    def has_begun(self) -> bool:
        """Return whether both have agreed, or one person planned it alone."""
        return bool(self.due_at or self.ended_at)

    def state(self, now: datetime) -> str:
        """Return one of STATES. A ritual is closed if its offer was not accepted."""
        if self.ended_at:
            return ENDED
        if self.due_at:
            return RUNNING
        first = state_machine.DateState(self.date_state, self.expires_at, None)
        return OFFERED if state_machine.state_at(first, now) == state_machine.PROPOSED else CLOSED


class RitualChange(NamedTuple):
    """A change of a ritual from a day on: the new rule, and the new first time."""

    ritual: RitualRow
    since: date
    rule: Rule
    slot: SlotRequest


_OF_RITUAL = ["id", "rule", "local_time", "zone", "minutes", "replaces", "replaces_from", "due_at", "ended_at"]
_OF_DATE = ["id", "couple", "proposer", "sender", "activity", "message", "place", "guide", "state", "expires_at"]
_COLUMNS = [
    *(getattr(Ritual, name) for name in _OF_RITUAL),
    *(getattr(Date, name) for name in _OF_DATE),
]


def check_cap(person: UUID, couple: UUID | None) -> None:
    """Raise Conflict for a person who has as many rituals as allowed, alone and with the partner."""
    if _count_running(person, couple)[0][0] >= caps.most("rituals"):
        raise Conflict("too_many_rituals", most=caps.most("rituals"))


def check(rule: Rule, slots: Sequence[Slot]) -> None:
    """Raise Invalid for a rule that does not fit its one slot, and for whole days, which do not repeat."""
    _check_slots(slots)
    if faults := list(recurrence.faults(rule, slots[0].local_time)):
        raise Invalid(*faults)


def _check_slots(slots: Sequence[Slot]) -> None:
    if len(slots) > 1:
        raise Invalid(FieldError("slots", "one_slot_repeats"))
    if slots[0].all_day:
        raise Invalid(FieldError("slots.0.first_day", "whole_days_repeat"))


@db.cached_query
def _count_running(me: Any, couple: Any) -> Any:
    return _visible(Ritual.select(peewee.fn.COUNT(Ritual.id)), me, couple).where(Ritual.due_at.is_null(False))


def create(date_id: UUID, rule: Rule, slot: Slot, change: RitualChange | None = None) -> None:
    """Insert the ritual that a date offers, inside the caller's transaction."""
    ritual = uuid4()
    db.insert_if_absent(
        Ritual,
        id=ritual,
        date=date_id,
        replaces=change.ritual.id if change else None,
        replaces_from=change.since if change else None,
        **_times(rule, slot),
    )
    add_date(ritual, date_id, slot.local_time)


def add_date(ritual: UUID, date_id: UUID, occurrence: datetime) -> None:
    """Insert that a date is an occurrence of a ritual, inside the caller's transaction."""
    db.insert_if_absent(RitualDate, date=date_id, ritual=ritual, occurrence=to_text(occurrence))


def restart(date_id: UUID, slots: Sequence[Slot]) -> None:
    """Move the start of the ritual that a date offers, if there is one. Raise Invalid if the rule does not fit it."""
    row = find_offered(date_id)
    if row is None or row.has_begun:
        return
    _check_slots(slots)
    if list(recurrence.faults(row.rule, slots[0].local_time)):
        raise Invalid(FieldError("slots.0.local_time", "start_not_in_ritual"))
    Ritual.update(**_times(row.rule, slots[0])).where(Ritual.id == row.id).execute()
    occurrence = to_text(slots[0].local_time)
    RitualDate.update(occurrence=occurrence).where(RitualDate.date == row.date_id).execute()


def _times(rule: Rule, slot: Slot) -> dict[str, Any]:
    return {
        "rule": recurrence.to_text(rule, slot.local_time),
        "local_time": to_text(slot.local_time),
        "zone": slot.zone,
        "minutes": slot.minutes,
    }


def to_text(wall: datetime) -> str:
    """Return a wall time as it is stored."""
    return wall.isoformat(timespec="minutes")


def find_row(person: UUID, couple: UUID | None, ritual: UUID) -> RitualRow | None:
    """Return a ritual of the couple or of the person alone, or None."""
    rows = _by_id(person, couple, ritual)
    return RitualRow(*rows[0]) if rows else None


def get(ritual: UUID) -> RitualRow | None:
    """Return a ritual, or None. Only for the clock, and for a viewer who may see what leads to it."""
    rows = _get(ritual)
    return RitualRow(*rows[0]) if rows else None


@db.cached_query
def _get(ritual: Any) -> Any:
    return Ritual.select(*_COLUMNS).join(Date).where(Ritual.id == ritual)


@db.cached_query
def _by_id(me: Any, couple: Any, ritual: Any) -> Any:
    return _visible(Ritual.select(*_COLUMNS), me, couple).where(Ritual.id == ritual)


def find_offered(date_id: UUID) -> RitualRow | None:
    """Return the ritual that begins with a date, or None."""
    rows = _by_first_date(date_id)
    return RitualRow(*rows[0]) if rows else None


@db.cached_query
def _by_first_date(date_id: Any) -> Any:
    return Ritual.select(*_COLUMNS).join(Date).where(Ritual.date == date_id)


def of_dates(dates: Collection[UUID]) -> dict[UUID, RitualRow]:
    """Return the rituals of those of the dates that belong to one, by the id of the date."""
    return {date_id: RitualRow(*row) for date_id, *row in dates_reading(dates).rows()} if dates else {}


def dates_reading(dates: Collection[UUID]) -> Reading:
    """Return the reading of the rituals of dates."""
    return _of_dates.on(list(dates))


@db.cached_query
def _of_dates(dates: Any) -> Any:
    query = RitualDate.select(RitualDate.date, *_COLUMNS).join(Ritual).join(Date, on=(Ritual.date == Date.id))
    return query.where(RitualDate.date.in_(dates))


def has_earlier_date(now: Any, since: Any) -> Any:
    """Return the condition that the ritual of a date has an earlier date that is not over.

    `since` bounds the wall times that are read: without it, the query would read all past dates of the ritual.
    """
    own, other, earlier = RitualDate.alias(), RitualDate.alias(), Date.alias()
    query = (
        own.select(own.id)
        .join_from(own, other, on=(other.ritual == own.ritual) & (other.occurrence > since))
        .join_from(other, earlier, on=(earlier.id == other.date))
        .where(own.date == Date.id, earlier.state == state_machine.ACCEPTED, earlier.end > now)
        .where(earlier.start < Date.start)
    )
    return peewee.fn.EXISTS(query)


def list_open(person: UUID, couple: UUID | None, now: datetime) -> list[RitualRow]:
    """Return the rituals that run or are offered to either, in the order of their first dates. No held offers."""
    return [RitualRow(*row) for row in _open(person, couple, now)]


@db.cached_query
def _open(me: Any, couple: Any, now: Any) -> Any:
    is_offered = (Date.state == state_machine.PROPOSED) & (Date.expires_at > now)
    query = _visible(Ritual.select(*_COLUMNS), me, couple).where(Ritual.due_at.is_null(False) | is_offered)
    return query.where(~is_held(me, Date.id)).order_by(Date.created_at, Ritual.id)


def _visible(query: Any, me: Any, couple: Any) -> Any:
    """Return a query of the rituals that a person may see. Use it only in a cached query (see `dates.visible`)."""
    alone, together = scopes(me, couple)
    return query.join(Date).where(alone | together)


def is_replaced(ritual: UUID) -> bool:
    """Return whether both agreed on a change of a ritual from some day on."""
    begun = Ritual.due_at.is_null(False) | Ritual.ended_at.is_null(False)
    return bool(Ritual.select().where(Ritual.replaces == ritual, begun).exists())


class MadeDate(NamedTuple):
    """A date of a ritual that exists: its wall time by the rule, and the date. `midnight` and `days` of whole days."""

    ritual: UUID
    occurrence: str
    date: UUID
    state: str
    start: datetime | None
    end: datetime | None
    midnight: str | None
    days: int | None

    @property
    def first_day(self) -> dt.date | None:
        """Return the first day of a date that moved to whole days."""
        return datetime.fromisoformat(self.midnight).date() if self.midnight else None

    @property
    def wall(self) -> datetime:
        """Return the wall time by the rule."""
        return datetime.fromisoformat(self.occurrence)


def made_dates(ritual_ids: Collection[UUID], now: datetime) -> list[MadeDate]:
    """Return the dates of rituals that are not over, or not over by the rule. Cancelled ones are among them."""
    if not ritual_ids:
        return []
    before_today = to_text(now.replace(tzinfo=None) - timedelta(days=2))  # in any zone
    return [MadeDate(*row) for row in _made_dates(list(ritual_ids), before_today, now)]


@db.cached_query
def _made_dates(ritual_ids: Any, since: Any, now: Any) -> Any:
    whole = (SlotRow.date == Date.id) & SlotRow.days.is_null(False) & ~SlotRow.for_move
    columns = (RitualDate.ritual, RitualDate.occurrence, Date.id, Date.state, Date.start, Date.end)
    query = RitualDate.select(*columns, SlotRow.local_time, SlotRow.days).join(Date)
    query = query.join(SlotRow, peewee.JOIN.LEFT_OUTER, on=whole).where(RitualDate.ritual.in_(ritual_ids))
    return query.where((RitualDate.occurrence > since) | (Date.end > now)).order_by(Date.start)
