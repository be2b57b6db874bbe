"""Dates: proposals, answers, cancellations and feedback."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api.core.fields import Choice, LocalDateTime, Number, Text, TimeZoneName, UtcDateTime, Uuid, new_id
from api.core.operations import COUPLE, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.rendering import Versioned
from api.core.routing import Routes
from api.core.validators import InvalidValue, Length
from planner.clock import to_zone
from planner.contact.viewer import Viewer
from planner.dates import feedback, lifecycle, views
from planner.dates.feedback import FEELINGS, Feedback
from planner.dates.slots import MAX_SLOTS, SlotRequest
from planner.dates.views import DateView
from planner.errors import AbovePace, Conflict, IdTaken, Invalid, NotFound, Problem, QuotaExceeded

routes = Routes("dates")

_MOVED: list[type[Problem]] = [Invalid, NotFound, Conflict]


class SlotIn(Schema):
    """A time that you offer: a wall time in a zone."""

    wall = LocalDateTime(required=True, metadata={"examples": ["2026-11-28T19:00"]})
    zone = TimeZoneName(
        load_default=None, metadata={"examples": ["Europe/Lisbon"], "description": "Default: your own."}
    )
    minutes = Number(
        10, 20160, load_default=None, metadata={"examples": [90], "description": "Default: what the activity takes."}
    )


def offered() -> fields.List[Any]:
    """Return the field for one to three slots."""
    return fields.List(fields.Nested(SlotIn), required=True, validate=Length(1, MAX_SLOTS))


class Proposal(Schema):
    """A proposal: the activity, the times, and an optional message."""

    id = new_id()
    activity = Uuid(required=True, metadata={"examples": ["9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55"]})
    party = Choice(
        "two", "one", load_default="two", metadata={"examples": ["two"], "description": "one: just for you."}
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


class DateMove(Schema):
    """The version of the date that you have seen."""

    version = Number(1, 2**31 - 1, required=True, metadata={"examples": [1]})


class DateAccept(DateMove):
    """Your yes to one slot."""

    slot = Uuid(required=True, metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})


class DateDecline(DateMove):
    """Your no, or a wish for another time or idea. You need no reason."""

    answer = Choice(*lifecycle.ANSWERS, load_default="no", metadata={"examples": ["another_time"]})


class DateCounter(DateMove):
    """Other times."""

    slots = offered()


class FeedbackPut(Schema):
    """How you felt afterwards. Only you see it."""

    feeling = Choice(*FEELINGS, required=True, metadata={"examples": ["lighter"]})
    rating = Number(1, 5, load_default=None, allow_none=True, metadata={"examples": [4]})


class DatesQuery(PageQuery):
    """Which dates to list."""

    show = Choice(
        "all",
        "upcoming",
        load_default="all",
        metadata={"examples": ["upcoming"], "description": "upcoming: open or ahead, next first. all: newest first."},
    )


class SlotOut(Schema):
    """A slot: its instants, the wall time that the sender chose, and your local time."""

    id = Uuid(metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})
    start = UtcDateTime(metadata={"examples": ["2026-11-28T19:00:00.000Z"]})
    end = UtcDateTime(metadata={"examples": ["2026-11-28T20:30:00.000Z"]})
    minutes = fields.Integer(metadata={"examples": [90]})
    wall = LocalDateTime(metadata={"examples": ["2026-11-28T19:00"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    local = LocalDateTime(metadata={"examples": ["2026-11-28T20:00"], "description": "In your zone."})


class BriefActivityOut(Schema):
    """The activity of a date, in brief."""

    id = Uuid(metadata={"examples": ["9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55"]})
    title = fields.String(metadata={"examples": ["Market-stall lunch"]})
    summary = fields.String(metadata={"examples": ["Share three small dishes from three stalls."]})
    category = fields.String(metadata={"examples": ["cook_taste"]})


class FeedbackOut(Schema):
    """How it was for you."""

    feeling = fields.String(metadata={"examples": ["lighter"]})
    rating = fields.Integer(allow_none=True, metadata={"examples": [4]})


class DateOut(Schema):
    """A date as you see it."""

    id = Uuid(metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})
    activity = fields.Nested(BriefActivityOut)
    party = fields.String(metadata={"examples": ["two"]})
    state = fields.String(
        metadata={
            "examples": ["proposed"],
            "description": "proposed, accepted, completed, declined, withdrawn, cancelled or lapsed (no longer open).",
        }
    )
    version = fields.Integer(metadata={"examples": [1]})
    sender = fields.String(metadata={"examples": ["me"], "description": "Whose offer it is: me or partner."})
    message = fields.String(allow_none=True, metadata={"examples": ["The one by the river?"]})
    message_from = fields.String(
        allow_none=True, metadata={"examples": ["me"], "description": "Who wrote the message: me or partner."}
    )
    answer = fields.String(allow_none=True, metadata={"examples": [None]})
    slots = fields.List(fields.Nested(SlotOut))
    created_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    expires_at = UtcDateTime(allow_none=True, metadata={"examples": ["2026-11-28T16:00:00.000Z"]})
    actions = fields.List(
        fields.String(),
        metadata={
            "examples": [["withdraw"]],
            "description": "What you can do now. Your space or your remaining allowance may still forbid it.",
        },
    )
    feedback = fields.Nested(FeedbackOut, allow_none=True)


_date = DateOut()


@routes.post(
    "/dates",
    access=SIGNED_IN,
    body=Proposal(),
    answer=_date,
    status=201,
    problems=[Invalid, IdTaken, Conflict, AbovePace, QuotaExceeded],
)
def propose(context: RequestContext) -> Versioned:
    """Propose a date with one to three slots, or plan one for yourself."""
    body, requested_slots = context.body, _requested_slots(context)
    if body["party"] == "one":
        date = lifecycle.plan_solo(
            context.viewer, body["activity"], requested_slots[0], body["message"], body["id"], context.now
        )
    else:
        date = lifecycle.propose(
            context.viewer, body["activity"], requested_slots, body["message"], body["id"], context.now
        )
    return _show_one(context, date)


@routes.get("/dates", access=SIGNED_IN, query=DatesQuery(), answer=page_of(DateOut), problems=[Invalid])
def listed(context: RequestContext) -> Page[Versioned]:
    """List the dates of your couple, and those just for you."""
    if context.query["show"] == "upcoming":
        dates = page(
            context.query,
            lambda limit, after: views.list_upcoming(context.viewer, context.now, limit, after),
            lambda date: (date.moment, date.id),
        )
    else:
        dates = page(
            context.query,
            lambda limit, after: views.list_recent(context.viewer, context.now, limit, after),
            lambda date: (date.created_at, date.id),
        )
    return Page(show(context.viewer, dates.items), dates.next)


@routes.get("/dates/<uuid:date_id>", access=COUPLE, answer=_date, problems=[NotFound])
def read(context: RequestContext, date_id: UUID) -> Versioned:
    """Read a date."""
    return _show_one(context, views.find(context.viewer, date_id, context.now))


@routes.post(
    "/dates/<uuid:date_id>/accept", access=COUPLE, body=DateAccept(), answer=_date, problems=[*_MOVED, AbovePace]
)
def accept(context: RequestContext, date_id: UUID) -> Versioned:
    """Say yes to one of the slots. You and your partner get reminders."""
    body = context.body
    return _show_one(context, lifecycle.accept(context.viewer, date_id, body["version"], body["slot"], context.now))


@routes.post("/dates/<uuid:date_id>/decline", access=COUPLE, body=DateDecline(), answer=_date, problems=_MOVED)
def decline(context: RequestContext, date_id: UUID) -> Versioned:
    """Say no, or ask for another time or idea."""
    return _show_one(
        context,
        lifecycle.decline(context.viewer, date_id, context.body["version"], context.body["answer"], context.now),
    )


@routes.post(
    "/dates/<uuid:date_id>/counter",
    access=COUPLE,
    body=DateCounter(),
    answer=_date,
    problems=[*_MOVED, QuotaExceeded, AbovePace],
)
def counter(context: RequestContext, date_id: UUID) -> Versioned:
    """Offer other times. This counts as a proposal of yours."""
    return _show_one(
        context,
        lifecycle.counter(context.viewer, date_id, context.body["version"], _requested_slots(context), context.now),
    )


@routes.post("/dates/<uuid:date_id>/withdraw", access=COUPLE, body=DateMove(), answer=_date, problems=_MOVED)
def withdraw(context: RequestContext, date_id: UUID) -> Versioned:
    """Withdraw your offer. It still uses up one of your proposals."""
    return _show_one(context, lifecycle.withdraw(context.viewer, date_id, context.body["version"], context.now))


@routes.post("/dates/<uuid:date_id>/cancel", access=COUPLE, body=DateMove(), answer=_date, problems=_MOVED)
def cancel(context: RequestContext, date_id: UUID) -> Versioned:
    """Cancel an agreed date. Your partner sees that the date is off."""
    return _show_one(context, lifecycle.cancel(context.viewer, date_id, context.body["version"], context.now))


@routes.post("/dates/<uuid:date_id>/complete", access=COUPLE, body=DateMove(), answer=_date, problems=_MOVED)
def complete(context: RequestContext, date_id: UUID) -> Versioned:
    """Say that the date took place. We ask each of you how it was."""
    return _show_one(context, lifecycle.complete(context.viewer, date_id, context.body["version"], context.now))


@routes.put("/dates/<uuid:date_id>/feedback", access=COUPLE, body=FeedbackPut(), answer=FeedbackOut(), problems=_MOVED)
def put_feedback(context: RequestContext, date_id: UUID) -> Feedback:
    """Say how it was for you. Your partner never sees it."""
    return feedback.put(context.viewer, date_id, Feedback(context.body["feeling"], context.body["rating"]), context.now)


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
        },
        party="two" if date.with_partner else "one",
        sender="me" if date.sender_is_me else "partner",
        message_from=None if date.message is None else "me" if date.message_is_mine else "partner",
        slots=[{**slot._asdict(), "minutes": slot.minutes, "local": _local(slot.start, viewer)} for slot in date.slots],
        feedback=own_feedback,
    )


def _show_one(context: RequestContext, date: DateView) -> Versioned:
    return show(context.viewer, [date])[0]


def _local(at: datetime, viewer: Viewer) -> datetime:
    return to_zone(at, viewer.zone)


def _requested_slots(context: RequestContext) -> list[SlotRequest]:
    return [SlotRequest(slot["wall"], slot["zone"], slot["minutes"]) for slot in context.body["slots"]]
