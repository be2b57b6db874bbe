"""Sign-ins: one per device. You can list and end yours."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api.core import rate_limits
from api.core.fields import Day, Password, Text, UtcDateTime, Uuid
from api.core.operations import OWNER, PUBLIC, SIGNED_IN, RequestContext
from api.core.rate_limits import rate_limited, rate_limited_if_right
from api.core.rendering import clear_device
from api.core.routing import Routes
from planner.accounts import credentials, sessions
from planner.errors import BadCredentials, Invalid, NotFound, RateLimited

routes = Routes("sign_ins")


def device() -> Text:
    """Return the field for the device name in the list of sign-ins."""
    return Text(60, load_default="unnamed device", metadata={"examples": ["phone"]})


class SignInIn(Schema):
    """Your sign-in name (three words) and your password."""

    sign_in_name = Text(60, lines=True, required=True, metadata={"examples": ["amber-otter-lamp"]})
    password = Password(256, required=True, metadata={"examples": ["correct horse battery"]})
    device = device()


class NewSessionOut(Schema):
    """A new sign-in. The token is shown only this once."""

    id = Uuid(attribute="sign_in", metadata={"examples": ["7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"]})
    person_id = Uuid(attribute="person", metadata={"examples": ["5c2f2d0e-7b0a-4f5e-9f6e-0d6d1e8b9a10"]})
    token = fields.String(metadata={"examples": ["q1X..."], "description": "Send as: Authorization: Bearer <token>."})


class SignedInOut(Schema):
    """Your new sign-in."""

    session = fields.Nested(NewSessionOut)


class SessionOut(Schema):
    """One of your sign-ins."""

    id = Uuid(metadata={"examples": ["7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"]})
    device = fields.String(metadata={"examples": ["phone"]})
    created_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    used_on = Day(metadata={"examples": ["2026-11-23"], "description": "The day of its last use, in your zone."})
    current = fields.Boolean(metadata={"examples": [True]})


class SessionsOut(Schema):
    """All of your sign-ins."""

    items = fields.List(fields.Nested(SessionOut))


@routes.post(
    "/sign-ins",
    access=PUBLIC,
    body=SignInIn(),
    answer=SignedInOut(),
    status=201,
    location="/sign-ins/{session[id]}",
    no_store=True,
    problems=[Invalid, BadCredentials, RateLimited],
)
def sign_in(context: RequestContext) -> dict[str, Any]:
    """Sign in on a device."""
    body, name = context.body, context.body["sign_in_name"]
    with (
        rate_limited_if_right(rate_limits.rightful_sign_in(name), context.now),
        rate_limited(rate_limits.sign_in(name), context.now),
    ):
        session = credentials.sign_in(body["sign_in_name"], body["password"], body["device"], context.now)
    return {"session": session}


@routes.get("/sign-ins", access=SIGNED_IN, answer=SessionsOut())
def list_sign_ins(context: RequestContext) -> dict[str, Any]:
    """List the devices where you are signed in."""
    return {"items": sessions.list_sessions(context.viewer.identity)}


@routes.delete("/sign-ins/current", access=SIGNED_IN, problems=[NotFound])
def delete_current_sign_in(context: RequestContext) -> None:
    """Sign out on this device. You need not know the id of the sign-in."""
    sessions.revoke(context.viewer.identity, context.viewer.identity.session)
    clear_device()


@routes.delete("/sign-ins/<uuid:sign_in_id>", access=OWNER, problems=[NotFound])
def delete_sign_in(context: RequestContext, sign_in_id: UUID) -> None:
    """Sign out on this or another device."""
    sessions.revoke(context.viewer.identity, sign_in_id)
    if sign_in_id == context.viewer.identity.session:
        clear_device()
