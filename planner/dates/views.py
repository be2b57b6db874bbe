"""Dates as each participant sees them. The moves are in lifecycle.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.catalogue import activities
from planner.catalogue.activities import ActivityEntry
from planner.contact.holds import is_dismissed, is_held
from planner.contact.viewer import Viewer
from planner.couples import contact_rules
from planner.dates import overlaps, reminders, rituals, state_machine
from planner.dates.date_filter import ALL_DATES, DateFilter
from planner.dates.dates import (
    COLUMNS,
    Date,
    DateRow,
    DateText,
    Reschedule,
    SlotRow,
    ahead,
    all_slots_of,
    each_of,
    in_any,
    in_one_of,
    of_former_couple,
    pace_of,
    role,
    scopes,
    slots_reading,
    state_of,
    visible,
)
from planner.dates.rituals import RitualRow
from planner.dates.slots import LONGEST, Slot
from planner.errors import NotFound
from planner.storage import db
from planner.storage.cached_queries import Reading

_LISTS = len(ALL_DATES.as_lists())
# The wall time of a date that is not over is not older, in any zone. One that was moved by more stands for itself.
_LONGEST_AGO = LONGEST + timedelta(days=1)


class DateRitual(NamedTuple):
    """The ritual that a date belongs to, and its state."""

    row: RitualRow
    state: str


class MoveView(NamedTuple):
    """An offer to move an agreed date, as one participant sees it."""

    id: UUID
    sender_is_me: bool
    slots: tuple[Slot, ...]
    expires_at: datetime
    actions: tuple[str, ...]


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
    place: str | None
    guide: str | None
    recorded: bool
    answer: str | None
    created_at: datetime
    expires_at: datetime | None
    slots: tuple[Slot, ...]
    actions: tuple[str, ...]
    move: MoveView | None
    ritual: DateRitual | None = None
    reminders: tuple[datetime, ...] = ()

    @property
    def awaits_viewer(self) -> bool:
        """Return whether the viewer has to answer: a proposal, a move, or a date that the partner wrote down."""
        has_move = self.move is not None and not self.move.sender_is_me
        return has_move or bool({"decline", "confirm"} & set(self.actions))

    @property
    def moment(self) -> datetime:
        """Return when the date needs attention: the start of an agreed date, or the expiry of a proposal."""
        agreed = self.slots[0].start if self.state != state_machine.PROPOSED else None
        return agreed or self.expires_at or self.created_at


def find(viewer: Viewer, date_id: UUID, now: datetime) -> DateView:
    """Return a solo date of the viewer, or a date of their couple or former couple. Raise NotFound."""
    dates = _views(viewer, _find(date_id, viewer.id, viewer.couple, viewer.former, now), now)
    if not dates:
        raise NotFound
    return dates[0]


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


def list_next(viewer: Viewer, now: datetime, limit: int) -> list[DateView]:
    """Return the next `limit` dates alone, as many with the partner, and all that awaits an answer.

    Of a ritual only its next date counts, because a daily one would fill the list. Ordered by `DateView.moment`.
    """
    return _views(viewer, next_reading(viewer, now, limit).rows(), now)


def next_reading(viewer: Viewer, now: datetime, limit: int) -> Reading:
    """Return the reading of the dates of `list_next`."""
    since = rituals.to_text((now - _LONGEST_AGO).replace(tzinfo=None))
    return _list_next.on(viewer.id, viewer.couple, now, since, limit)


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
    return _views(viewer, _by_ids(viewer.id, viewer.couple, dates, now), now)


class _Changes(NamedTuple):
    """The changes of a date that a viewer sees: the open move, and the newest message and place."""

    move: UUID | None
    move_sender: UUID | None
    move_expires_at: datetime | None
    message_author: UUID | None
    message: str | None
    place_author: UUID | None
    place: str | None


def _select(me: Any, now: Any, is_hidden: Callable[[Any, Any], Any] = is_held) -> Any:
    """Return the query of dates with their changes. `is_hidden` tells which changes the viewer does not see."""
    message, place = DateText.alias(), DateText.alias()
    changes = (Reschedule.id, Reschedule.sender, Reschedule.expires_at)
    texts = (message.author, message.text, place.author, place.text)
    outer = peewee.JOIN.LEFT_OUTER
    is_open = (Reschedule.date == Date.id) & (Reschedule.expires_at > now) & ~is_hidden(me, Reschedule.id)
    return (
        Date.select(*COLUMNS, *changes, *texts)
        .join_from(Date, Reschedule, outer, on=is_open)
        .join_from(Date, message, outer, on=(message.id == newest_text(me, "message", is_hidden)))
        .join_from(Date, place, outer, on=(place.id == newest_text(me, "place", is_hidden)))
    )


def newest_text(me: Any, kind: str, is_hidden: Callable[[Any, Any], Any]) -> Any:
    """Return the query of the newest message or place of a date that the viewer sees."""
    text = DateText.alias()
    query = text.select(text.id).where(text.date == Date.id, text.kind == kind, ~is_hidden(me, text.change))
    return query.order_by(text.at.desc(), text.id.desc()).limit(1)


@db.cached_query
def _by_ids(me: Any, couple: Any, dates: Any, now: Any) -> Any:
    return _select(me, now, is_dismissed).where(Date.id.in_(dates), visible(me, couple))


@db.cached_query
def _find(date_id: Any, me: Any, couple: Any, former: Any, now: Any) -> Any:
    is_visible = visible(me, couple) | of_former_couple(me, former)
    return _select(me, now, is_dismissed).where(Date.id == date_id, is_visible)


@db.cached_query
def _list_upcoming(me: Any, couple: Any, now: Any, *rest: Any) -> Any:
    wanted, page = rest[:_LISTS], rest[_LISTS:]
    matches = ~is_held(me, Date.id) & _matches(now, *wanted)
    return _upcoming_page(me, now, [each & matches for each in ahead(me, couple, now)], *page)


@db.cached_query
def _list_next(me: Any, couple: Any, now: Any, since: Any, limit: Any) -> Any:
    alone, together, is_open = ahead(me, couple, now)
    shown, is_next = ~is_held(me, Date.id), ~rituals.has_earlier_date(now, since)
    has_move = peewee.fn.EXISTS(Reschedule.select(Reschedule.id).where(Reschedule.date == Date.id))
    awaits = [is_open & shown, together & shown & (has_move | Date.recorded)]
    # Whole days end later than much that begins later.
    coming = [alone & shown & is_next, together & shown & is_next]
    moment = peewee.fn.COALESCE(Date.start, Date.expires_at)
    return _select(me, now).where(in_any([*each_of(awaits), *each_of(coming, first=limit)])).order_by(moment, Date.id)


@db.cached_query
def _list_with_partner(me: Any, couple: Any, now: Any, limit: Any) -> Any:
    _, *together = ahead(me, couple, now)
    return _upcoming_page(me, now, [each & ~is_held(me, Date.id) for each in together], limit)


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
        during = [SlotRow.end > at for at in since] + [SlotRow.start < at for at in until]
        condition &= peewee.fn.EXISTS(
            SlotRow.select(SlotRow.id).where(SlotRow.date == Date.id, ~SlotRow.for_move, *during)
        )
    return condition


def _upcoming_page(me: Any, now: Any, lists: list[Any], limit: Any, *after: Any) -> Any:
    moment = peewee.fn.COALESCE(Date.start, Date.expires_at)
    query = _select(me, now).where(in_one_of(lists)).order_by(moment, Date.id).limit(limit)
    if after:
        at, last = after[0].typed_as(Date.created_at), after[1]
        query = query.where((moment > at) | ((moment == at) & (Date.id > last)))
    return query


@db.cached_query
def _list_recent(me: Any, couple: Any, now: Any, *rest: Any) -> Any:
    wanted, page = rest[:_LISTS], rest[_LISTS:]
    # An answer to a held offer releases it.
    matches = ~is_held(me, Date.id) & _matches(now, *wanted)
    return _newest_page(me, now, [each & matches for each in scopes(me, couple)], *page)


@db.cached_query
def _list_recent_without_couple(me: Any, former: Any, now: Any, *rest: Any) -> Any:
    wanted, page = rest[:_LISTS], rest[_LISTS:]
    matches, alone = _matches(now, *wanted), scopes(me, None)[0]
    return _newest_page(me, now, [alone & matches, of_former_couple(me, former) & matches], *page)


def _newest_page(me: Any, now: Any, lists: list[Any], limit: Any, *after: Any) -> Any:
    if after:
        at, last = after
        rest = (Date.created_at <= at) & ((Date.created_at < at) | (Date.id < last))
        lists = [each & rest for each in lists]
    query = _select(me, now).where(in_one_of(lists, newest=limit))
    return query.order_by(Date.created_at.desc(), Date.id.desc()).limit(limit)


class _Details(NamedTuple):
    """What belongs to dates, by the id of the date; the activities by their own."""

    slots: dict[UUID, list[Slot]]
    moves: dict[UUID, list[Slot]]
    activities: dict[UUID, ActivityEntry]
    rituals: dict[UUID, RitualRow]
    reminders: dict[UUID, tuple[datetime, ...]]


def _views(viewer: Viewer, results: Sequence[Sequence[Any]], now: datetime) -> list[DateView]:
    rows = [(DateRow(*result[: len(COLUMNS)]), _Changes(*result[len(COLUMNS) :])) for result in results]
    details = _read_details(viewer, [row for row, _ in rows], now) if rows else None
    return [_view(viewer, row, changes, details, now) for row, changes in rows] if details else []


def _read_details(viewer: Viewer, rows: list[DateRow], now: datetime) -> _Details:
    ids = [row.id for row in rows]
    ahead = [row.id for row in rows if row.state == state_machine.ACCEPTED and row.start and row.start > now]
    db.read_together(slots_reading(ids), rituals.dates_reading(ids), reminders.times_reading(viewer.id, ahead))
    slots = all_slots_of(ids)
    overlaps.mark(viewer, slots, now)
    activities_by_id = activities.get_many_including_retired([row.activity_id for row in rows])
    return _Details(*slots, activities_by_id, rituals.of_dates(ids), reminders.list_times(viewer.id, ahead))


def _ritual(row: RitualRow | None, now: datetime) -> DateRitual | None:
    return DateRitual(row, row.state(now)) if row else None


def _view(viewer: Viewer, row: DateRow, changes: _Changes, details: _Details, now: datetime) -> DateView:
    activity = details.activities[row.activity_id]
    viewer_role = role(row, viewer.id, viewer.couple)
    state = state_machine.state_at(state_of(row), now)
    expires_at = row.expires_at if state in (state_machine.PROPOSED, state_machine.LAPSED) else None
    actions = tuple(_actions(viewer, row, viewer_role, activity, now))
    message_author, message = row.proposer_id, row.message
    if changes.message_author:
        message_author, message = changes.message_author, changes.message
    place_author, place = row.proposer_id, row.place
    if changes.place_author:
        place_author, place = changes.place_author, changes.place
    if viewer_role == state_machine.FORMER:
        # Texts of a former partner are out of view. The viewer's own record keeps them.
        message = message if message_author == viewer.id else None
        place = place if place_author == viewer.id else None
    return DateView(
        row.id,
        activity,
        row.couple_id is not None,
        state,
        row.version,
        row.sender_id == viewer.id,
        message,
        message_author == viewer.id,
        place,
        row.guide,
        row.recorded,
        row.answer,
        row.created_at,
        expires_at,
        tuple(details.slots[row.id]),
        actions,
        _move_view(viewer, changes, details.moves.get(row.id, []), actions, now),
        _ritual(details.rituals.get(row.id), now),
        details.reminders.get(row.id, ()),
    )


def _move_view(
    viewer: Viewer, changes: _Changes, slots: Sequence[Slot], actions: Sequence[str], now: datetime
) -> MoveView | None:
    if changes.move is None or changes.move_expires_at is None or "cancel" not in actions:
        return None
    mine = changes.move_sender == viewer.id
    # A move to an activity above the viewer's pace leaves only the way back.
    answers = ("accept", "decline") if "move" in actions else ("decline",)
    return MoveView(changes.move, mine, tuple(slots), changes.move_expires_at, ("withdraw",) if mine else answers)


def _actions(viewer: Viewer, row: DateRow, viewer_role: str, activity: ActivityEntry, now: datetime) -> list[str]:
    """Return the moves open to the viewer now. An activity above their own pace leaves only moves away from it."""
    moves = state_machine.allowed(state_of(row), viewer_role, now)
    if row.couple_id is None:
        return moves
    own_pace = viewer.own_pace or 0
    closed = state_machine.PACE_LIMITED_MOVES if pace_of(activity, row.guide) > own_pace else ()
    return [move for move in moves if move not in closed and (move != "edit" or own_pace >= contact_rules.WORDS_PACE)]
