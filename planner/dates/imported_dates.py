"""Import past dates of another server as dates of the person alone: who was with them is not known here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner.accounts import caps
from planner.accounts.accounts import Person
from planner.catalogue import one_offs
from planner.catalogue.one_offs import OneOff
from planner.contact.viewer import Viewer
from planner.dates import date_history, state_machine
from planner.dates.dates import Date, insert_slots
from planner.dates.slots import Slot
from planner.errors import Conflict
from planner.storage import db


class KnownByTitle(NamedTuple):
    """An activity that no list here has any more. Its date gets a one-off under this id."""

    id: UUID
    one_off: OneOff


class ImportedDate(NamedTuple):
    """A past date of another server, under the id that it gets here."""

    id: UUID
    activity: UUID | KnownByTitle
    slot: Slot
    message: str | None
    place: str | None
    created_at: datetime


def add(viewer: Viewer, imported: Collection[ImportedDate], now: datetime) -> int:
    """Add the past dates that are not here yet, and return their number. Raise Conflict at the cap of own dates."""
    if len(imported) > caps.most("dates_alone"):  # before the lock
        raise Conflict("too_many_dates_alone", most=caps.most("dates_alone"))
    with db.write((Person, [viewer.id])):
        here = list_own(viewer)
        added = sum(_insert(viewer.id, date, now) for date in imported if date.id not in here)
        if added and date_history.has_too_many_alone(viewer.id, more=0):
            raise Conflict("too_many_dates_alone", most=caps.most("dates_alone"))
    return added


def list_own(viewer: Viewer) -> set[UUID]:
    """Return the ids of the viewer's dates alone."""
    mine = Date.proposer == viewer.id, Date.couple.is_null()
    return {date for (date,) in db.fetch_all(Date.select(Date.id).where(*mine))}


def _insert(person: UUID, date: ImportedDate, now: datetime) -> bool:
    texts = {"message": date.message, "place": date.place}
    times = {"start": date.slot.start, "end": date.slot.end, "created_at": min(date.created_at, now), "moved_at": now}
    state = {"state": state_machine.COMPLETED, "version": 1, "request": "-", "last_request_digest": "-"}
    activity = date.activity
    if isinstance(activity, KnownByTitle):
        activity = one_offs.write(person, activity.one_off, now, activity.id).id
    is_new = db.insert_if_absent(
        Date, id=date.id, proposer=person, sender=person, activity=activity, **texts, **times, **state
    )
    if is_new:
        insert_slots(date.id, [date.slot])
    return bool(is_new)
