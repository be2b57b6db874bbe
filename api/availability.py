"""Your availability: hours when you are usually free or never free, and the consent to find common times."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, StrictBoolean, TimeOfDay
from api.core.operations import SIGNED_IN, RequestContext
from api.core.parsing import if_match
from api.core.routing import Routes
from api.core.validators import InvalidValue, Length
from planner.calendars import availability
from planner.calendars.availability import MAX_DAYS, MAX_WINDOWS, AvailabilityView
from planner.calendars.free_windows import FREE, Availability, DayWindow, WeekWindow
from planner.errors import Conflict, Invalid, VersionConflict, VersionMissing

routes = Routes("availability")

_FROM = {"examples": ["09:00"], "description": "In your own zone."}
_UNTIL = {"examples": ["17:00"], "description": "Hours that end no later than they begin end on the next day."}
_WEEKDAYS = {"examples": [["monday", "tuesday"]]}
_DAY = {"examples": ["2026-12-24"]}


class AvailabilityWindowPut(Schema):
    """Hours on some days of each week."""

    kind = Choice(enumerations.AVAILABILITY_KIND, required=True, metadata={"examples": ["never"]})
    weekdays = fields.List(Choice(enumerations.WEEKDAY), required=True, validate=Length(1, 7), metadata=_WEEKDAYS)
    begins = TimeOfDay(required=True, data_key="from", metadata=_FROM)
    ends = TimeOfDay(required=True, data_key="until", metadata=_UNTIL)
    label = Choice(
        enumerations.AVAILABILITY_LABEL,
        load_default=None,
        allow_none=True,
        metadata={"examples": ["work"], "description": "Of never only. If no time fits, it says what is in the way."},
    )

    @validates_schema
    def _check_label(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("kind") == FREE and data.get("label"):
            raise InvalidValue("label_of_free", "label")


class AvailabilityDayPut(Schema):
    """Hours on one day. Where they overlap those of the week, they count instead."""

    kind = Choice(enumerations.AVAILABILITY_KIND, required=True, metadata={"examples": ["free"]})
    day = Day(required=True, metadata=_DAY)
    begins = TimeOfDay(required=True, data_key="from", metadata=_FROM)
    ends = TimeOfDay(required=True, data_key="until", metadata=_UNTIL)


class AvailabilityPut(Schema):
    """When you are usually free, and when never. Your partner never sees it.

    Without hours of `free`, evenings and weekends count as usually free. From midnight to six, you are never free
    unless hours of `free` say so.
    """

    windows = fields.List(fields.Nested(AvailabilityWindowPut), required=True, validate=Length(0, MAX_WINDOWS))
    days = fields.List(
        fields.Nested(AvailabilityDayPut),
        required=True,
        validate=Length(0, MAX_DAYS),
        metadata={"description": "Exceptions. Days that are over are left out."},
    )


class AvailabilityWindowOut(Schema):
    """Hours on some days of each week."""

    kind = EnumField(enumerations.AVAILABILITY_KIND, metadata={"examples": ["never"]})
    weekdays = fields.List(EnumField(enumerations.WEEKDAY), metadata=_WEEKDAYS)
    begins = TimeOfDay(data_key="from", metadata=_FROM)
    ends = TimeOfDay(data_key="until", metadata=_UNTIL)
    label = EnumField(enumerations.AVAILABILITY_LABEL, allow_none=True, metadata={"examples": ["work"]})


class AvailabilityDayOut(Schema):
    """Hours on one day."""

    kind = EnumField(enumerations.AVAILABILITY_KIND, metadata={"examples": ["free"]})
    day = Day(metadata=_DAY)
    begins = TimeOfDay(data_key="from", metadata=_FROM)
    ends = TimeOfDay(data_key="until", metadata=_UNTIL)


class AvailabilityOut(Schema):
    """Your availability, and whether it finds times for two."""

    windows = fields.List(fields.Nested(AvailabilityWindowOut), attribute="week")
    days = fields.List(fields.Nested(AvailabilityDayOut))
    shared = fields.Boolean(
        metadata={
            "examples": [True],
            "description": "You agreed to find times for both. Your partner does not see it before they agree, too.",
        }
    )
    common = fields.Boolean(
        metadata={"examples": [False], "description": "You both agreed. GET /v1/free-times then has times for both."}
    )
    version = fields.Integer(metadata={"examples": [3]})


class SharingPut(Schema):
    """Whether you agree to find times for both.

    If you both do, each of you gets times that suit both: outside your hours of never, your agreed dates and the busy
    times of your calendars, those of your usual hours first. No one gets the hours or plans of the other person. Both
    of you can work out when the other is not free, but not why, and notice when that changes. Either can take it back
    at any time. Then each gets times that suit only them, and can notice that.
    """

    shared = StrictBoolean(required=True, metadata={"examples": [True]})


_availability = AvailabilityOut()


@routes.get("/availability", access=SIGNED_IN, answer=_availability)
def get_availability(context: RequestContext) -> AvailabilityView:
    """Read your availability. Its version is 0 until you set it."""
    return availability.get_own(context.viewer)


@routes.put(
    "/availability",
    access=SIGNED_IN,
    body=AvailabilityPut(),
    answer=_availability,
    versioned=True,
    problems=[Invalid, VersionMissing, VersionConflict],
)
def put_availability(context: RequestContext) -> AvailabilityView:
    """Replace your availability."""
    week = tuple(WeekWindow(**{**window, "weekdays": tuple(window["weekdays"])}) for window in context.body["windows"])
    days = tuple(DayWindow(**day) for day in context.body["days"])
    return availability.save(context.viewer, if_match(), Availability(week, days), context.now)


@routes.put(
    "/availability/sharing", access=SIGNED_IN, body=SharingPut(), answer=_availability, problems=[Invalid, Conflict]
)
def put_sharing(context: RequestContext) -> AvailabilityView:
    """Agree to find times for both, or take it back. It works once you both agree."""
    return availability.share(context.viewer, context.body["shared"])
