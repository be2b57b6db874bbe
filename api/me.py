"""The signed-in person: how they stand here, what they have left, and their few settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from api.core import rate_limits
from api.core.fields import Password, TimeZoneName, UtcDateTime, Uuid
from api.core.operations import PUBLIC, SIGNED_IN, RequestContext
from api.core.parsing import if_match
from api.core.rate_limits import rate_limited
from api.core.rendering import Versioned, clear_device
from api.core.routing import Routes
from api.couple import CoupleOut, couple_of
from api.people import DisplayName, new_password
from api.sign_ins import SignInIn, SignInOut
from planner.accounts import accounts, credentials
from planner.contact import contact_log
from planner.contact.viewer import Viewer, pairing_of
from planner.couples import couples
from planner.errors import BadCredentials, Conflict, Invalid, RateLimited, VersionConflict, VersionMissing
from planner.privacy import deletion

routes = Routes("me")


class RemainingOut(Schema):
    """What is left of one allowance. `opens_at` is null when you may act now."""

    limit = fields.Integer(metadata={"examples": [3]})
    left = fields.Integer(metadata={"examples": [2]})
    opens_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})


class AllowanceOut(Schema):
    """What you may still put before your partner, in rolling seven days; noes in a row make proposals wait."""

    proposals = fields.Nested(RemainingOut)
    open_proposals = fields.Nested(RemainingOut)
    shared = fields.Nested(RemainingOut)


class MeOut(Schema):
    """You, as this server knows you."""

    id = Uuid(metadata={"examples": ["5c2f2d0e-7b0a-4f5e-9f6e-0d6d1e8b9a10"]})
    sign_in_name = fields.String(metadata={"examples": ["amber-otter-lamp"]})
    display_name = fields.String(metadata={"examples": ["Robin"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    pairing = fields.String(
        metadata={"examples": ["paired"], "description": "alone, inviting, awaiting_confirm, paired or left."}
    )
    couple = fields.Nested(CoupleOut, allow_none=True)
    contact = fields.Nested(AllowanceOut, allow_none=True)
    version = fields.Integer(metadata={"examples": [1]})


class MePatch(Schema):
    """What you may change about yourself."""

    display_name = DisplayName()
    zone = TimeZoneName(metadata={"examples": ["Europe/Lisbon"]})

    @validates_schema
    def _something(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise ValidationError("Send a display_name or a zone.")


class PasswordPut(Schema):
    """The password you have, and the one you want."""

    current_password = Password(256, required=True, metadata={"examples": ["correct horse battery"]})
    new_password = new_password()


class PasswordIn(Schema):
    """Your password once more: a phone that is lost or lent must not be enough."""

    password = Password(256, required=True, metadata={"examples": ["correct horse battery"]})


class DeletionOut(Schema):
    """Your account is gone, and can be brought back until the time given."""

    undo_until = UtcDateTime(metadata={"examples": ["2026-11-30T08:00:00.000Z"]})


class RestoredOut(SignInOut):
    """Your account is back, with a fresh sign-in."""

    deleted_by = fields.String(
        metadata={"examples": ["person"], "description": "Who had deleted it: person (you) or operator."}
    )


@routes.get("/me", access=SIGNED_IN, answer=MeOut())
def read(context: RequestContext) -> dict[str, Any]:
    """Read how you stand here."""
    return _me(context.viewer, context.now)


@routes.patch(
    "/me",
    access=SIGNED_IN,
    body=MePatch(),
    answer=MeOut(),
    versioned=True,
    problems=[Invalid, VersionMissing, VersionConflict],
)
def edit(context: RequestContext) -> dict[str, Any]:
    """Change your display name or zone. Your partner goes on seeing the name that you had when you became a couple.

    A new zone counts at once for times, and from your next midnight on for what day it is.
    """
    accounts.edit(context.viewer.id, if_match(), context.body, context.now)
    return _me(context.viewer._replace(identity=context.viewer.identity._replace(**context.body)), context.now)


@routes.put("/me/password", access=SIGNED_IN, body=PasswordPut(), problems=[Invalid, BadCredentials, RateLimited])
def change_password(context: RequestContext) -> None:
    """Change your password. All your other sign-ins end."""
    viewer, body = context.viewer, context.body
    with rate_limited(rate_limits.password(str(viewer.id)), context.now):
        credentials.change_password(viewer.identity, body["current_password"], body["new_password"])


@routes.delete(
    "/me",
    access=SIGNED_IN,
    body=PasswordIn(),
    answer=DeletionOut(),
    no_store=True,
    problems=[Invalid, BadCredentials, Conflict, RateLimited],
)
def delete(context: RequestContext) -> dict[str, Any]:
    """Delete your account. Take what you want to keep along first (POST /v1/me/exports).

    At once you are signed out everywhere, your couple ends as if you had left it, and nobody can reach you here. For
    seven days you can undo it with your sign-in name and password; your couple does not come back by that. Then all
    that is yours is erased. What your partner received stays in their own record.
    """
    with rate_limited(rate_limits.password(str(context.viewer.id)), context.now):
        undo_until = deletion.delete(context.viewer, context.body["password"], context.now)
    clear_device()
    return {"undo_until": undo_until}


@routes.post(
    "/me/undo-deletion",
    access=PUBLIC,
    body=SignInIn(),
    answer=RestoredOut(),
    status=201,
    no_store=True,
    problems=[Invalid, BadCredentials, RateLimited],
)
def undo_deletion(context: RequestContext) -> dict[str, Any]:
    """Bring your deleted account back, within seven days. Everything of your own is there again; your couple is not."""
    body = context.body
    with rate_limited(rate_limits.sign_in(body["sign_in_name"]), context.now):
        made = deletion.undo(body["sign_in_name"], body["password"], body["device"], context.now)
    fresh = made.sign_in
    return {"id": fresh.sign_in, "person": fresh.person, "token": fresh.token, "deleted_by": made.deleted_by}


def _me(viewer: Viewer, now: datetime) -> dict[str, Any]:
    row = accounts.get(viewer.id)
    pair = couples.find_pair(viewer.id) if viewer.couple else None
    return Versioned(
        id=viewer.id,
        sign_in_name=row.sign_in_name,
        display_name=row.display_name,
        zone=row.zone,
        version=row.version,
        pairing=pairing_of(viewer, now),
        couple=couple_of(viewer),
        contact=contact_log.remaining_quota(pair, now) if pair else None,
    )
