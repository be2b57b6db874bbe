"""Blocks: a no that lasts until you lift it. Nobody is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validates_schema

from api import limits
from api.edge import MINE, PERSON, Call, Routes
from api.fields import Choice, Id, Instant, Text
from api.limits import trying
from planner.consent import blocking
from planner.errors import Invalid, NotFound, TooMany, WrongState
from planner.people import blocks
from planner.people.blocks import No
from planner.people.sign_ins import Actor

routes = Routes("blocks")

_WHO: dict[str, Callable[[Actor, datetime], No]] = {
    "partner": blocking.block_partner,
    "last_partner": blocking.block_last_partner,
    "everybody": blocking.block_everybody,
}


class BlockPut(Schema):
    """Whom: there is no directory, so it is said by how you met. Send one of these."""

    who = Choice(
        *_WHO,
        load_default=None,
        allow_none=True,
        metadata={
            "examples": ["last_partner"],
            "description": "partner: you leave first. everybody: be paired with nobody on this server, also after "
            "your account was deleted and brought back.",
        },
    )
    code = Text(
        40, load_default=None, allow_none=True,
        metadata={"description": "A code that somebody handed you: block whoever made it.", "examples": [None]},
    )  # fmt: skip
    invitation = Id(
        load_default=None, allow_none=True,
        metadata={"description": "An invitation of yours: refuse and block who accepted it.", "examples": [None]},
    )  # fmt: skip

    @validates_schema
    def _one(self, data: dict[str, Any], **kwargs: Any) -> None:
        if sum(value is not None for value in data.values()) != 1:
            raise ValidationError("Send one of: who, code, invitation.")


class BlockOut(Schema):
    """One of your blocks. Only you see it."""

    id = Id(metadata={"examples": ["2b0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7c22"]})
    who = fields.String(metadata={"examples": ["person"], "description": "person or everybody."})
    name = fields.String(allow_none=True, metadata={"examples": ["Kim"], "description": "As you knew it."})
    at = Instant(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})


class BlocksOut(Schema):
    """All of your blocks, newest first."""

    items = fields.List(fields.Nested(BlockOut))


@routes.get("/me/blocks", access=PERSON, answer=BlocksOut(), secret=True)
def listed(call: Call) -> dict[str, Any]:
    """List whom you have blocked."""
    return {"items": blocks.listed(call.actor)}


@routes.put(
    "/me/blocks", access=PERSON, body=BlockPut(), answer=BlockOut(), secret=True,
    problems=[Invalid, NotFound, WrongState, TooMany],
)  # fmt: skip
def put(call: Call) -> No:
    """Block somebody, or everybody. It works both ways: no code of the one fits for the other any more.

    They are not told; their codes, and yours, simply look wrong. What you two had open ends as after any silent no.
    Somebody who makes a new account is somebody else to this server.
    """
    if call.body["who"]:
        return _WHO[call.body["who"]](call.actor, call.now)
    if call.body["invitation"]:
        return blocking.block_accepter(call.actor, call.body["invitation"], call.now)
    with trying(limits.code(str(call.actor.id)), call.now):
        return blocking.block_by_code(call.actor, call.body["code"], call.now)


@routes.delete("/me/blocks/<uuid:block_id>", access=MINE, problems=[NotFound])
def lift(call: Call, block_id: UUID) -> None:
    """Lift one of your blocks. Nothing comes back by itself."""
    blocks.lift(call.actor, block_id)
