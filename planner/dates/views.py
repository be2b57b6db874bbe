"""Dates as each participant sees them. The moves are in lifecycle.py."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.catalogue import activities
from planner.catalogue.activities import Activity, ActivityEntry
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.couples.couples import Couple
from planner.dates import state_machine
from planner.dates.date_filter import ALL_DATES, DateFilter
from planner.dates.slots import MAX_MINUTES, Slot
from planner.errors import NotFound
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class Date(db.Model):
    """A date of a couple, or a solo date without a couple. `sender` made the current offer."""

    couple = peewee.ForeignKeyField(Couple, null=True, on_delete="CASCADE", index=False)
    proposer = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
    sender = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
    awaiting = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="RESTRICT")
    message = peewee.TextField(null=True)
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


class SlotRow(db.Model):
    """One slot of an offer. An accepted date has only the slot that the receiver chose."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE")
    start = UtcDateTimeField()
    end = UtcDateTimeField()
    local_time = peewee.TextField()  # naive, in the zone, as the sender entered it
    zone = peewee.TextField()

    class Meta:
        table_name = "slots"


class DateRow(NamedTuple):
    """The columns of a date that views and moves need."""

    id: UUID
    couple_id: UUID | None
    proposer_id: UUID
    sender_id: UUID
    activity_id: UUID
    message: str | None
    state: str
    version: int
    last_request_digest: str
    answer: str | None
    created_at: datetime
    expires_at: datetime | None
    start: datetime | None
    end: datetime | None
    offered_at: datetime | None


READABLE_STATES = (state_machine.ACCEPTED, state_machine.COMPLETED, state_machine.CANCELLED)
"""After a couple has ended, both may read its dates in these states for a while."""

_LISTS = len(ALL_DATES.as_lists())
_COLUMNS = [getattr(Date, name) for name in DateRow._fields]


class DateView(NamedTuple):
    """A date as one participant sees it."""

    id: UUID
    activity: ActivityEntry
    with_partner: bool
    state: str
    version: int
    sender_is_me: bool
    message: str | None
    message_is_mine: bool
    answer: str | None
    created_at: datetime
    expires_at: datetime | None
    slots: tuple[Slot, ...]
    actions: tuple[str, ...]

    @property
    def moment(self) -> datetime:
        """Return when the date needs attention: the start of an agreed date, or the expiry of a proposal."""
        agreed = self.slots[0].start if self.state != state_machine.PROPOSED else None
        return agreed or self.expires_at or self.created_at


def find(viewer: Viewer, date_id: UUID, now: datetime) -> DateView:
    """Return a solo date of the viewer, or a date of their couple or former couple. Raise NotFound."""
    row = find_row(viewer.id, viewer.couple, date_id, viewer.former)
    if row is None:
        raise NotFound
    return _views(viewer, [row], now)[0]


def find_row(person: UUID, couple: UUID | None, date_id: UUID, former: UUID | None = None) -> DateRow | None:
    """Return the row of a date of the couple, of the former couple or of the person alone, or None."""
    rows = _by_id(date_id, person, couple, former)
    return DateRow(*rows[0]) if rows else None


def list_upcoming(
    viewer: Viewer,
    now: datetime,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
    wanted: DateFilter = ALL_DATES,
) -> list[DateView]:
    """Return open proposals and agreed dates that are not over, ordered by `DateView.moment`."""
    page = (now, *wanted.as_lists(), limit, *(after or ()))
    return _views(viewer, _list_upcoming(viewer.id, viewer.couple, *page), now)


def list_with_partner(viewer: Viewer, now: datetime, limit: int) -> list[DateView]:
    """Return what `list_upcoming` returns, without the dates alone."""
    return _views(viewer, _list_with_partner(viewer.id, viewer.couple, now, limit), now)


def list_recent(
    viewer: Viewer,
    now: datetime,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
    wanted: DateFilter = ALL_DATES,
) -> list[DateView]:
    """Return a page of all dates, newest first. `after` is the last row of the page before.

    Without a couple, the page includes dates of the former couple for a while. Next to dates with a new partner they
    would confuse.
    """
    page = (now, *wanted.as_lists(), limit, *(after or ()))
    if viewer.former and not viewer.couple:
        return _views(viewer, _list_recent_without_couple(viewer.id, viewer.former, *page), now)
    return _views(viewer, _list_recent(viewer.id, viewer.couple, *page), now)


def get_many(viewer: Viewer, dates: list[UUID], now: datetime) -> list[DateView]:
    """Return those of the dates that the viewer may see, held ones included."""
    return _views(viewer, _by_ids(viewer.id, viewer.couple, dates), now)


@db.cached_query
def _by_ids(me: Any, couple: Any, dates: Any) -> Any:
    return Date.select(*_COLUMNS).where(Date.id.in_(dates), _visible(me, couple))


@db.cached_query
def _by_id(date_id: Any, me: Any, couple: Any, former: Any) -> Any:
    return Date.select(*_COLUMNS).where(Date.id == date_id, _visible(me, couple) | _of_former_couple(me, former))


