"""Space: a pause that one partner takes, and the queue of things held during it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.activities import ActivityOut, Rendered
from api.activities import show as show_activity
from api.core.enumerations import EnumField
from api.core.fields import Choice, DateTimeOrNow, Day, StrictBoolean, UtcDateTime, Uuid
from api.core.languages import FixedTextOut, fixed_texts
from api.core.operations import SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.routing import Routes
from api.core.validators import InvalidValue, Length
from api.couple_questions import CoupleQuestionOut
from api.couple_questions import show as show_question
from api.dates import PlannedDateOut, show
from api.important_days import ImportantDayOut
from api.instance_info import ServerOperatorOut, operator
from api.notes import NoteOut
from api.requests import PartnerRequestOut
from planner.dates import views
from planner.dates.date_filter import OPEN_PROPOSALS
from planner.dates.views import DateView
from planner.errors import Conflict, Invalid, QuotaExceeded
from planner.recommender import votes
from planner.relationship import hold_queue, space
from planner.relationship.hold_queue import HeldThing
from planner.relationship.space import QUIET, SAID, DateDecision, SpaceChoice, SpaceView

routes = Routes("space")

_MAX_OFFERS = 100

_DATE = Uuid(required=True, metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})


class DateDecisionPut(Schema):
    """Whether you go to one agreed date."""

    date_id = _DATE
    going = StrictBoolean(required=True, metadata={"examples": [False]})
    off_at = DateTimeOrNow(
        load_default=None,
        allow_none=True,
        metadata={
            "examples": ["now"],
            "description": 'If going is false: "now", or an instant up to two hours before the start. Default: a drawn '
            "moment two to four hours before it. Of several dates that are off now, each follows the last one after a "
            "minute or two, as if you had called them off by hand.",
        },
    )

    @validates_schema
    def _check_off_at(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["going"] and data["off_at"]:
            raise InvalidValue("off_but_going", "off_at")


class SpacePut(Schema):
    """The kind of your space, and a decision about each upcoming agreed date."""

    kind = Choice(enumerations.SPACE_KIND, required=True, metadata={"examples": ["quiet"]})
    sentence = Choice(
        enumerations.SPACE_SENTENCE,
        load_default=None,
        allow_none=True,
        metadata={"examples": [None], "description": "For said: which sentence your partner sees."},
    )
    until = Day(
        load_default=None,
        allow_none=True,
        metadata={
            "examples": [None],
            "description": "For said: a day, if you like. It does not end your space.",
        },
    )
    dates = fields.List(
        fields.Nested(DateDecisionPut),
        load_default=list,
        validate=Length(0, space.MOST_WORDS),
        metadata={
            "examples": [[]],
            "description": "To start: one decision for each of the `dates` in GET. Later: only those that change.",
        },
    )

    @validates_schema
    def _check_sentence(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["kind"] == SAID and not data["sentence"]:
            raise InvalidValue("sentence_missing", "sentence")
        if data["kind"] == QUIET:
            for name in ("sentence", "until"):
                if data[name]:
                    raise InvalidValue("only_with_said", name)


class UpcomingDateOut(Schema):
    """An upcoming agreed date, and your decision about it."""

    date = fields.Nested(PlannedDateOut)
    going = fields.Boolean(allow_none=True, metadata={"examples": [None]})
    off_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})
    latest_off_at = UtcDateTime(
        allow_none=True,
        metadata={
            "examples": ["2026-11-28T17:00:00.000Z"],
            "description": "The latest possible off_at. Null: the date starts too soon, so go, or send off_at now.",
        },
    )


class SpaceOut(Schema):
    """Your space; before it starts, the decisions that it needs."""

    kind = EnumField(
        enumerations.SPACE_KIND,
        allow_none=True,
        metadata={"examples": [None], "description": "Null: you are not in space."},
    )
    sentence = EnumField(enumerations.SPACE_SENTENCE, allow_none=True, metadata={"examples": [None]})
    until = Day(allow_none=True, metadata={"examples": [None]})
    since = UtcDateTime(allow_none=True, metadata={"examples": [None]})
    next_sentence_at = UtcDateTime(
        allow_none=True, metadata={"examples": [None], "description": "When you may next send a sentence; null: now."}
    )
    held_until = UtcDateTime(
        allow_none=True,
        metadata={
            "examples": [None],
            "description": "When the things held in a past space are dismissed automatically.",
        },
    )
    dates = fields.List(fields.Nested(UpcomingDateOut))
    open_offers = fields.List(
        fields.Nested(PlannedDateOut),
        metadata={"description": "Your open offers. You can withdraw them as usual, or leave them open."},
    )
    kinds = fields.List(EnumField(enumerations.SPACE_KIND), metadata={"examples": [[QUIET, SAID]]})
    sentences = fields.List(fields.Nested(FixedTextOut))
    terms = fields.List(
        fields.Nested(FixedTextOut), metadata={"description": "What to read before a space. It is the same during it."}
    )
    operator = fields.Nested(ServerOperatorOut)


class HeldItemOut(Schema):
    """A thing held for you, in its current state. Exactly one of its things is set: the one that `kind` names."""

    id = Uuid(metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})
    kind = EnumField(enumerations.HELD_KIND, metadata={"examples": ["date"]})
    arrived_at = UtcDateTime(attribute="at", metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    held_by = EnumField(enumerations.HELD_BY, attribute="why", metadata={"examples": ["space"]})
    date = fields.Nested(PlannedDateOut, allow_none=True)
    note = fields.Nested(NoteOut, allow_none=True)
    idea = Rendered(ActivityOut, allow_none=True)
    request = fields.Nested(PartnerRequestOut, allow_none=True)
    day = fields.Nested(ImportantDayOut, allow_none=True)
    question = fields.Nested(
        CoupleQuestionOut, allow_none=True, metadata={"description": "For an answer: its question, with both answers."}
    )


class HeldCountOut(Schema):
    """How much is still held for you: by a space, or by your quiet pace or rhythm."""

    held = fields.Integer(metadata={"examples": [0]})
    held_until = UtcDateTime(
        allow_none=True,
        metadata={"examples": [None], "description": "When it is dismissed automatically; null: never."},
    )


_space, _held_count = SpaceOut(), HeldCountOut()


@routes.get("/me/space", access=SIGNED_IN, answer=_space, no_store=True)
def get_space(context: RequestContext) -> dict[str, Any]:
    """Read your space, or the decisions that starting one needs."""
    return _space_of(context)


@routes.put(
    "/me/space",
    access=SIGNED_IN,
    body=SpacePut(),
    answer=_space,
    no_store=True,
    problems=[Invalid, Conflict, QuotaExceeded],
)
def put_space(context: RequestContext) -> dict[str, Any]:
    """Take space, or change your current space. Repeating it is safe."""
    body = context.body
    decisions = [DateDecision(row["date_id"], row["going"], row["off_at"]) for row in body["dates"]]
    space.start_or_change(
        context.viewer, SpaceChoice(body["kind"], body["sentence"], body["until"]), decisions, context.now
    )
    return _space_of(context)


@routes.delete("/me/space", access=SIGNED_IN, answer=_space, no_store=True, problems=[Conflict])
def end_space(context: RequestContext) -> dict[str, Any]:
    """End your space. What arrived during it stays held until you release or dismiss it."""
    space.end(context.viewer, context.now)
    return _space_of(context)


@routes.get(
    "/me/held", access=SIGNED_IN, query=PageQuery(), answer=page_of(HeldItemOut), no_store=True, problems=[Invalid]
)
def list_held(context: RequestContext) -> Page[dict[str, Any]]:
    """List what is held for you, newest first. You can read and answer each thing by its id, as usual."""
    things = hold_queue.list_held(context.viewer, context.now)

    def read(limit: int, after: tuple[datetime, UUID] | None) -> list[HeldThing]:
        return [thing for thing in things if after is None or _place(thing) < after][:limit]

    held = page(context.query, read, _place)
    dates = iter(show(context.viewer, [thing.date for thing in held.items if thing.date]))
    own_votes = votes.get_own(context.viewer, [thing.idea.id for thing in held.items if thing.idea])
    return Page(
        [_show_held(context, thing, next(dates) if thing.date else None, own_votes) for thing in held.items], held.next
    )


def _place(thing: HeldThing) -> tuple[datetime, UUID]:
    return thing.at, thing.id


@routes.post("/me/held/release", access=SIGNED_IN, answer=_held_count, no_store=True, problems=[Conflict])
def release_held(context: RequestContext) -> dict[str, Any]:
    """Release what arrived during a space that is over. You then find it in its usual places."""
    hold_queue.release(context.viewer, context.now)
    return _count_held(context)


@routes.post("/me/held/dismiss", access=SIGNED_IN, answer=_held_count, no_store=True, problems=[Conflict])
def dismiss_held(context: RequestContext) -> dict[str, Any]:
    """Dismiss what arrived during a space that is over, for good. Your own record keeps the text.

    An offer of yours that your partner accepted during your space is still agreed. You find it among your dates, and
    you get its reminders. Only the message about that yes is gone.
    """
    hold_queue.dismiss(context.viewer, context.now)
    return _count_held(context)


def _count_held(context: RequestContext) -> dict[str, Any]:
    return {
        "held": len(hold_queue.list_held(context.viewer, context.now)),
        "held_until": hold_queue.review_deadline(context.viewer.id),
    }


def _show_held(
    context: RequestContext, thing: HeldThing, date: dict[str, Any] | None, own_votes: dict[UUID, str]
) -> dict[str, Any]:
    idea = show_activity(context.viewer, thing.idea, own_votes.get(thing.idea.id)) if thing.idea else None
    question = show_question(thing.question) if thing.question else None
    return {**thing._asdict(), "date": date, "idea": idea, "question": question}


def _space_of(context: RequestContext) -> dict[str, Any]:
    view = space.preview(context.viewer, context.now)
    pause = view.pause
    return {
        "kind": pause.kind if pause else None,
        "sentence": pause.sentence if pause else None,
        "until": pause.until if pause else None,
        "since": pause.started_at if pause else None,
        "next_sentence_at": view.say_again_at,
        "held_until": hold_queue.review_deadline(context.viewer.id),
        "dates": _show_upcoming(context, view),
        "open_offers": show(context.viewer, _open_offers(context)),
        "kinds": [QUIET, SAID],
        "sentences": fixed_texts("sentences"),
        "terms": fixed_texts("space_terms"),
        "operator": operator(),
    }


def _open_offers(context: RequestContext) -> list[DateView]:
    proposals = views.list_upcoming(context.viewer, context.now, _MAX_OFFERS, wanted=OPEN_PROPOSALS)
    return [proposal for proposal in proposals if proposal.sender_is_me]


def _show_upcoming(context: RequestContext, view: SpaceView) -> list[dict[str, Any]]:
    date_views = views.get_many(context.viewer, [upcoming.date for upcoming in view.dates], context.now)
    shown_dates = {date["id"]: date for date in show(context.viewer, date_views)}
    return [
        {
            "date": shown_dates[upcoming.date],
            "going": upcoming.going,
            "off_at": upcoming.off_at,
            "latest_off_at": upcoming.latest(context.now) if upcoming.latest(context.now) > context.now else None,
        }
        for upcoming in view.dates
    ]
