"""Keep dates on their wall time when a zone gets new rules.

A slot means a wall time in a zone, or whole days there, and its instants are derived from that. New rules come with an
update of the zone data, which needs a restart. So the server derives the instants of what lies ahead again at each
start.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from planner import inbox
from planner.couples import contact_rules
from planner.couples.couples import Couple
from planner.dates import reminders, slots, state_machine
from planner.dates.dates import Date, Reschedule, SlotRow
from planner.storage import db

_OPEN = (state_machine.PROPOSED, state_machine.ACCEPTED)
_LARGEST_CHANGE = timedelta(days=1)  # a zone that crosses the date line


class _Derived(NamedTuple):
    """A slot with its stored instants, and those that the present rules give."""

    date: UUID
    id: UUID
    stored: tuple[datetime, datetime]
    start: datetime
    end: datetime
    for_move: bool

    @property
    def has_moved(self) -> bool:
        """Return whether the rules have changed an instant."""
        return self.stored != (self.start, self.end)


def apply(now: datetime) -> int:
    """Derive the instants of all open dates ahead again, and return how many dates have moved."""
    moved = 0
    for date_id, slots_of_date in groupby(_slots_ahead(now), lambda slot: slot.date):
        moved_slots = [slot for slot in slots_of_date if slot.has_moved]
        if moved_slots:
            with db.write((Date, [date_id])):
                for slot in moved_slots:
                    _move(slot, now)
            moved += 1
    return moved


def _slots_ahead(now: datetime) -> list[_Derived]:
    since = now - _LARGEST_CHANGE
    # The last day of a slot that has begun may get another end.
    is_ahead = (SlotRow.start > since) | (SlotRow.days.is_null(False) & (SlotRow.end > since))
    columns = (Date.id, SlotRow.id, SlotRow.for_move, SlotRow.start, SlotRow.end)
    on_wall = (SlotRow.local_time, SlotRow.zone, SlotRow.days)
    query = SlotRow.select(*columns, *on_wall).join(Date).where(Date.state.in_(_OPEN), is_ahead)
    return [_derive(*row) for row in db.fetch_all(query.order_by(Date.id))]


def _derive(date: UUID, slot: UUID, for_move: bool, start: datetime, end: datetime, *on_wall: Any) -> _Derived:
    wall, zone, days = on_wall
    derived = slots.instants(datetime.fromisoformat(wall), zone, days, end - start)
    return _Derived(date, slot, (start, end), *derived, for_move)


def _move(slot: _Derived, now: datetime) -> None:
    """Move a slot, and what depends on it: the date, the reminders, and the expiry of a proposal."""
    start, end = slot.stored
    is_stored = SlotRow.id == slot.id, SlotRow.start == start, SlotRow.end == end
    if not SlotRow.update(start=slot.start, end=slot.end).where(*is_stored).execute():
        return  # another server has moved it
    if slot.for_move:
        latest_answer = slot.start - min(contact_rules.ANSWER_NOTICE.values())
        Reschedule.update(expires_at=latest_answer).where(
            Reschedule.date == slot.date, Reschedule.expires_at > latest_answer
        ).execute()
        return
    changed = {"start": slot.start, "end": slot.end, "version": Date.version + 1, "moved_at": now}
    agreed = Date.update(**changed).where(Date.id == slot.date, Date.state == state_machine.ACCEPTED)
    if agreed.execute():
        inbox.shift(slot.date, reminders.AHEAD, slot.start - start, now)
        inbox.shift(slot.date, (reminders.AFTER,), slot.end - end, now)
    last = SlotRow.select(SlotRow.start).where(SlotRow.date == slot.date).order_by(SlotRow.start.desc())
    rhythm = Couple.select(Couple.rhythm).join(Date, on=(Date.couple == Couple.id)).where(Date.id == slot.date)
    notice = contact_rules.ANSWER_NOTICE[(db.fetch_one(rhythm) or ("together",))[0]]
    latest_answer = db.fetch_all(last.limit(1))[0][0] - notice
    Date.update(expires_at=latest_answer).where(Date.id == slot.date, Date.expires_at > latest_answer).execute()
