"""The part of an export that holds what a person chose about memories. Their dates and notes are in other sections."""

from __future__ import annotations

from planner.notes.memories import HiddenMemory
from planner.privacy.export_format import Section, table_section

MEMORIES: tuple[Section, ...] = (
    table_section(
        "hidden_memories",
        "ExportedHiddenMemory",
        "The memories that you do not want to be shown.",
        HiddenMemory.person,
    ),
)
