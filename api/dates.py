"""Dates: proposals, answers and cancellations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.activities import ending_for
from api.core.enumerations import EnumField
from api.core.fields import (
    Choice,
    StrictBoolean,
    Text,
    UtcDateTime,
    Uuid,
    new_id,
)
from api.core.operations import COUPLE, SIGNED_IN, RequestContext
from api.core.parsing import if_match
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.core.validators import InvalidValue
from api.feedback import DateFeedbackOut
from api.repeats import DateRitualOut, RepeatIn, read_rule, show_ritual_of_date
from api.time_slots import TimeSlotOut, offered, requested_slots, show_slots
from planner.catalogue import guides
from planner.catalogue.activities import ActivityEntry
from planner.contact.viewer import Viewer
from planner.dates import date_texts, feedback, proposals, views
from planner.dates.feedback import Feedback
from planner.dates.proposals import DateRequest
from planner.dates.views import DateView, MoveView
from planner.errors import (
    AbovePace,
    Conflict,
    IdTaken,
    Invalid,
    NotFound,
    Problem,
    QuotaExceeded,
    VersionConflict,
    VersionMissing,
)

routes = Routes("dates")

MOVED: list[type[Problem]] = [Invalid, NotFound, Conflict, VersionMissing, VersionConflict]
"""The problems of a move: the date may have changed, or may not be the viewer's."""


class DateProposal(Schema):
    """A proposal: the activity, the times, and an optional message."""

    id = new_id()
    activity_id = Uuid(required=True, metadata={"examples": ["9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55"]})
    party = Choice(
        enumerations.AUDIENCE,
        data_key="for",
        load_default="two",
        metadata={"examples": ["two"], "description": "one: just for you."},
    )
    slots = offered()
    message = Text(
        140,
        load_default=None,
        allow_none=True,
        metadata={
            "examples": ["The one by the river?"],
            "description": "For two: allowed from pace 3. A message and a place use one of your shared things.",
        },
    )

    place = Text(
        140,
        load_default=None,
        allow_none=True,
        metadata={"examples": ["The bridge by the mill"], "description": "Where. It follows the rules of a message."},
    )
    agreed = StrictBoolean(
        load_default=False,
        metadata={
            "examples": [False],
            "description": "true: you two have agreed on it already. In the rhythm together only. Your partner can say "
            "that this is not so.",
        },
    )
    guide = Choice(
        enumerations.GUIDE_FOR_TWO,
        load_default=None,
        allow_none=True,
        metadata={
            "examples": [None],
            "description": "For two: makes it a talk. From its start on, either of you can open it (POST /v1/talks).",
        },
    )
    repeat = fields.Nested(
        RepeatIn,
        load_default=None,
        allow_none=True,
        metadata={
            "examples": [None],
            "description": "Makes it a ritual, with one slot. One yes is a yes to all its dates.",
        },
    )

    @validates_schema
    def _check_single_slot(self, data: dict[str, Any], **kwargs: Any) -> None:
        if len(data["slots"]) > 1:
            if data["party"] == "one":
                raise InvalidValue("one_slot_alone", "slots")
            if data["agreed"]:
                raise InvalidValue("one_slot_agreed", "slots")
        if data["guide"] and data["party"] == "one":
            raise InvalidValue("guide_for_two", "guide")
        if data["agreed"] and data["repeat"] and data["party"] == "two":
            raise InvalidValue("agreed_once", "repeat")


