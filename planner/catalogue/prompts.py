"""Prompts: one question a day that is easy to answer in two sentences."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from planner.catalogue.entries import CatalogueEntry, Entry, EntryStore, Snapshot
from planner.errors import NotFound
from seeds.reader import Prompt as Content

PromptEntry = CatalogueEntry[Content]


class Prompt(Entry):
    """A prompt of the catalogue."""

    class Meta:
        table_name = "prompts"


def _build(values: dict[str, Any]) -> Content:
    return Content(**{**values, "avoid_after": tuple(values["avoid_after"])})


store = EntryStore(Prompt, _build)


def snapshot() -> Snapshot[Content]:
    """Return all prompts, and those in use. At most one small query."""
    return store.snapshot()


def find(prompt: UUID) -> PromptEntry:
    """Return a prompt by its id, also a retired one, because a note may answer it. Raises NotFound."""
    entry = snapshot().by_id.get(prompt)
    if entry is None:
        raise NotFound
    return entry
