"""The signed-in person: how they stand here, what they have left, and their few settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from api import limits
from api.couple import CoupleOut, couple_of
from api.edge import PERSON, Call, Routes, Versioned, if_match
from api.fields import Id, Instant, Secret, Zone
from api.limits import trying
from api.people import DisplayName, new_password
from planner.errors import Invalid, TooMany, VersionConflict, VersionMissing, WrongSecret
from planner.people import accounts, contacts, couples, credentials, invitations
from planner.people.sign_ins import Actor

routes = Routes("me")


class LeftOut(Schema):
    """What is left of one allowance. `opens_at` is null when you may act now."""

    limit = fields.Integer(metadata={"examples": [3]})
    left = fields.Integer(metadata={"examples": [2]})
    opens_at = Instant(allow_none=True, metadata={"examples": [None]})


class ContactOut(Schema):
    """What you may still put before your partner, in rolling seven days."""

    proposals = fields.Nested(LeftOut)
    open_proposals = fields.Nested(LeftOut)
    shared = fields.Nested(LeftOut)


class MeOut(Schema):
    """You, as this server knows you."""

    id = Id(metadata={"examples": ["5c2f2d0e-7b0a-4f5e-9f6e-0d6d1e8b9a10"]})
    sign_in_name = fields.String(metadata={"examples": ["amber-otter-lamp"]})
    display_name = fields.String(metadata={"examples": ["Robin"]})
    zone = fields.String(metadata={"examples": ["Europe/Lisbon"]})
    pairing = fields.String(
        metadata={"examples": ["paired"], "description": "alone, inviting, awaiting_confirm, paired or left."}
    )
    couple = fields.Nested(CoupleOut, allow_none=True)
    contact = fields.Nested(ContactOut, allow_none=True)
    version = fields.Integer(metadata={"examples": [1]})


class MePatch(Schema):
    """What you may change about yourself."""

    display_name = DisplayName()
    zone = Zone(metadata={"examples": ["Europe/Lisbon"]})

    @validates_schema
    def _something(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data:
            raise ValidationError("Send a display_name or a zone.")


class PasswordPut(Schema):
    """The password you have, and the one you want."""

    current_password = Secret(256, required=True, metadata={"examples": ["correct horse battery"]})
    new_password = new_password()


@routes.get("/me", access=PERSON, answer=MeOut())
def read(call: Call) -> dict[str, Any]:
    """Read how you stand here."""
    return _me(call.actor, call.now)


@routes.patch(
    "/me", access=PERSON, body=MePatch(), answer=MeOut(), versioned=True,
    problems=[Invalid, VersionMissing, VersionConflict],
)  # fmt: skip
def edit(call: Call) -> dict[str, Any]:
    """Change your display name or zone. Your partner goes on seeing the name that you had when you became a couple."""
    accounts.edit(call.actor.id, if_match(), call.body)
    return _me(call.actor._replace(**call.body), call.now)


@routes.put("/me/password", access=PERSON, body=PasswordPut(), problems=[Invalid, WrongSecret, TooMany])
def change_password(call: Call) -> None:
    """Change your password. All your other sign-ins end."""
    actor, body = call.actor, call.body
    with trying(limits.password(str(actor.id)), call.now):
        credentials.change_password(actor, body["current_password"], body["new_password"])


def _me(actor: Actor, now: datetime) -> dict[str, Any]:
    row = accounts.get(actor.id)
    pair = couples.pair_of(actor.id) if actor.couple else None
    return Versioned(
        id=actor.id,
        sign_in_name=row.sign_in_name,
        display_name=row.display_name,
        zone=row.zone,
        version=row.version,
        pairing=invitations.pairing(actor, now),
        couple=couple_of(actor),
        contact=contacts.budget(pair, now) if pair else None,
    )