@db.cached_query
def _list_upcoming(me: Any, couple: Any, now: Any, *rest: Any) -> Any:
    wanted, page = rest[:_LISTS], rest[_LISTS:]
    matches = ~is_held(me, Date.id) & _matches(now, *wanted)
    return _upcoming_page([each & matches for each in ahead(me, couple, now)], *page)


@db.cached_query
def _list_with_partner(me: Any, couple: Any, now: Any, limit: Any) -> Any:
    _, *together = ahead(me, couple, now)
    return _upcoming_page([each & ~is_held(me, Date.id) for each in together], limit)


def ahead(me: Any, couple: Any, now: Any) -> list[Any]:
    """Return the conditions for agreed dates that are not over, and open proposals."""
    is_open = (Date.state == state_machine.PROPOSED) & (Date.expires_at > now)
    is_ahead = (Date.state == state_machine.ACCEPTED) & (Date.end > now)
    alone, together = scopes(me, couple)
    return [alone & is_ahead, together & is_ahead, together & is_open]


def _matches(now: Any, stored: Any, open_: Any, lapsed: Any, since: Any, until: Any) -> Any:
    """Return the condition of a DateFilter. It sees an expired proposal as lapsed, like `state_machine.state_at`."""
    condition: Any = True
    if stored or open_ or lapsed:
        condition = Date.state.in_(stored)
        if open_:
            condition |= (Date.state == state_machine.PROPOSED) & (Date.expires_at > now)
        if lapsed:
            condition |= Date.state == state_machine.LAPSED
            condition |= (Date.state == state_machine.PROPOSED) & (Date.expires_at <= now)
    if since or until:
        starts = [SlotRow.start >= at for at in since] + [SlotRow.start < at for at in until]
        condition &= peewee.fn.EXISTS(SlotRow.select(SlotRow.id).where(SlotRow.date == Date.id, *starts))
    return condition


def _upcoming_page(lists: list[Any], limit: Any, *after: Any) -> Any:
    moment = peewee.fn.COALESCE(Date.start, Date.expires_at)
    query = Date.select(*_COLUMNS).where(in_one_of(lists)).order_by(moment, Date.id).limit(limit)
    if after:
        at, last = after[0].typed_as(Date.created_at), after[1]
        query = query.where((moment > at) | ((moment == at) & (Date.id > last)))
    return query


def in_one_of(lists: list[Any], newest: Any = None, soonest: Any = None) -> Any:
    """Return the condition of several lists; with `newest` or `soonest`, of that many in each.

    Each list is a query of its own, with its own index. For one condition with OR, SQLite reads all dates of a person.
    """
    queries = []
    for condition in lists:
        query = Date.select(Date.id).where(condition)
        if newest is not None:
            query = query.order_by(Date.created_at.desc(), Date.id.desc()).limit(newest)
        if soonest is not None:
            query = query.order_by(Date.end, Date.id).limit(soonest)
        queries.append(query)
    return functools.reduce(operator.or_, [Date.id.in_(query) for query in queries])


@db.cached_query
def _list_recent(me: Any, couple: Any, now: Any, *rest: Any) -> Any:
    wanted, page = rest[:_LISTS], rest[_LISTS:]
    # An answer to a held offer releases it.
    matches = ~is_held(me, Date.id) & _matches(now, *wanted)
    return _newest_page([each & matches for each in scopes(me, couple)], *page)


@db.cached_query
def _list_recent_without_couple(me: Any, former: Any, now: Any, *rest: Any) -> Any:
    wanted, page = rest[:_LISTS], rest[_LISTS:]
    matches, alone = _matches(now, *wanted), scopes(me, None)[0]
    return _newest_page([alone & matches, _of_former_couple(me, former) & matches], *page)


def _newest_page(lists: list[Any], limit: Any, *after: Any) -> Any:
    if after:
        at, last = after
        rest = (Date.created_at <= at) & ((Date.created_at < at) | (Date.id < last))
        lists = [each & rest for each in lists]
    query = Date.select(*_COLUMNS).where(in_one_of(lists, newest=limit))
    return query.order_by(Date.created_at.desc(), Date.id.desc()).limit(limit)


def _visible(me: Any, couple: Any) -> Any:
    """Return the condition for the dates that a person may see: solo dates, and dates of the couple.

    Use it only in a cached query. There `couple = NULL` matches no row, so a person without a couple sees solo dates
    only.
    """
    alone, together = scopes(me, couple)
    return alone | together


def scopes(me: Any, couple: Any) -> tuple[Any, Any]:
    """Return the conditions for the solo dates of a person, and for the dates of the couple."""
    return Date.couple.is_null() & (Date.proposer == me), Date.couple == couple


def _of_former_couple(me: Any, former: Any) -> Any:
    """Return the condition for readable dates of a former couple: agreed dates, and the person's own offers.

    Offers of the former partner are out of view, like everything else of theirs. So held offers are, too.
    """
    return (Date.couple == former) & ((Date.sender == me) | Date.state.in_(READABLE_STATES))


