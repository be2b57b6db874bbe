"""Dates: proposals, answers and cancellations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validates_schema
from webargs.fields import DelimitedList

from api import enumerations
from api.activities import ending_for
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, LocalDateTime, Number, Text, TimeZoneName, UtcDateTime, Uuid, new_id
from api.core.operations import COUPLE, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.parsing import if_match
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.core.validators import InvalidValue, Length
from api.feedback import DateFeedbackOut
from planner.clock import start_of_day, to_zone
from planner.contact.viewer import Viewer
from planner.dates import feedback, lifecycle, views
from planner.dates.date_filter import DateFilter
from planner.dates.feedback import Feedback
from planner.dates.slots import MAX_MINUTES, MAX_SLOTS, SlotRequest
from planner.dates.views import DateView
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

_MOVED: list[type[Problem]] = [Invalid, NotFound, Conflict, VersionMissing, VersionConflict]


class TimeSlotIn(Schema):
    """A time that you offer: a wall time in a zone."""

    local_time = LocalDateTime(required=True, metadata={"examples": ["2026-11-28T19:00"]})
    zone = TimeZoneName(
        load_default=None, metadata={"examples": ["Europe/Lisbon"], "description": "Default: your own."}
    )
    minutes = Number(
        10,
        MAX_MINUTES,
        load_default=None,
        metadata={"examples": [90], "description": "Default: what the activity takes."},
    )


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
            "description": "For two: allowed from pace 3, and it uses one of your shared things.",
        },
    )

    @validates_schema
    def _check_solo_slots(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["party"] == "one" and len(data["slots"]) > 1:
            raise InvalidValue("one_slot_alone", "slots")


class DateAccept(Schema):
    """Your yes to one slot."""

    slot_id = Uuid(required=True, metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})


class DateDecline(Schema):
    """Your no, or a wish for another time or idea. You need no reason."""

    answer = Choice(enumerations.DATE_ANSWER, load_default="no", metadata={"examples": ["another_time"]})


class DateCounter(Schema):
    """Other times."""

    slots = offered("2026-11-29T11:00")


class DatesQuery(PageQuery):
    """Which dates to list: in some states, on some days, or those that are open or ahead."""

    since = Day(
        load_default=None,
        data_key="from",
        metadata={
            "examples": ["2026-11-01"],
            "description": "Dates with a time on this day of your zone or later: agreed, or offered.",
        },
    )
    until = Day(
        load_default=None,
        data_key="to",
        metadata={"examples": ["2026-11-30"], "description": "Dates with a time on this day or earlier."},
    )
    states = DelimitedList(
        Choice(enumerations.DATE_STATE),
        load_default=list,
        data_key="state",
        metadata={"examples": [["proposed", "accepted"]], "description": "Default: all."},
    )
    show = Choice(
        enumerations.DATE_LIST,
        load_default="all",
        metadata={"examples": ["upcoming"], "description": "Which list, and its order."},
    )

    @validates_schema
    def _check_order(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["since"] and data["until"] and data["until"] < data["since"]:
            raise InvalidValue("ends_too_early", "to")


class TimeSlotOut(Schema):
    """A slot: its instants, the wall time that the sender chose, and your local time."""

    id = Uuid(metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})
    start = UtcDateTime(metadata={"examples": ["2026-11-28T19:00:00.000Z"]})
    end = UtcDateTime(metadata={"examples": ["2026-11-28T20:30:00.000Z"]})
    minutes = fields.Integer(metadata={"examples": [90]})
    local_time = LocalDateTime(metadata={"examples": ["2026-11-28T19:00"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    viewer_local_time = LocalDateTime(metadata={"examples": ["2026-11-28T20:00"], "description": "In your zone."})
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
    answer = EnumField(enumerations.DATE_ANSWER, allow_none=True, metadata={"examples": [None]})
    slots = fields.List(fields.Nested(TimeSlotOut))
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


_date = PlannedDateOut()
# The example of a date is one that you proposed. These say what is different after each move.
_RECEIVED: dict[str, Any] = {"sender": "partner", "message_from": "partner"}
_CLOSED: dict[str, Any] = {"expires_at": None, "actions": []}
_ACCEPTED = {**_RECEIVED, **_CLOSED, "state": "accepted", "actions": ["cancel"]}
_DECLINED = {**_RECEIVED, **_CLOSED, "state": "declined", "answer": "another_time"}
_COUNTERED = {"message_from": "partner"}
_WITHDRAWN = {**_CLOSED, "state": "withdrawn"}
_CANCELLED = {**_CLOSED, "state": "cancelled"}
_COMPLETED = {**_CLOSED, "state": "completed"}


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
    """Propose a date with one to three slots, or plan one for yourself."""
    body, requested_slots = context.body, _requested_slots(context)
    if body["party"] == "one":
        date = lifecycle.plan_solo(
            context.viewer, body["activity_id"], requested_slots[0], body["message"], body["id"], context.now
        )
    else:
        date = lifecycle.propose(
            context.viewer, body["activity_id"], requested_slots, body["message"], body["id"], context.now
        )
    return _show_one(context, date)


@routes.get("/dates", access=SIGNED_IN, query=DatesQuery(), answer=page_of(PlannedDateOut), problems=[Invalid])
def list_dates(context: RequestContext) -> Page[Versioned]:
    """List the dates of your couple, and those just for you."""
    wanted = _wanted(context)
    if context.query["show"] == "upcoming":
        dates = page(
            context.query,
            lambda limit, after: views.list_upcoming(context.viewer, context.now, limit, after, wanted),
            lambda date: (date.moment, date.id),
        )
    else:
        dates = page(
            context.query,
            lambda limit, after: views.list_recent(context.viewer, context.now, limit, after, wanted),
            lambda date: (date.created_at, date.id),
        )
    return Page(show(context.viewer, dates.items), dates.next)


def _wanted(context: RequestContext) -> DateFilter:
    query, zone = context.query, context.viewer.zone
    return DateFilter(
        frozenset(query["states"]),
        start_of_day(query["since"], zone) if query["since"] else None,
        start_of_day(query["until"] + timedelta(days=1), zone) if query["until"] else None,
    )


@routes.get("/dates/<uuid:date_id>", access=COUPLE, answer=_date, problems=[NotFound])
def get_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Read a date."""
    return _show_one(context, views.find(context.viewer, date_id, context.now))


