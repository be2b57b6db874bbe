"""Your own record: all texts that you received in the last twelve months. You need your password to read it."""

from __future__ import annotations

from marshmallow import Schema, fields

from api import enumerations
from api.core import rate_limits
from api.core.enumerations import EnumField
from api.core.fields import Number, Password, Text, UtcDateTime, Uuid
from api.core.operations import SIGNED_IN, RequestContext
from api.core.pagination import Page, page, page_of
from api.core.rate_limits import rate_limited
from api.core.routing import Routes
from planner.accounts import credentials
from planner.contact import received
from planner.contact.received import ReceivedItem
from planner.errors import BadCredentials, Invalid, RateLimited

routes = Routes("received")


class ReceivedIn(Schema):
    """Your password, and the page to read."""

    password = Password(256, required=True, metadata={"examples": ["correct horse battery"]})
    limit = Number(1, 100, load_default=20, metadata={"examples": [20]})
    after = Text(
        200,
        load_default=None,
        allow_none=True,
        metadata={"description": "The `next` of the page before.", "examples": [None]},
    )


class ReceivedItemOut(Schema):
    """A text that reached you, in the wording of that time."""

    id = Uuid(metadata={"examples": ["4c0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7d33"]})
    kind = EnumField(enumerations.RECEIVED_KIND, metadata={"examples": ["note"]})
    original_id = Uuid(
        attribute="subject",
        metadata={
            "examples": ["6d5f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a88"],
            "description": "The id of the note or idea, or of the date for a message. It may be gone by now.",
        },
    )
    content = fields.Dict(
        attribute="words",
        keys=fields.String(),
        metadata={
            "examples": [{"kind": "kindness", "body": "You called my mother back, although you were tired."}],
            "description": "note: kind and body. idea: its fields. message: message, place, or photo. request: body and"
            " day. Of photos, only the captions stay: that of a date in photo, those of a note or an idea in photos."
            " answer: question and body. day: its fields.",
        },
    )
    received_at = UtcDateTime(attribute="at", metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    sender_name = fields.String(
        allow_none=True, metadata={"examples": ["Kim"], "description": "The name of your partner at that time."}
    )
    from_current_partner = fields.Boolean(attribute="present", metadata={"examples": [True]})


@routes.post(
    "/me/received",
    access=SIGNED_IN,
    body=ReceivedIn(),
    answer=page_of(ReceivedItemOut),
    no_store=True,
    problems=[Invalid, BadCredentials, RateLimited],
)
def list_received(context: RequestContext) -> Page[ReceivedItem]:
    """Read what reached you in the last twelve months, even if it was recalled, deleted, held or dismissed.

    Only you can read it. Your partner cannot remove anything from it: they can take a note out of view, but they cannot
    unsay it. Each text is removed automatically after twelve months.
    """
    viewer = context.viewer
    with rate_limited(rate_limits.password(viewer.identity.session), context.now):
        credentials.check_password(viewer.identity, context.body["password"], context.now)
    return page(
        context.body,
        lambda limit, after: received.list_received(viewer.id, viewer.couple, context.now, limit, after),
        lambda item: (item.at, item.id),
    )
