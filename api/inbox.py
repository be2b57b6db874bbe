"""The inbox: what there is to find."""

from __future__ import annotations

from uuid import UUID

from marshmallow import Schema, fields

from api.edge import MINE, PERSON, Call, Routes
from api.fields import Id, Instant
from api.pages import PageQuery, Slice, page, page_of
from planner import inbox
from planner.errors import Invalid, NotFound
from planner.inbox import Entry
from planner.people import letterbox

routes = Routes("inbox")


class ItemOut(Schema):
    """One thing to find. `subject` is the id of what it is about: a date, a note, an invitation, your couple, a sign-in
    of yours, what your partner said of their space.
    """

    id = Id(metadata={"examples": ["1f0f1c0e-9a55-4d6c-8a8e-2f4f6f0f7b11"]})
    kind = fields.String(metadata={"examples": ["date_proposed"]})
    subject = Id(metadata={"examples": ["3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77"]})
    text = fields.String(metadata={"examples": [inbox.KINDS["date_proposed"].text]})
    visible_at = Instant(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})
    seen_at = Instant(allow_none=True, metadata={"examples": [None]})


@routes.get("/inbox", access=PERSON, query=PageQuery(), answer=page_of(ItemOut), problems=[Invalid])
def listed(call: Call) -> Slice[Entry]:
    """List what you can find here, newest first."""
    return page(
        call.query,
        lambda limit, after: letterbox.entries(call.actor, call.now, limit, after),
        lambda entry: (entry.visible_at, entry.id),
    )


@routes.post("/inbox/<uuid:item_id>/seen", access=MINE, answer=ItemOut(), problems=[NotFound])
def mark_seen(call: Call, item_id: UUID) -> Entry:
    """Mark an item as seen. Nobody else learns of it."""
    return inbox.mark_seen(call.actor.id, item_id, call.now)
