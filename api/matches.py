"""Matches: activities that both partners like. A match is not a yes."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.activities import ActivityOut, Rendered, show
from api.core.languages import CatalogueText
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.instance_info import hemisphere_of
from planner.recommender import matches

routes = Routes("matches")

_CURIOUS = "both_curious"


class ActivityMatchOut(Schema):
    """One activity that both of you like."""

    key = fields.String(metadata={"examples": [_CURIOUS], "description": "The key of the text."})
    text = CatalogueText("texts", "key", example=_CURIOUS)
    activity = Rendered(ActivityOut)


class ActivityMatchesOut(Schema):
    """At most three. Those out of season wait for it."""

    items = fields.List(fields.Nested(ActivityMatchOut))


@routes.get("/matches", access=SIGNED_IN, answer=ActivityMatchesOut())
def list_matches(context: RequestContext) -> dict[str, Any]:
    """See what you are both curious about: at most three, chosen anew each day. A match sends no message."""
    entries = matches.list_shown(context.viewer, hemisphere_of(context.viewer.zone), context.now)
    # A match shows only while the viewer's own vote is "like", so that is their vote.
    return {"items": [{"key": _CURIOUS, "activity": show(context.viewer, entry, "like")} for entry in entries]}
