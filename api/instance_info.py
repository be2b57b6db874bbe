"""Who runs this server: named wherever somebody is about to trust it."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields

from api.core.operations import PUBLIC, RequestContext
from api.core.routing import Routes
from planner.accounts import instance_flags
from planner.settings import Settings
from planner.support.support_contacts import Support

routes = Routes("operator")

HOST = "Whoever runs this server can see or change almost everything on it, and could capture passwords."


class OperatorOut(Schema):
    """Who runs this server, and what that means."""

    name = fields.String(metadata={"examples": ["The Rekindle club"]})
    contact = fields.String(metadata={"examples": ["operator@example.org"]})
    can_see = fields.String(metadata={"examples": [HOST]})


class ServerOut(OperatorOut):
    """What to read before signing up: who runs this server, what that means, and whether new people can come."""

    sign_up = fields.String(metadata={"examples": ["open"], "description": "open or closed."})


@routes.get("/operator", access=PUBLIC, answer=ServerOut())
def read(context: RequestContext) -> dict[str, Any]:
    """Read who runs this server and what they can see. A client shows it before it asks for a name or password."""
    return {**operator(), "sign_up": "closed" if sign_up_is_closed() else "open"}


def sign_up_is_closed() -> bool:
    """Whether new people are taken: the settings and the operator's word each can say no."""
    return settings().sign_up == "closed" or instance_flags.is_off(instance_flags.SIGN_UP)


def operator() -> dict[str, str]:
    """Who runs this server, as `OperatorOut` shows it."""
    return {"name": settings().operator_name, "contact": settings().operator_contact, "can_see": HOST}


def settings() -> Settings:
    """What the operator has set for this app."""
    found: Settings = current_app.extensions["rekindle"]
    return found


def support() -> Support:
    """Whom the operator has listed to turn to."""
    found: Support = current_app.extensions["rekindle_support"]
    return found
