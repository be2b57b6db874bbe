"""Blocks: a no that lasts until you lift it. Nobody is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, validates_schema

from api.core import rate_limits
from api.core.fields import Choice, Text, UtcDateTime, Uuid
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.rate_limits import rate_limited
from api.core.routing import Routes
from planner.contact.viewer import Viewer
from planner.couples import blocks
from planner.couples.blocks import BlockView
from planner.errors import Conflict, Invalid, NotFound, RateLimited
from planner.relationship import blocking

routes = Routes("blocks")

_WHO: dict[str, Callable[[Viewer, datetime], BlockView]] = {
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
        40,
        load_default=None,
        allow_none=True,
        metadata={"description": "A code that somebody handed you: block whoever made it.", "examples": [None]},
    )
    invitation = Uuid(
        load_default=None,
        allow_none=True,
        metadata={"description": "An invitation of yours: refuse and block who accepted it.", "examples": [None]},
    )

    @validates_schema
    def _one(self, data: dict[str, Any], **kwargs: Any) -> None:
        if sum(value is not None for value in data.values()) != 1:
            raise ValidationError("Send one of: who, code, invitation.")


class BlockOut(Schema):
    """One of your blocks. Only you see it."""

    id = Uuid(metadata={"examples": ["2b0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7c22"]})
    who = fields.String(metadata={"examples": ["person"], "description": "person or everybody."})
    name = fields.String(allow_none=True, metadata={"examples": ["Kim"], "description": "As you knew it."})
    at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})


class BlocksOut(Schema):
    """All of your blocks, newest first."""

    items = fields.List(fields.Nested(BlockOut))


@routes.get("/me/blocks", access=SIGNED_IN, answer=BlocksOut(), no_store=True)
def listed(context: RequestContext) -> dict[str, Any]:
    """List whom you have blocked."""
    return {"items": blocks.list_blocks(context.viewer.identity)}


@routes.put(
    "/me/blocks",
    access=SIGNED_IN,
    body=BlockPut(),
    answer=BlockOut(),
    no_store=True,
    problems=[Invalid, NotFound, Conflict, RateLimited],
)
def put(context: RequestContext) -> BlockView:
    """Block somebody, or everybody. It works both ways: no code of the one fits for the other any more.

    They are not told; their codes, and yours, simply look wrong. What you two had open ends as after any silent no.
    Somebody who makes a new account is somebody else to this server.
    """
    if context.body["who"]:
        return _WHO[context.body["who"]](context.viewer, context.now)
    if context.body["invitation"]:
        return blocking.block_accepter(context.viewer, context.body["invitation"], context.now)
    with rate_limited(rate_limits.code(str(context.viewer.id)), context.now):
        return blocking.block_by_code(context.viewer, context.body["code"], context.now)


@routes.delete("/me/blocks/<uuid:block_id>", access=OWNER, problems=[NotFound])
def lift(context: RequestContext, block_id: UUID) -> None:
    """Lift one of your blocks. Nothing comes back by itself."""
    blocks.remove(context.viewer.identity, block_id)
