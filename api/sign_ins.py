"""Sign-ins: one a device, listed and revocable by their owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import limits
from api.edge import ANYONE, MINE, PERSON, Call, Routes, clear_device
from api.fields import Day, Id, Instant, Secret, Text
from api.limits import trying
from api.people import device
from planner.errors import Invalid, NotFound, TooMany, WrongSecret
from planner.people import credentials, sign_ins

routes = Routes("sign_ins")


class SignInIn(Schema):
    """The three words and the password."""

    sign_in_name = Text(60, required=True, metadata={"examples": ["amber-otter-lamp"]})
    password = Secret(256, required=True, metadata={"examples": ["correct horse battery"]})
    device = device()


class SignInOut(Schema):
    """A fresh sign-in. The token is shown this once."""

    id = Id(metadata={"examples": ["7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"]})
    person = Id(metadata={"examples": ["5c2f2d0e-7b0a-4f5e-9f6e-0d6d1e8b9a10"]})
    token = fields.String(metadata={"examples": ["q1X..."]})


class DeviceOut(Schema):
    """One of your sign-ins."""

    id = Id(metadata={"examples": ["7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22"]})
    device = fields.String(metadata={"examples": ["phone"]})
    created_at = Instant(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    used_on = Day(metadata={"examples": ["2026-11-23"], "description": "The day of its last use, in your zone."})
    current = fields.Boolean(metadata={"examples": [True]})


class DevicesOut(Schema):
    """All of your sign-ins."""

    items = fields.List(fields.Nested(DeviceOut))


@routes.post(
    "/sign-ins", access=ANYONE, body=SignInIn(), answer=SignInOut(), status=201, secret=True,
    problems=[Invalid, WrongSecret, TooMany],
)  # fmt: skip
def sign_in(call: Call) -> dict[str, Any]:
    """Sign in on a device."""
    body = call.body
    with trying(limits.sign_in(body["sign_in_name"]), call.now):
        made = credentials.sign_in(body["sign_in_name"], body["password"], body["device"], call.now)
    return {"id": made.sign_in, "person": made.person, "token": made.token}


@routes.get("/sign-ins", access=PERSON, answer=DevicesOut())
def devices(call: Call) -> dict[str, Any]:
    """List where you are signed in."""
    return {"items": sign_ins.devices(call.actor)}


@routes.delete("/sign-ins/<uuid:sign_in_id>", access=MINE, problems=[NotFound])
def revoke(call: Call, sign_in_id: UUID) -> None:
    """Sign out on a device, this one or another."""
    sign_ins.revoke(call.actor, sign_in_id)
    if sign_in_id == call.actor.sign_in:
        clear_device()
