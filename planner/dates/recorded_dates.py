"""Recorded dates: dates that one person wrote down as agreed. The partner confirms or denies them."""

from __future__ import annotations

from uuid import UUID

from planner import inbox
from planner.contact import contact_log, holds
from planner.dates import rsvps
from planner.dates.dates import DateRow


def awaits(person: UUID, row: DateRow) -> bool:
    """Return whether a date waits for this person's word: the partner wrote it down."""
    return bool(row.recorded) and row.sender_id != person


def settle(person: UUID, date_id: UUID, outcome: str) -> None:
    """Release a recorded date, whose partner `person` accepted it or said "no". Call inside their transaction."""
    contact_log.settle_recorded(date_id, outcome)
    holds.answer(person, date_id)
    inbox.withdraw(date_id, ["date_recorded"])
    if outcome == contact_log.ACCEPTED:
        rsvps.accept(person, date_id)
