"""Votes: like, pass or never. Each person sees only their own, as the `vote` of an activity."""

from __future__ import annotations

from uuid import UUID

from marshmallow import Schema

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, UtcDateTime
from api.core.operations import OWNER, RequestContext
from api.core.routing import Routes
from planner.errors import Invalid, NotFound
from planner.recommender import voting
from planner.recommender.voting import CastVote

routes = Routes("votes")


class VoteIn(Schema):
    """Your vote on an activity."""

    vote = Choice(enumerations.VOTE, required=True, metadata={"examples": ["like"]})


class ActivityVoteOut(Schema):
    """Your vote, and the time from which it counts in suggestions."""

    vote = EnumField(
        enumerations.VOTE,
        allow_none=True,
        metadata={"examples": ["like"], "description": "Null: you have taken your vote back."},
    )
    effective_from = UtcDateTime(
        allow_none=True,
        metadata={
            "examples": ["2026-11-29T00:00:00.000Z"],
            "description": "Your next midnight after the vote. If a pass becomes a never, it stays. Null: there was no "
            "vote that counted.",
        },
    )


@routes.put(
    "/activities/<uuid:activity_id>/vote",
    access=OWNER,
    body=VoteIn(),
    answer=ActivityVoteOut(),
    problems=[Invalid, NotFound],
)
def put_vote(context: RequestContext, activity_id: UUID) -> CastVote:
    """Vote on an activity. If you both like a card of your decks, it becomes a match.

    No other person is ever shown your votes. Likes and passes shape what both of you are offered. A never hides the
    idea from your own suggestions at once, and counts as a pass for your partner.
    """
    return voting.cast(context.viewer, activity_id, context.body["vote"], context.now)


@routes.delete(
    "/activities/<uuid:activity_id>/vote",
    access=OWNER,
    answer=ActivityVoteOut(),
    example={"vote": None},
    problems=[NotFound],
)
def retract_vote(context: RequestContext, activity_id: UUID) -> CastVote:
    """Take your vote back. A match that your partner already sees leaves their list within two days."""
    return voting.retract(context.viewer, activity_id, context.now)
