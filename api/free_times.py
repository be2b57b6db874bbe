"""Free times: when you can meet, or when you have time for yourself."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, LocalDateTime, Number, Uuid
from api.core.languages import CatalogueText
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.suggestions import request_of
from planner.errors import Conflict, FieldError, Invalid, NotFound
from planner.recommender import free_times
from planner.recommender.free_times import FreeTimesQuery
from planner.recommender.model.ranked_times import DAYS_AHEAD

routes = Routes("free_times")


class FreeTimesParams(Schema):
    """On which days, how long, and for what. All are optional."""

    party = Choice(
        enumerations.AUDIENCE,
        data_key="for",
        load_default=None,
        metadata={"examples": ["two"], "description": "Default: two, with a partner."},
    )
    first = Day(
        data_key="from",
        load_default=None,
        metadata={"examples": ["2026-11-28"], "description": "The first day, in your zone. Default: today."},
    )
    last = Day(
        data_key="to",
        load_default=None,
        metadata={
            "examples": ["2026-12-13"],
            "description": f"The last day. Default: the last possible one, {DAYS_AHEAD} days from today.",
        },
    )
    minutes = Number(
        15,
        720,
        digits=True,
        load_default=None,
        metadata={"examples": [120], "description": "How long. Default: as long as the activity takes, else 90."},
    )
    activity = Uuid(
        load_default=None,
        metadata={
            "examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"],
            "description": "For this activity: at its hours, and after its preparation.",
        },
    )


class FreeTimeOut(Schema):
    """A time that fits, in the form of a slot of POST /v1/dates, and why it fits."""

    local_time = LocalDateTime(metadata={"examples": ["2026-11-28T19:00"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    minutes = fields.Integer(metadata={"examples": [90]})
    reason = EnumField(enumerations.FREE_TIME_REASON, metadata={"examples": ["usually_free_both"]})
    text = CatalogueText("free_time_reasons", "reason", example="usually_free_both")


class FreeTimeConstraintOut(Schema):
    """One of your own constraints without which some time would fit."""

    constraint = EnumField(enumerations.FREE_TIME_CONSTRAINT, metadata={"examples": ["work"]})
    text = CatalogueText("free_time_constraints", "constraint", example="work")


class FreeTimesOut(Schema):
    """At most ten times, the best first."""

    party = EnumField(
        enumerations.AUDIENCE,
        data_key="for",
        metadata={
            "examples": ["two"],
            "description": "two: they suit both of you. one: they suit you. A question for two gets this "
            "answer, too, until you both agree: see PUT /v1/availability/sharing.",
        },
    )
    items = fields.List(fields.Nested(FreeTimeOut))
    relax = fields.List(
        fields.Nested(FreeTimeConstraintOut),
        metadata={"description": "Without any time: what of your own you could change. None is of your partner."},
    )


@routes.get(
    "/free-times",
    access=SIGNED_IN,
    query=FreeTimesParams(),
    answer=FreeTimesOut(),
    problems=[Invalid, NotFound, Conflict],
)
def list_free_times(context: RequestContext) -> dict[str, Any]:
    """Find times that suit both of you, or you alone.

    No time is in your hours of never, in an agreed date or in a busy time of your calendars; for two, also not in those
    of your partner. Usual hours of all concerned come first, then other hours. Late hours before a working day and the
    next few hours come last, and times are spread over the days.
    """
    viewer, query = context.viewer, context.query
    days = _days(query, viewer.today(context.now), free_times.last_day(viewer, context.now))
    request = request_of(viewer, query, context.now)
    wanted = FreeTimesQuery(*days, query["minutes"], query["activity"])
    result = free_times.list_times(viewer, wanted, request, context.now)
    relax = [{"constraint": constraint} for constraint in result.relax]
    return {"party": result.party, "items": result.times, "relax": relax}


def _days(query: dict[str, Any], today: date, last: date) -> tuple[date, date]:
    """Return the days of a query. Raises Invalid for days that are over or too far ahead."""
    days = query["first"] or today, query["last"] or last
    names = ("from", "to")
    faults = [FieldError(name, "day_passed") for name, day in zip(names, days, strict=True) if day < today]
    faults += [
        FieldError(name, "day_not_in_range", days=DAYS_AHEAD)
        for name, day in zip(names, days, strict=True)
        if day > last
    ]
    if not faults and days[1] < days[0]:
        faults = [FieldError("to", "ends_too_early")]
    if faults:
        raise Invalid(*faults)
    return days
