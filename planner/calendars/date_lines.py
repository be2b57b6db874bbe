"""A line about an agreed date, for a mail to a person who wants details."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from planner import clock, messages
from planner.calendars import date_events
from planner.contact.holds import is_held
from planner.couples import couples
from planner.dates import dates
from planner.dates.dates import Date
from planner.dates.slots import Slot
from planner.storage import db


def describe(person: UUID, zone: str, date: UUID) -> str | None:
    """Return title and local time of an agreed or cancelled date, or None if the person does not see it.

    A date that is held back is not there, and neither is a proposal.
    """
    pair = couples.find_pair(person)
    shown = [date_id for (date_id,) in _shown(person, pair.couple if pair else None, date)]
    for event in date_events.read(shown):
        return messages.text("formats", "date_line", title=event.title, time=_time(event.slot, zone))
    return None


def _time(slot: Slot, zone: str) -> str:
    if slot.first_day and slot.end_day:
        last = slot.end_day - timedelta(days=1)
        days = dict.fromkeys(messages.short_day(day) for day in (slot.first_day, last))
        return " – ".join(days)
    start: datetime = clock.to_zone(slot.start, zone)
    return f"{messages.short_day(start.date())}, {start:%H:%M}"


@db.cached_query
def _shown(me: Any, couple: Any, date: Any) -> Any:
    alone, together = dates.scopes(me, couple)
    is_agreed = Date.state.in_(date_events.IN_CALENDARS) & ~is_held(me, Date.id)
    return Date.select(Date.id).where(Date.id == date, alone | together, is_agreed)
