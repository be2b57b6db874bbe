"""The filter of the list of dates."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from planner.dates import state_machine


class DateFilter(NamedTuple):
    """Which dates to list: those in these states, with a slot that overlaps the time from `since` to `until`."""

    states: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def as_lists(self) -> tuple[list[Any], ...]:
        """Return the filter as lists for a cached query: states, open, lapsed, since, until. Empty: no limit."""
        stored = sorted(self.states - {state_machine.PROPOSED, state_machine.LAPSED})
        open_, lapsed = (
            [True] if state in self.states else [] for state in (state_machine.PROPOSED, state_machine.LAPSED)
        )
        return stored, open_, lapsed, [self.since] if self.since else [], [self.until] if self.until else []


ALL_DATES = DateFilter()
OPEN_PROPOSALS = DateFilter(frozenset({state_machine.PROPOSED}))
