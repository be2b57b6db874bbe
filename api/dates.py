"""Dates: propose, answer, keep, and say how it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.edge import OURS, PERSON, Call, Routes, Versioned
from api.fields import Choice, Id, Instant, Number, Text, Wall, Zone, new_id
from api.pages import PageQuery, Slice, page, page_of
from planner.clock import local
from planner.dates import agenda, outcomes, plans
from planner.dates.agenda import Plan
from planner.dates.outcomes import FEELINGS, Word
from planner.dates.slots import MOST, Wish
from planner.errors import AbovePace, IdTaken, Invalid, NotFound, Problem, TooSoon, WrongState
from planner.people.sign_ins import Actor

routes = Routes("dates")

_MOVED: list[type[Problem]] = [Invalid, NotFound, WrongState]


class SlotIn(Schema):
    """A time you offer: as it reads on the wall, in a zone."""

    wall = Wall(required=True, metadata={"examples": ["2026-11-28T19:00"]})
    zone = Zone(load_default=None, metadata={"examples": ["Europe/Lisbon"], "description": "Default: your own."})
    minutes = Number(
        10, 20160, load_default=None, metadata={"examples": [90], "description": "Default: what the activity takes."}
    )


def offered() -> fields.List[Any]:
    """One to three slots."""
    return fields.List(fields.Nested(SlotIn), required=True, validate=validate.Length(1, MOST))


class Proposal(Schema):
    """What, when, and perhaps a line."""

    id = new_id()
    activity = Id(required=True, metadata={"examples": ["9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55"]})
    party = Choice(
        "two", "one", load_default="two", metadata={"examples": ["two"], "description": "one: just for you."}
    )
    slots = offered()
    line = Text(
        140, load_default=None, allow_none=True,
        metadata={
            "examples": ["The one by the river?"],
            "description": "For two: from pace 3 on, and it costs one shared thing.",
        },
    )  # fmt: skip

    @validates_schema
    def _one_slot_alone(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["party"] == "one" and len(data["slots"]) > 1:
            raise ValidationError("A date of your own has one slot.", "slots")


class DateMove(Schema):
    """The version of the date that you saw."""

    version = Number(1, 2**31 - 1, required=True, metadata={"examples": [1]})


class DateAccept(DateMove):
    """Your yes, to one slot."""

    slot = Id(required=True, metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})


class DateDecline(DateMove):
    """Your no. "another_time" and "another_idea" are not a no; no reason is asked."""

    answer = Choice(*plans.ANSWERS, load_default="no", metadata={"examples": ["another_time"]})


class DateCounter(DateMove):
    """Other times."""

    slots = offered()


class OutcomePut(Schema):
    """How you felt afterwards. Only you see it."""

    feeling = Choice(*FEELINGS, required=True, metadata={"examples": ["lighter"]})
    rating = Number(1, 5, load_default=None, allow_none=True, metadata={"examples": [4]})


class DatesQuery(PageQuery):
    """Which dates to list."""

    show = Choice(
        "all", "upcoming", load_default="all",
        metadata={"examples": ["upcoming"], "description": "upcoming: open or ahead, next first. all: newest first."},
    )  # fmt: skip


class SlotOut(Schema):
    """A stretch of time: the instants, what was meant, and how it reads on your own wall."""

    id = Id(metadata={"examples": ["e2b1c0de-3a0e-4d43-9b0c-6f7a9f1f0b66"]})
    start = Instant(metadata={"examples": ["2026-11-28T19:00:00.000Z"]})
    end = Instant(metadata={"examples": ["2026-11-28T20:30:00.000Z"]})
    minutes = fields.Integer(metadata={"examples": [90]})
    wall = Wall(metadata={"examples": ["2026-11-28T19:00"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    local = Wall(metadata={"examples": ["2026-11-28T20:00"], "description": "In your zone."})


class BriefActivityOut(Schema):
    """What it is about."""

    id = Id(metadata={"examples": ["9a0d5b9c-1f5e-4a53-a0a5-0c2b1d3e4f55"]})
    title = fields.String(metadata={"examples": ["Market-stall lunch"]})
    summary = fields.String(metadata={"examples": ["Share three small dishes from three stalls."]})
    category = fields.String(metadata={"examples": ["cook_taste"]})


class OutcomeOut(Schema):
    """How it was for you."""

    feeling = fields.String(metadata={"examples": ["lighter"]})
    rating = fields.Integer(allow_none=True, metadata={"examples": [4]})


class DateOut(Schema):
    """A date as you see it."""

    id = Id(metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})
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
    line = fields.String(allow_none=True, metadata={"examples": ["The one by the river?"]})
    line_from = fields.String(
        allow_none=True, metadata={"examples": ["me"], "description": "Whose words the line is: me or partner."}
    )
    answer = fields.String(allow_none=True, metadata={"examples": [None]})
    slots = fields.List(fields.Nested(SlotOut))
    created_at = Instant(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    expires_at = Instant(allow_none=True, metadata={"examples": ["2026-11-28T16:00:00.000Z"]})
    actions = fields.List(
        fields.String(),
        metadata={
            "examples": [["withdraw"]],
            "description": "The moves that are yours where it stands. Space, or what you have left, may still say no.",
        },
    )
    outcome = fields.Nested(OutcomeOut, allow_none=True)


_date = DateOut()


@routes.post(
    "/dates", access=PERSON, body=Proposal(), answer=_date, status=201,
    problems=[Invalid, IdTaken, WrongState, AbovePace, TooSoon],
)  # fmt: skip
def propose(call: Call) -> Versioned:
    """Propose a date with one to three slots, or plan one for yourself."""
    body, wishes = call.body, _wishes(call)
    if body["party"] == "one":
        found = plans.plan_alone(call.actor, body["activity"], wishes[0], body["line"], body["id"], call.now)
    else:
        found = plans.propose(call.actor, body["activity"], wishes, body["line"], body["id"], call.now)
    return show(call.actor, [found])[0]


@routes.get("/dates", access=PERSON, query=DatesQuery(), answer=page_of(DateOut), problems=[Invalid])
def listed(call: Call) -> Slice[Versioned]:
    """List your dates, your couple's and your own."""
    if call.query["show"] == "upcoming":
        found = page(
            call.query,
            lambda limit, after: agenda.upcoming(call.actor, call.now, limit, after),
            lambda plan: (plan.moment, plan.id),
        )
    else:
        found = page(
            call.query,
            lambda limit, after: agenda.newest(call.actor, call.now, limit, after),
            lambda plan: (plan.created_at, plan.id),
        )
    return Slice(show(call.actor, found.items), found.next)


