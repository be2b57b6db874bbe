"""Memory notes: the notes of the kind memory that are on the page of no date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.dates import state_machine
from planner.dates.dates import Date
from planner.notes import notes
from planner.notes.notes import MEMORY, Note, NoteView, Share
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class MemoryNote(NamedTuple):
    """A note, and when its author wrote it, or for the partner shared it."""

    note: NoteView
    at: datetime


def list_newest(
    viewer: Viewer, limit: int, after: tuple[datetime, UUID] | None = None, span: Sequence[datetime] = ()
) -> list[MemoryNote]:
    """Return the newest own ones and the newest that the partner shared, `limit` of each. Recalled ones are left out.

    `span` is the earliest and the latest time of the notes.
    """
    place = after or ()
    rows = _own(viewer.id, [*span], limit, *place)
    if viewer.couple:
        rows = [*rows, *_received(viewer.id, viewer.couple, [*span], limit, *place)]
    views = {note.id: note for note in notes.list_by_ids(viewer, [row[0] for row in rows])} if rows else {}
    return [MemoryNote(views[note_id], at) for note_id, at in rows if note_id in views]


@db.cached_query
def _own(me: Any, span: list[Any], limit: Any, *after: Any) -> Any:
    is_own = (Note.author == me) & Note.deleted_at.is_null() & Share.recalled_at.is_null()
    return _newest(is_own & _has_no_page(), Note.created_at, span, limit, after)


@db.cached_query
def _received(me: Any, couple: Any, span: list[Any], limit: Any, *after: Any) -> Any:
    is_shared = (Share.couple == couple) & Share.recalled_at.is_null() & Note.deleted_at.is_null()
    # The receiver does not see that a note is about a solo date of its author.
    has_no_page = _has_no_page() | Date.couple.is_null()
    condition = (Note.author != me) & is_shared & has_no_page & ~is_held(me, Note.id)
    return _newest(condition, Share.shared_at, span, limit, after)


def _has_no_page() -> Any:
    return Note.date.is_null() | (Date.state != state_machine.COMPLETED)


def _newest(condition: Any, moment: UtcDateTimeField, span: list[Any], limit: Any, after: tuple[Any, ...]) -> Any:
    if span:
        condition &= (moment > span[0]) & (moment < span[1])
    if after:
        at, last = after
        condition &= (moment <= at) & ((moment < at) | (Note.id < last))
    return (
        Note.select(Note.id, moment)
        .join(Share, peewee.JOIN.LEFT_OUTER, on=(Share.note == Note.id))
        .join_from(Note, Date, peewee.JOIN.LEFT_OUTER, on=(Note.date == Date.id))
        .where(Note.kind == MEMORY, condition)
        .order_by(moment.desc(), Note.id.desc())
        .limit(limit)
    )
