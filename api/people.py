"""Sign-up, and recovery of an account."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from marshmallow import Schema, fields

from api.core import rate_limits
from api.core.fields import Name, NewPassword, Text, TimeZoneName, new_id
from api.core.operations import PUBLIC, RequestContext
from api.core.rate_limits import rate_limited
from api.core.routing import Routes
from api.instance_info import ServerOperatorOut, operator, sign_up_is_closed
from api.sign_ins import DeviceMark, NewSessionOut, device
from planner.accounts import accounts, credentials, device_marks, sessions
from planner.accounts.accounts import NewAccount
from planner.accounts.sessions import NewSession
from planner.errors import BadCredentials, IdTaken, Invalid, RateLimited, SignUpClosed

routes = Routes("people")


class DisplayName(Name):
    """The name that other people here see: at most 40 letters of any script."""

    def __init__(self, **kwargs: Any) -> None:
        text = "Letters of any script, with spaces, hyphens and apostrophes between them."
        super().__init__(40, metadata={"examples": ["Robin"], "description": text}, **kwargs)


def opens_reflections() -> fields.Boolean:
    """Return the field that tells whether a new recovery code opens the viewer's reflections."""
    text = (
        "false: your reflections are locked, and only your earlier code opens them. Keep it, too, until you have"
        " unlocked them with it. Then this code opens them."
    )
    return fields.Boolean(metadata={"examples": [True], "description": text})


class SignUp(Schema):
    """A new person."""

    id = new_id()
    display_name = DisplayName(required=True)
    password = NewPassword()
    zone = TimeZoneName(required=True, metadata={"examples": ["Europe/Lisbon"]})
    device = device()
    device_mark = DeviceMark()


class NewAccountOut(Schema):
    """Your sign-in name and secrets, shown only this once. Keep the recovery code on paper."""

    session = fields.Nested(NewSessionOut)
    sign_in_name = fields.String(metadata={"examples": ["amber-otter-lamp"]})
    recovery_code = fields.String(metadata={"examples": ["ABCDE-FGHIJ-KLMNO-PQRST-UVWXY"]})
    operator = fields.Nested(ServerOperatorOut)


class RecoveredAccountOut(NewAccountOut):
    """Your sign-in name and new secrets, shown only this once. Keep the recovery code on paper."""

    opens_reflections = opens_reflections()


class AccountRecovery(Schema):
    """The recovery code, and the password to set with it."""

    sign_in_name = Text(60, lines=True, required=True, metadata={"examples": ["amber-otter-lamp"]})
    recovery_code = Text(60, lines=True, required=True, metadata={"examples": ["ABCDE-FGHIJ-KLMNO-PQRST-UVWXY"]})
    new_password = NewPassword()
    device = device()
    device_mark = DeviceMark()


@routes.post(
    "/people",
    access=PUBLIC,
    body=SignUp(),
    answer=NewAccountOut(),
    status=201,
    location="/me",
    no_store=True,
    problems=[Invalid, IdTaken, SignUpClosed, RateLimited],
)
def sign_up(context: RequestContext) -> dict[str, Any]:
    """Sign up with a display name, a password and a zone. The server makes the sign-in name.

    If the answer is lost, repeat the request with the same `id` within an hour: you get the same account, and a new
    recovery code.
    """
    if sign_up_is_closed():
        raise SignUpClosed
    body = context.body
    person = body["id"] or uuid4()
    with rate_limited(rate_limits.repeated_sign_up(str(person)), context.now):
        rate_limits.count(rate_limits.sign_up(), context.now)
        account = accounts.sign_up(body["display_name"], body["password"], body["zone"], person, context.now)
    session = sessions.sign_in_after_sign_up(account.person, body["device"], context.now, body["device_mark"])
    return _secrets(account, session)


@routes.post(
    "/recovery",
    access=PUBLIC,
    body=AccountRecovery(),
    answer=RecoveredAccountOut(),
    no_store=True,
    problems=[Invalid, BadCredentials, RateLimited],
)
def recover_account(context: RequestContext) -> dict[str, Any]:
    """Set a new password with the recovery code. All other sign-ins and your passkeys end, and you get a new code."""
    body = context.body
    name, mark = body["sign_in_name"], body["device_mark"]
    with rate_limited(rate_limits.recovery(device_marks.recognize(name, mark)), context.now):
        recovered = credentials.recover(
            name, body["recovery_code"], body["new_password"], body["device"], context.now, mark
        )
    return {
        **_secrets(recovered.account, recovered.session),
        "opens_reflections": recovered.opens_reflections,
    }


def _secrets(account: NewAccount, session: NewSession) -> dict[str, Any]:
    """Return the secrets of an account and of a new session."""
    return {
        "session": session,
        "sign_in_name": account.sign_in_name,
        "recovery_code": account.recovery_code,
        "operator": operator(),
    }
