"""Dates: proposals, answers and cancellations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.activities import ending_for
from api.core.enumerations import EnumField
from api.core.fields import (
    Choice,
    Day,
    LocalDateTime,
    Number,
    StrictBoolean,
    Text,
    TimeZoneName,
    UtcDateTime,
    Uuid,
    new_id,
)
from api.core.operations import COUPLE, SIGNED_IN, RequestContext
from api.core.parsing import if_match
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.core.validators import InvalidValue, Length
from api.feedback import DateFeedbackOut
from api.repeats import DateRitualOut, RepeatIn, read_rule, show_ritual_of_date
from planner.catalogue.activities import ActivityEntry
from planner.clock import to_zone
from planner.contact.viewer import Viewer
from planner.dates import date_texts, feedback, proposals, slots, views
from planner.dates.feedback import Feedback
from planner.dates.proposals import DateRequest
from planner.dates.slots import MAX_DAYS, MAX_MINUTES, MAX_SLOTS, Slot, SlotRequest
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


class TimeSlotIn(Schema):
    """A time that you offer in a zone: a wall time, or some whole days.

    Send `local_time`, and `minutes` if you like. For whole days, send `first_day` and `days` instead.
    """

    local_time = LocalDateTime(
        load_default=None, metadata={"examples": ["2026-11-28T19:00"], "description": "Required, unless whole days."}
    )
    first_day = Day(
        load_default=None,
        metadata={
            "examples": ["2027-05-14"],
            "description": "For whole days, from midnight to midnight in the zone. It needs `days`, and excludes "
            "`local_time` and `minutes`.",
        },
    )
    days = Number(
        1,
        MAX_DAYS,
        load_default=None,
        metadata={"examples": [3], "description": "How many whole days. It needs `first_day`."},
    )
    zone = TimeZoneName(
        load_default=None, metadata={"examples": ["Europe/Lisbon"], "description": "Default: your own."}
    )
    minutes = Number(
        10,
        MAX_MINUTES,
        load_default=None,
        metadata={"examples": [90], "description": "Default: what the activity takes."},
    )

    @validates_schema
    def _check_kind(self, data: dict[str, Any], **kwargs: Any) -> None:
        timed = [name for name in ("local_time", "minutes") if data[name]]
        whole = [name for name in ("first_day", "days") if data[name]]
        if timed and whole:
            raise InvalidValue("whole_days_or_time", timed[0])
        if missing := [name for name in ("first_day", "days") if whole and not data[name]]:
            raise InvalidValue("whole_days_incomplete", missing[0])
        if not whole and not data["local_time"]:
            raise InvalidValue("time_missing", "local_time")


def offered(example: str = "2026-11-28T19:00") -> fields.List[Any]:
    """Return the field for one to three slots."""
    slot = {"local_time": example, "zone": "Europe/Lisbon", "minutes": 90}
    return fields.List(
        fields.Nested(TimeSlotIn),
        required=True,
        validate=Length(1, MAX_SLOTS),
        metadata={"examples": [[slot]]},
    )


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


class TimeSlotOut(Schema):
    """A slot: its instants, the wall time or the days that the sender chose, and your local time."""

    id = Uuid(metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})
    start = UtcDateTime(metadata={"examples": ["2026-11-28T19:00:00.000Z"]})
    end = UtcDateTime(metadata={"examples": ["2026-11-28T20:30:00.000Z"]})
    minutes = fields.Integer(metadata={"examples": [90]})
    local_time = LocalDateTime(metadata={"examples": ["2026-11-28T19:00"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    viewer_local_time = LocalDateTime(metadata={"examples": ["2026-11-28T20:00"], "description": "In your zone."})
    all_day = fields.Boolean(
        metadata={
            "examples": [False],
            "description": "true: whole days in the zone of the slot, which are the same days for each reader.",
        }
    )
    first_day = Day(allow_none=True, metadata={"examples": [None], "description": "Of whole days, the first one."})
    end_day = Day(allow_none=True, metadata={"examples": [None], "description": "Of whole days, the day after them."})
    overlaps = fields.List(
        Uuid(),
        metadata={"examples": [[]], "description": "Your other agreed dates at this time. The server refuses none."},
    )


class BriefActivityOut(Schema):
    """The activity of a date, in brief."""

    id = Uuid(metadata={"examples": ["9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55"]})
    title = fields.String(metadata={"examples": ["Market-stall lunch"]})
    summary = fields.String(metadata={"examples": ["Share three small dishes from three stalls."]})
    category = EnumField(enumerations.CATEGORY, metadata={"examples": ["cook_taste"]})
    duration_min = fields.Integer(metadata={"examples": [60], "description": "In minutes."})
    duration_max = fields.Integer(metadata={"examples": [90], "description": "In minutes."})
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
    request = DateRequest(body["activity_id"], requested_slots(context), body["message"], body["place"], rule)
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


def _show(viewer: Viewer, date: DateView, own_feedback: Feedback | None) -> Versioned:
    return Versioned(
        date._asdict(),
        activity=brief_activity(date.activity, viewer),
        party="two" if date.with_partner else "one",
        sender="me" if date.sender_is_me else "partner",
        message_from=None if date.message is None else "me" if date.message_is_mine else "partner",
        slots=_show_slots(viewer, date.slots),
        move=_show_move(viewer, date.move) if date.move else None,
        feedback=own_feedback,
        ritual=show_ritual_of_date(date.ritual),
    )


def brief_activity(activity: ActivityEntry, viewer: Viewer) -> dict[str, Any]:
    """Return the activity of a date or a ritual, with its ending at the viewer's rhythm."""
    content = activity.content
    return {
        "id": activity.id,
        "title": content.title,
        "summary": content.summary,
        "category": content.category,
        "duration_min": content.duration_min,
        "duration_max": content.duration_max,
        "steps": content.steps,
        "ending": ending_for(viewer, activity),
    }


def _show_slots(viewer: Viewer, slots_of_date: Sequence[Slot]) -> list[dict[str, Any]]:
    return [
        {
            **slot._asdict(),
            **{name: getattr(slot, name) for name in _DERIVED},
            "viewer_local_time": _local(slot.start, viewer),
        }
        for slot in slots_of_date
    ]


_DERIVED = ("minutes", "all_day", "first_day", "end_day")


def _show_move(viewer: Viewer, move: MoveView) -> dict[str, Any]:
    sender = "me" if move.sender_is_me else "partner"
    return {**move._asdict(), "sender": sender, "slots": _show_slots(viewer, move.slots)}


def show_one(context: RequestContext, date: DateView) -> Versioned:
    """Return one date as the viewer sees it."""
    return show(context.viewer, [date])[0]


def _local(at: datetime, viewer: Viewer) -> datetime:
    return to_zone(at, viewer.zone)


def requested_slots(context: RequestContext) -> list[SlotRequest]:
    """Return the slots of a request."""
    return [_to_request(slot) for slot in context.body["slots"]]


def _to_request(slot: dict[str, Any]) -> SlotRequest:
    if slot["first_day"]:
        return slots.whole_days(slot["first_day"], slot["days"], slot["zone"])
    return SlotRequest(slot["local_time"], slot["zone"], slot["minutes"])
