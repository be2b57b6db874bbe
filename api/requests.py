"""Requests: one clear thing that you ask of your partner."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, Text, UtcDateTime, Uuid, new_id
from api.core.operations import COUPLE, OWNER, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.routing import Routes
from planner.errors import Conflict, IdTaken, Invalid, NotFound, QuotaExceeded
from planner.notes import requests
from planner.notes.requests import Draft, RequestView

routes = Routes("requests")

_BODY = {"examples": ["Could you take the children to school on Thursday?"]}
_DAY = {
    "examples": [None],
    "description": "The day that it is about, within the next 90 days. It then closes the request.",
}


class RequestIn(Schema):
    """What you ask for: one clear thing."""

    id = new_id()
    body = Text(200, required=True, metadata=_BODY)
    day = Day(load_default=None, allow_none=True, metadata=_DAY)


class RequestsQuery(PageQuery):
    """Which requests to list."""

    show = Choice(
        enumerations.REQUEST_LIST,
        load_default="all",
        metadata={"examples": ["open"], "description": "All, or only the open or the closed ones."},
    )


class PartnerRequestOut(Schema):
    """A request between you two."""

    id = Uuid(metadata={"examples": ["7e6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7b21"]})
    mine = fields.Boolean(metadata={"examples": [True], "description": "Whether you sent it."})
    body = fields.String(metadata=_BODY)
    day = Day(allow_none=True, metadata={"examples": [None]})
    state = EnumField(enumerations.REQUEST_STATE, metadata={"examples": ["open"]})
    answers_id = Uuid(
        attribute="answers",
        allow_none=True,
        metadata={"examples": [None], "description": "The request that this one answers."},
    )
    answered_by_id = Uuid(
        attribute="answered_by",
        allow_none=True,
        metadata={"examples": [None], "description": "The request that answers this one."},
    )
    created_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    expires_at = UtcDateTime(
        metadata={
            "examples": ["2026-12-07T08:00:00.000Z"],
            "description": "When an open request lapses: when its day is over in all zones, or after 14 days.",
        }
    )
    actions = fields.List(EnumField(enumerations.REQUEST_ACTION), metadata={"examples": [["withdraw"]]})


_request = PartnerRequestOut()
_ANSWERED = {"mine": False, "actions": []}


@routes.post(
    "/requests",
    access=SIGNED_IN,
    body=RequestIn(),
    answer=_request,
    status=201,
    location="/requests/{id}",
    problems=[Invalid, IdTaken, Conflict, QuotaExceeded],
)
def send_request(context: RequestContext) -> RequestView:
    """Ask your partner for one clear thing. It costs one shared thing.

    The same words rest before you can send them again, unless your partner said yes.
    """
    return requests.ask(context.viewer, _draft(context), context.body["id"], context.now)


@routes.get("/requests", access=SIGNED_IN, query=RequestsQuery(), answer=page_of(PartnerRequestOut), problems=[Invalid])
def list_requests(context: RequestContext) -> Page[RequestView]:
    """List the requests between you two, newest first."""
    is_open = {"all": None, "open": True, "closed": False}[context.query["show"]]
    return page(
        context.query,
        lambda limit, after: requests.list_requests(context.viewer, is_open, context.now, limit, after),
        _place,
    )


@routes.get("/requests/<uuid:request_id>", access=COUPLE, answer=_request, problems=[NotFound])
def get_request(context: RequestContext, request_id: UUID) -> RequestView:
    """Read a request."""
    return requests.find(context.viewer, request_id, context.now)


@routes.post(
    "/requests/<uuid:request_id>/accept",
    access=COUPLE,
    answer=_request,
    example={**_ANSWERED, "state": "accepted"},
    problems=[NotFound, Conflict],
)
def accept_request(context: RequestContext, request_id: UUID) -> RequestView:
    """Say yes to a request of your partner."""
    return requests.accept(context.viewer, request_id, context.now)


@routes.post(
    "/requests/<uuid:request_id>/decline",
    access=COUPLE,
    answer=_request,
    example={**_ANSWERED, "state": "declined"},
    problems=[NotFound, Conflict],
)
def decline_request(context: RequestContext, request_id: UUID) -> RequestView:
    """Say no to a request of your partner. It needs no reason, and rings nowhere."""
    return requests.decline(context.viewer, request_id, context.now)


@routes.post(
    "/requests/<uuid:request_id>/answer",
    access=COUPLE,
    body=RequestIn(),
    answer=_request,
    status=201,
    location="/requests/{id}",
    example={"answers_id": "8e6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7b22"},
    problems=[Invalid, NotFound, IdTaken, Conflict, QuotaExceeded],
)
def answer_request(context: RequestContext, request_id: UUID) -> RequestView:
    """Answer a request of your partner with another one, which your partner can accept. It costs one shared thing."""
    return requests.answer(context.viewer, request_id, _draft(context), context.body["id"], context.now)


@routes.post(
    "/requests/<uuid:request_id>/withdraw",
    access=OWNER,
    answer=_request,
    example={"state": "withdrawn", "actions": []},
    problems=[NotFound, Conflict],
)
def withdraw_request(context: RequestContext, request_id: UUID) -> RequestView:
    """Take your open request out of your partner's view. Their own record has it for twelve months."""
    return requests.withdraw(context.viewer, request_id, context.now)


def _draft(context: RequestContext) -> Draft:
    return Draft(context.body["body"], context.body["day"])


def _place(request: RequestView) -> tuple[datetime, Any]:
    return request.created_at, request.id
