"""Exports: all data that a person may take along, in one file per part."""

from __future__ import annotations

from marshmallow import Schema

from api import enumerations
from api.core import rate_limits
from api.core.fields import Choice, Password
from api.core.operations import SIGNED_IN, File, RequestContext
from api.core.rate_limits import rate_limited
from api.core.rendering import Download
from api.core.routing import Routes
from planner.accounts import credentials
from planner.errors import BadCredentials, Conflict, Invalid, RateLimited
from planner.privacy import exports

routes = Routes("exports")

ZIP = File(
    "application/zip", "A ZIP with rekindle.json, its schema.json, and dates.ics.", "rekindle.json", "DataExport"
)


class ExportIn(Schema):
    """The part to export, and your password again."""

    password = Password(256, required=True, metadata={"examples": ["correct horse battery"]})
    part = Choice(
        enumerations.EXPORT_PART,
        required=True,
        metadata={"examples": ["ordinary"]},
    )


@routes.post(
    "/me/exports",
    access=SIGNED_IN,
    body=ExportIn(),
    file=ZIP,
    problems=[Invalid, BadCredentials, Conflict, RateLimited],
)
def create_export(context: RequestContext) -> Download:
    """Export your data as one ZIP. Store it in a safe place: every person who finds it can read it."""
    rate_limits.count(rate_limits.exports(str(context.viewer.id)), context.now)
    with rate_limited(rate_limits.password(context.viewer.identity.session), context.now):
        credentials.check_password(context.viewer.identity, context.body["password"], context.now)
    return Download(*exports.create_export(context.viewer, context.body["part"], context.body["password"], context.now))
