"""Feedback: how a date was for you. Only you see it."""

from __future__ import annotations

from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Number
from api.core.operations import COUPLE, RequestContext
from api.core.routing import Routes
from planner.dates import feedback
from planner.dates.feedback import Feedback
from planner.errors import Conflict, Invalid, NotFound

routes = Routes("feedback")


class FeedbackPut(Schema):
    """How you felt afterwards. Only you see it."""

    feeling = Choice(enumerations.FEELING, required=True, metadata={"examples": ["lighter"]})
    rating = Number(1, 5, load_default=None, allow_none=True, metadata={"examples": [4]})


class DateFeedbackOut(Schema):
    """How it was for you."""

    feeling = EnumField(enumerations.FEELING, metadata={"examples": ["lighter"]})
    rating = fields.Integer(allow_none=True, metadata={"examples": [4]})


@routes.put(
    "/dates/<uuid:date_id>/feedback",
    access=COUPLE,
    body=FeedbackPut(),
    answer=DateFeedbackOut(),
    problems=[Invalid, NotFound, Conflict],
)
def put_feedback(context: RequestContext, date_id: UUID) -> Feedback:
    """Say how it was for you. Your partner never sees it, and it shapes your own suggestions only."""
    return feedback.put(context.viewer, date_id, Feedback(context.body["feeling"], context.body["rating"]), context.now)
