"""Own ideas: activities that a person writes. Private to their author until proposed; used like any other activity."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from planner.catalogue.activities import Activity, ActivityEntry, build
from planner.catalogue.entries import CatalogueEntry, dump
from planner.contact import received
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.couples.couples import Pair
from planner.errors import Conflict, FieldError, IdTaken, Invalid, NotFound, VersionConflict
from planner.storage import db
from seeds.reader import Activity as Content

MAX_OWN_ACTIVITIES = 500
"""Maximum number of active own ideas per person: far more than a person needs, too few to fill a disk."""


def write(viewer: Viewer, values: dict[str, Any], idea_id: UUID | None, now: datetime) -> ActivityEntry:
    """Store an own idea; `values` are all fields of an activity except slug and version.

    Repeated with the same id and values, return the stored idea. Raises Invalid, IdTaken, and Conflict at
    MAX_OWN_ACTIVITIES.
    """
    idea_id = idea_id or uuid4()
    request = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    content = _validate(build({**values, "slug": f"own-{idea_id}", "version": 1}))
    with couples.locked(viewer.id):
        row = Activity.get_or_none(Activity.id == idea_id)
        if row is not None:
            if row.owner_id != viewer.id or row.request != request or row.retired_at is not None:
                raise IdTaken
            return _entry(row)
        if (
            Activity.select().where(Activity.owner == viewer.id, Activity.retired_at.is_null()).count()
            >= MAX_OWN_ACTIVITIES
        ):
            raise Conflict(f"You already have {MAX_OWN_ACTIVITIES} ideas. Retire one first.")
        db.insert_if_absent(
            Activity,
            id=idea_id,
            slug=content.slug,
            version=1,
            content=dump(content),
            changed_at=now,
            owner=viewer.id,
            request=request,
        )
    return CatalogueEntry(idea_id, content, False, viewer.id)


def edit(viewer: Viewer, idea_id: UUID, version: int, changes: dict[str, Any], now: datetime) -> ActivityEntry:
    """Change an own idea. If the partner has seen it, this costs one shared thing of the quota.

    Raises NotFound, VersionConflict, Invalid, QuotaExceeded.
    """
    with couples.locked(viewer.id) as pair:
        row = _get_own(viewer, idea_id)
        if row.version != version:
            raise VersionConflict
        old = json.loads(row.content)
        # A change may name some access features only; an activity always has all of them.
        access = {**old["accessibility"], **changes.get("accessibility", {})}
        content = _validate(build({**old, **changes, "accessibility": access, "version": version + 1}))
        if pair and row.shown_to_id == pair.couple:
            received.deliver(pair, "idea", idea_id, asdict(content), now)
        query = Activity.update(content=dump(content), version=version + 1, changed_at=now)
        if not query.where(Activity.id == idea_id, Activity.version == version).execute():
            raise VersionConflict
    return CatalogueEntry(idea_id, content, False, viewer.id)


def retire(viewer: Viewer, idea_id: UUID, now: datetime) -> None:
    """Retire an own idea. Dates about it keep its name. Raises NotFound."""
    with couples.locked(viewer.id):
        _get_own(viewer, idea_id)
        Activity.update(retired_at=now).where(Activity.id == idea_id).execute()


def share_with_partner(pair: Pair, entry: ActivityEntry, now: datetime) -> None:
    """Show an own idea of `pair.me` to the partner, as part of a proposal. Call inside its transaction.

    The first time costs one shared thing of the quota. Raises QuotaExceeded.
    """
    if entry.owner != pair.me:
        return
    unseen = Activity.shown_to.is_null() | (Activity.shown_to != pair.couple)
    if Activity.update(shown_to=pair.couple).where(Activity.id == entry.id, unseen).execute():
        received.deliver(pair, "idea", entry.id, asdict(entry.content), now)


def copy_frozen(idea: Activity, now: datetime) -> UUID:
    """Copy an own idea as it is now into a retired row, and return its id. Call inside a transaction."""
    idea_id = uuid4()
    Activity.create(
        id=idea_id,
        slug=f"own-{idea_id}",
        version=idea.version,
        content=idea.content,
        changed_at=now,
        retired_at=now,
        owner=idea.owner_id,
        request="-",
    )
    return idea_id


def _get_own(viewer: Viewer, idea_id: UUID) -> Activity:
    row = Activity.get_or_none(Activity.id == idea_id, Activity.owner == viewer.id, Activity.retired_at.is_null())
    if row is None:
        raise NotFound
    return row


def _entry(row: Activity) -> ActivityEntry:
    return CatalogueEntry(row.id, build(json.loads(row.content)), False, row.owner_id)


def _validate(content: Content) -> Content:
    """Check the values that depend on each other. Raises Invalid."""
    errors = []
    if content.duration_min > content.duration_max:
        errors.append(FieldError("duration_max", "Must not be shorter than duration_min."))
    if content.party == "one" and content.pace != 1:
        errors.append(FieldError("pace", "An activity for one person must have pace 1."))
    if errors:
        raise Invalid(*errors)
    return content
