"""What happened to the security of your account: sign-ins, refusals, and changes of what opens it."""

from __future__ import annotations

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import UtcDateTime, Uuid
from api.core.languages import CatalogueText
from api.core.operations import SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.routing import Routes
from planner.accounts import security_events
from planner.accounts.security_events import SecurityEventView
from planner.errors import Invalid

routes = Routes("security_events")


class SecurityEventOut(Schema):
    """One event."""

    id = Uuid(metadata={"examples": ["4d0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7b22"]})
    kind = EnumField(enumerations.SECURITY_EVENT_KIND, metadata={"examples": ["sign_in_refused"]})
    text = CatalogueText("security_events", "kind", example="sign_in_refused")
    at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"], "description": "The first time, of several."})
    count = fields.Integer(
        attribute="times",
        metadata={"examples": [3], "description": "How often within the hour; above 1 for refusals only."},
    )
    device = fields.String(
        allow_none=True,
        metadata={"examples": [None], "description": "The name of the device or passkey that it is about."},
    )


@routes.get(
    "/me/security-events",
    access=SIGNED_IN,
    query=PageQuery(),
    answer=page_of(SecurityEventOut),
    no_store=True,
    problems=[Invalid],
)
def list_security_events(context: RequestContext) -> Page[SecurityEventView]:
    """List the sign-ins to your account, refused ones, changes of what opens it, exports and imports.

    They are of the last 90 days, newest first. No address is stored. Only you and the operator of the server see them.
    """
    return page(
        context.query,
        lambda limit, after: security_events.list_events(context.viewer.id, limit, after),
        lambda event: (event.at, event.id),
    )
