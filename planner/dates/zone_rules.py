"""Keep dates on their wall time when a zone gets new rules.

A slot means a wall time in a zone, and its instants are derived from both. New rules come with an update of the zone
data, which needs a restart. So the server derives the instants of what lies ahead again at each start.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from planner import clock, inbox
from planner.dates import state_machine
from planner.dates.views import Date, SlotRow
from planner.storage import db

_OPEN = (state_machine.PROPOSED, state_machine.ACCEPTED)
_LARGEST_CHANGE = timedelta(days=1)  # a zone that crosses the date line


class _Derived(NamedTuple):
    """A slot with its stored start, and the start that the present rules give."""

    date: UUID
    id: UUID
    state: str
    stored: datetime
    start: datetime


def apply(now: datetime) -> int:
    """Derive the instants of all open dates ahead again, and return how many dates have moved."""
    moved = 0
    for date_id, slots in groupby(_slots_ahead(now), lambda slot: slot.date):
        moved_slots = [slot for slot in slots if slot.start != slot.stored]
        if moved_slots:
            with db.write((Date, [date_id])):
                for slot in moved_slots:
                    _move(slot, now)
            moved += 1
    return moved


def _slots_ahead(now: datetime) -> list[_Derived]:
    columns = (Date.id, SlotRow.id, Date.state, SlotRow.start, SlotRow.local_time, SlotRow.zone)
    ahead = SlotRow.select(*columns).join(Date).where(Date.state.in_(_OPEN), SlotRow.start > now - _LARGEST_CHANGE)
    return [
        _Derived(date_id, slot_id, state, stored, clock.to_utc(datetime.fromisoformat(wall), zone))
        for date_id, slot_id, state, stored, wall, zone in db.fetch_all(ahead.order_by(Date.id))
    ]


def _move(slot: _Derived, now: datetime) -> None:
    """Move a slot, and what depends on it: the date, the reminders, and the expiry of a proposal."""
    shift = slot.start - slot.stored
    rows = db.fetch_all(SlotRow.select(SlotRow.end).where(SlotRow.id == slot.id, SlotRow.start == slot.stored))
    if not rows:
        return  # another server has moved it
    end = rows[0][0] + shift
    SlotRow.update(start=slot.start, end=end).where(SlotRow.id == slot.id).execute()
    agreed = Date.update(start=slot.start, end=end).where(Date.id == slot.date, Date.state == state_machine.ACCEPTED)
    if agreed.execute():
        inbox.shift(slot.date, inbox.REMINDERS, shift, now)
    last = SlotRow.select(SlotRow.start).where(SlotRow.date == slot.date).order_by(SlotRow.start.desc())
    latest_answer = db.fetch_all(last.limit(1))[0][0] - state_machine.LAST_ANSWER
    Date.update(expires_at=latest_answer).where(Date.id == slot.date, Date.expires_at > latest_answer).execute()
