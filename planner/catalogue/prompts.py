"""Prompts: one question a day that is easy to answer in two sentences."""

from __future__ import annotations

from typing import Any

from planner.catalogue.entries import Card, Deck, Entry, Shelf
from seeds.reader import Prompt as Content

PromptCard = Card[Content]


class Prompt(Entry):
    """A prompt of the catalogue."""

    class Meta:
        table_name = "prompts"


def _build(values: dict[str, Any]) -> Content:
    return Content(**{**values, "avoid_after": tuple(values["avoid_after"])})


shelf = Shelf(Prompt, _build)


def deck() -> Deck[Content]:
    """All prompts, and those in use. At most one small query."""
    return shelf.deck()
