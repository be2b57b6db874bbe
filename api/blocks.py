"""Blocks: a person whom the viewer blocks can no longer pair with them. The blocked person is not told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api.core import rate_limits
from api.core.fields import Choice, Text, UtcDateTime, Uuid
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.rate_limits import rate_limited
from api.core.routing import Routes
from api.core.validators import InvalidValue
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
    """The person to block. There is no directory, so name them by how you met. Send one of the fields."""

    who = Choice(
        *_WHO,
        load_default=None,
        allow_none=True,
        metadata={
            "examples": ["last_partner"],
            "description": "partner: you also leave your couple. everybody: you can no longer become a couple with "
            "anyone on this server, even after your account was deleted and brought back.",
        },
    )
    code = Text(
        40,
        load_default=None,
        allow_none=True,
        metadata={"description": "A code that a person gave you: block its inviter.", "examples": [None]},
    )
    invitation = Uuid(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "An invitation of yours: refuse and block the person who accepted it.",
            "examples": [None],
        },
    )

    @validates_schema
    def _check_exactly_one(self, data: dict[str, Any], **kwargs: Any) -> None:
        if sum(value is not None for value in data.values()) != 1:
            raise InvalidValue("only_one", names=["who", "code", "invitation"])


class BlockOut(Schema):
    """One of your blocks. Only you see it."""

    id = Uuid(metadata={"examples": ["2b0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7c22"]})
    who = fields.String(metadata={"examples": ["person"], "description": "person or everybody."})
    name = fields.String(allow_none=True, metadata={"examples": ["Kim"], "description": "The name that you knew."})
    at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})


class BlocksOut(Schema):
    """All of your blocks, newest first."""

    items = fields.List(fields.Nested(BlockOut))


@routes.get("/me/blocks", access=SIGNED_IN, answer=BlocksOut(), no_store=True)
def listed(context: RequestContext) -> dict[str, Any]:
    """List the people whom you have blocked."""
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
    """Block a person, or everybody. It works both ways: no code works between the two of you any more.

    They are not told: between you, each code looks like a wrong one. Anything open between you ends as after a
    silent no. A block does not cover a new account of the same person.
    """
    if context.body["who"]:
        return _WHO[context.body["who"]](context.viewer, context.now)
    if context.body["invitation"]:
        return blocking.block_accepter(context.viewer, context.body["invitation"], context.now)
    with rate_limited(rate_limits.code(str(context.viewer.id)), context.now):
        return blocking.block_by_code(context.viewer, context.body["code"], context.now)


@routes.delete("/me/blocks/<uuid:block_id>", access=OWNER, problems=[NotFound])
def lift(context: RequestContext, block_id: UUID) -> None:
    """Lift one of your blocks. Your couple and your invitations do not come back."""
    blocks.remove(context.viewer.identity, block_id)
