"""Looking back: how many dates there were in each of the last twelve months, and of which kinds.

It counts what the two did together, and for the viewer alone their own notes and solo dates. Nothing of the partner is
counted apart, and nothing is compared.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import peewee

from planner import clock
from planner.catalogue import activities
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.dates import dates, state_machine
from planner.dates.dates import Date, SlotRow
from planner.notes import counts
from planner.notes.counts import KindCount, MonthCount
from planner.notes.notes import Note, Share
from planner.storage import db

MOST = 2000
"""The most rows of each kind that are counted: more than five a day."""


class OwnCounts(NamedTuple):
    """What the viewer did alone in these months. Only the viewer reads it."""

    notes: int
    shared_notes: int
    dates_alone: int


class LookBack(NamedTuple):
    """The last twelve months of a couple, or of a person alone."""

    months: list[MonthCount]
    kinds: list[KindCount]
    memories: int
    first_day: date | None
    own: OwnCounts


def read(viewer: Viewer, now: datetime) -> LookBack:
    """Return the viewer's last twelve months: the dates of the couple, or without one the dates alone."""
    months = counts.months_until(viewer.today(now))
    since = clock.start_of_day(months[0], "UTC") - timedelta(days=1)
    rows = [(is_of_two, activity, _day(local_time)) for is_of_two, activity, local_time in _since(viewer, since)]
    recent = [row for row in rows if row[2] >= months[0]]
    entries = activities.get_many_including_retired([activity for _, activity, _ in recent])
    # Nothing counts self-care. Its dates are about one-offs, which are retired from the start.
    recent = [row for row in recent if row[0] or not (entries[row[1]].owner and entries[row[1]].retired)]
    counted = [row for row in recent if row[0] == (viewer.couple is not None)]
    first = _first(viewer.id, viewer.couple)
    notes, shared_notes = _count_notes(viewer.id, since)[0]
    return LookBack(
        counts.by_month((day for *_, day in counted), months),
        counts.by_kind(entries[activity].content.category for _, activity, _ in counted),
        len(counted),
        _day(first[0][0]) if first else None,
        OwnCounts(notes, shared_notes, sum(not is_of_two for is_of_two, *_ in recent)),
    )


def _day(local_time: str) -> date:
    return datetime.fromisoformat(local_time).date()


def _since(viewer: Viewer, since: datetime) -> list[tuple[bool, Any, str]]:
    return [(bool(of_two), activity, wall) for of_two, activity, wall in _ended_since(viewer.id, viewer.couple, since)]


@db.cached_query
def _ended_since(me: Any, couple: Any, since: Any) -> Any:
    lists = [
        Date.select(Date.id).where(scope, _took_place(me), Date.end > since).order_by(Date.end.desc()).limit(MOST)
        for scope in dates.scopes(me, couple)
    ]
    query = Date.select(Date.couple.is_null(False), Date.activity, SlotRow.local_time)
    return query.join(SlotRow, on=(SlotRow.date == Date.id) & ~SlotRow.for_move).where(dates.in_any(lists))


@db.cached_query
def _first(me: Any, couple: Any) -> Any:
    """Return the first date of the couple, or without one the first date alone."""
    alone, together = dates.scopes(me, couple)
    of_couple = Date.select(Date.id).where(together, _took_place(me)).order_by(Date.end).limit(1)
    of_one = Date.select(Date.id).where(alone, _took_place(me)).order_by(Date.end).limit(1)
    query = Date.select(SlotRow.local_time).join(SlotRow, on=(SlotRow.date == Date.id) & ~SlotRow.for_move)
    return query.where(dates.in_any([of_couple, of_one])).order_by(Date.couple.is_null(), Date.end).limit(1)


@db.cached_query
def _count_notes(me: Any, since: Any) -> Any:
    newest = Note.select(Note.id).where(Note.author == me, Note.deleted_at.is_null(), Note.created_at > since)
    newest = newest.order_by(Note.created_at.desc()).limit(MOST)
    is_shared = Share.shared_at.is_null(False) & Share.recalled_at.is_null()
    numbers = peewee.fn.COUNT(Note.id), peewee.fn.COUNT(peewee.Case(None, [(is_shared, 1)], None))
    query = Note.select(*numbers).join(Share, peewee.JOIN.LEFT_OUTER, on=(Share.note == Note.id))
    return query.where(Note.id.in_(newest))


def _took_place(me: Any) -> Any:
    return (Date.state == state_machine.COMPLETED) & ~is_held(me, Date.id)
