"""Own ideas: activities that a person writes. The partner only ever gets frozen copies of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
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
        in_use = Activity.owner == viewer.id, Activity.copy_of.is_null(), Activity.retired_at.is_null()
        if Activity.select().where(*in_use).count() >= MAX_OWN_ACTIVITIES:
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
    """Change an own idea. Copies that the partner has stay as they are.

    Raises NotFound, VersionConflict, Invalid, or WrongState for a copy.
    """
    with couples.locked(viewer.id):
        found = _own(viewer, idea_id)
        if found.copy_of_id is not None:
            raise Conflict("This is the copy that your partner has, so it cannot be edited. Edit your own idea.")
        if found.version != version:
            raise VersionConflict
        old = json.loads(found.content)
        # One feature may be told without the others; every activity says something of each.
        access = {**old["accessibility"], **changes.get("accessibility", {})}
        content = _checked(build({**old, **changes, "accessibility": access, "version": version + 1}))
        query = Activity.update(content=dump(content), version=version + 1, changed_at=now)
        if not query.where(Activity.id == idea_id, Activity.version == version).execute():
            raise VersionConflict
    return CatalogueEntry(idea_id, content, False, viewer.id)


def retire(viewer: Viewer, idea_id: UUID, now: datetime) -> None:
    """Retire an own idea and its copies. Dates about them keep the name. Raises NotFound."""
    with couples.locked(viewer.id):
        _own(viewer, idea_id)
        Activity.update(retired_at=now).where(
            (Activity.id == idea_id) | (Activity.copy_of == idea_id), Activity.retired_at.is_null()
        ).execute()


def copy_for_partner(pair: Pair, card: ActivityEntry, now: datetime) -> UUID:
    """Return the activity that a proposal of `pair.me` refers to: of an own idea, its frozen copy for the partner.

    A new copy costs one shared thing. Call inside the proposal's transaction. Raises TooSoon.
    """
    if card.owner != pair.me:
        return card.id
    idea = Activity.get_by_id(card.id)
    if idea.copy_of_id is not None:
        return card.id
    copies = Activity.copy_of == idea.id, Activity.shown_to == pair.couple, Activity.version == idea.version
    copy = Activity.get_or_none(*copies, Activity.retired_at.is_null())
    return copy.id if copy else _copy(pair, card, idea, now)


def _copy(pair: Pair, card: ActivityEntry, idea: Activity, now: datetime) -> UUID:
    copy_id = uuid4()
    # The text names neither the idea nor how often its author changed it.
    content = replace(card.content, slug=f"own-{copy_id}", version=1)
    received.deliver(pair, "idea", copy_id, asdict(content), now)
    Activity.create(
        id=copy_id,
        slug=content.slug,
        version=idea.version,
        content=dump(content),
        changed_at=now,
        owner=pair.me,
        shown_to=pair.couple,
        copy_of=idea.id,
        request="-",
    )
    return copy_id


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
