"""Busy times: when a person has plans. Held offers are no plans yet.

Of a partner, only dates alone count here, because the viewer sees the dates of the couple as their own. So nothing
that is held back from the partner, and no RSVP, can show.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner.calendars import busy_times
from planner.calendars.free_windows import Spans, merge
from planner.contact.viewer import Viewer
from planner.dates import dates, overlaps


class Plans(NamedTuple):
    """The plans of a person in a stretch of time: agreed dates, and busy times from imported calendars."""

    dates: Spans
    calendars: Spans

    @property
    def all(self) -> Spans:
        """Return both as one list."""
        return merge(self.dates + self.calendars)


def list_own(viewer: Viewer, begins: datetime, ends: datetime) -> Plans:
    """Return the viewer's plans: agreed dates of the couple and alone, and imported busy times."""
    agreed = ((start, end) for _, start, end in overlaps.list_agreed(viewer, begins, ends))
    return Plans(merge(agreed), _imported(viewer.id, begins, ends))


def list_alone(person: UUID, begins: datetime, ends: datetime) -> Plans:
    """Return a person's plans without those of the couple."""
    return Plans(merge(dates.list_agreed_alone(person, begins, ends)), _imported(person, begins, ends))


def _imported(person: UUID, begins: datetime, ends: datetime) -> Spans:
    return busy_times.list_between(person, begins, ends)
