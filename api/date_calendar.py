"""A date as a calendar file, for a calendar program."""

from __future__ import annotations

from uuid import UUID

from api.calendar_feed import MEDIA
from api.core.operations import COUPLE, File, RequestContext
from api.core.rendering import Download
from api.core.routing import Routes
from planner.calendars import date_events, ics_export
from planner.errors import Conflict, NotFound

routes = Routes("date_calendar")

ICS = File(MEDIA, "The date as an iCalendar file (RFC 5545).")


@routes.get("/dates/<uuid:date_id>/calendar", access=COUPLE, file=ICS, no_store=True, problems=[NotFound, Conflict])
def get_date_as_calendar(context: RequestContext, date_id: UUID) -> Download:
    """Get an agreed date as a file for your calendar. Its event is the same as in your calendar feed.

    A date of a ritual has an event of its own in its file, and is one time of a repeating event in the feed. A newer
    file replaces the event. The file of a date that is off removes it from many calendars.
    """
    event = date_events.find(context.viewer, date_id, context.now)
    calendar = b"".join(ics_export.calendar([event]))
    return Download("date.ics", [calendar], len(calendar))
