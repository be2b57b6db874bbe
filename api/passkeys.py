"""Passkeys: sign in with the lock of your device instead of the password. One belongs to the host of this server."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api.core import rate_limits
from api.core.fields import Text, UtcDateTime, Uuid, new_id
from api.core.operations import OWNER, PUBLIC, SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.passkey_assertions import Base64Url, PasskeyAssertion, site
from api.sign_ins import DeviceMark, SignedInOut, device
from planner.accounts import passkeys
from planner.accounts.passkey_checks import Assertion, Registration
from planner.accounts.passkeys import NewPasskey, PasskeyView
from planner.errors import (
    BadCredentials,
    ConfirmationNeeded,
    Conflict,
    IdTaken,
    Invalid,
    NotFound,
    RateLimited,
)

routes = Routes("passkeys")

_CHALLENGE = {
    "examples": ["b2Zm0cXk3VQnYw8uH1sLpAAAAABpIlQAk1u0Jm2sXv7o4yTzqW8r5g"],
    "description": "base64url. It is good for five minutes, and once.",
}
_HOST = {"examples": ["rekindle.example.org"], "description": "The `rpId` of WebAuthn."}
_NAME = {"examples": ["phone"], "description": "What you call the device or the app that has it."}


class PasskeySignIn(Schema):
    """A passkey in place of your sign-in name and password."""

    passkey = fields.Nested(PasskeyAssertion(), required=True)
    device = device()
    device_mark = DeviceMark()


class PasskeyIn(Schema):
    """What `navigator.credentials.create` answered."""

    id = new_id()
    name = Text(60, required=True, metadata=_NAME)
    credential_id = Base64Url(1400, "AbCdEf0123456789", "Its `id`.")
    client_data = Base64Url(6000, "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0", "Its `response.clientDataJSON`.")
    attestation = Base64Url(40_000, "o2NmbXRkbm9uZWdhdHRTdG10oA", "Its `response.attestationObject`.")


class PasskeyChallengeOut(Schema):
    """What to give to `navigator.credentials.get`. Ask for `userVerification: "required"`, and allow any passkey."""

    challenge = fields.String(metadata=_CHALLENGE)
    host = fields.String(metadata=_HOST)


class NewPasskeyOut(Schema):
    """What to give to `navigator.credentials.create`. Ask for a resident key and `userVerification: "required"`."""

    challenge = fields.String(metadata=_CHALLENGE)
    host = fields.String(metadata=_HOST)
    user_id = fields.String(metadata={"examples": ["XC8tDnsKT16fbg1tHouaEA"], "description": "base64url."})
    sign_in_name = fields.String(metadata={"examples": ["amber-otter-lamp"]})
    display_name = fields.String(metadata={"examples": ["Robin"]})
    known = fields.List(
        fields.String(), metadata={"examples": [["AbCdEf"]], "description": "Credential ids, for `excludeCredentials`."}
    )


class PasskeyOut(Schema):
    """One of your passkeys."""

    id = Uuid(metadata={"examples": ["7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c33"]})
    name = fields.String(metadata=_NAME)
    created_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    used_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})


class PasskeyListOut(Schema):
    """All of your passkeys, the oldest first."""

    items = fields.List(fields.Nested(PasskeyOut))


@routes.post("/passkey-challenges", access=PUBLIC, answer=PasskeyChallengeOut(), no_store=True)
def get_passkey_challenge(context: RequestContext) -> dict[str, Any]:
    """Ask for a challenge, to sign in or to confirm a sign-in with a passkey.

    Passkeys need https, or localhost. They work at the host in the answer only.
    """
    return {"challenge": passkeys.ask(context.now), "host": site().host}


@routes.post(
    "/sign-ins/by-passkey",
    access=PUBLIC,
    body=PasskeySignIn(),
    answer=SignedInOut(),
    status=201,
    location="/sign-ins/{session[id]}",
    no_store=True,
    problems=[Invalid, BadCredentials, RateLimited],
)
def sign_in_with_passkey(context: RequestContext) -> dict[str, Any]:
    """Sign in on a device with a passkey."""
    body = context.body
    # Wrong ones have no limit: a passkey cannot be guessed, and a limit would lock people out.
    used = passkeys.verify(site(), Assertion(**body["passkey"]), context.now)
    rate_limits.count(rate_limits.passkey_sign_in(used.row.person_id), context.now)
    return {"session": passkeys.sign_in(used, body["device"], context.now, body["device_mark"])}


@routes.get("/me/passkeys", access=SIGNED_IN, answer=PasskeyListOut(), no_store=True)
def list_passkeys(context: RequestContext) -> dict[str, Any]:
    """List your passkeys."""
    return {"items": passkeys.list_passkeys(context.viewer.id)}


@routes.post(
    "/me/passkey-challenges",
    access=SIGNED_IN,
    answer=NewPasskeyOut(),
    no_store=True,
    problems=[Conflict, ConfirmationNeeded],
)
def prepare_passkey(context: RequestContext) -> NewPasskey:
    """Ask for what your device needs to make a passkey.

    You need to have signed in, or confirmed your sign-in, within the last ten minutes: a passkey stays when a phone is
    given back.
    """
    return passkeys.prepare(context.viewer.identity, site().host, context.now)


@routes.post(
    "/me/passkeys",
    access=SIGNED_IN,
    body=PasskeyIn(),
    answer=PasskeyOut(),
    status=201,
    location="/me/passkeys",
    no_store=True,
    problems=[Invalid, BadCredentials, Conflict, IdTaken],
)
def add_passkey(context: RequestContext) -> PasskeyView:
    """Add the passkey that your device made. Your inbox tells of it, on all your devices."""
    body = context.body
    given = Registration(body["credential_id"], body["client_data"], body["attestation"])
    return passkeys.add(context.viewer.identity, site(), given, body["name"], body["id"], context.now)


@routes.delete("/me/passkeys/<uuid:passkey_id>", access=OWNER, problems=[NotFound, ConfirmationNeeded])
def remove_passkey(context: RequestContext, passkey_id: UUID) -> None:
    """Remove a passkey. No one can sign in with it any more. Your sign-ins go on."""
    context.check_confirmed()
    passkeys.remove(context.viewer.identity, passkey_id, context.now)
