"""Reactions: the receiver of a note answers it with one of a few fixed sentences."""

from __future__ import annotations

from uuid import UUID

from marshmallow import Schema

from api import enumerations
from api.core.fields import Choice
from api.core.operations import OWNER, RequestContext
from api.core.routing import Routes
from api.notes import NoteOut
from planner.errors import Conflict, Invalid, NotFound
from planner.notes import reactions
from planner.notes.notes import NoteView

routes = Routes("reactions")

_RECEIVED = {
    "mine": False,
    "version": None,
    "state": "shared",
    "created_at": None,
    "shared_at": "2026-11-23T08:05:00.000Z",
    "reaction": "thank_you",
    "reactions_offered": list(reactions.THANKS),
    "actions": [],
}

_note = NoteOut()


class ReactionIn(Schema):
    """Your reaction: one of those that the note offers."""

    reaction = Choice(enumerations.REACTION, required=True, metadata={"examples": ["thank_you"]})


@routes.put(
    "/notes/<uuid:note_id>/reaction",
    access=OWNER,
    body=ReactionIn(),
    answer=_note,
    example=_RECEIVED,
    problems=[Invalid, NotFound, Conflict],
)
def put_reaction(context: RequestContext, note_id: UUID) -> NoteView:
    """React to a note of your partner, or change your reaction.

    It costs nothing and rings nowhere: your partner finds it in the app. In your space you can react to what it holds.
    """
    return reactions.put(context.viewer, note_id, context.body["reaction"], context.now)


@routes.delete(
    "/notes/<uuid:note_id>/reaction",
    access=OWNER,
    answer=_note,
    example={**_RECEIVED, "reaction": None},
    problems=[NotFound, Conflict],
)
def take_back_reaction(context: RequestContext, note_id: UUID) -> NoteView:
    """Take your reaction back, at any time."""
    return reactions.take_back(context.viewer, note_id)
