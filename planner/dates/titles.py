"""The titles of dates, for lists that only name them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from planner.catalogue import activities
from planner.contact.viewer import Viewer
from planner.dates.dates import READABLE_STATES, Date
from planner.storage import db


def read(viewer: Viewer, dates: Collection[UUID]) -> dict[UUID, str]:
    """Return the titles of the activities of those dates that the viewer may see, by the id of the date."""
    if not dates:
        return {}
    activity_of = {date: activity for date, activity, *row in _by_ids(list(dates)) if _may_see(viewer, *row)}
    known = activities.get_many_including_retired(list(activity_of.values()))
    return {date: known[activity].content.title for date, activity in activity_of.items()}


# The conditions of `views.find` in Python: in SQL, SQLite would read all dates of the couple instead of a few by id.
def _may_see(viewer: Viewer, couple: UUID | None, proposer: UUID, sender: UUID, state: str) -> bool:
    if couple is None:
        return proposer == viewer.id
    return couple == viewer.couple or (couple == viewer.former and (sender == viewer.id or state in READABLE_STATES))


@db.cached_query
def _by_ids(dates: Any) -> Any:
    query = Date.select(Date.id, Date.activity, Date.couple, Date.proposer, Date.sender, Date.state)
    return query.where(Date.id.in_(dates))
