"""The inbox: items that tell the viewer what is new."""

from __future__ import annotations

from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import UtcDateTime, Uuid
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.routing import Routes
from planner import inbox
from planner.contact import visible_inbox
from planner.errors import Invalid, NotFound
from planner.inbox import InboxItem

routes = Routes("inbox")


class SubjectOut(Schema):
    """The thing that an item is about: read it by its id."""

    type = EnumField(enumerations.SUBJECT, metadata={"examples": ["date"]})
    id = Uuid(metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})


class InboxItemOut(Schema):
    """One item."""

    id = Uuid(metadata={"examples": ["1f0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7b11"]})
    kind = EnumField(enumerations.ITEM_KIND, metadata={"examples": ["date_proposed"]})
    subject = fields.Nested(SubjectOut, attribute="target", allow_none=True)
    text = fields.String(metadata={"examples": [inbox.KINDS["date_proposed"].text]})
    visible_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    seen_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})


@routes.get("/inbox", access=SIGNED_IN, query=PageQuery(), answer=page_of(InboxItemOut), problems=[Invalid])
def list_inbox(context: RequestContext) -> Page[InboxItem]:
    """List your items, newest first."""
    return page(
        context.query,
        lambda limit, after: visible_inbox.list_items(context.viewer.id, context.now, limit, after),
        lambda entry: (entry.visible_at, entry.id),
    )


@routes.post("/inbox/<uuid:item_id>/seen", access=OWNER, answer=InboxItemOut(), problems=[NotFound])
def mark_inbox_item_seen(context: RequestContext, item_id: UUID) -> InboxItem:
    """Mark an item as seen. Your partner does not learn of it."""
    return inbox.mark_seen(context.viewer.id, item_id, context.now)
