"""Tastes: like, pass or never. Sealed: only you read your own; they show as `taste` beside an activity."""

from __future__ import annotations

from uuid import UUID

from marshmallow import Schema, fields

from api.edge import MINE, Call, Routes
from api.fields import Choice, Instant
from planner.errors import Invalid, NotFound
from planner.picking import votes
from planner.picking.tastes import VOTES
from planner.picking.votes import Said

routes = Routes("tastes")


class TasteIn(Schema):
    """Your vote on an activity."""

    vote = Choice(*VOTES, required=True, metadata={"examples": ["like"]})


class TasteOut(Schema):
    """Your vote, and from when on it counts for what is suggested."""

    vote = fields.String(metadata={"examples": ["like"]})
    counts_from = Instant(
        metadata={"examples": ["2026-11-29T00:00:00.000Z"], "description": "Your next midnight after the vote."}
    )


@routes.put(
    "/activities/<uuid:activity_id>/taste", access=MINE, body=TasteIn(), answer=TasteOut(), problems=[Invalid, NotFound]
)
def put(call: Call, activity_id: UUID) -> Said:
    """Say what you think of an activity. Your partner never reads it; two likes of dealt cards make a match."""
    return votes.put(call.actor, activity_id, call.body["vote"], call.now)


@routes.delete("/activities/<uuid:activity_id>/taste", access=MINE, problems=[NotFound])
def take_back(call: Call, activity_id: UUID) -> None:
    """Take your vote back. A match that your partner sees fades in its own time, as every match does."""
    votes.take_back(call.actor, activity_id, call.now)
