"""Matches: what you are both curious about. A match is not a yes."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.activities import ActivityOut, Rendered, show
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from planner.recommender import matches

routes = Routes("matches")

TEXT = "You are both curious about this. That is not a yes: whoever wants to, asks."


class MatchOut(Schema):
    """One thing that both of you like the look of."""

    text = fields.String(metadata={"examples": [TEXT]})
    activity = Rendered(ActivityOut)


class MatchesOut(Schema):
    """At most three; each fades after 30 days."""

    items = fields.List(fields.Nested(MatchOut))


@routes.get("/matches", access=SIGNED_IN, answer=MatchesOut())
def read(context: RequestContext) -> dict[str, Any]:
    """See what you are both curious about: at most three, drawn anew each day. Nobody is told of a match."""
    found = matches.list_shown(context.viewer, context.now)
    # A match shows to whoever still likes it.
    return {"items": [{"text": TEXT, "activity": show(context.viewer, card, "like")} for card in found]}
