"""Sync of the database with the content of seeds/."""

from __future__ import annotations

from datetime import datetime

from planner.catalogue import activities, prompts
from planner.catalogue.activities import Activity
from planner.catalogue.entries import Synced
from planner.catalogue.prompts import Prompt
from planner.storage import db
from seeds.reader import Catalogue


def sync(catalogue: Catalogue, now: datetime) -> dict[str, Synced]:
    """Insert, update and retire entries in one transaction: a reader sees the old catalogue or the new one."""
    with db.write():
        # Without the lock, two processes that start at once could insert the same slug, and one would fail.
        for table in (Activity, Prompt):
            db.lock_table(table)
        return {
            "activities": activities.store.sync(catalogue.activities, now),
            "prompts": prompts.store.sync(catalogue.prompts, now),
        }
