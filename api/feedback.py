"""Feedback: how a date was for you. Only you see it."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Number
from api.core.operations import COUPLE, RequestContext
from api.core.routing import Routes
from api.core.validators import InvalidValue
from planner.dates import feedback
from planner.dates.feedback import Feedback
from planner.errors import Conflict, Invalid, NotFound

routes = Routes("feedback")


class FeedbackPut(Schema):
    """How it was for you. Answer what you like, but one thing at least. Only you see it."""

    openapi: ClassVar[dict[str, Any]] = {"minProperties": 1}

    feeling = Choice(enumerations.FEELING, load_default=None, allow_none=True, metadata={"examples": ["lighter"]})
    rating = Number(1, 5, load_default=None, allow_none=True, metadata={"examples": [4]})
    again = Choice(
        enumerations.AGAIN_ANSWER,
        load_default=None,
        allow_none=True,
        metadata={"examples": ["yes"], "description": "Whether you would do it again. It shapes your own ideas."},
    )

    @validates_schema
    def _check_not_empty(self, data: dict[str, Any], **kwargs: Any) -> None:
        if all(value is None for value in data.values()):
            raise InvalidValue("one_needed", names=["feeling", "rating", "again"])


class DateFeedbackOut(Schema):
    """How it was for you."""

    feeling = EnumField(enumerations.FEELING, allow_none=True, metadata={"examples": ["lighter"]})
    rating = fields.Integer(allow_none=True, metadata={"examples": [4]})
    again = EnumField(enumerations.AGAIN_ANSWER, allow_none=True, metadata={"examples": ["yes"]})


@routes.put(
    "/dates/<uuid:date_id>/feedback",
    access=COUPLE,
    body=FeedbackPut(),
    answer=DateFeedbackOut(),
    problems=[Invalid, NotFound, Conflict],
)
def put_feedback(context: RequestContext, date_id: UUID) -> Feedback:
    """Say how it was for you. Your partner never sees it, and it shapes your own suggestions only."""
    return feedback.put(context.viewer, date_id, Feedback(**context.body), context.now)
