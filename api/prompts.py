"""Prompts: the one of your day, all that suit you, and the conversation cards for an evening."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api import enumerations
from api.core.enumerations import EnumField
from api.core.fields import Choice, Day, Number, Text, Uuid
from api.core.operations import SIGNED_IN, RequestContext
from api.core.pagination import Page, PageQuery, page_of, page_of_list
from api.core.routing import Routes
from planner.catalogue import prompts
from planner.catalogue.prompts import PromptEntry
from planner.errors import Invalid, NotFound
from planner.notes import daily_prompt
from planner.notes.notes import KINDS
from planner.recommender import profiles

routes = Routes("prompts")

# How the content names each audience of the API.
_AUDIENCES = {"one": "self", "two": "partner"}


class PromptOut(Schema):
    """One question."""

    id = Uuid(metadata={"examples": ["8e7f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a99"]})
    text = fields.String(metadata={"examples": ["Name one kind thing you noticed and have not mentioned yet."]})
    follow_up = fields.String(allow_none=True, metadata={"examples": [None]})
    kind = EnumField(enumerations.PROMPT_KIND, metadata={"examples": ["kindness"]})
    party = EnumField(
        enumerations.AUDIENCE,
        attribute="for",
        data_key="for",
        metadata={"examples": ["two"], "description": "one: about you alone. two: about or for the two of you."},
    )
    note_kind = EnumField(
        enumerations.NOTE_KIND,
        allow_none=True,
        metadata={"examples": ["kindness"], "description": "The kind of note that answers it; null: none does."},
    )
    tone = EnumField(enumerations.TONE, metadata={"examples": ["warm"]})


class PromptTodayOut(PromptOut):
    """The prompt of your day. It stays the same all day in your zone."""

    day = Day(metadata={"examples": ["2026-11-23"]})


# One schema: both lists have the same name in the OpenAPI document.
_prompt_page = page_of(PromptOut)


class PromptsQuery(PageQuery):
    """Which prompts to list. All are optional."""

    kind = Choice(
        enumerations.PROMPT_KIND,
        load_default=None,
        metadata={"examples": ["memory"], "description": "Only of this kind."},
    )
    party = Choice(
        enumerations.AUDIENCE,
        data_key="for",
        load_default=None,
        metadata={"examples": ["one"], "description": "For one or for two."},
    )


class CardsQuery(PageQuery):
    """The evening, how many cards to draw, and of which tone and pace."""

    seed = Text(
        100,
        least=0,
        load_default="",
        metadata={
            "examples": ["f3b0c4d2-6a51-4c0b-9d5e-1c7f0a2b3e44"],
            "description": "Any text. A new one for each evening shuffles the cards; the same one repeats the order.",
        },
    )
    tone = Choice(
        enumerations.TONE,
        load_default=None,
        metadata={"examples": ["light"], "description": "Only of this tone."},
    )
    pace = Number(
        1,
        5,
        digits=True,
        load_default=None,
        metadata={"examples": [2], "description": "Up to this pace. Cards above your own pace never come."},
    )


@routes.get("/prompts", access=SIGNED_IN, query=PromptsQuery(), answer=_prompt_page, problems=[Invalid])
def list_prompts(context: RequestContext) -> Page[dict[str, Any]]:
    """Browse the prompts that suit you: within your pace or, without a partner, about you alone."""
    query = context.query
    audience = _AUDIENCES[query["party"]] if query["party"] else None
    entries = prompts.list_all(context.viewer, query["kind"], audience)
    page = page_of_list(query, entries, lambda entry: ("", entry.id), _read_nothing)
    return Page([render_prompt(entry) for entry in page.items], page.next)


def _read_nothing(text: str) -> str:
    if text:
        raise ValueError
    return text


@routes.get("/prompts/cards", access=SIGNED_IN, query=CardsQuery(), answer=_prompt_page, problems=[Invalid])
def draw_cards(context: RequestContext) -> Page[dict[str, Any]]:
    """Draw conversation cards for an evening at a table, within your pace, of one tone if you like.

    Draw `limit` cards, and more with `next` as `after` and the same `seed`. None repeats until all were drawn; then
    `next` is null. The server stores nothing of it. Without a partner there are no cards.
    """
    query = context.query
    cards = prompts.shuffle_cards(context.viewer, query["seed"], query["tone"], query["pace"])
    page = page_of_list(context.query, cards, lambda card: (card.place, card.prompt.id), _read_place)
    return Page([render_prompt(card.prompt) for card in page.items], page.next)


def _read_place(text: str) -> str:
    return f"{int(text, 16):016x}"


@routes.get("/prompts/today", access=SIGNED_IN, answer=PromptTodayOut(), problems=[NotFound])
def get_prompt_of_day(context: RequestContext) -> dict[str, Any]:
    """Read today's prompt. The kinds of your profile take turns."""
    return prompt_of_day(context)


@routes.get("/prompts/<uuid:prompt_id>", access=SIGNED_IN, answer=PromptOut(), problems=[NotFound])
def get_prompt(context: RequestContext, prompt_id: UUID) -> dict[str, Any]:
    """Read the prompt that a note answers."""
    return render_prompt(prompts.find(prompt_id))


def prompt_of_day(context: RequestContext) -> dict[str, Any]:
    """Return today's prompt and its day. Raises NotFound if there is none."""
    viewer = context.viewer
    day, entry = daily_prompt.today(viewer, lambda: profiles.get_own(viewer).prompt_kinds, context.now)
    return {**render_prompt(entry), "day": day}


def render_prompt(entry: PromptEntry) -> dict[str, Any]:
    """Return a prompt in the form of `PromptOut`."""
    prompt = entry.content
    texts = {"text": prompt.text, "follow_up": prompt.follow_up, "kind": prompt.kind, "tone": prompt.tone}
    party = "one" if prompt.audience == _AUDIENCES["one"] else "two"
    return {"id": entry.id, "for": party, "note_kind": prompt.kind if prompt.kind in KINDS else None, **texts}
