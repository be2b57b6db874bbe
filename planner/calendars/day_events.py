"""The important days of a person, as events of a calendar that come back each year."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from planner import messages
from planner.calendars.ics_export import CalendarEvent, Repeat
from planner.dates import important_days, yearly_days
from planner.dates.important_days import OwnDay
from planner.dates.slots import Slot


def list_events(person: UUID) -> list[CalendarEvent]:
    """Return all days of a person. Nothing in them depends on the present."""
    return [_event(day) for day in important_days.list_own(person)]


def _event(day: OwnDay) -> CalendarEvent:
    first_year = day.year or day.created_at.year
    wall = datetime.combine(yearly_days.in_year(day.month, day.day, first_year), time())
    start = wall.replace(tzinfo=UTC)
    slot = Slot(day.id, start, start + timedelta(days=1), wall, "UTC", days=1)
    # The last day of February comes each year.
    leap = ";BYMONTHDAY=-1;BYMONTH=2" if (day.month, day.day) == (2, 29) else ""
    repeat = Repeat(f"FREQ=YEARLY{leap}", (), first_year)
    kind = f"{day.kind}_of_{day.birthday_of}" if day.birthday_of in ("me", "partner") else day.kind
    title = day.title or messages.text("important_days", kind)
    return CalendarEvent(str(day.id), title, slot, day.version, day.created_at, repeat=repeat, is_free=True)
