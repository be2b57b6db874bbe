"""The operator of this server. Clients show the operator before a person trusts the server with data."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields

from api.core.languages import CatalogueText
from api.core.operations import PUBLIC, RequestContext
from api.core.routing import Routes
from planner.accounts import instance_flags
from planner.settings import Settings
from planner.support.support_contacts import Support

routes = Routes("operator")

_CAN_SEE = "operator_can_see"


class OperatorOut(Schema):
    """The operator of this server, and what they can see."""

    name = fields.String(metadata={"examples": ["The Rekindle club"]})
    contact = fields.String(metadata={"examples": ["operator@example.org"]})
    can_see = CatalogueText("texts", "can_see", example=_CAN_SEE)


class ServerOut(OperatorOut):
    """What to read before you sign up: the operator, what they can see, and whether sign-up is open."""

    sign_up = fields.String(metadata={"examples": ["open"], "description": "open or closed."})


@routes.get("/operator", access=PUBLIC, answer=ServerOut())
def read(context: RequestContext) -> dict[str, Any]:
    """Read who runs this server and what they can see. A client shows it before it asks for a name or password."""
    return {**operator(), "sign_up": "closed" if sign_up_is_closed() else "open"}


def sign_up_is_closed() -> bool:
    """Return whether sign-up is closed. Either the settings or the operator's command can close it."""
    return settings().sign_up == "closed" or instance_flags.is_off(instance_flags.SIGN_UP)


def operator() -> dict[str, str]:
    """Return the operator in the form of `OperatorOut`, with the key of the text."""
    return {
        "name": settings().operator_name,
        "contact": settings().operator_contact,
        "can_see": _CAN_SEE,
    }


def settings() -> Settings:
    """Return the settings of this app."""
    current: Settings = current_app.extensions["rekindle"]
    return current


def support() -> Support:
    """Return the contacts for help that the operator has listed."""
    contacts: Support = current_app.extensions["rekindle_support"]
    return contacts
