"""The first screen: what its verbs read, in one statement."""

from __future__ import annotations

from datetime import datetime

from planner.catalogue import activities, prompts
from planner.contact import contact_log, holds, visible_inbox
from planner.contact.viewer import Viewer
from planner.dates import important_days, views
from planner.notes import daily_prompt
from planner.recommender import suggestions
from planner.storage import db
from planner.talks import talks


def read(viewer: Viewer, now: datetime, most: int, has_idea: bool) -> None:
    """Read together what the verbs of the first screen read first. Each then finds its rows."""
    readings = [
        views.next_reading(viewer, now, most),
        visible_inbox.unseen_reading(viewer.id, now, most),
        holds.held_reading(viewer.id),
        important_days.days_reading(viewer),
        daily_prompt.stored_reading(viewer, viewer.today(now)),
        prompts.store.change_reading(),
        activities.store.change_reading(),
    ]
    if viewer.pair:
        readings += [contact_log.quota_reading(viewer.pair, now), talks.open_reading(viewer, now)]
    if has_idea:
        readings += suggestions.first_readings(viewer, now)
    db.read_together(*readings)