class DateEdit(Schema):
    """A new message or a new place of an agreed date. What you leave out stays."""

    openapi: ClassVar[dict[str, Any]] = {"minProperties": 1}

    message = Text(140, allow_none=True, metadata={"examples": ["Bring the blue blanket."]})
    place = Text(140, allow_none=True, metadata={"examples": ["The bridge by the mill"]})

    @validates_schema
    def _check_not_empty(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise InvalidValue("nothing_to_change", "message")


class BriefActivityOut(Schema):
    """The activity of a date, in brief."""

    id = Uuid(metadata={"examples": ["9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55"]})
    title = fields.String(metadata={"examples": ["Market-stall lunch"]})
    summary = fields.String(metadata={"examples": ["Share three small dishes from three stalls."]})
    category = EnumField(enumerations.CATEGORY, metadata={"examples": ["cook_taste"]})
    duration_min = fields.Integer(metadata={"examples": [60], "description": "In minutes."})
    duration_max = fields.Integer(metadata={"examples": [90], "description": "In minutes."})
    retired = fields.Boolean(
        metadata={"examples": [False], "description": "true: it has no page, and no other date can be about it."}
    )
    steps = fields.List(fields.String(), metadata={"examples": [["Share three small dishes from three stalls."]]})
    ending = fields.String(
        allow_none=True,
        metadata={"examples": ["Part at the gate."], "description": "How to end it, at your rhythm. The last step."},
    )


class DateMoveOut(Schema):
    """An open offer to move an agreed date. The date keeps its time until the answer."""

    id = Uuid(metadata={"examples": ["7c1b1f0e-9a55-4d6c-8a8e-2f4f6f0f7c88"]})
    sender = EnumField(enumerations.SIDE, metadata={"examples": ["partner"]})
    slots = fields.List(fields.Nested(TimeSlotOut))
    expires_at = UtcDateTime(metadata={"examples": ["2026-11-28T16:00:00.000Z"]})
    actions = fields.List(
        EnumField(enumerations.MOVE_ACTION),
        metadata={"examples": [["accept", "decline"]], "description": "What you can do with it now."},
    )


class GuideOfDateOut(Schema):
    """The guide of a date, in brief. GET /v1/guides has all of it."""

    slug = fields.String(metadata={"examples": ["week-ahead-half-hour"]})
    title = fields.String(metadata={"examples": ["Half an hour for the week ahead"]})
    minutes = fields.Integer(metadata={"examples": [30], "description": "All steps together, without pauses."})


class PlannedDateOut(Schema):
    """A date as you see it."""

    id = Uuid(metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})
    activity = fields.Nested(BriefActivityOut)
    party = EnumField(enumerations.AUDIENCE, data_key="for", metadata={"examples": ["two"]})
    state = EnumField(enumerations.DATE_STATE, metadata={"examples": ["proposed"]})
    version = fields.Integer(metadata={"examples": [1]})
    sender = EnumField(enumerations.SIDE, metadata={"examples": ["me"], "description": "Who made the open offer."})
    message = fields.String(allow_none=True, metadata={"examples": ["The one by the river?"]})
    message_from = EnumField(
        enumerations.SIDE, allow_none=True, metadata={"examples": ["me"], "description": "Who wrote the message."}
    )
    place = fields.String(allow_none=True, metadata={"examples": ["The bridge by the mill"]})
    guide = fields.Nested(
        GuideOfDateOut, allow_none=True, metadata={"examples": [None], "description": "If the date is a talk."}
    )
    recorded = fields.Boolean(
        metadata={
            "examples": [False],
            "description": "true: its sender wrote it down as agreed, and the partner has not confirmed it.",
        }
    )
    answer = EnumField(enumerations.SHOWN_DATE_ANSWER, allow_none=True, metadata={"examples": [None]})
    slots = fields.List(fields.Nested(TimeSlotOut))
    move = fields.Nested(DateMoveOut, allow_none=True, metadata={"examples": [None]})
    created_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    expires_at = UtcDateTime(allow_none=True, metadata={"examples": ["2026-11-28T16:00:00.000Z"]})
    actions = fields.List(
        EnumField(enumerations.DATE_ACTION),
        metadata={
            "examples": [["withdraw"]],
            "description": "What you can do now. Your space or your remaining allowance may still forbid it.",
        },
    )
    feedback = fields.Nested(DateFeedbackOut, allow_none=True)
    reminders = fields.List(
        UtcDateTime(), metadata={"examples": [[]], "description": "Times for alarms, as you chose."}
    )
    ritual = fields.Nested(
        DateRitualOut, allow_none=True, metadata={"examples": [None], "description": "If the date repeats."}
    )


