"""Busy calendars: calendars that you keep elsewhere. You are offered no times when they are busy. Only you see them."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core import rate_limits
from api.core.enumerations import EnumField
from api.core.fields import StrictBoolean, Text, UtcDateTime, Uuid, new_id
from api.core.file_fields import CalendarFile
from api.core.languages import CatalogueText
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.parsing import if_match
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.core.validators import InvalidValue
from planner.calendars import busy_calendars, calendar_readings, calendar_refresh
from planner.calendars.busy_calendars import BusyCalendarView
from planner.errors import (
    Conflict,
    IdTaken,
    Invalid,
    NotFound,
    RateLimited,
    Unavailable,
    VersionConflict,
    VersionMissing,
)

routes = Routes("busy_calendars")

MAX_FILE_BODY = 3 * 1024 * 1024
"""Bytes of a request with a file. JSON writes each line end as four characters."""

_NAME = {"examples": ["Work"], "description": "What you call it."}
_ALL_DAY = {
    "examples": [False],
    "description": "Whether events of whole days count as busy. Birthdays and holidays are such events.",
}
_EXAMPLE_FILE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261120T080000Z\r\n"
    "DTSTART:20261128T180000Z\r\nDTEND:20261128T200000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


class BusyCalendarIn(Schema):
    """A calendar that has an address."""

    id = new_id()
    name = Text(60, required=True, metadata=_NAME)
    address = Text(
        2000,
        required=True,
        metadata={
            "examples": ["https://calendar.example.org/private-5b1f/basic.ics"],
            "description": "Its secret address, with https:// or webcal://. No answer shows more of it than the host.",
        },
    )
    all_day = StrictBoolean(load_default=False, metadata=_ALL_DAY)


class BusyCalendarFileIn(Schema):
    """A calendar that you have as a file. The server keeps the busy times only, not the file."""

    id = new_id()
    name = Text(60, required=True, metadata=_NAME)
    text = CalendarFile(
        calendar_readings.MOST_BYTES,
        required=True,
        metadata={"examples": [_EXAMPLE_FILE], "description": "The content of the .ics file, at most 2 MB."},
    )
    all_day = StrictBoolean(load_default=False, metadata=_ALL_DAY)


class BusyCalendarPatch(Schema):
    """Another name, or another choice about whole days."""

    openapi: ClassVar[dict[str, Any]] = {"minProperties": 1}

    name = Text(60, metadata=_NAME)
    all_day = StrictBoolean(metadata=_ALL_DAY)

    @validates_schema
    def _check_not_empty(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise InvalidValue("one_needed", names=["name", "all_day"])


class CalendarFaultOut(Schema):
    """Why the last try to read a calendar failed."""

    key = EnumField(enumerations.CALENDAR_FAULT, metadata={"examples": ["no_answer"]})
    text = CatalogueText("calendar_faults", "key", example="no_answer")


class BusyCalendarOut(Schema):
    """One of your calendars. Only you see it. Nothing of its events is kept but when they are."""

    id = Uuid(metadata={"examples": ["3e7f1c0e-9a55-4d6c-8a8e-2f4f6f0f7b55"]})
    version = fields.Integer(metadata={"examples": [1]})
    name = fields.String(metadata=_NAME)
    kind = EnumField(enumerations.BUSY_CALENDAR_KIND, metadata={"examples": ["address"]})
    host = fields.String(
        allow_none=True, metadata={"examples": ["calendar.example.org"], "description": "Null for a file."}
    )
    all_day = fields.Boolean(metadata=_ALL_DAY)
    state = EnumField(enumerations.BUSY_CALENDAR_STATE, metadata={"examples": ["read"]})
    busy_times = fields.Integer(
        attribute="busy", metadata={"examples": [42], "description": "Those ahead at the last reading."}
    )
    skipped_events = fields.Integer(
        attribute="skipped",
        metadata={"examples": [0], "description": "Events that could not be read: they do not count as busy."},
    )
    fault = fields.Nested(CalendarFaultOut, allow_none=True, metadata={"examples": [None]})
    tried_at = UtcDateTime(
        allow_none=True, metadata={"examples": ["2026-11-23T08:00:00.000Z"], "description": "The last try."}
    )
    worked_at = UtcDateTime(
        allow_none=True, metadata={"examples": ["2026-11-23T08:00:00.000Z"], "description": "The last that worked."}
    )
    next_at = UtcDateTime(
        allow_none=True,
        metadata={"examples": ["2026-11-23T11:00:00.000Z"], "description": "The next try. Null for a file."},
    )
    read_until = UtcDateTime(
        allow_none=True,
        metadata={
            "examples": ["2027-12-28T08:00:00.000Z"],
            "description": "Later events are not known yet. It is 400 days ahead, or less for a very full calendar.",
        },
    )


class BusyCalendarListOut(Schema):
    """All of your calendars, the oldest first."""

    items = fields.List(fields.Nested(BusyCalendarOut))


def _show(view: BusyCalendarView) -> Versioned:
    return Versioned(view._asdict(), fault={"key": view.fault} if view.fault else None)


@routes.get("/busy-calendars", access=SIGNED_IN, answer=BusyCalendarListOut())
def list_busy_calendars(context: RequestContext) -> dict[str, Any]:
    """List your calendars: how many busy times each has, when it was last read, and why the last try failed."""
    return {"items": [_show(view) for view in busy_calendars.list_calendars(context.viewer.id)]}


@routes.post(
    "/busy-calendars",
    access=SIGNED_IN,
    body=BusyCalendarIn(),
    answer=BusyCalendarOut(),
    status=201,
    location="/busy-calendars/{id}",
    example={"state": "waiting", "busy_times": 0, "tried_at": None, "worked_at": None, "read_until": None},
    problems=[Invalid, IdTaken, Conflict, RateLimited],
)
def create_busy_calendar(context: RequestContext) -> Versioned:
    """Add a calendar by its secret address. The server reads it within seconds: until then its state is `waiting`.

    Later it is read again every few hours. Only the busy times are kept. Times when it is busy are no longer offered to
    you. Only you see this calendar, and your partner sees no difference.
    """
    viewer, now = context.viewer, context.now
    rate_limits.count(rate_limits.busy_calendars(str(viewer.id)), now)
    return _show(calendar_refresh.subscribe(viewer.id, now=now, calendar_id=context.body.pop("id"), **context.body))


@routes.post(
    "/busy-calendars/files",
    access=SIGNED_IN,
    body=BusyCalendarFileIn(),
    max_body=MAX_FILE_BODY,
    answer=BusyCalendarOut(),
    status=201,
    location="/busy-calendars/{id}",
    example={"kind": "file", "host": None, "busy_times": 1, "next_at": None},
    problems=[Invalid, IdTaken, Conflict, RateLimited, Unavailable],
)
def import_busy_calendar(context: RequestContext) -> Versioned:
    """Add the busy times of a calendar file. It is read once, for the next 400 days, and not kept.

    The answer says how many busy times it has, and how many events could not be read.
    """
    viewer, now = context.viewer, context.now
    rate_limits.count(rate_limits.busy_calendars(str(viewer.id)), now)
    return _show(calendar_refresh.import_file(viewer.id, now=now, calendar_id=context.body.pop("id"), **context.body))


@routes.get("/busy-calendars/<uuid:calendar_id>", access=OWNER, answer=BusyCalendarOut(), problems=[NotFound])
def get_busy_calendar(context: RequestContext, calendar_id: UUID) -> Versioned:
    """Read one of your calendars."""
    return _show(busy_calendars.get(context.viewer.id, calendar_id))


@routes.patch(
    "/busy-calendars/<uuid:calendar_id>",
    access=OWNER,
    body=BusyCalendarPatch(),
    answer=BusyCalendarOut(),
    versioned=True,
    problems=[Invalid, NotFound, VersionMissing, VersionConflict],
)
def edit_busy_calendar(context: RequestContext, calendar_id: UUID) -> Versioned:
    """Change the name of a calendar, or whether its whole days count as busy."""
    return _show(busy_calendars.edit(context.viewer.id, calendar_id, if_match(), context.body))


@routes.post(
    "/busy-calendars/<uuid:calendar_id>/refresh",
    access=OWNER,
    answer=BusyCalendarOut(),
    example={"state": "waiting", "tried_at": None},
    problems=[NotFound, RateLimited],
)
def refresh_busy_calendar(context: RequestContext, calendar_id: UUID) -> Versioned:
    """Read a calendar again now, for example after a fault. A file stays as it is."""
    busy_calendars.get(context.viewer.id, calendar_id)  # a calendar of another person counts no try
    rate_limits.count(rate_limits.busy_calendars(str(context.viewer.id)), context.now)
    return _show(busy_calendars.ask_again(context.viewer.id, calendar_id, context.now))


@routes.delete("/busy-calendars/<uuid:calendar_id>", access=OWNER, problems=[NotFound])
def delete_busy_calendar(context: RequestContext, calendar_id: UUID) -> None:
    """Delete a calendar with its busy times. The calendar itself stays where it is."""
    busy_calendars.remove(context.viewer.id, calendar_id)
