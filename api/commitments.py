"""Commitments: small promises to yourself, which only you read and log."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core.fields import Choice, Day, StrictBoolean, Text, UtcDateTime, Uuid, new_id
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.parsing import if_match
from api.core.routing import Routes
from api.core.validators import InvalidValue
from planner.errors import Conflict, IdTaken, Invalid, NotFound, VersionConflict, VersionMissing
from planner.notes import commitments
from planner.notes.commitments import CommitmentView, Draft

routes = Routes("commitments")

_BODY = {"examples": ["Put the phone away at dinner."]}
_REQUEST = {"examples": [None], "description": "A request of your partner that you said yes to."}


class CommitmentIn(Schema):
    """What you promise yourself."""

    id = new_id()
    body = Text(200, required=True, metadata=_BODY)
    request_id = Uuid(load_default=None, allow_none=True, metadata=_REQUEST)


class CommitmentPatch(Schema):
    """New words, or whether it has ended."""

    openapi: ClassVar[dict[str, Any]] = {"minProperties": 1}

    body = Text(200, metadata=_BODY)
    ended = StrictBoolean(metadata={"examples": [True]})

    @validates_schema
    def _check_not_empty(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise InvalidValue("one_needed", names=["body", "ended"])


class CommitmentsQuery(PageQuery):
    """Which commitments to list."""

    show = Choice(
        enumerations.COMMITMENT_LIST,
        load_default="open",
        metadata={"examples": ["open"], "description": "Those that are open, or those that ended."},
    )


class CommitmentOut(Schema):
    """A promise to yourself. A day that is not listed is only empty."""

    id = Uuid(metadata={"examples": ["9e6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7b23"]})
    body = fields.String(metadata=_BODY)
    request_id = Uuid(attribute="request", allow_none=True, metadata=_REQUEST)
    version = fields.Integer(metadata={"examples": [1]})
    created_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    ended_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})
    first_day = Day(metadata={"examples": ["2026-11-23"], "description": "The first day that you can log."})
    days = fields.List(
        Day(),
        metadata={"examples": [["2026-11-23"]], "description": "The days that you logged in the last six weeks."},
    )


_commitment = CommitmentOut()


@routes.post(
    "/commitments",
    access=SIGNED_IN,
    body=CommitmentIn(),
    answer=_commitment,
    status=201,
    location="/commitments/{id}",
    problems=[Invalid, IdTaken, Conflict],
)
def create_commitment(context: RequestContext) -> CommitmentView:
    """Promise yourself something small. Only you see it. At most five are open at a time."""
    draft = Draft(context.body["body"], context.body["request_id"])
    return commitments.make(context.viewer, draft, context.body["id"], context.now)


@routes.get(
    "/commitments", access=SIGNED_IN, query=CommitmentsQuery(), answer=page_of(CommitmentOut), problems=[Invalid]
)
def list_commitments(context: RequestContext) -> Page[CommitmentView]:
    """List your own commitments, newest first."""
    is_ended = context.query["show"] == "ended"
    return page(
        context.query,
        lambda limit, after: commitments.list_own(context.viewer, is_ended, context.now, limit, after),
        _place,
    )


@routes.get("/commitments/<uuid:commitment_id>", access=OWNER, answer=_commitment, problems=[NotFound])
def get_commitment(context: RequestContext, commitment_id: UUID) -> CommitmentView:
    """Read one of your commitments."""
    return commitments.find(context.viewer, commitment_id, context.now)


@routes.patch(
    "/commitments/<uuid:commitment_id>",
    access=OWNER,
    body=CommitmentPatch(),
    answer=_commitment,
    versioned=True,
    problems=[Invalid, NotFound, Conflict, VersionMissing, VersionConflict],
)
def edit_commitment(context: RequestContext, commitment_id: UUID) -> CommitmentView:
    """Change the words of your commitment, end it, or open it again."""
    body = context.body
    return commitments.edit(context.viewer, commitment_id, if_match(), body.get("body"), body.get("ended"), context.now)


@routes.delete("/commitments/<uuid:commitment_id>", access=OWNER, problems=[NotFound])
def delete_commitment(context: RequestContext, commitment_id: UUID) -> None:
    """Delete your commitment with its days, for good."""
    commitments.delete(context.viewer, commitment_id)


@routes.put(
    "/commitments/<uuid:commitment_id>/days/<day:day>",
    access=OWNER,
    answer=_commitment,
    problems=[Invalid, NotFound],
)
def log_commitment_day(context: RequestContext, commitment_id: UUID, day: date) -> CommitmentView:
    """Log a day on which you did it, up to today."""
    return commitments.log(context.viewer, commitment_id, day, context.now)


@routes.delete(
    "/commitments/<uuid:commitment_id>/days/<day:day>", access=OWNER, answer=_commitment, problems=[NotFound]
)
def clear_commitment_day(context: RequestContext, commitment_id: UUID, day: date) -> CommitmentView:
    """Make a day empty again."""
    return commitments.clear(context.viewer, commitment_id, day, context.now)


def _place(commitment: CommitmentView) -> tuple[datetime, Any]:
    return commitment.created_at, commitment.id
