"""Dates: propose, answer, keep, and say how it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.core.fields import Choice, LocalDateTime, Number, Text, TimeZoneName, UtcDateTime, Uuid, new_id
from api.core.operations import COUPLE, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.rendering import Versioned
from api.core.routing import Routes
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
    """A time you offer: as it reads on the wall, in a zone."""

    wall = LocalDateTime(required=True, metadata={"examples": ["2026-11-28T19:00"]})
    zone = TimeZoneName(
        load_default=None, metadata={"examples": ["Europe/Lisbon"], "description": "Default: your own."}
    )
    minutes = Number(
        10, 20160, load_default=None, metadata={"examples": [90], "description": "Default: what the activity takes."}
    )


def offered() -> fields.List[Any]:
    """One to three slots."""
    return fields.List(fields.Nested(SlotIn), required=True, validate=validate.Length(1, MAX_SLOTS))


class Proposal(Schema):
    """What, when, and perhaps a line."""

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
            "description": "For two: from pace 3 on, and it costs one shared thing.",
        },
    )

    @validates_schema
    def _one_slot_alone(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["party"] == "one" and len(data["slots"]) > 1:
            raise ValidationError("A date of your own has one slot.", "slots")


class DateMove(Schema):
    """The version of the date that you saw."""

    version = Number(1, 2**31 - 1, required=True, metadata={"examples": [1]})


class DateAccept(DateMove):
    """Your yes, to one slot."""

    slot = Uuid(required=True, metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})


class DateDecline(DateMove):
    """Your no. "another_time" and "another_idea" are not a no; no reason is asked."""

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
    """A stretch of time: the instants, what was meant, and how it reads on your own wall."""

    id = Uuid(metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})
    start = UtcDateTime(metadata={"examples": ["2026-11-28T19:00:00.000Z"]})
    end = UtcDateTime(metadata={"examples": ["2026-11-28T20:30:00.000Z"]})
    minutes = fields.Integer(metadata={"examples": [90]})
    wall = LocalDateTime(metadata={"examples": ["2026-11-28T19:00"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    local = LocalDateTime(metadata={"examples": ["2026-11-28T20:00"], "description": "In your zone."})


class BriefActivityOut(Schema):
    """What it is about."""

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
        allow_none=True, metadata={"examples": ["me"], "description": "Whose words the line is: me or partner."}
    )
    answer = fields.String(allow_none=True, metadata={"examples": [None]})
    slots = fields.List(fields.Nested(SlotOut))
    created_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    expires_at = UtcDateTime(allow_none=True, metadata={"examples": ["2026-11-28T16:00:00.000Z"]})
    actions = fields.List(
        fields.String(),
        metadata={
            "examples": [["withdraw"]],
            "description": "The moves that are yours where it stands. Space, or what you have left, may still say no.",
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
    body, requested_slots = context.body, _wishes(context)
    if body["party"] == "one":
        found = lifecycle.plan_solo(
            context.viewer, body["activity"], requested_slots[0], body["message"], body["id"], context.now
        )
    else:
        found = lifecycle.propose(
            context.viewer, body["activity"], requested_slots, body["message"], body["id"], context.now
        )
    return show(context.viewer, [found])[0]


@routes.get("/dates", access=SIGNED_IN, query=DatesQuery(), answer=page_of(DateOut), problems=[Invalid])
def listed(context: RequestContext) -> Page[Versioned]:
    """List your dates, your couple's and your own."""
    if context.query["show"] == "upcoming":
        found = page(
            context.query,
            lambda limit, after: views.list_upcoming(context.viewer, context.now, limit, after),
            lambda plan: (plan.moment, plan.id),
        )
    else:
        found = page(
            context.query,
            lambda limit, after: views.list_recent(context.viewer, context.now, limit, after),
            lambda plan: (plan.created_at, plan.id),
        )
    return Page(show(context.viewer, found.items), found.next)


