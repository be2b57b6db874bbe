"""Decks: the cards of a day to vote on."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.activities import ActivityOut, Rendered, show
from api.core.fields import Day
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from planner.recommender import decks

routes = Routes("decks")


class DeckOut(Schema):
    """The cards of your day. Those that you have voted on carry your `vote`."""

    day = Day(metadata={"examples": ["2026-11-28"]})
    items = fields.List(Rendered(ActivityOut))


@routes.get("/deck", access=SIGNED_IN, answer=DeckOut())
def get_deck(context: RequestContext) -> dict[str, Any]:
    """Get the cards of your day, the same all day. Vote with PUT /v1/activities/{id}/vote.

    The first three decks have up to thirty cards, later ones up to ten. A card that you passed on may come again after
    90 days, without the vote.
    """
    deck = decks.today(context.viewer, context.now)
    return {"day": deck.day, "items": [show(context.viewer, card, deck.votes.get(card.id)) for card in deck.cards]}
