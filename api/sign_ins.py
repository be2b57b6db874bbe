"""Sign-ins: one per device. You can list and end yours. One that is not used for 180 days ends by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api.core import rate_limits
from api.core.fields import Day, Password, Text, UtcDateTime, Uuid
from api.core.operations import OWNER, PUBLIC, SIGNED_IN, RequestContext
from api.core.rate_limits import rate_limited, rate_limited_if_right
from api.core.rendering import clear_device
from api.core.routing import Routes
from api.core.validators import InvalidValue
from api.passkey_assertions import PasskeyAssertion, site
from planner.accounts import credentials, device_marks, passkeys, sessions
from planner.accounts.passkey_checks import Assertion
from planner.errors import BadCredentials, ConfirmationNeeded, Invalid, NotFound, RateLimited

routes = Routes("sign_ins")


def device() -> Text:
    """Return the field for the device name in the list of sign-ins."""
    return Text(60, load_default="unnamed device", metadata={"examples": ["phone"]})


EXAMPLE_MARK = "Rb7Zk0eW1tqPzL5nYxJ2vUoC4hGd8mSaF6iQwXlKpTE"


class DeviceMark(fields.String):
    """The field for the mark that this device got at an earlier sign-in of any person."""

    pattern = "^[A-Za-z0-9_-]{43}$"

    def __init__(self) -> None:
        text = "The `device_mark` of an earlier sign-in on this device. It can be of another person here."
        super().__init__(load_default=None, allow_none=True, metadata={"examples": [None], "description": text})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise InvalidValue("not_a_device_mark")
        return value


class SignInIn(Schema):
    """Your sign-in name (three words) and your password."""

    sign_in_name = Text(60, lines=True, required=True, metadata={"examples": ["amber-otter-lamp"]})
    password = Password(256, required=True, metadata={"examples": ["correct horse battery"]})
    device = device()
    device_mark = DeviceMark()


class NewSessionOut(Schema):
    """A new sign-in. The token is shown only this once."""

    id = Uuid(attribute="sign_in", metadata={"examples": ["7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"]})
    person_id = Uuid(attribute="person", metadata={"examples": ["5c2f2d0e-7b0a-4f5e-9f6e-0d6d1e8b9a10"]})
    token = fields.String(metadata={"examples": ["q1X..."], "description": "Send as: Authorization: Bearer <token>."})
    device_mark = fields.String(
        metadata={
            "examples": [EXAMPLE_MARK],
            "description": "Keep it, and send it with later sign-ins on this device: then no stranger's wrong passwords"
            " lock you out here.",
        }
    )


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


class ConfirmationIn(Schema):
    """Your password again, or a passkey, because a lost or lent phone must not be enough. Send one of the fields."""

    password = Password(256, load_default=None, allow_none=True, metadata={"examples": ["correct horse battery"]})
    passkey = fields.Nested(PasskeyAssertion(), load_default=None, allow_none=True, metadata={"examples": [None]})

    @validates_schema
    def _check_exactly_one(self, data: dict[str, Any], **kwargs: Any) -> None:
        if (data["password"] is None) == (data["passkey"] is None):
            raise InvalidValue("only_one", names=["password", "passkey"])


class ConfirmationOut(Schema):
    """The time until which this sign-in is confirmed."""

    confirmed_until = UtcDateTime(metadata={"examples": ["2026-11-24T08:00:00.000Z"]})


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
    name, mark = context.body["sign_in_name"], context.body["device_mark"]
    known = device_marks.recognize(name, mark)
    try:
        with (
            rate_limited_if_right(rate_limits.rightful_sign_in(name, known), context.now),
            rate_limited(rate_limits.sign_in(name, known), context.now),
        ):
            session = credentials.sign_in(name, context.body["password"], context.body["device"], context.now, mark)
    except RateLimited:
        credentials.record_lock_out(name, context.now)
        raise
    return {"session": session}


@routes.get("/sign-ins", access=SIGNED_IN, answer=SessionsOut())
def list_sign_ins(context: RequestContext) -> dict[str, Any]:
    """List the devices where you are signed in."""
    return {"items": sessions.list_sessions(context.viewer.identity)}


@routes.post(
    "/sign-ins/current/confirm",
    access=SIGNED_IN,
    body=ConfirmationIn(),
    answer=ConfirmationOut(),
    no_store=True,
    problems=[Invalid, BadCredentials, RateLimited],
)
def confirm_sign_in(context: RequestContext) -> dict[str, Any]:
    """Confirm that it is you, after a refusal of the type `/problems/confirm-first`. Then repeat the refused request.

    Some acts need a sign-in that began within the last day, or was confirmed within it: leaving, blocking, ending
    your other sign-ins, and removing a passkey.
    """
    identity = context.viewer.identity
    if context.body["passkey"]:
        used = passkeys.verify(site(), Assertion(**context.body["passkey"]), context.now)
        return {"confirmed_until": passkeys.confirm(identity, used, context.now)}
    with rate_limited(rate_limits.password(identity.session), context.now):
        return {"confirmed_until": credentials.confirm(identity, context.body["password"], context.now)}


@routes.delete("/sign-ins/current", access=SIGNED_IN, problems=[NotFound])
def delete_current_sign_in(context: RequestContext) -> None:
    """Sign out on this device. You need not know the id of the sign-in."""
    sessions.revoke(context.viewer.identity, context.viewer.identity.session, context.now)
    clear_device()


@routes.delete("/sign-ins/<uuid:sign_in_id>", access=OWNER, problems=[NotFound, ConfirmationNeeded])
def delete_sign_in(context: RequestContext, sign_in_id: UUID) -> None:
    """Sign out on this or another device."""
    if sign_in_id != context.viewer.identity.session:
        context.check_confirmed()
    sessions.revoke(context.viewer.identity, sign_in_id, context.now)
    if sign_in_id == context.viewer.identity.session:
        clear_device()
