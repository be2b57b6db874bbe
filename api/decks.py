"""Decks: ten cards a day to say like, pass or never of."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.activities import ActivityOut, Rendered, show
from api.edge import PERSON, Call, Routes
from api.fields import Day
from planner.picking import decks

routes = Routes("decks")


class DeckOut(Schema):
    """The cards of your day; those that you have answered carry your `taste`."""

    day = Day(metadata={"examples": ["2026-11-28"]})
    items = fields.List(Rendered(ActivityOut))


@routes.get("/deck", access=PERSON, answer=DeckOut())
def read(call: Call) -> dict[str, Any]:
    """Get the cards of your day: at most ten, the same all day. Vote with PUT /v1/activities/{id}/taste."""
    found = decks.today(call.actor, call.now)
    return {"day": found.day, "items": [show(call.actor, card, found.votes.get(card.id)) for card in found.cards]}
