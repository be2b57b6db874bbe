"""Important days: birthdays, anniversaries and others, and the countdown that two agree to show."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, Number, StrictBoolean, Text, Uuid, new_id
from api.core.operations import COUPLE, OWNER, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page_of, page_of_list
from api.core.parsing import if_match
from api.core.routing import Routes
from api.core.validators import InvalidValue
from planner.dates import important_days
from planner.dates.important_days import DayView, Draft
from planner.errors import Conflict, IdTaken, Invalid, NotFound, QuotaExceeded, VersionConflict, VersionMissing

routes = Routes("important-days")

_KIND = {"examples": ["anniversary"]}
_TITLE = {
    "examples": ["Our first walk"],
    "description": "Needed for your own kind, and for birthdays of others.",
}
_BIRTHDAY_OF = {"examples": [None], "description": "Whose birthday it is. Null, and only null, for other days."}
_MONTH = {"examples": [5]}
_DAY = {"examples": [14], "description": "The 29th of February is the 28th in other years."}
_YEAR = {"examples": [2019], "description": "The year in which it began, if the years should be counted."}


class ImportantDayIn(Schema):
    """A day of the year that matters to you. It is yours alone until you offer to show it to both."""

    id = new_id()
    kind = Choice(enumerations.IMPORTANT_DAY_KIND, required=True, metadata=_KIND)
    title = Text(60, load_default=None, allow_none=True, metadata=_TITLE)
    birthday_of = Choice(enumerations.BIRTHDAY_OF, load_default=None, allow_none=True, metadata=_BIRTHDAY_OF)
    month = Number(1, 12, required=True, metadata=_MONTH)
    day = Number(1, 31, required=True, metadata=_DAY)
    year = Number(1900, 2199, load_default=None, allow_none=True, metadata=_YEAR)


class ImportantDayPatch(Schema):
    """What to change of a day that you alone see."""

    openapi: ClassVar[dict[str, Any]] = {"minProperties": 1}

    kind = Choice(enumerations.IMPORTANT_DAY_KIND, metadata=_KIND)
    title = Text(60, allow_none=True, metadata=_TITLE)
    birthday_of = Choice(enumerations.BIRTHDAY_OF, allow_none=True, metadata=_BIRTHDAY_OF)
    month = Number(1, 12, metadata=_MONTH)
    day = Number(1, 31, metadata=_DAY)
    year = Number(1900, 2199, allow_none=True, metadata=_YEAR)

    @validates_schema
    def _check_not_empty(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise InvalidValue("one_needed", names=["kind", "title", "birthday_of", "month", "day", "year"])


class DaySharingPut(Schema):
    """Whether you want the countdown for both. It shows to both only when both of you do."""

    shared = StrictBoolean(required=True, metadata={"examples": [True]})


class ImportantDayOut(Schema):
    """A day of the year, and how long it is until then."""

    id = Uuid(metadata={"examples": ["9d5f1c0e-9a55-4d6c-8a8e-2f4f6f0f7b55"]})
    mine = fields.Boolean(metadata={"examples": [True]})
    kind = EnumField(enumerations.IMPORTANT_DAY_KIND, metadata=_KIND)
    title = fields.String(allow_none=True, metadata={"examples": ["Our first walk"]})
    birthday_of = EnumField(enumerations.BIRTHDAY_OF, allow_none=True, metadata=_BIRTHDAY_OF)
    month = fields.Integer(metadata=_MONTH)
    day = fields.Integer(metadata=_DAY)
    year = fields.Integer(allow_none=True, metadata=_YEAR)
    version = fields.Integer(allow_none=True, metadata={"examples": [1]})
    state = EnumField(enumerations.IMPORTANT_DAY_STATE, metadata={"examples": ["private"]})
    next_day = Day(metadata={"examples": ["2027-05-14"]})
    days_left = fields.Integer(metadata={"examples": [172], "description": "0: it is today."})
    years = fields.Integer(
        allow_none=True, metadata={"examples": [8], "description": "How many years it is on that day, or null."}
    )
    actions = fields.List(
        EnumField(enumerations.IMPORTANT_DAY_ACTION),
        metadata={"examples": [["edit", "delete", "offer"]], "description": "What you can do now."},
    )


_day = ImportantDayOut()


@routes.get("/important-days", access=SIGNED_IN, query=PageQuery(), answer=page_of(ImportantDayOut), problems=[Invalid])
def list_important_days(context: RequestContext) -> Page[DayView]:
    """List your days, and those that your partner offers or shows to both, the next one first."""
    days = important_days.list_days(context.viewer, context.now)
    return page_of_list(context.query, days, lambda day: (day.next_day.isoformat(), day.id), str)


@routes.post(
    "/important-days",
    access=SIGNED_IN,
    body=ImportantDayIn(),
    answer=_day,
    status=201,
    location="/important-days/{id}",
    problems=[Invalid, IdTaken, Conflict],
)
def create_important_day(context: RequestContext) -> DayView:
    """Add an important day. Only you see it."""
    body = dict(context.body)
    day_id = body.pop("id")
    return important_days.add(context.viewer, Draft(**body), day_id, context.now)


@routes.get("/important-days/<uuid:day_id>", access=OWNER, answer=_day, problems=[NotFound])
def get_important_day(context: RequestContext, day_id: UUID) -> DayView:
    """Read a day: your own, or one that your partner offers or shows to both."""
    return important_days.find(context.viewer, day_id, context.now)


@routes.patch(
    "/important-days/<uuid:day_id>",
    access=OWNER,
    body=ImportantDayPatch(),
    answer=_day,
    versioned=True,
    problems=[Invalid, NotFound, Conflict, VersionMissing, VersionConflict],
)
def edit_important_day(context: RequestContext, day_id: UUID) -> DayView:
    """Change a day that you alone see. One that is offered or shown to both has to be taken back first."""
    return important_days.edit(context.viewer, day_id, if_match(), context.body, context.now)


@routes.delete("/important-days/<uuid:day_id>", access=OWNER, problems=[NotFound, Conflict])
def delete_important_day(context: RequestContext, day_id: UUID) -> None:
    """Delete your day. It also leaves your partner's view."""
    important_days.delete(context.viewer, day_id, context.now)


@routes.put(
    "/important-days/<uuid:day_id>/sharing",
    access=COUPLE,
    body=DaySharingPut(),
    answer=_day,
    status=200,
    example={"state": "offered", "actions": ["delete", "stop"]},
    problems=[Invalid, NotFound, Conflict, QuotaExceeded],
)
def share_important_day(context: RequestContext, day_id: UUID) -> DayView:
    """Say whether you want the countdown for both.

    true: offer your day, which is one shared thing, or agree to your partner's. false: take your offer back, decline
    one, or end the countdown. A no to an offer is quiet: your partner finds the offer as it was.
    """
    if context.body["shared"]:
        return important_days.show_to_both(context.viewer, day_id, context.now)
    return important_days.show_no_longer(context.viewer, day_id, context.now)
