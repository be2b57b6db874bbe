"""All data for the first screen of a client, in one request."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.core.fields import Day
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from api.couple import CoupleOut, couple_of
from api.dates import PlannedDateOut, show
from api.inbox import InboxItemOut
from api.prompts import PromptTodayOut, prompt_of_day
from planner.contact import visible_inbox
from planner.dates import views
from planner.errors import NotFound

routes = Routes("today")

_MAX_ITEMS = 5


class TodayOut(Schema):
    """Your day: your couple, the prompt, your next dates, and what you have not seen in your inbox."""

    day = Day(metadata={"examples": ["2026-11-23"]})
    display_name = fields.String(metadata={"examples": ["Robin"]})
    couple = fields.Nested(CoupleOut, allow_none=True)
    prompt = fields.Nested(PromptTodayOut, allow_none=True)
    dates = fields.List(fields.Nested(PlannedDateOut))
    inbox = fields.List(fields.Nested(InboxItemOut))


@routes.get("/today", access=SIGNED_IN, answer=TodayOut())
def get_today(context: RequestContext) -> dict[str, Any]:
    """Read all data for the first screen."""
    viewer, now = context.viewer, context.now
    return {
        "day": viewer.today(now),
        "display_name": viewer.display_name,
        "couple": couple_of(viewer),
        "prompt": _prompt(context),
        "dates": show(viewer, views.list_upcoming(viewer, now, _MAX_ITEMS)),
        "inbox": visible_inbox.list_unseen(viewer.id, now, _MAX_ITEMS),
    }


def _prompt(context: RequestContext) -> dict[str, Any] | None:
    try:
        return prompt_of_day(context)
    except NotFound:
        return None
