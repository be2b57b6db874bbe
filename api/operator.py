"""Who runs this server: named wherever somebody is about to trust it."""

from __future__ import annotations

from flask import current_app
from marshmallow import Schema, fields

from planner.settings import Settings

HOST = "Whoever runs this server can see or change almost everything on it, and could capture passwords."


class OperatorOut(Schema):
    """Who runs this server, and what that means."""

    name = fields.String(metadata={"examples": ["The Rekindle club"]})
    contact = fields.String(metadata={"examples": ["operator@example.org"]})
    can_see = fields.String(metadata={"examples": [HOST]})


def operator() -> dict[str, str]:
    """Who runs this server, as `OperatorOut` shows it."""
    return {"name": settings().operator_name, "contact": settings().operator_contact, "can_see": HOST}


def settings() -> Settings:
    """What the operator has set for this app."""
    found: Settings = current_app.extensions["rekindle"]
    return found
