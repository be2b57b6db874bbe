"""Suggestions: what to do, when, and why it fits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates

from api.activities import ActivityOut, Rendered, show
from api.core.fields import Choice, Day, LocalDateTime, LocalInterval, Number
from api.core.filters import FilterQuery, limits
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.instance_info import settings
from planner.errors import Conflict, Invalid
from planner.recommender import suggestions
from planner.recommender.model import free_slots
from planner.recommender.model.free_slots import Window
from planner.recommender.model.request import RecommendationRequest
from planner.recommender.suggestions import MAX_EXTRA_PAGES, SuggestionQuery

routes = Routes("suggestions")


class SuggestionsQuery(FilterQuery):
    """For whom, when, and the limits to keep; each may be left out."""

    party = Choice(
        "one", "two", load_default=None, metadata={"examples": ["two"], "description": "Default: two, with a partner."}
    )
    more = Number(
        0,
        MAX_EXTRA_PAGES,
        text=True,
        load_default=0,
        metadata={"examples": [1], "description": "The slate after so many others: the `more` of the one before."},
    )
    when = LocalInterval(
        load_default=None,
        metadata={
            "examples": ["2026-11-28T14:00/2026-11-28T22:00"],
            "description": "A stretch of at most 14 days on your wall: each idea then carries slots in it. "
            "Where it is given, day, from and to say nothing.",
        },
    )

    @validates("when")
    def _length(self, value: Any, data_key: str) -> None:
        if value is not None and value[1] - value[0] > free_slots.LONGEST:
            raise ValidationError("Must be at most 14 days long.")


class ReasonOut(Schema):
    """One reason, in words and as a stable code."""

    code = fields.String(metadata={"examples": ["cost"]})
    text = fields.String(metadata={"examples": ["free"]})


class FreeSlotOut(Schema):
    """A time that fits, as POST /v1/dates takes it for a slot."""

    wall = LocalDateTime(metadata={"examples": ["2026-11-28T19:00"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    minutes = fields.Integer(metadata={"examples": [90]})


class SuggestionOut(Schema):
    """One idea, with why it fits; with `when`, one to three times for it."""

    activity = Rendered(ActivityOut)
    reasons = fields.List(fields.Nested(ReasonOut))
    slots = fields.List(fields.Nested(FreeSlotOut))


class RelaxOut(Schema):
    """One wish of your own, and how many activities would fit without it."""

    limit = fields.String(metadata={"examples": ["minutes"]})
    fitting = fields.Integer(
        metadata={"examples": [12], "description": "How many would then suit you: at most, for the two of you."}
    )


class SuggestionsOut(Schema):
    """At most five ideas, the same all day for the same question."""

    party = fields.String(metadata={"examples": ["two"]})
    day = Day(metadata={"examples": ["2026-11-28"]})
    items = fields.List(fields.Nested(SuggestionOut))
    more = fields.Integer(
        allow_none=True, metadata={"examples": [1], "description": "Send it as `more` for other ideas; null: no more."}
    )
    relax = fields.List(
        fields.Nested(RelaxOut),
        metadata={"description": "Where ideas are few: which of your own wishes leave most out, the most first."},
    )


@routes.get(
    "/suggestions", access=SIGNED_IN, query=SuggestionsQuery(), answer=SuggestionsOut(), problems=[Invalid, Conflict]
)
def read(context: RequestContext) -> dict[str, Any]:
    """Get ideas for the two of you, or for you alone."""
    viewer, query, today = context.viewer, context.query, context.viewer.today(context.now)
    party = query["party"] or ("two" if viewer.couple else "one")
    if party == "two" and viewer.couple is None:
        raise Conflict("There is nobody here to do it with yet. Ask for party=one, or invite somebody.")
    asked = RecommendationRequest(
        party=party,
        today=today,
        pace=(viewer.own_pace or 5) if party == "two" else 5,
        hemisphere=settings().hemisphere,
        **{**limits(query), **(_when(*query["when"]) if query["when"] else {"day": query["day"] or today})},
    )
    window = Window(query["when"][0], query["when"][1], viewer.zone) if query["when"] else None
    found = suggestions.suggest(viewer, SuggestionQuery(asked, query["more"], window), context.now)
    return {
        "party": party,
        "day": window.begins.date() if window else asked.day,
        "items": [
            {"activity": show(viewer, one.card, one.vote), "reasons": one.reasons, "slots": one.slots}
            for one in found.ideas
        ],
        "more": query["more"] + 1 if found.more else None,
        "relax": found.relax,
    }


def _when(begins: datetime, ends: datetime) -> dict[str, Any]:
    """The day and the hours that a question about a stretch of time is about."""
    if ends - begins <= timedelta(days=1):
        return {"day": begins.date(), "start": begins.time(), "end": ends.time()}
    # Of several days, the last leaves most time to prepare; each idea's own times say which of them it needs.
    return {"day": ends.date(), "start": None, "end": None}
