"""The prompt of the day."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.edge import PERSON, Call, Routes
from api.fields import Day, Id
from planner.errors import NotFound
from planner.notes import prompt_days

routes = Routes("prompts")


class PromptOut(Schema):
    """One question, the same all day in your zone."""

    id = Id(metadata={"examples": ["8e7f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a99"]})
    day = Day(metadata={"examples": ["2026-11-23"]})
    text = fields.String(metadata={"examples": ["Name one kind thing you noticed and have not mentioned yet."]})
    follow_up = fields.String(allow_none=True, metadata={"examples": [None]})
    kind = fields.String(metadata={"examples": ["kindness"], "description": "The kind of note that answers it."})
    tone = fields.String(metadata={"examples": ["warm"]})


@routes.get("/prompts/today", access=PERSON, answer=PromptOut(), problems=[NotFound])
def today(call: Call) -> dict[str, Any]:
    """Read today's prompt."""
    return prompt_of_day(call)


def prompt_of_day(call: Call) -> dict[str, Any]:
    """Today's prompt as it goes out."""
    day, card = prompt_days.today(call.actor, call.now)
    prompt = card.content
    return {
        "id": card.id, "day": day, "text": prompt.text, "follow_up": prompt.follow_up, "kind": prompt.kind,
        "tone": prompt.tone,
    }  # fmt: skip
