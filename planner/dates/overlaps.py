"""Overlaps: which agreed dates of a viewer are at the same time as a slot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.dates import state_machine
from planner.dates.dates import Date, in_one_of, scopes
from planner.dates.slots import LONGEST, Slot
from planner.storage import db


def mark(viewer: Viewer, tables: Sequence[dict[UUID, list[Slot]]], now: datetime) -> None:
    """Add to each slot ahead the viewer's other agreed dates at that time."""
    ahead = [slot for table in tables for slots in table.values() for slot in slots if slot.end > now]
    if not ahead:
        return
    begins = max(now, min(slot.start for slot in ahead))
    agreed = list_agreed(viewer, begins, max(slot.end for slot in ahead))
    for table in tables:
        for date_id, slots in table.items():
            table[date_id] = [_marked(slot, date_id, agreed) for slot in slots]


def _marked(slot: Slot, date_id: UUID, agreed: list[tuple[UUID, datetime, datetime]]) -> Slot:
    others = [other for other, start, end in agreed if start < slot.end and slot.start < end and other != date_id]
    return slot._replace(overlaps=tuple(others)) if others else slot


def list_agreed(viewer: Viewer, begins: datetime, ends: datetime) -> list[tuple[UUID, datetime, datetime]]:
    """Return the id, start and end of the viewer's agreed dates in a stretch of time, ordered by start."""
    # The index is of the end alone. Without the last argument, it would lead to all dates ahead.
    return _agreed(viewer.id, viewer.couple, begins, ends, ends + LONGEST)


@db.cached_query
def _agreed(me: Any, couple: Any, begins: Any, ends: Any, last_end: Any) -> Any:
    within = (Date.state == state_machine.ACCEPTED) & (Date.end > begins) & (Date.end < last_end)
    lists = [each & within for each in scopes(me, couple)]
    query = Date.select(Date.id, Date.start, Date.end).where(in_one_of(lists), Date.start < ends)
    return query.where(~is_held(me, Date.id)).order_by(Date.start, Date.id)
