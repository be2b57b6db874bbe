"""The section of an export with the person's important days."""

from __future__ import annotations

from planner.dates.important_days import ImportantDay
from planner.privacy.export_format import table_section

DAYS = (
    table_section(
        "important_days",
        "ExportedImportantDay",
        "Your important days.",
        ImportantDay.owner,
        # The partner's no is the partner's alone.
        without=(ImportantDay.request, ImportantDay.declined_at, ImportantDay.couple, ImportantDay.version),
        notes={"agreed_at": "Since when both of you see the countdown.", "offered_at": "When you last offered it."},
    ),
)
