"""Space, and what is held."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.activities import ActivityOut, Rendered
from api.activities import show as show_activity
from api.core.fields import Choice, DateTimeOrNow, Day, StrictBoolean, UtcDateTime, Uuid
from api.core.operations import SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page_by_id, page_of
from api.core.routing import Routes
from api.dates import DateOut, show
from api.instance_info import OperatorOut, operator
from api.notes import NoteOut
from planner.dates import views
from planner.errors import Conflict, Invalid, QuotaExceeded
from planner.recommender import votes
from planner.relationship import hold_queue, space
from planner.relationship.hold_queue import HeldThing
from planner.relationship.space import QUIET, SAID, SENTENCES, DateDecision, SpaceChoice, SpaceView

routes = Routes("space")

# What somebody reads before they take space, and finds again while they are in it.
TERMS = (
    "Space is yours alone: it starts at once, needs no reason, and has no end until you end it.",
    "What your partner sends meanwhile is kept for you and never announced. You may look at it, or answer one thing,"
    " without ending your space. After it you release or dismiss it; after 30 days it is dismissed.",
    "What you send may not be read either: your partner may pause, too.",
    "Quiet: this server gives no sign of it. Said: your partner finds one fixed sentence, at most one a week, until"
    " your space ends.",
    "May be noticed: that you do not answer, that nothing new comes from you, that a date is off, and that a sentence"
    " appears, changes or goes.",
    'Your partner\'s "This date is off" reaches you. Nobody waits in a restaurant: a date that you do not go to is off'
    " two hours before it starts, at the latest, and so is an offer of yours that is accepted meanwhile.",
    "An offer of your own reads as it stands when you look at it, whatever your partner answered meanwhile.",
    "Dates that you marked as off later stand again when you end your space. An offer of yours that was accepted"
    " meanwhile then stands as well: dismiss what arrived, and no word of that yes reaches you but its reminders.",
    "Everything stays as it is: space changes no password, no sign-in, and nothing that you wrote.",
)

_DATE = Uuid(required=True, metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})


class DateDecisionPut(Schema):
    """Your word on one agreed date."""

    date = _DATE
    going = StrictBoolean(required=True, metadata={"examples": [False]})
    off_at = DateTimeOrNow(
        load_default=None,
        allow_none=True,
        metadata={
            "examples": ["now"],
            "description": 'With going false: "now", or an instant up to two hours before it starts (the default).',
        },
    )

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["going"] and data["off_at"]:
            raise ValidationError("You go, or it is off: send one of both.", "off_at")


class SpacePut(Schema):
    """Quiet or said; a word on each agreed date that lies ahead."""

    kind = Choice(QUIET, SAID, required=True, metadata={"examples": ["quiet"]})
    sentence = Choice(
        *SENTENCES,
        load_default=None,
        allow_none=True,
        metadata={"examples": [None], "description": "With said: which sentence your partner finds."},
    )
    until = Day(
        load_default=None,
        allow_none=True,
        metadata={"examples": [None], "description": "With said: a day, if you wish. It ends nothing by itself."},
    )
    dates = fields.List(
        fields.Nested(DateDecisionPut),
        load_default=list,
        validate=validate.Length(0, space.MOST_WORDS),
        metadata={
            "examples": [[]],
            "description": "To start, one for each of the `dates` that GET lists; later, those that change.",
        },
    )

    @validates_schema
    def _said_or_quiet(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["kind"] == SAID and not data["sentence"]:
            raise ValidationError("Choose a sentence.", "sentence")
        if data["kind"] == QUIET:
            for name in ("sentence", "until"):
                if data[name]:
                    raise ValidationError("Quiet says nothing.", name)


class SentenceOut(Schema):
    """One of the four."""

    key = fields.String(metadata={"examples": ["time"]})
    text = fields.String(metadata={"examples": [SENTENCES["time"]]})


class UpcomingDateOut(Schema):
    """An agreed date that lies ahead, and your word on it."""

    date = fields.Nested(DateOut)
    going = fields.Boolean(allow_none=True, metadata={"examples": [None]})
    off_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})
    latest_off_at = UtcDateTime(
        allow_none=True,
        metadata={
            "examples": ["2026-11-28T17:00:00.000Z"],
            "description": "Up to when it can be off later. Null: it starts too soon; go, or off now.",
        },
    )


class SpaceOut(Schema):
    """Your space; before it starts, what there is to decide."""

    kind = fields.String(allow_none=True, metadata={"examples": [None], "description": "Null: you are not in space."})
    sentence = fields.String(allow_none=True, metadata={"examples": [None]})
    until = Day(allow_none=True, metadata={"examples": [None]})
    since = UtcDateTime(allow_none=True, metadata={"examples": [None]})
    say_again_at = UtcDateTime(
        allow_none=True, metadata={"examples": [None], "description": "When something may be said again; null: now."}
    )
    held_until = UtcDateTime(
        allow_none=True,
        metadata={
            "examples": [None],
            "description": "When what arrived in a past space is dismissed by itself.",
        },
    )
    dates = fields.List(fields.Nested(UpcomingDateOut))
    open_offers = fields.List(
        fields.Nested(DateOut),
        metadata={"description": "Yours. Withdraw them in the ordinary way, or leave them standing."},
    )
    kinds = fields.List(fields.String(), metadata={"examples": [[QUIET, SAID]]})
    sentences = fields.List(fields.Nested(SentenceOut))
    terms = fields.List(fields.String(), metadata={"examples": [list(TERMS)]})
    operator = fields.Nested(OperatorOut)


class HeldOut(Schema):
    """Something held for you, as it stands now, with all that an answer needs. One of date, note and idea is there."""

    id = Uuid(metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})
    kind = fields.String(metadata={"examples": ["date"], "description": "date, note or idea."})
    at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    why = fields.String(
        metadata={"examples": ["space"], "description": "space, or what you chose quietly: pace, rhythm."}
    )
    date = fields.Nested(DateOut, allow_none=True)
    note = fields.Nested(NoteOut, allow_none=True)
    idea = Rendered(ActivityOut, allow_none=True)


_space = SpaceOut()


@routes.get("/me/space", access=SIGNED_IN, answer=_space)
def read(context: RequestContext) -> dict[str, Any]:
    """Read your space, or what starting one would ask you."""
    return _space_of(context)


@routes.put("/me/space", access=SIGNED_IN, body=SpacePut(), answer=_space, problems=[Invalid, Conflict, QuotaExceeded])
def put(context: RequestContext) -> dict[str, Any]:
    """Take space, or change the space that you are in. Repeating it is safe."""
    body = context.body
    words = [DateDecision(one["date"], one["going"], one["off_at"]) for one in body["dates"]]
    space.start_or_change(
        context.viewer, SpaceChoice(body["kind"], body["sentence"], body["until"]), words, context.now
    )
    return _space_of(context)


@routes.delete("/me/space", access=SIGNED_IN, problems=[Conflict])
def end(context: RequestContext) -> None:
    """End your space. What arrived meanwhile waits until you release or dismiss it."""
    space.end(context.viewer, context.now)


@routes.get("/me/held", access=SIGNED_IN, query=PageQuery(), answer=page_of(HeldOut), problems=[Invalid])
def listed(context: RequestContext) -> Page[dict[str, Any]]:
    """List what is held for you, newest first. Each can be read and answered by its id, as anything else."""
    shown = page_by_id(context.query, hold_queue.list_held(context.viewer, context.now))
    dates = iter(show(context.viewer, [one.date for one in shown.items if one.date]))
    own_votes = votes.get_own(context.viewer, [one.idea.id for one in shown.items if one.idea])
    return Page([_held(context, one, next(dates) if one.date else None, own_votes) for one in shown.items], shown.next)


@routes.post("/me/held/release", access=SIGNED_IN, problems=[Conflict])
def release(context: RequestContext) -> None:
    """Release what arrived in a space that is over: it is simply there."""
    hold_queue.release(context.viewer, context.now)


@routes.post("/me/held/dismiss", access=SIGNED_IN, problems=[Conflict])
def dismiss(context: RequestContext) -> None:
    """Dismiss what arrived in a space that is over, for good. Your own record keeps the text.

    An offer of yours that was accepted meanwhile stands: you find it among your dates, and its reminders come. Only the
    word of that yes is gone.
    """
    hold_queue.dismiss(context.viewer, context.now)


def _held(
    context: RequestContext, one: HeldThing, date: dict[str, Any] | None, own_votes: dict[UUID, str]
) -> dict[str, Any]:
    idea = show_activity(context.viewer, one.idea, own_votes.get(one.idea.id)) if one.idea else None
    return {**one._asdict(), "date": date, "idea": idea}


def _space_of(context: RequestContext) -> dict[str, Any]:
    view = space.preview(context.viewer, context.now)
    pause = view.pause
    return {
        "kind": pause.kind if pause else None,
        "sentence": pause.sentence if pause else None,
        "until": pause.until if pause else None,
        "since": pause.started_at if pause else None,
        "say_again_at": view.say_again_at,
        "held_until": hold_queue.review_deadline(context.viewer.id),
        "dates": _words(context, view),
        "open_offers": show(context.viewer, views.list_open_offers(context.viewer, context.now)),
        "kinds": [QUIET, SAID],
        "sentences": [{"key": key, "text": text} for key, text in SENTENCES.items()],
        "terms": TERMS,
        "operator": operator(),
    }


def _words(context: RequestContext, view: SpaceView) -> list[dict[str, Any]]:
    plans = views.get_many(context.viewer, [one.date for one in view.dates], context.now)
    shown = {plan["id"]: plan for plan in show(context.viewer, plans)}
    return [
        {
            "date": shown[one.date],
            "going": one.going,
            "off_at": one.off_at,
            "latest_off_at": one.latest(context.now) if one.latest(context.now) > context.now else None,
        }
        for one in view.dates
    ]