@routes.post(
    "/dates/<uuid:date_id>/accept",
    access=COUPLE,
    body=DateAccept(),
    answer=_date,
    versioned=True,
    example=_ACCEPTED,
    problems=[*_MOVED, AbovePace],
)
def accept_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Say yes to one of the slots. You and your partner get reminders."""
    return _show_one(
        context, lifecycle.accept(context.viewer, date_id, if_match(), context.body["slot_id"], context.now)
    )


@routes.post(
    "/dates/<uuid:date_id>/decline",
    access=COUPLE,
    body=DateDecline(),
    answer=_date,
    versioned=True,
    example=_DECLINED,
    problems=_MOVED,
)
def decline_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Say no, or ask for another time or idea."""
    return _show_one(
        context,
        lifecycle.decline(context.viewer, date_id, if_match(), context.body["answer"], context.now),
    )


@routes.post(
    "/dates/<uuid:date_id>/counter",
    access=COUPLE,
    body=DateCounter(),
    answer=_date,
    versioned=True,
    example=_COUNTERED,
    problems=[*_MOVED, QuotaExceeded, AbovePace],
)
def counter_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Offer other times. This counts as a proposal of yours."""
    return _show_one(
        context,
        lifecycle.counter(context.viewer, date_id, if_match(), _requested_slots(context), context.now),
    )


@routes.post(
    "/dates/<uuid:date_id>/withdraw", access=COUPLE, answer=_date, versioned=True, example=_WITHDRAWN, problems=_MOVED
)
def withdraw_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Withdraw your offer. It still uses up one of your proposals."""
    return _show_one(context, lifecycle.withdraw(context.viewer, date_id, if_match(), context.now))


@routes.post(
    "/dates/<uuid:date_id>/cancel", access=COUPLE, answer=_date, versioned=True, example=_CANCELLED, problems=_MOVED
)
def cancel_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Cancel an agreed date. Your partner sees that the date is off."""
    return _show_one(context, lifecycle.cancel(context.viewer, date_id, if_match(), context.now))


@routes.post(
    "/dates/<uuid:date_id>/complete", access=COUPLE, answer=_date, versioned=True, example=_COMPLETED, problems=_MOVED
)
def complete_date(context: RequestContext, date_id: UUID) -> Versioned:
    """Say that the date took place. We ask each of you how it was."""
    return _show_one(context, lifecycle.complete(context.viewer, date_id, if_match(), context.now))


def show(viewer: Viewer, dates: Sequence[DateView]) -> list[Versioned]:
    """Return the dates as the viewer sees them, each with the viewer's own feedback."""
    own_feedback = feedback.get_own(viewer, [date.id for date in dates])
    return [_show(viewer, date, own_feedback.get(date.id)) for date in dates]


def _show(viewer: Viewer, date: DateView, own_feedback: Feedback | None) -> Versioned:
    content = date.activity.content
    return Versioned(
        date._asdict(),
        activity={
            "id": date.activity.id,
            "title": content.title,
            "summary": content.summary,
            "category": content.category,
            "duration_min": content.duration_min,
            "duration_max": content.duration_max,
            "steps": content.steps,
            "ending": ending_for(viewer, date.activity),
        },
        party="two" if date.with_partner else "one",
        sender="me" if date.sender_is_me else "partner",
        message_from=None if date.message is None else "me" if date.message_is_mine else "partner",
        slots=[
            {**slot._asdict(), "minutes": slot.minutes, "viewer_local_time": _local(slot.start, viewer)}
            for slot in date.slots
        ],
        feedback=own_feedback,
    )


def _show_one(context: RequestContext, date: DateView) -> Versioned:
    return show(context.viewer, [date])[0]


def _local(at: datetime, viewer: Viewer) -> datetime:
    return to_zone(at, viewer.zone)


def _requested_slots(context: RequestContext) -> list[SlotRequest]:
    return [SlotRequest(slot["local_time"], slot["zone"], slot["minutes"]) for slot in context.body["slots"]]
