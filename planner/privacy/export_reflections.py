"""What an export has of reflections: the words, if the password opens them, and the days of suggestions."""

from __future__ import annotations

from collections.abc import Iterator

from planner import messages
from planner.catalogue import prompts
from planner.notes.reflection_days import ReflectionDay
from planner.privacy.export_format import (
    ID,
    INSTANT,
    PRIVATE,
    TEXT,
    YES_NO,
    ExportScope,
    Section,
    Thing,
    described,
    maybe,
    table_section,
)
from planner.reflections import reflections
from planner.reflections.reflections import Reflection, ReflectionView


def _reflections(scope: ExportScope) -> Iterator[Thing]:
    for reflection_id, created_at, view in reflections.read_all(scope.viewer.id, scope.key):
        texts = {"question": view and _question(view), "text": view and view.body}
        yield {"id": reflection_id, **texts, "locked": view is None, "created_at": created_at}


def _question(view: ReflectionView) -> str | None:
    if view.prompt:
        return prompts.find(view.prompt).content.text
    return messages.text("neutral_tasks", view.task) if view.task else None


REFLECTIONS: tuple[Section, ...] = (
    Section(
        "reflections",
        "ExportedReflection",
        PRIVATE,
        "Your reflections.",
        {
            "id": ID,
            "question": maybe(TEXT),
            "text": maybe(TEXT),
            "locked": described(YES_NO, "Your password does not open it, since it was reset by mail. Unlock it first."),
            "created_at": INSTANT,
        },
        (Reflection,),
        _reflections,
    ),
    table_section(
        "reflection_days",
        "ExportedReflectionDay",
        "The days on which a reflection was suggested to you. They do not tell whether you wrote.",
        ReflectionDay.person,
    ),
)
