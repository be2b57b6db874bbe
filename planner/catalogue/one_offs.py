"""One-offs: activities that exist for one date only, with a title of its own.

They are own ideas that are retired from the start. So no list, search or deck shows them, and dates about them keep
the name. The partner's copy is retired as well.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from planner.catalogue import own_activities
from planner.catalogue.activities import Activity, ActivityEntry
from planner.catalogue.entries import CatalogueEntry, dump
from planner.storage import db
from seeds import vocabulary as v
from seeds.reader import Activity as Content


class OneOff(NamedTuple):
    """The texts of a one-off, for whom it is, and how long it takes."""

    title: str
    summary: str
    category: str
    party: str
    pace: int
    minutes: int


def write(person: UUID, one_off: OneOff, now: datetime, activity_id: UUID | None = None) -> ActivityEntry:
    """Insert the activity of one date, inside the caller's transaction. Raises Conflict at the cap of ideas.

    A repeat with the same id changes nothing.
    """
    own_activities.make_room(person)
    activity_id = activity_id or uuid4()
    content = _content(one_off, f"own-{activity_id}")
    db.insert_if_absent(
        Activity,
        id=activity_id,
        slug=content.slug,
        version=1,
        content=dump(content),
        changed_at=now,
        retired_at=now,
        owner=person,
        request="-",
    )
    return CatalogueEntry(activity_id, content, True, person)


def remove(person: UUID, activity_ids: Collection[UUID]) -> None:
    """Delete the one-offs of dates that are gone, inside the caller's transaction."""
    own_activities.remove_unused(person, Activity.id.in_(list(activity_ids)))


def _content(one_off: OneOff, slug: str) -> Content:
    return Content(
        slug=slug,
        title=one_off.title,
        summary=one_off.summary,
        category=one_off.category,
        tags=(),
        party=one_off.party,
        setting="out",
        shelter="either",
        duration_min=one_off.minutes,
        duration_max=one_off.minutes,
        cost_band=0,
        energy=1,
        novelty=1,
        pace=one_off.pace,
        lead_days=0,
        seasons=tuple(v.SEASONS),
        weather="any",
        time_of_day=tuple(v.TIMES_OF_DAY),
        with_children="no",
        accessibility=dict.fromkeys(v.ACCESS_FEATURES, "unknown"),
        steps=(),
        starter="",
        variations=(),
        version=1,
    )