@routes.get("/dates/<uuid:date_id>", access=COUPLE, answer=_date, problems=[NotFound])
def read(context: RequestContext, date_id: UUID) -> Versioned:
    """Read a date."""
    return show(context.viewer, [views.find(context.viewer, date_id, context.now)])[0]


@routes.post(
    "/dates/<uuid:date_id>/accept", access=COUPLE, body=DateAccept(), answer=_date, problems=[*_MOVED, AbovePace]
)
def accept(context: RequestContext, date_id: UUID) -> Versioned:
    """Say yes to one of the slots. Both get reminders."""
    body = context.body
    return _shown(context, lifecycle.accept(context.viewer, date_id, body["version"], body["slot"], context.now))


@routes.post("/dates/<uuid:date_id>/decline", access=COUPLE, body=DateDecline(), answer=_date, problems=_MOVED)
def decline(context: RequestContext, date_id: UUID) -> Versioned:
    """Say no, or ask for another time or idea."""
    return _shown(
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
    """Offer other times. It counts as a proposal of yours."""
    return _shown(
        context, lifecycle.counter(context.viewer, date_id, context.body["version"], _wishes(context), context.now)
    )


@routes.post("/dates/<uuid:date_id>/withdraw", access=COUPLE, body=DateMove(), answer=_date, problems=_MOVED)
def withdraw(context: RequestContext, date_id: UUID) -> Versioned:
    """Take your offer back. It still counts."""
    return _shown(context, lifecycle.withdraw(context.viewer, date_id, context.body["version"], context.now))


@routes.post("/dates/<uuid:date_id>/cancel", access=COUPLE, body=DateMove(), answer=_date, problems=_MOVED)
def cancel(context: RequestContext, date_id: UUID) -> Versioned:
    """Call an agreed date off. The other finds: this date is off."""
    return _shown(context, lifecycle.cancel(context.viewer, date_id, context.body["version"], context.now))


@routes.post("/dates/<uuid:date_id>/complete", access=COUPLE, body=DateMove(), answer=_date, problems=_MOVED)
def complete(context: RequestContext, date_id: UUID) -> Versioned:
    """Say that it took place. Each of you is asked how it was."""
    return _shown(context, lifecycle.complete(context.viewer, date_id, context.body["version"], context.now))


@routes.put("/dates/<uuid:date_id>/feedback", access=COUPLE, body=FeedbackPut(), answer=FeedbackOut(), problems=_MOVED)
def put_feedback(context: RequestContext, date_id: UUID) -> Feedback:
    """Say how it was for you. Your partner never sees it."""
    return feedback.put(context.viewer, date_id, Feedback(context.body["feeling"], context.body["rating"]), context.now)


def show(viewer: Viewer, found: Sequence[DateView]) -> list[Versioned]:
    """Dates as the viewer sees them, each with the viewer's own feedback."""
    words = feedback.get_own(viewer, [plan.id for plan in found])
    return [_show(viewer, plan, words.get(plan.id)) for plan in found]


def _show(viewer: Viewer, plan: DateView, word: Feedback | None) -> Versioned:
    content = plan.activity.content
    return Versioned(
        plan._asdict(),
        activity={
            "id": plan.activity.id,
            "title": content.title,
            "summary": content.summary,
            "category": content.category,
        },
        party="two" if plan.with_partner else "one",
        sender="me" if plan.sender_is_me else "partner",
        message_from=None if plan.message is None else "me" if plan.message_is_mine else "partner",
        slots=[{**slot._asdict(), "minutes": slot.minutes, "local": _local(slot.start, viewer)} for slot in plan.slots],
        feedback=word,
    )


def _shown(context: RequestContext, plan: DateView) -> Versioned:
    return show(context.viewer, [plan])[0]


def _local(at: datetime, viewer: Viewer) -> datetime:
    return to_zone(at, viewer.zone)


def _wishes(context: RequestContext) -> list[SlotRequest]:
    return [SlotRequest(slot["wall"], slot["zone"], slot["minutes"]) for slot in context.body["slots"]]
