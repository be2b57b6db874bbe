"""Suggestions: what to do, and why it fits."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.activities import ActivityOut, Rendered, show
from api.edge import PERSON, Call, Routes
from api.fields import Choice, Day
from api.filters import FilterQuery, limits
from api.operator import settings
from planner.clock import local_day
from planner.errors import Invalid, WrongState
from planner.picking import suggestions
from planner.picking.question import Question

routes = Routes("suggestions")


class SuggestionsQuery(FilterQuery):
    """For whom, and the limits to keep; each may be left out."""

    party = Choice(
        "one", "two", load_default=None, metadata={"examples": ["two"], "description": "Default: two, with a partner."}
    )


class ReasonOut(Schema):
    """One reason, in words and as a stable code."""

    code = fields.String(metadata={"examples": ["cost"]})
    text = fields.String(metadata={"examples": ["free"]})


class SuggestionOut(Schema):
    """One idea, with why it fits."""

    activity = Rendered(ActivityOut)
    reasons = fields.List(fields.Nested(ReasonOut))


class SuggestionsOut(Schema):
    """At most five ideas, the same all day for the same question."""

    party = fields.String(metadata={"examples": ["two"]})
    day = Day(metadata={"examples": ["2026-11-28"]})
    items = fields.List(fields.Nested(SuggestionOut))


@routes.get(
    "/suggestions", access=PERSON, query=SuggestionsQuery(), answer=SuggestionsOut(), problems=[Invalid, WrongState]
)
def read(call: Call) -> dict[str, Any]:
    """Get ideas for the two of you, or for you alone."""
    actor, query, today = call.actor, call.query, local_day(call.now, call.actor.zone)
    party = query["party"] or ("two" if actor.couple else "one")
    if party == "two" and actor.couple is None:
        raise WrongState("There is nobody here to do it with yet. Ask for party=one, or invite somebody.")
    asked = Question(
        party=party,
        day=query["day"] or today,
        today=today,
        pace=(actor.own_pace or 5) if party == "two" else 5,
        hemisphere=settings().hemisphere,
        **limits(query),
    )
    found = suggestions.for_person(actor, asked, call.now)
    ideas = [{"activity": show(actor, one.card), "reasons": one.reasons} for one in found]
    return {"party": party, "day": asked.day, "items": ideas}