_date = PlannedDateOut()


@routes.post(
    "/dates",
    access=SIGNED_IN,
    body=DateProposal(),
    answer=_date,
    status=201,
    location="/dates/{id}",
    problems=[Invalid, IdTaken, Conflict, AbovePace, QuotaExceeded],
)
def propose_date(context: RequestContext) -> Versioned:
    """Propose a date with one to three slots, plan one for yourself, or write down an agreed one."""
    body, rule = context.body, read_rule(context.body["repeat"])
    texts = body["message"], body["place"]
    request = DateRequest(body["activity_id"], requested_slots(context), *texts, rule, body["guide"])
    begin = _BEGINNINGS[body["party"] == "one", body["agreed"]]
    return show_one(context, begin(context.viewer, request, body["id"], context.now))


_BEGINNINGS = {
    (False, False): proposals.propose,
    (False, True): proposals.record,
    (True, False): proposals.plan_solo,
    (True, True): proposals.plan_solo,
}


@routes.get("/dates/<uuid:date_id>", access=COUPLE, answer=_date, problems=[NotFound])
def get_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Read a date."""
    return show_one(context, views.find(context.viewer, date_id, context.now))


@routes.patch(
    "/dates/<uuid:date_id>",
    access=COUPLE,
    body=DateEdit(partial=True),
    answer=_date,
    versioned=True,
    example={"state": "accepted", "expires_at": None, "actions": ["cancel", "move", "edit"]},
    problems=[*MOVED, QuotaExceeded],
)
def edit_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Change the message or the place of an agreed date. New words use one of your shared things."""
    return show_one(context, date_texts.edit(context.viewer, date_id, if_match(), context.body, context.now))


def show(viewer: Viewer, dates: Sequence[DateView]) -> list[Versioned]:
    """Return the dates as the viewer sees them, each with the viewer's own feedback."""
    own_feedback = feedback.get_own(viewer, [date.id for date in dates])
    return [_show(viewer, date, own_feedback.get(date.id)) for date in dates]


def show_ahead(viewer: Viewer, dates: Iterable[DateView]) -> list[Versioned]:
    """Return dates that are not over, as the viewer sees them. They have no feedback yet."""
    return [_show(viewer, date, None) for date in dates]


def _show(viewer: Viewer, date: DateView, own_feedback: Feedback | None) -> Versioned:
    return Versioned(
        date._asdict(),
        activity=brief_activity(date.activity, viewer),
        party="two" if date.with_partner else "one",
        sender="me" if date.sender_is_me else "partner",
        message_from=None if date.message is None else "me" if date.message_is_mine else "partner",
        slots=show_slots(viewer, date.slots),
        guide=guides.find(date.guide),
        move=_show_move(viewer, date.move) if date.move else None,
        feedback=own_feedback,
        ritual=show_ritual_of_date(date.ritual),
    )


def brief_activity(activity: ActivityEntry, viewer: Viewer) -> dict[str, Any]:
    """Return the activity of a date or a ritual, with its ending at the viewer's rhythm."""
    content = activity.content
    texts = {name: getattr(content, name) for name in _BRIEF}
    return {"id": activity.id, "retired": activity.retired, **texts, "ending": ending_for(viewer, activity)}


_BRIEF = ("title", "summary", "category", "duration_min", "duration_max", "steps")


def _show_move(viewer: Viewer, move: MoveView) -> dict[str, Any]:
    sender = "me" if move.sender_is_me else "partner"
    return {**move._asdict(), "sender": sender, "slots": show_slots(viewer, move.slots)}


def show_one(context: RequestContext, date: DateView) -> Versioned:
    """Return one date as the viewer sees it."""
    return show(context.viewer, [date])[0]
