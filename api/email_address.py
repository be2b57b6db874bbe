"""Your e-mail address: optional, confirmed with a code, and used only for what you switch on. It finds no one."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core import rate_limits
from api.core.enumerations import EnumField
from api.core.fields import EmailAddress, NewPassword, Password, StrictBoolean, Text
from api.core.operations import PUBLIC, SIGNED_IN, RequestContext
from api.core.rate_limits import rate_limited, rate_limited_if_right
from api.core.routing import Routes
from api.core.validators import InvalidValue
from api.sign_ins import DeviceMark, SignedInOut, device
from planner import mail
from planner.accounts import device_marks, email_addresses, password_resets
from planner.accounts.email_addresses import EmailAddressView
from planner.errors import BadCredentials, Conflict, Invalid, RateLimited

routes = Routes("email_address")

_CODE = "QRSTU-VWXYZ"
_RESETS = {
    "examples": [True],
    "description": "Whether a code from a mail can set a new password. A person who can read the mailbox and knows your"
    " sign-in name could then take over your account.",
}
_NOTIFIES = {"examples": [True], "description": "Whether a mail tells you that something waits for you."}
_DETAILS = {
    "examples": [False],
    "description": "Whether these mails also say what it is, with the idea and the time of a date.",
}


class EmailAddressOut(Schema):
    """Your e-mail address, and what it is used for."""

    available = fields.Boolean(metadata={"examples": [True], "description": "Whether this server can send mail."})
    state = EnumField(enumerations.EMAIL_STATE, metadata={"examples": ["confirmed"]})
    address = fields.String(
        allow_none=True, metadata={"examples": ["robin@example.org"], "description": "Null if you gave none."}
    )
    resets_password = fields.Boolean(metadata=_RESETS)
    notifies = fields.Boolean(metadata=_NOTIFIES)
    shows_details = fields.Boolean(metadata=_DETAILS)


class EmailAddressPut(Schema):
    """Your address, and your password, because the address can be a way into your account."""

    address = EmailAddress(required=True, metadata={"examples": ["robin@example.org"]})
    resets_password = StrictBoolean(load_default=True, metadata=_RESETS)
    password = Password(256, required=True, metadata={"examples": ["correct horse battery"]})


class EmailAddressPatch(Schema):
    """What mails tell you."""

    openapi: ClassVar[dict[str, Any]] = {"minProperties": 1}

    notifies = StrictBoolean(metadata=_NOTIFIES)
    shows_details = StrictBoolean(metadata=_DETAILS)

    @validates_schema
    def _check_not_empty(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise InvalidValue("one_needed", names=["notifies", "shows_details"])


class EmailCodeIn(Schema):
    """The code from the mail."""

    code = Text(60, lines=True, required=True, metadata={"examples": [_CODE]})


class PasswordResetRequest(Schema):
    """The account whose password you have forgotten."""

    sign_in_name = Text(60, lines=True, required=True, metadata={"examples": ["amber-otter-lamp"]})


class PasswordReset(PasswordResetRequest):
    """The code from the mail, and the password to set with it."""

    code = Text(60, lines=True, required=True, metadata={"examples": [_CODE]})
    new_password = NewPassword()
    device = device()
    device_mark = DeviceMark()


@routes.get("/me/email-address", access=SIGNED_IN, answer=EmailAddressOut())
def get_email_address(context: RequestContext) -> dict[str, Any]:
    """Read your e-mail address, and whether it is confirmed."""
    return _show(email_addresses.get_own(context.viewer.id))


@routes.put(
    "/me/email-address",
    access=SIGNED_IN,
    body=EmailAddressPut(),
    answer=EmailAddressOut(),
    example={"state": "unconfirmed", "notifies": False},
    problems=[Invalid, BadCredentials, Conflict, RateLimited],
)
def put_email_address(context: RequestContext) -> dict[str, Any]:
    """Give or change your address. A mail with a code goes there; until you confirm it, it is used for nothing else.

    An earlier address that was confirmed gets a notice. The answer is the same if other people use this address.
    """
    body, person = context.body, str(context.viewer.id)
    with (
        rate_limited_if_right(rate_limits.address_mails(person), context.now),
        rate_limited(rate_limits.password(context.viewer.identity.session), context.now),
    ):
        own = email_addresses.put(
            context.viewer.identity, body["password"], body["address"], body["resets_password"], context.now
        )
    return _show(own)


@routes.patch(
    "/me/email-address",
    access=SIGNED_IN,
    body=EmailAddressPatch(),
    answer=EmailAddressOut(),
    problems=[Invalid, Conflict],
)
def edit_email_address(context: RequestContext) -> dict[str, Any]:
    """Switch mails about what waits on or off, and choose whether they tell what it is."""
    return _show(email_addresses.edit(context.viewer.identity, context.body))


@routes.post(
    "/me/email-address/confirm",
    access=SIGNED_IN,
    body=EmailCodeIn(),
    answer=EmailAddressOut(),
    example={"notifies": False},
    problems=[Invalid, BadCredentials, Conflict, RateLimited],
)
def confirm_email_address(context: RequestContext) -> dict[str, Any]:
    """Confirm your address with the code from the mail. A code works once, within 24 hours."""
    with rate_limited(rate_limits.mail_code(str(context.viewer.id)), context.now):
        return _show(email_addresses.confirm(context.viewer.identity, context.body["code"], context.now))


@routes.delete("/me/email-address", access=SIGNED_IN)
def delete_email_address(context: RequestContext) -> None:
    """Remove your address. If it was confirmed, one last mail goes there, which says so."""
    email_addresses.delete(context.viewer.identity, context.now)


@routes.post("/recovery/email", access=PUBLIC, body=PasswordResetRequest(), problems=[Invalid, Conflict, RateLimited])
def request_password_reset(context: RequestContext) -> None:
    """Ask for a mail with a code for a new password.

    It goes to the confirmed address of the account, if its owner allowed that. The answer is the same for a name that
    does not exist.
    """
    rate_limits.count(rate_limits.reset_mail(context.body["sign_in_name"]), context.now)
    password_resets.request(context.body["sign_in_name"], context.now)


@routes.post(
    "/recovery/email/confirm",
    access=PUBLIC,
    body=PasswordReset(),
    answer=SignedInOut(),
    no_store=True,
    problems=[Invalid, BadCredentials, RateLimited],
)
def reset_password(context: RequestContext) -> dict[str, Any]:
    """Set a new password with the code from the mail. All other sign-ins end. Recovery code and passkeys stay."""
    body = context.body
    name, mark = body["sign_in_name"], body["device_mark"]
    with rate_limited(rate_limits.recovery(device_marks.recognize(name, mark)), context.now):
        session = password_resets.reset(name, body["code"], body["new_password"], body["device"], context.now, mark)
    return {"session": session}


def _show(own: EmailAddressView) -> dict[str, Any]:
    return {"available": mail.is_set_up(), **own._asdict()}
