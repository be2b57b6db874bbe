"""The talks in an export: what both know of them. Who paused or stopped is stored nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from planner.privacy.export_format import ORDINARY, TEXT, ExportScope, Section, Thing, columns, described
from planner.talks import talk_flow, talks
from planner.talks.talks import Talk


def _talks(scope: ExportScope) -> Iterator[Thing]:
    for row in talks.list_all(scope.viewer) if scope.viewer.couple else ():
        yield {
            "id": row.id,
            "guide": row.guide,
            "date": row.date_id,
            "state": talk_flow.state_at(row.flow, scope.now),
            "opened_at": row.opened_at,
        }


TALKS: tuple[Section, ...] = (
    Section(
        "talks",
        "ExportedTalk",
        ORDINARY,
        "The talks that you two opened in the last 30 days.",
        {**columns(Talk.id, Talk.guide, Talk.date, Talk.opened_at), "state": described(TEXT, "How far it came.")},
        (Talk,),
        _talks,
    ),
)
