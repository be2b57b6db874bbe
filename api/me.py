"""Your account: where you are with pairing, what you may still send, and your settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core import rate_limits
from api.core.enumerations import EnumField
from api.core.fields import NewPassword, Password, TimeZoneName, UtcDateTime, Uuid
from api.core.operations import PUBLIC, SIGNED_IN, RequestContext
from api.core.parsing import if_match
from api.core.rate_limits import rate_limited
from api.core.rendering import Versioned, clear_device
from api.core.routing import Routes
from api.core.validators import InvalidValue
from api.couple import CoupleOut, couple_of
from api.people import DisplayName, opens_reflections
from api.sign_ins import SignedInOut, SignInIn
from planner.accounts import accounts, credentials, device_marks
from planner.contact import contact_log
from planner.contact.viewer import Viewer, pairing_of
from planner.couples import couples, display_names
from planner.errors import (
    BadCredentials,
    Conflict,
    Invalid,
    QuotaExceeded,
    RateLimited,
    VersionConflict,
    VersionMissing,
)
from planner.privacy import deletion

routes = Routes("me")


class AllowanceOut(Schema):
    """The rest of one allowance. `opens_at` is null when you may act now."""

    limit = fields.Integer(metadata={"examples": [3]})
    left = fields.Integer(metadata={"examples": [2]})
    opens_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})


class AllowancesOut(Schema):
    """How much you may still send to your partner in seven days. After declines in a row, you may have to wait."""

    proposals = fields.Nested(AllowanceOut)
    open_proposals = fields.Nested(AllowanceOut)
    shared = fields.Nested(AllowanceOut)


class MeOut(Schema):
    """Your account."""

    id = Uuid(metadata={"examples": ["5c2f2d0e-7b0a-4f5e-9f6e-0d6d1e8b9a10"]})
    sign_in_name = fields.String(metadata={"examples": ["amber-otter-lamp"]})
    display_name = fields.String(metadata={"examples": ["Robin"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    pairing = EnumField(enumerations.PAIRING, metadata={"examples": ["paired"]})
    couple = fields.Nested(CoupleOut, allow_none=True)
    allowance = fields.Nested(AllowancesOut, allow_none=True)
    version = fields.Integer(metadata={"examples": [1]})


class MePatch(Schema):
    """What you may change about yourself."""

    openapi: ClassVar[dict[str, Any]] = {"minProperties": 1}

    display_name = DisplayName()
    zone = TimeZoneName(metadata={"examples": ["Europe/Lisbon"]})

    @validates_schema
    def _check_not_empty(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise InvalidValue("one_needed", names=["display_name", "zone"])


class PasswordPut(Schema):
    """Your current password and the new one."""

    current_password = Password(256, required=True, metadata={"examples": ["correct horse battery"]})
    new_password = NewPassword()


class PasswordIn(Schema):
    """Your password again, because a lost or lent phone must not be enough."""

    password = Password(256, required=True, metadata={"examples": ["correct horse battery"]})


class RecoveryCodeOut(Schema):
    """Your new recovery code, shown only this once. Keep it on paper."""

    recovery_code = fields.String(metadata={"examples": ["ABCDE-FGHIJ-KLMNO-PQRST-UVWXY"]})
    opens_reflections = opens_reflections()


class AccountDeletionOut(Schema):
    """The time until which you can bring back your deleted account."""

    undo_until = UtcDateTime(metadata={"examples": ["2026-11-30T08:00:00.000Z"]})


class RestoredAccountOut(SignedInOut):
    """Your restored account, with a new sign-in."""

    deleted_by = EnumField(enumerations.DELETED_BY, metadata={"examples": ["person"]})


@routes.get("/me", access=SIGNED_IN, answer=MeOut())
def get_me(context: RequestContext) -> dict[str, Any]:
    """Read your account, your couple and what you may still send."""
    return _me(context.viewer, context.now)


@routes.patch(
    "/me",
    access=SIGNED_IN,
    body=MePatch(),
    answer=MeOut(),
    versioned=True,
    problems=[Invalid, VersionMissing, VersionConflict, Conflict, QuotaExceeded],
)
def edit_me(context: RequestContext) -> dict[str, Any]:
    """Change your display name or zone. In a couple, you can change the name once in 30 days.

    Your partner then sees the new name, and an inbox item says that it changed; in your partner's space both wait.
    Times use the new zone at once. The current day uses it from your next midnight.
    """
    display_names.edit_account(context.viewer.id, if_match(), context.body, context.now)
    return _me(context.viewer._replace(identity=context.viewer.identity._replace(**context.body)), context.now)


@routes.put("/me/password", access=SIGNED_IN, body=PasswordPut(), problems=[Invalid, BadCredentials, RateLimited])
def change_password(context: RequestContext) -> None:
    """Change your password. All your other sign-ins end."""
    viewer, body = context.viewer, context.body
    with rate_limited(rate_limits.password(viewer.identity.session), context.now):
        credentials.change_password(viewer.identity, body["current_password"], body["new_password"], context.now)


@routes.post(
    "/me/recovery-code",
    access=SIGNED_IN,
    body=PasswordIn(),
    answer=RecoveryCodeOut(),
    no_store=True,
    problems=[Invalid, BadCredentials, RateLimited],
)
def renew_recovery_code(context: RequestContext) -> dict[str, Any]:
    """Make a new recovery code. The old one no longer works. Your sign-ins go on.

    After a password reset by mail, unlock your reflections first. Else the old code still opens them, and the new one
    does not.
    """
    with rate_limited(rate_limits.password(context.viewer.identity.session), context.now):
        code, opens = credentials.renew_recovery_code(context.viewer.identity, context.body["password"], context.now)
    return {"recovery_code": code, "opens_reflections": opens}


@routes.delete(
    "/me",
    access=SIGNED_IN,
    body=PasswordIn(),
    answer=AccountDeletionOut(),
    no_store=True,
    problems=[Invalid, BadCredentials, Conflict, RateLimited],
)
def delete_me(context: RequestContext) -> dict[str, Any]:
    """Delete your account. First export what you want to keep (POST /v1/me/exports).

    You are signed out everywhere at once, and your couple ends as if you had left it. You can no longer be reached
    here. For seven days you can undo it with your sign-in name and password, but your couple does not come back.
    Then all your data is erased. What your partner received stays in their own record.
    """
    with rate_limited(rate_limits.password(context.viewer.identity.session), context.now):
        undo_until = deletion.delete(context.viewer, context.body["password"], context.now)
    clear_device()
    return {"undo_until": undo_until}


@routes.post(
    "/me/undo-deletion",
    access=PUBLIC,
    body=SignInIn(),
    answer=RestoredAccountOut(),
    status=201,
    location="/me",
    no_store=True,
    problems=[Invalid, BadCredentials, RateLimited],
)
def undo_deletion(context: RequestContext) -> dict[str, Any]:
    """Bring back your deleted account, within seven days. Your own data returns; your couple does not."""
    body = context.body
    name, mark = body["sign_in_name"], body["device_mark"]
    with rate_limited(rate_limits.sign_in(name, device_marks.recognize(name, mark)), context.now):
        restored = deletion.undo(name, body["password"], body["device"], context.now, mark)
    return {"session": restored.sign_in, "deleted_by": restored.deleted_by}


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
        allowance=contact_log.remaining_quota(pair, now) if pair else None,
    )
