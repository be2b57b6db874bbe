"""Dates as events of calendars, each one as a single event. Feeds are in feed_events.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from planner.calendars.ics_export import CalendarEvent
from planner.catalogue import activities
from planner.contact.viewer import Viewer
from planner.dates import dates, state_machine, views
from planner.dates.dates import Date
from planner.errors import Conflict, NotFound
from planner.storage import db

IN_CALENDARS = (state_machine.ACCEPTED, state_machine.COMPLETED, state_machine.CANCELLED)
"""The states of the dates that calendars have. A cancelled one removes its event."""


def find(viewer: Viewer, date_id: UUID, now: datetime) -> CalendarEvent:
    """Return one agreed date, or one that was cancelled. Raise NotFound, or Conflict for a date without agreed time."""
    date = views.find(viewer, date_id, now)
    if date.state not in IN_CALENDARS:
        raise Conflict("date_not_agreed")
    events = read([date.id])
    if not events:  # a date of a ritual that was stopped a moment ago
        raise NotFound
    return events[0]


def read(date_ids: Sequence[UUID]) -> list[CalendarEvent]:
    """Return dates that a person may see, ordered by start. The caller has checked that they may."""
    rows = list(_by_ids(list(date_ids)))
    slots, titles = dates.slots_of([row[0] for row in rows]), titles_of([row[1] for row in rows])
    return [
        CalendarEvent(str(date), titles[activity], slots[date][0], version, moved_at, state == state_machine.CANCELLED)
        for date, activity, state, version, moved_at in rows
        if slots[date]
    ]


def titles_of(activity_ids: list[UUID]) -> dict[UUID, str]:
    """Return the titles of activities, also of retired ones."""
    known = activities.get_many_including_retired(activity_ids)
    return {activity: entry.content.title for activity, entry in known.items()}


@db.cached_query
def _by_ids(date_ids: Any) -> Any:
    columns = (Date.id, Date.activity, Date.state, Date.version, Date.moved_at)
    return Date.select(*columns).where(Date.id.in_(date_ids), Date.start.is_null(False)).order_by(Date.start, Date.id)