@routes.get("/dates/<uuid:date_id>", access=OURS, answer=_date, problems=[NotFound])
def read(call: Call, date_id: UUID) -> Versioned:
    """Read a date."""
    return show(call.actor, [agenda.find(call.actor, date_id, call.now)])[0]


@routes.post(
    "/dates/<uuid:date_id>/accept", access=OURS, body=DateAccept(), answer=_date, problems=[*_MOVED, AbovePace]
)
def accept(call: Call, date_id: UUID) -> Versioned:
    """Say yes to one of the slots. Both get reminders."""
    body = call.body
    return _shown(call, plans.accept(call.actor, date_id, body["version"], body["slot"], call.now))


@routes.post("/dates/<uuid:date_id>/decline", access=OURS, body=DateDecline(), answer=_date, problems=_MOVED)
def decline(call: Call, date_id: UUID) -> Versioned:
    """Say no, or ask for another time or idea."""
    return _shown(call, plans.decline(call.actor, date_id, call.body["version"], call.body["answer"], call.now))


@routes.post(
    "/dates/<uuid:date_id>/counter",
    access=OURS,
    body=DateCounter(),
    answer=_date,
    problems=[*_MOVED, TooSoon, AbovePace],
)
def counter(call: Call, date_id: UUID) -> Versioned:
    """Offer other times. It counts as a proposal of yours."""
    return _shown(call, plans.counter(call.actor, date_id, call.body["version"], _wishes(call), call.now))


@routes.post("/dates/<uuid:date_id>/withdraw", access=OURS, body=DateMove(), answer=_date, problems=_MOVED)
def withdraw(call: Call, date_id: UUID) -> Versioned:
    """Take your offer back. It still counts."""
    return _shown(call, plans.withdraw(call.actor, date_id, call.body["version"], call.now))


@routes.post("/dates/<uuid:date_id>/cancel", access=OURS, body=DateMove(), answer=_date, problems=_MOVED)
def cancel(call: Call, date_id: UUID) -> Versioned:
    """Call an agreed date off. The other finds: this date is off."""
    return _shown(call, plans.cancel(call.actor, date_id, call.body["version"], call.now))


@routes.post("/dates/<uuid:date_id>/complete", access=OURS, body=DateMove(), answer=_date, problems=_MOVED)
def complete(call: Call, date_id: UUID) -> Versioned:
    """Say that it took place. Each of you is asked how it was."""
    return _shown(call, plans.complete(call.actor, date_id, call.body["version"], call.now))


@routes.put("/dates/<uuid:date_id>/outcome", access=OURS, body=OutcomePut(), answer=OutcomeOut(), problems=_MOVED)
def put_outcome(call: Call, date_id: UUID) -> Word:
    """Say how it was for you. Your partner never sees it."""
    return outcomes.put(call.actor, date_id, Word(call.body["feeling"], call.body["rating"]), call.now)


def show(actor: Actor, found: Sequence[Plan]) -> list[Versioned]:
    """Dates as the actor sees them, each with the actor's own outcome."""
    words = outcomes.of(actor, [plan.id for plan in found])
    return [_show(actor, plan, words.get(plan.id)) for plan in found]


def _show(actor: Actor, plan: Plan, word: Word | None) -> Versioned:
    content = plan.activity.content
    return Versioned(
        plan._asdict(),
        activity={
            "id": plan.activity.id, "title": content.title, "summary": content.summary, "category": content.category
        },
        party="two" if plan.with_partner else "one",
        sender="me" if plan.sender_is_me else "partner",
        line_from=None if plan.line is None else "me" if plan.line_is_mine else "partner",
        slots=[{**slot._asdict(), "minutes": slot.minutes, "local": _local(slot.start, actor)} for slot in plan.slots],
        outcome=word,
    )  # fmt: skip


def _shown(call: Call, plan: Plan) -> Versioned:
    return show(call.actor, [plan])[0]


def _local(at: datetime, actor: Actor) -> datetime:
    return local(at, actor.zone)


def _wishes(call: Call) -> list[Wish]:
    return [Wish(slot["wall"], slot["zone"], slot["minutes"]) for slot in call.body["slots"]]