def _views(viewer: Viewer, results: Iterable[Iterable[Any]], now: datetime) -> list[DateView]:
    rows = [DateRow(*result) for result in results]
    slots_by_date = slots_of([row.id for row in rows])
    _mark_overlaps(viewer, slots_by_date, now)
    activities_by_id = activities.get_many_including_retired([row.activity_id for row in rows])
    return [_view(viewer, row, slots_by_date[row.id], activities_by_id[row.activity_id], now) for row in rows]


def _mark_overlaps(viewer: Viewer, slots_by_date: dict[UUID, list[Slot]], now: datetime) -> None:
    """Add to each slot ahead the viewer's other agreed dates at that time."""
    ahead = [slot for slots in slots_by_date.values() for slot in slots if slot.end > now]
    if not ahead:
        return
    begins = max(now, min(slot.start for slot in ahead))
    agreed = list_agreed(viewer, begins, max(slot.end for slot in ahead))
    for date_id, slots in slots_by_date.items():
        slots_by_date[date_id] = [slot._replace(overlaps=_overlapping(slot, date_id, agreed)) for slot in slots]


def _overlapping(slot: Slot, date_id: UUID, agreed: list[tuple[UUID, datetime, datetime]]) -> tuple[UUID, ...]:
    return tuple(other for other, start, end in agreed if start < slot.end and slot.start < end and other != date_id)


def list_agreed(viewer: Viewer, begins: datetime, ends: datetime) -> list[tuple[UUID, datetime, datetime]]:
    """Return the id, start and end of the viewer's agreed dates in a stretch of time, ordered by start."""
    # The index is of the end alone. Without the last argument, it would lead to all dates ahead.
    return _agreed(viewer.id, viewer.couple, begins, ends, ends + timedelta(minutes=MAX_MINUTES))


@db.cached_query
def _agreed(me: Any, couple: Any, begins: Any, ends: Any, last_end: Any) -> Any:
    within = (Date.state == state_machine.ACCEPTED) & (Date.end > begins) & (Date.end < last_end)
    lists = [each & within for each in scopes(me, couple)]
    query = Date.select(Date.id, Date.start, Date.end).where(in_one_of(lists), Date.start < ends)
    return query.where(~is_held(me, Date.id)).order_by(Date.start, Date.id)


def _view(viewer: Viewer, row: DateRow, slots: Sequence[Slot], activity: ActivityEntry, now: datetime) -> DateView:
    viewer_role = role(row, viewer.id, viewer.couple)
    # Messages of a former partner are out of view. The viewer's own record keeps them.
    message = None if viewer_role == state_machine.FORMER and row.proposer_id != viewer.id else row.message
    state = state_machine.state_at(state_of(row), now)
    expires_at = row.expires_at if state in (state_machine.PROPOSED, state_machine.LAPSED) else None
    return DateView(
        row.id,
        activity,
        row.couple_id is not None,
        state,
        row.version,
        row.sender_id == viewer.id,
        message,
        row.proposer_id == viewer.id,
        row.answer,
        row.created_at,
        expires_at,
        tuple(slots),
        tuple(_actions(viewer, row, viewer_role, activity, now)),
    )


def _actions(viewer: Viewer, row: DateRow, viewer_role: str, activity: ActivityEntry, now: datetime) -> list[str]:
    """Return the moves open to the viewer now. An activity above their own pace leaves only moves away from it."""
    moves = state_machine.allowed(state_of(row), viewer_role, now)
    above = row.couple_id is not None and activity.content.pace > (viewer.own_pace or 0)
    return [move for move in moves if not (above and move in state_machine.PACE_LIMITED_MOVES)]


def slots_of(dates: list[UUID]) -> dict[UUID, list[Slot]]:
    """Return the slots of each date, ordered by start."""
    slots_by_date: dict[UUID, list[Slot]] = {date: [] for date in dates}
    for date, slot_id, start, end, local_time, zone in _slots(dates):
        slots_by_date[date].append(Slot(slot_id, start, end, datetime.fromisoformat(local_time), zone))
    return slots_by_date


@db.cached_query
def _slots(dates: Any) -> Any:
    query = SlotRow.select(SlotRow.date, SlotRow.id, SlotRow.start, SlotRow.end, SlotRow.local_time, SlotRow.zone)
    return query.where(SlotRow.date.in_(dates)).order_by(SlotRow.start)


def state_of(row: DateRow) -> state_machine.DateState:
    """Return what the state machine needs of a row."""
    return state_machine.DateState(row.state, row.expires_at, row.start, row.end)


def role(row: DateRow, person: UUID, couple: UUID | None) -> str:
    """Return the role of a person in a date that they may see."""
    if row.couple_id is None:
        return state_machine.ALONE
    if row.couple_id != couple:
        return state_machine.FORMER
    return state_machine.SENDER if row.sender_id == person else state_machine.ANSWERER
