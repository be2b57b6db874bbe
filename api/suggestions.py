"""Suggestions: what to do, and why it fits."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema
from webargs.fields import DelimitedList

from api.activities import ActivityOut, Rendered, rendered
from api.edge import PERSON, Call, Routes
from api.fields import Choice, Day, Flag, Number, TimeOfDay
from api.people import settings
from planner.clock import local_day
from planner.errors import Invalid, WrongState
from planner.picking import suggestions
from planner.picking.ranking import Question
from seeds.vocabulary import CATEGORIES, SETTINGS

routes = Routes("suggestions")


class SuggestionsQuery(Schema):
    """The limits to keep; each may be left out."""

    party = Choice(
        "one", "two", load_default=None, metadata={"examples": ["two"], "description": "Default: two, with a partner."}
    )
    day = Day(load_default=None, metadata={"examples": ["2026-11-28"], "description": "Your calendar. Default: today."})
    start = TimeOfDay(load_default=None, data_key="from", metadata={"examples": ["18:00"]})
    end = TimeOfDay(load_default=None, data_key="to", metadata={"examples": ["22:00"]})
    minutes = Number(5, 20160, text=True, load_default=None, metadata={"examples": [120], "description": "At most."})
    cost_band = Number(0, 4, text=True, load_default=None, metadata={"examples": [1], "description": "At most."})
    energy = Number(1, 5, text=True, load_default=None, metadata={"examples": [3], "description": "At most."})
    settings = DelimitedList(
        Choice(*SETTINGS), load_default=list, data_key="setting", metadata={"examples": [["home", "out"]]}
    )
    categories = DelimitedList(
        Choice(*CATEGORIES), load_default=list, data_key="category", metadata={"examples": [["outdoors"]]}
    )
    children = Choice("asleep", "present", load_default=None, metadata={"examples": ["asleep"]})
    step_free = Flag(load_default=False, metadata={"examples": [True]})

    @validates_schema
    def _window(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data["start"] is None) != (data["end"] is None):
            raise ValidationError("A window needs both ends.", "to" if data["end"] is None else "from")


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
    actor, query, today = call.actor, dict(call.query), local_day(call.now, call.actor.zone)
    party = query.pop("party") or ("two" if actor.couple else "one")
    if party == "two" and actor.couple is None:
        raise WrongState("There is nobody here to do it with yet. Ask for party=one, or invite somebody.")
    day = query.pop("day") or today
    asked = Question(
        party=party,
        day=day,
        today=today,
        pace=(actor.pace or 5) if party == "two" else 5,
        hemisphere=settings().hemisphere,
        settings=frozenset(query.pop("settings")),
        categories=frozenset(query.pop("categories")),
        **query,
    )
    found = suggestions.for_person(actor, asked, call.now)
    return {
        "party": party,
        "day": day,
        "items": [{"activity": rendered(one.card), "reasons": one.reasons} for one in found],
    }
