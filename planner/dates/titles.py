"""The titles of dates, for lists that only name them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from planner.catalogue import activities
from planner.contact.viewer import Viewer
from planner.dates.views import Date, of_former_couple, visible
from planner.storage import db


def read(viewer: Viewer, dates: Collection[UUID]) -> dict[UUID, str]:
    """Return the titles of the activities of those dates that the viewer may see, by the id of the date."""
    if not dates:
        return {}
    activity_of = dict(_activities_of(list(dates), viewer.id, viewer.couple, viewer.former))
    known = activities.get_many_including_retired(list(activity_of.values()))
    return {date: known[activity].content.title for date, activity in activity_of.items()}


@db.cached_query
def _activities_of(dates: Any, me: Any, couple: Any, former: Any) -> Any:
    may_see = visible(me, couple) | of_former_couple(me, former)
    return Date.select(Date.id, Date.activity).where(Date.id.in_(dates), may_see)
