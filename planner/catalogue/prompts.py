"""Prompts: questions for a note, for a quiet minute alone, or for an evening at a table."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple
from uuid import UUID

from planner.catalogue.entries import CatalogueEntry, Entry, EntryStore, Snapshot
from planner.contact.viewer import Viewer
from planner.errors import NotFound
from seeds.reader import Prompt as Content

PromptEntry = CatalogueEntry[Content]

CARD_KIND = "conversation"
"""The kind of the prompts that are also cards for two people at a table."""


class Prompt(Entry):
    """A prompt of the catalogue."""

    class Meta:
        table_name = "prompts"


class Card(NamedTuple):
    """A conversation card, and its place in the order of an evening."""

    place: str
    prompt: PromptEntry


def _build(values: dict[str, Any]) -> Content:
    return Content(**{**values, "avoid_after": tuple(values["avoid_after"])})


store = EntryStore(Prompt, _build)


def snapshot() -> Snapshot[Content]:
    """Return all prompts, and the active ones. At most one small query."""
    return store.snapshot()


def find(prompt: UUID) -> PromptEntry:
    """Return a prompt by its id, a retired one too: a note may answer it. Raises NotFound."""
    entry = snapshot().by_id.get(prompt)
    if entry is None:
        raise NotFound
    return entry


def suits(prompt: PromptEntry, pace: int | None) -> bool:
    """Return whether a prompt suits a person: within their pace or, without a couple, about the person only."""
    return prompt.content.audience == "self" if pace is None else prompt.content.pace <= pace


def list_all(viewer: Viewer, kind: str | None, audience: str | None) -> list[PromptEntry]:
    """Return the prompts that suit the viewer by id, which mixes the kinds. None means every kind or audience."""
    return [
        prompt
        for prompt in snapshot().active
        if suits(prompt, viewer.own_pace)
        and kind in (None, prompt.content.kind)
        and audience in (None, prompt.content.audience)
    ]


def shuffle_cards(viewer: Viewer, seed: str, tone: str | None = None, pace: int | None = None) -> list[Card]:
    """Return the conversation cards within the viewer's pace, each once, in an order that the seed decides.

    `tone` and a lower `pace` leave out others.

    The order also depends on the viewer. Otherwise, two phones with one seed would show which card a lower pace omits.
    """
    cards = (Card(_place(viewer, seed, prompt), prompt) for prompt in _cards(viewer, tone, pace))
    return sorted(cards, key=lambda card: (card.place, card.prompt.id))


def _cards(viewer: Viewer, tone: str | None, pace: int | None) -> list[PromptEntry]:
    return [
        prompt
        for prompt in list_all(viewer, CARD_KIND, "partner")
        if tone in (None, prompt.content.tone) and (pace is None or prompt.content.pace <= pace)
    ]


def _place(viewer: Viewer, seed: str, prompt: PromptEntry) -> str:
    return hashlib.sha256(f"{viewer.id} {seed} {prompt.id}".encode()).hexdigest()[:16]
