"""The prompt of the day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Day, Uuid
from api.core.operations import SIGNED_IN, RequestContext
from api.core.routing import Routes
from planner.catalogue import prompts
from planner.catalogue.prompts import PromptEntry
from planner.errors import NotFound
from planner.notes import daily_prompt
from planner.notes.notes import KINDS

routes = Routes("prompts")


class PromptOut(Schema):
    """One question."""

    id = Uuid(metadata={"examples": ["8e7f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a99"]})
    text = fields.String(metadata={"examples": ["Name one kind thing you noticed and have not mentioned yet."]})
    follow_up = fields.String(allow_none=True, metadata={"examples": [None]})
    kind = EnumField(enumerations.PROMPT_KIND, metadata={"examples": ["kindness"]})
    note_kind = EnumField(
        enumerations.NOTE_KIND,
        allow_none=True,
        metadata={"examples": ["kindness"], "description": "The kind of note that answers it; null: none does."},
    )
    tone = EnumField(enumerations.TONE, metadata={"examples": ["warm"]})


class PromptTodayOut(PromptOut):
    """The prompt of your day. It stays the same all day in your zone."""

    day = Day(metadata={"examples": ["2026-11-23"]})


@routes.get("/prompts/today", access=SIGNED_IN, answer=PromptTodayOut(), problems=[NotFound])
def get_prompt_of_day(context: RequestContext) -> dict[str, Any]:
    """Read today's prompt."""
    return prompt_of_day(context)


@routes.get("/prompts/<uuid:prompt_id>", access=SIGNED_IN, answer=PromptOut(), problems=[NotFound])
def get_prompt(context: RequestContext, prompt_id: UUID) -> dict[str, Any]:
    """Read the prompt that a note answers."""
    return _render(prompts.find(prompt_id))


def prompt_of_day(context: RequestContext) -> dict[str, Any]:
    """Return today's prompt and its day. Raises NotFound if there is none."""
    day, entry = daily_prompt.today(context.viewer, context.now)
    return {**_render(entry), "day": day}


def _render(entry: PromptEntry) -> dict[str, Any]:
    prompt = entry.content
    texts = {"text": prompt.text, "follow_up": prompt.follow_up, "kind": prompt.kind, "tone": prompt.tone}
    return {"id": entry.id, "note_kind": prompt.kind if prompt.kind in KINDS else None, **texts}
