"""Everything the first screen needs, in one request."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.couple import CoupleOut, couple_of
from api.dates import DateOut, show
from api.edge import PERSON, Call, Routes
from api.fields import Day
from api.inbox import ItemOut
from api.prompts import PromptTodayOut, prompt_of_day
from planner.dates import agenda
from planner.errors import NotFound
from planner.people import letterbox

routes = Routes("today")

_SHOWN = 5


class TodayOut(Schema):
    """Your day: who you are here with, the prompt, what is open or ahead, and what you have not looked at."""

    day = Day(metadata={"examples": ["2026-11-23"]})
    display_name = fields.String(metadata={"examples": ["Robin"]})
    couple = fields.Nested(CoupleOut, allow_none=True)
    prompt = fields.Nested(PromptTodayOut, allow_none=True)
    dates = fields.List(fields.Nested(DateOut))
    inbox = fields.List(fields.Nested(ItemOut))


@routes.get("/today", access=PERSON, answer=TodayOut())
def read(call: Call) -> dict[str, Any]:
    """Read everything that the first screen needs."""
    actor, now = call.actor, call.now
    return {
        "day": actor.today(now),
        "display_name": actor.display_name,
        "couple": couple_of(actor),
        "prompt": _prompt(call),
        "dates": show(actor, agenda.upcoming(actor, now, _SHOWN)),
        "inbox": letterbox.unseen(actor, now, _SHOWN),
    }


def _prompt(call: Call) -> dict[str, Any] | None:
    try:
        return prompt_of_day(call)
    except NotFound:
        return None
