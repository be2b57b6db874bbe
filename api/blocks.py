"""Blocks: a person whom you block can no longer pair with you. They are not told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validates_schema

from api import enumerations
from api.core import rate_limits
from api.core.enumerations import EnumField
from api.core.fields import Choice, Text, UtcDateTime, Uuid
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.rate_limits import rate_limited
from api.core.routing import Routes
from api.core.validators import InvalidValue
from planner.contact.viewer import Viewer
from planner.couples import blocks
from planner.couples.blocks import BlockView
from planner.errors import ConfirmationNeeded, Conflict, Invalid, NotFound, RateLimited
from planner.relationship import blocking

routes = Routes("blocks")

_WHO: dict[str, Callable[[Viewer, datetime], BlockView]] = {
    "partner": blocking.block_partner,
    "last_partner": blocking.block_last_partner,
    "everybody": blocking.block_everybody,
}


class BlockPut(Schema):
    """The person to block. There is no directory, so name them by how you met. Send one of the fields."""

    target = Choice(
        enumerations.BLOCK_TARGET, load_default=None, allow_none=True, metadata={"examples": ["last_partner"]}
    )
    code = Text(
        40,
        lines=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "A code that a person gave you: block its inviter.", "examples": [None]},
    )
    invitation_id = Uuid(
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
            raise InvalidValue("only_one", names=["target", "code", "invitation_id"])


class BlockEntryOut(Schema):
    """One of your blocks. Only you see it."""

    id = Uuid(metadata={"examples": ["2b0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7c22"]})
    target = EnumField(enumerations.BLOCKED, attribute="who", metadata={"examples": ["person"]})
    name = fields.String(allow_none=True, metadata={"examples": ["Kim"], "description": "The name that you knew."})
    blocked_at = UtcDateTime(attribute="at", metadata={"examples": ["2026-11-23T08:00:00.000Z"]})


class BlockListOut(Schema):
    """All of your blocks, newest first."""

    items = fields.List(fields.Nested(BlockEntryOut))


@routes.get("/me/blocks", access=SIGNED_IN, answer=BlockListOut(), no_store=True)
def list_blocks(context: RequestContext) -> dict[str, Any]:
    """List the people whom you have blocked."""
    return {"items": blocks.list_blocks(context.viewer.identity)}


@routes.put(
    "/me/blocks",
    access=SIGNED_IN,
    body=BlockPut(),
    answer=BlockEntryOut(),
    no_store=True,
    problems=[Invalid, NotFound, Conflict, ConfirmationNeeded, RateLimited],
)
def block_person(context: RequestContext) -> BlockView:
    """Block a person, or everybody. It works both ways: no code works between the two of you any more.

    They are not told: between you, each code looks like a wrong one. Anything open between you ends as after a
    silent no. A block does not cover a new account of the same person.
    """
    context.check_confirmed()
    if context.body["target"]:
        return _WHO[context.body["target"]](context.viewer, context.now)
    if context.body["invitation_id"]:
        return blocking.block_invitee(context.viewer, context.body["invitation_id"], context.now)
    with rate_limited(rate_limits.code(str(context.viewer.id)), context.now):
        return blocking.block_by_code(context.viewer, context.body["code"], context.now)


@routes.delete("/me/blocks/<uuid:block_id>", access=OWNER, problems=[NotFound])
def lift_block(context: RequestContext, block_id: UUID) -> None:
    """Lift one of your blocks. Your couple and your invitations do not come back."""
    blocks.remove(context.viewer.identity, block_id)
