"""What an export says of reactions: those that the person gave."""

from __future__ import annotations

from planner.notes.reactions import Reaction
from planner.privacy.export_format import Section, table_section

REACTIONS: tuple[Section, ...] = (
    table_section(
        "reactions",
        "ExportedReaction",
        "Your reactions to notes of a partner.",
        Reaction.person,
        notes={"reaction": "Null: you took it back."},
    ),
)
