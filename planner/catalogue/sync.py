"""Bring the database to the content of seeds/."""

from __future__ import annotations

from datetime import datetime

from planner.catalogue import activities, prompts
from planner.catalogue.activities import Activity
from planner.catalogue.entries import Synced
from planner.catalogue.prompts import Prompt
from planner.storage import db
from seeds.reader import Catalogue


def sync(catalogue: Catalogue, now: datetime) -> dict[str, Synced]:
    """Insert, update by version and retire, all in one transaction: a reader sees the old or the new catalogue."""
    with db.write():
        # Without the lock, two starting processes could both insert the same slug, and one would fail.
        for table in (Activity, Prompt):
            db.lock_table(table)
        return {
            "activities": activities.store.sync(catalogue.activities, now),
            "prompts": prompts.store.sync(catalogue.prompts, now),
        }


def has_texts() -> bool:
    """Tell whether the database has any activities, even if all are retired."""
    return bool(Activity.select().exists())
