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
"""Own ideas in use a person: far more than anybody keeps in mind, far less than fills a disk."""


def write(viewer: Viewer, values: dict[str, Any], idea_id: UUID | None, now: datetime) -> ActivityEntry:
    """Keep an own idea; `values` are all fields of an activity but slug and version.

    Repeated with the same id and values: the idea as it stands. Raises Invalid, IdTaken, WrongState at MOST.
    """
    idea_id = idea_id or uuid4()
    request = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    content = _checked(build({**values, "slug": f"own-{idea_id}", "version": 1}))
    with couples.locked(viewer.id):
        found = Activity.get_or_none(Activity.id == idea_id)
        if found is not None:
            if found.owner_id != viewer.id or found.request != request or found.retired_at is not None:
                raise IdTaken
            return _card(found)
        if (
            Activity.select().where(Activity.owner == viewer.id, Activity.retired_at.is_null()).count()
            >= MAX_OWN_ACTIVITIES
        ):
            raise Conflict(f"You keep {MAX_OWN_ACTIVITIES} ideas already. Retire one first.")
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
    """Change an own idea. One that the partner has before them costs one shared thing.

    Raises NotFound, VersionConflict, Invalid, TooSoon.
    """
    with couples.locked(viewer.id) as pair:
        found = _own(viewer, idea_id)
        if found.version != version:
            raise VersionConflict
        old = json.loads(found.content)
        # One feature may be told without the others; every activity says something of each.
        access = {**old["accessibility"], **changes.get("accessibility", {})}
        content = _checked(build({**old, **changes, "accessibility": access, "version": version + 1}))
        if pair and found.shown_to_id == pair.couple:
            received.deliver(pair, "idea", idea_id, asdict(content), now)
        query = Activity.update(content=dump(content), version=version + 1, changed_at=now)
        if not query.where(Activity.id == idea_id, Activity.version == version).execute():
            raise VersionConflict
    return CatalogueEntry(idea_id, content, False, viewer.id)


def retire(viewer: Viewer, idea_id: UUID, now: datetime) -> None:
    """Take an own idea out of use; dates that are about it keep its name. Raises NotFound."""
    with couples.locked(viewer.id):
        _own(viewer, idea_id)
        Activity.update(retired_at=now).where(Activity.id == idea_id).execute()


def share_with_partner(pair: Pair, card: ActivityEntry, now: datetime) -> None:
    """Put an own idea of `pair.me` before the partner, as part of a proposal, inside its transaction.

    The first time costs one shared thing. Raises TooSoon.
    """
    if card.owner != pair.me:
        return
    unseen = Activity.shown_to.is_null() | (Activity.shown_to != pair.couple)
    if Activity.update(shown_to=pair.couple).where(Activity.id == card.id, unseen).execute():
        received.deliver(pair, "idea", card.id, asdict(card.content), now)


def copy_frozen(idea: Activity, now: datetime) -> UUID:
    """Keep an own idea once more, as it stands, out of use and for good; the id. Inside the caller's transaction."""
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


def _own(viewer: Viewer, idea_id: UUID) -> Activity:
    found = Activity.get_or_none(Activity.id == idea_id, Activity.owner == viewer.id, Activity.retired_at.is_null())
    if found is None:
        raise NotFound
    return found


def _card(found: Activity) -> ActivityEntry:
    return CatalogueEntry(found.id, build(json.loads(found.content)), False, found.owner_id)


def _checked(content: Content) -> Content:
    """What no single value shows. Raises Invalid."""
    faults = []
    if content.duration_min > content.duration_max:
        faults.append(FieldError("duration_max", "Must not be shorter than duration_min."))
    if content.party == "one" and content.pace != 1:
        faults.append(FieldError("pace", "What is done alone has pace 1."))
    if faults:
        raise Invalid(*faults)
    return content
