"""The inbox: items that tell you what is new."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import QueryBoolean, UtcDateTime, Uuid
from api.core.languages import CatalogueText
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page, page_of
from api.core.routing import Routes
from planner import inbox
from planner.contact import visible_inbox
from planner.contact.viewer import Viewer
from planner.dates import titles
from planner.errors import Invalid, NotFound
from planner.inbox import InboxItem

routes = Routes("inbox")


class SubjectOut(Schema):
    """The thing that an item is about: read it by its id."""

    type = EnumField(enumerations.SUBJECT, metadata={"examples": ["date"]})
    id = Uuid(metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})
    title = fields.String(
        allow_none=True,
        metadata={"examples": ["A walk by the river"], "description": "What a date is about; else null."},
    )


class InboxItemOut(Schema):
    """One item."""

    id = Uuid(metadata={"examples": ["1f0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7b11"]})
    kind = EnumField(enumerations.ITEM_KIND, metadata={"examples": ["date_proposed"]})
    subject = fields.Nested(SubjectOut, allow_none=True)
    text = CatalogueText("inbox", "kind", example="date_proposed")
    visible_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    seen_at = UtcDateTime(allow_none=True, metadata={"examples": [None]})


class InboxQuery(PageQuery):
    """Which items to list."""

    unseen = QueryBoolean(
        load_default=False, metadata={"examples": [True], "description": "true: only those that you have not seen."}
    )


class SeenIn(Schema):
    """How far you have read."""

    until = UtcDateTime(
        load_default=None,
        allow_none=True,
        metadata={
            "examples": ["2026-11-23T08:00:00.000Z"],
            "description": "The `visible_at` of the newest item on the screen. Later items stay unseen. Default: now.",
        },
    )


class SeenOut(Schema):
    """What is seen now."""

    seen = fields.Integer(metadata={"examples": [3], "description": "How many items this request marked as seen."})
    unseen = fields.Integer(metadata={"examples": [0], "description": "How many items are not seen."})


class Subject(NamedTuple):
    """A subject in the form of `SubjectOut`."""

    type: str
    id: UUID
    title: str | None


class ShownItem(NamedTuple):
    """An item in the form of `InboxItemOut`."""

    id: UUID
    kind: str
    subject: Subject | None
    visible_at: datetime
    seen_at: datetime | None


def show_items(
    viewer: Viewer, items: list[InboxItem], known_titles: Mapping[UUID, str] | None = None
) -> list[ShownItem]:
    """Add the titles of the dates that the items are about. Those of `known_titles` are not read again."""
    title_of = dict(known_titles or {})
    dates = {item.subject for item in items if item.target and item.target.type == "date"}
    title_of |= titles.read(viewer, dates - title_of.keys())
    return [
        ShownItem(
            item.id,
            item.kind,
            Subject(*item.target, title_of.get(item.subject)) if item.target else None,
            item.visible_at,
            item.seen_at,
        )
        for item in items
    ]


@routes.get("/inbox", access=SIGNED_IN, query=InboxQuery(), answer=page_of(InboxItemOut), problems=[Invalid])
def list_inbox(context: RequestContext) -> Page[ShownItem]:
    """List your items, newest first."""
    read = visible_inbox.list_unseen if context.query["unseen"] else visible_inbox.list_items
    return page(
        context.query,
        lambda limit, after: show_items(context.viewer, read(context.viewer.id, context.now, limit, after)),
        lambda entry: (entry.visible_at, entry.id),
    )


@routes.post("/inbox/seen", access=SIGNED_IN, body=SeenIn(), answer=SeenOut(), problems=[Invalid])
def mark_inbox_seen(context: RequestContext) -> dict[str, int]:
    """Mark all your items as seen, or those up to an instant. Your partner does not learn of it."""
    until = context.body["until"] or context.now
    seen, unseen = visible_inbox.mark_all_seen(context.viewer.id, until, context.now)
    return {"seen": seen, "unseen": unseen}


@routes.post("/inbox/<uuid:item_id>/seen", access=OWNER, answer=InboxItemOut(), problems=[NotFound])
def mark_inbox_item_seen(context: RequestContext, item_id: UUID) -> ShownItem:
    """Mark an item as seen. Your partner does not learn of it."""
    (item,) = show_items(context.viewer, [inbox.mark_seen(context.viewer.id, item_id, context.now)])
    return item
