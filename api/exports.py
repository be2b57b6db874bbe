"""Exports: everything that is a person's to take along, as one file a part."""

from __future__ import annotations

from marshmallow import Schema

from api import limits
from api.edge import PERSON, Call, Download, File, Routes
from api.fields import Choice, Secret
from api.limits import trying
from planner.consent import exports
from planner.consent.export_format import PARTS
from planner.errors import Invalid, TooMany, WrongSecret
from planner.people import credentials

routes = Routes("exports")

ZIP = File("application/zip", "rekindle.json", "Export", "A ZIP with rekindle.json, its schema.json, and dates.ics.")


class ExportIn(Schema):
    """Which part, and your password once more."""

    password = Secret(256, required=True, metadata={"examples": ["correct horse battery"]})
    part = Choice(
        *PARTS, required=True,
        metadata={
            "examples": ["ordinary"],
            "description": "ordinary: what you two share, and what you received. private: what is yours alone.",
        },
    )  # fmt: skip


@routes.post("/me/exports", access=PERSON, body=ExportIn(), file=ZIP, problems=[Invalid, WrongSecret, TooMany])
def make(call: Call) -> Download:
    """Take your data along: one ZIP. Mind where you keep it; whoever finds it can read it."""
    with trying(limits.password(str(call.actor.id)), call.now):
        credentials.check_password(call.actor, call.body["password"])
    return Download(*exports.make(call.actor, call.body["part"], call.now))
