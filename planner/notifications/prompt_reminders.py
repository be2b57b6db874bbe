"""Reminders of the question of the day: items of the inbox at the hours that a person chose."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import peewee

from planner import inbox
from planner.accounts.accounts import Person
from planner.clock import next_midnight
from planner.contact.pauses import Pause
from planner.notifications import preferences, prompt_times
from planner.notifications.preferences import PreferencesRow
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

KIND = "prompt_of_day"
_BATCH = 100


def announce_due(now: datetime) -> int:
    """Add the items that are due, and return their number. Each lasts until the end of its day.

    A person in space, or without an account, gets none.
    """
    count = 0
    while rows := _due(now):
        count += sum(_announce(now, *row) for row in rows)
    return count


def _due(now: datetime) -> list[tuple[Any, ...]]:
    in_space = peewee.fn.EXISTS(Pause.select(Pause.id).where(Pause.person == Person.id, Pause.ended_at.is_null()))
    is_silent = peewee.Case(None, [(in_space | Person.deleted_at.is_null(False), 1)], 0)
    row = PreferencesRow
    query = row.select(row.id, row.person, Person.zone, row.next_prompt_at, is_silent).join(Person)
    return db.fetch_all(query.where(row.next_prompt_at <= now).order_by(row.next_prompt_at).limit(_BATCH))


def _announce(now: datetime, row: UUID, person: UUID, zone: str, due_at: datetime, is_silent: int) -> bool:
    own = preferences.get_own(person)
    following = prompt_times.next_time(own.prompt_weekdays, own.prompt_at, zone, now)
    ends_at = next_midnight(due_at, zone)
    with db.write():
        is_due = (PreferencesRow.id == row) & (PreferencesRow.next_prompt_at == due_at)
        if not PreferencesRow.update(next_prompt_at=following).where(is_due).execute():
            return False  # another process was faster, or the person has just chosen other days
        if is_silent or ends_at <= now:
            return False
        inbox.replace(person, KIND, row, due_at, ends_at)
        return True


def next_due() -> datetime | None:
    """Return the next instant at which an item is due, or None."""
    at = PreferencesRow.select(peewee.fn.MIN(PreferencesRow.next_prompt_at)).scalar()
    return UtcDateTimeField.python_value(PreferencesRow.next_prompt_at, at) if at is not None else None
