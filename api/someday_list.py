"""The someday list: ideas that both of you want to do at some time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.activities import ActivityOut, Rendered, show
from api.core.enumerations import EnumField
from api.core.fields import UtcDateTime
from api.core.operations import OWNER, SIGNED_IN, RequestContext
from api.core.routing import Routes
from planner.contact.viewer import Viewer
from planner.errors import AbovePace, Conflict, Invalid, NotFound, QuotaExceeded
from planner.recommender import someday_list, votes

routes = Routes("someday_list")


class SomedayItemOut(Schema):
    """One idea on your list."""

    activity = Rendered(ActivityOut)
    added_by = EnumField(enumerations.SIDE, metadata={"examples": ["partner"]})
    added_at = UtcDateTime(metadata={"examples": ["2026-11-23T08:00:00.000Z"]})


class SomedayListOut(Schema):
    """The ideas on your list up to your own pace, the newest first."""

    items = fields.List(fields.Nested(SomedayItemOut))


def _show(viewer: Viewer) -> dict[str, Any]:
    items = someday_list.list_items(viewer)
    own_votes = votes.get_own(viewer, [item.activity.id for item in items])
    return {
        "items": [
            {
                "activity": show(viewer, item.activity, own_votes.get(item.activity.id)),
                "added_by": "me" if item.added_by_me else "partner",
                "added_at": item.added_at,
            }
            for item in items
        ]
    }


@routes.get("/someday-list", access=SIGNED_IN, answer=SomedayListOut())
def get_someday_list(context: RequestContext) -> dict[str, Any]:
    """List the ideas that you two want to do at some time. Without a partner, the list is empty."""
    return _show(context.viewer)


@routes.put(
    "/someday-list/<uuid:activity_id>",
    access=OWNER,
    answer=SomedayListOut(),
    problems=[NotFound, Invalid, AbovePace, Conflict, QuotaExceeded],
)
def put_someday_item(context: RequestContext, activity_id: UUID) -> dict[str, Any]:
    """Put an idea on the list. It counts as a shared thing, and sends no message.

    An idea of your own goes on the list as it is now: later changes do not reach it.
    """
    someday_list.add(context.viewer, activity_id, context.now)
    return _show(context.viewer)


@routes.delete("/someday-list/<uuid:activity_id>", access=OWNER, answer=SomedayListOut(), problems=[NotFound, Conflict])
def delete_someday_item(context: RequestContext, activity_id: UUID) -> dict[str, Any]:
    """Take an idea off the list, for both of you. Either of you may do so."""
    someday_list.remove(context.viewer, activity_id)
    return _show(context.viewer)
