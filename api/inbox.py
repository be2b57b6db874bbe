"""The inbox: items that tell the viewer what is new."""

from __future__ import annotations

from uuid import UUID

from marshmallow import Schema, fields

from api.core.fields import UtcDateTime, Uuid
from api.core.languages import CatalogueText
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.routing import Routes
from planner import inbox
from planner.contact import visible_inbox
from planner.errors import Invalid, NotFound
from planner.inbox import InboxItem

routes = Routes("inbox")


class ItemOut(Schema):
    """One item. `subject` is the id of its date, note, invitation, couple or sign-in, or of your partner's space."""

    id = Uuid(metadata={"examples": ["1f0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7b11"]})
    kind = fields.String(metadata={"examples": ["date_proposed"]})
    subject = Uuid(metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})
    text = CatalogueText("inbox", "kind", example="date_proposed")
    visible_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    seen_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})


@routes.get("/inbox", access=SIGNED_IN, query=PageQuery(), answer=page_of(ItemOut), problems=[Invalid])
def listed(context: RequestContext) -> Page[InboxItem]:
    """List your items, newest first."""
    return page(
        context.query,
        lambda limit, after: visible_inbox.list_items(context.viewer.id, context.now, limit, after),
        lambda entry: (entry.visible_at, entry.id),
    )


@routes.post("/inbox/<uuid:item_id>/seen", access=OWNER, answer=ItemOut(), problems=[NotFound])
def mark_seen(context: RequestContext, item_id: UUID) -> InboxItem:
    """Mark an item as seen. Your partner does not learn of it."""
    return inbox.mark_seen(context.viewer.id, item_id, context.now)
