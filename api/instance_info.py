"""This server: its version, what it can do, and its operator. Clients show the operator before a person trusts it."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from marshmallow import Schema, fields
from werkzeug.exceptions import BadRequest

from api import addresses, enumerations
from api.core.enumerations import EnumField
from api.core.languages import CatalogueText
from api.core.operations import PUBLIC, RequestContext
from api.core.routing import Routes
from api.version import VERSION
from planner import mail, messages
from planner.accounts import instance_flags
from planner.notifications import web_push
from planner.settings import Settings
from planner.sun import hemisphere
from planner.support.support_contacts import Support

routes = Routes("server")

NAME = "Rekindle"
LEAST_CLIENT_VERSION = "0.1.0"
"""The oldest version of our own clients that works with this server. Raise it with a change that breaks them."""
"""What a client may ask for before it offers a part of this API. A later feature adds a word; a word never goes."""

_CAN_SEE = "operator_can_see"
_LONGEST_HOST = 255
_PUSH_KEY = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"


class ServerOperatorOut(Schema):
    """The operator of this server, and what they can see."""

    name = fields.String(
        allow_none=True,
        metadata={"examples": ["The Rekindle club"], "description": "Null if the operator has not given it."},
    )
    contact = fields.String(
        allow_none=True,
        metadata={"examples": ["operator@example.org"], "description": "Null if the operator has not given it."},
    )
    can_see = CatalogueText("texts", "can_see", example=_CAN_SEE)


class ServerInfoOut(Schema):
    """This server. Show a person who runs it, and what they can see, before you ask for a name or password."""

    name = fields.String(
        metadata={"examples": [NAME], "description": f"Always {NAME}: another server has another API."}
    )
    version = fields.String(metadata={"examples": [VERSION], "description": "The version of the server."})
    features = fields.List(
        EnumField(enumerations.FEATURE),
        metadata={"examples": [list(enumerations.FEATURE.values)], "description": "What this server can do."},
    )
    languages = fields.List(
        fields.String(), metadata={"examples": [["en"]], "description": "The languages of its texts."}
    )
    least_client_version = fields.String(
        metadata={
            "examples": [LEAST_CLIENT_VERSION],
            "description": "An older version of a Rekindle client asks to be updated.",
        }
    )
    operator = fields.Nested(ServerOperatorOut)
    mail = fields.Boolean(
        metadata={"examples": [True], "description": "Whether it can send mail to an address that you confirm."}
    )
    sign_up = EnumField(enumerations.SIGN_UP, metadata={"examples": ["open"]})
    push_key = fields.String(
        allow_none=True,
        metadata={
            "examples": [_PUSH_KEY],
            "description": "The key with which a browser subscribes to push. Null: this server sends no push.",
        },
    )


@routes.get("/server", access=PUBLIC, answer=ServerInfoOut())
def get_server(context: RequestContext) -> dict[str, Any]:
    """Read what this server is, what it can do and who runs it. You need no sign-in."""
    return {
        "name": NAME,
        "version": VERSION,
        "features": enumerations.FEATURE.values,
        "languages": messages.languages(),
        "least_client_version": LEAST_CLIENT_VERSION,
        "operator": operator(),
        "mail": mail.is_set_up(),
        "sign_up": "closed" if sign_up_is_closed() else "open",
        "push_key": web_push.public_key(),
    }


def sign_up_is_closed() -> bool:
    """Return whether sign-up is closed. Either the settings or the operator's command can close it."""
    return settings().sign_up == "closed" or instance_flags.is_off(instance_flags.SIGN_UP)


def operator() -> dict[str, str | None]:
    """Return the operator in the form of `ServerOperatorOut`, with the key of the text."""
    return {
        "name": settings().operator_name,
        "contact": settings().operator_contact,
        "can_see": _CAN_SEE,
    }


def hemisphere_of(zone: str) -> str:
    """Return the hemisphere of a zone. The operator's setting decides for zones without a place, such as UTC."""
    return hemisphere(zone) or settings().hemisphere


def public_url() -> str:
    """Return the address of this server for links: from the settings, else the one that the request used.

    Raises BadRequest for a Host that cannot be an address.
    """
    address = settings().public_url
    if address:
        return address
    if not 0 < len(request.host) <= _LONGEST_HOST:
        raise BadRequest
    # A person at the computer of the server makes a link for a phone, and the phone cannot open "localhost".
    in_network = addresses.for_phones(settings().host, settings().port) if addresses.is_loopback(request.host) else None
    return in_network or request.host_url.rstrip("/")


def settings() -> Settings:
    """Return the settings of this app."""
    current: Settings = current_app.extensions["rekindle"]
    return current


def support() -> Support:
    """Return the contacts for help that the operator has listed."""
    contacts: Support = current_app.extensions["rekindle_support"]
    return contacts
