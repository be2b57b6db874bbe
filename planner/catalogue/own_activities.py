"""Own ideas: activities that a person writes. The partner only gets frozen copies of them."""

from __future__ import annotations

import functools
import hashlib
import json
import operator
from collections.abc import Container
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import peewee

from planner.accounts import caps
from planner.catalogue.activities import Activity, ActivityEntry, build
from planner.catalogue.entries import CatalogueEntry, dump
from planner.contact import received
from planner.contact.viewer import Viewer
from planner.couples import contact_rules, couples
from planner.couples.couples import Pair
from planner.errors import Conflict, FieldError, IdTaken, Invalid, NotFound, VersionConflict
from planner.photos import photos
from planner.photos.photos import PhotoView
from planner.storage import db
from seeds.reader import Activity as Content

MAX_OWN_ACTIVITIES = 500
"""The most own ideas in use for one person. It is far more than a person needs, and keeps the lists fast."""


def write(viewer: Viewer, values: dict[str, Any], idea_id: UUID | None, now: datetime) -> ActivityEntry:
    """Create an own idea. `values` are all fields of an activity but slug and version.

    A repetition with the same id and values returns the current idea. Raises Invalid, IdTaken, or Conflict at
    MAX_OWN_ACTIVITIES or at the cap, which counts retired ideas as well.
    """
    idea_id = idea_id or uuid4()
    request = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    content = _checked(build({**values, "slug": f"own-{idea_id}", "version": 1}))
    with couples.locked(viewer.id):
        idea = Activity.get_or_none(Activity.id == idea_id)
        if idea is not None:
            if idea.owner_id != viewer.id or idea.request != request or idea.retired_at is not None:
                raise IdTaken
            return _entry(idea)
        in_use = Activity.owner == viewer.id, Activity.copy_of.is_null(), Activity.retired_at.is_null()
        if Activity.select().where(*in_use).count() >= MAX_OWN_ACTIVITIES:
            raise Conflict("too_many_own_activities", most=MAX_OWN_ACTIVITIES)
        make_room(viewer.id)
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


def list_ids(viewer: Viewer) -> set[UUID]:
    """Return the ids of all ideas of the viewer, retired ones too."""
    mine = Activity.owner == viewer.id, Activity.copy_of.is_null()
    return {idea for (idea,) in db.fetch_all(Activity.select(Activity.id).where(*mine))}


def make_room(person: UUID) -> None:
    """At the cap, delete the retired ideas that no date needs. Raises Conflict when that is not enough."""
    mine = Activity.select().where(Activity.owner == person, Activity.copy_of.is_null())
    if mine.count() < caps.most("ideas"):
        return
    remove_unused(person, Activity.retired_at.is_null(False))
    if mine.count() >= caps.most("ideas"):
        raise Conflict("too_many_ideas_kept", most=caps.most("ideas"))


def remove_unused(person: UUID, condition: Any) -> None:
    """Delete those of a person's ideas that meet a condition and that no date needs, inside a transaction."""
    for is_copy in (True, False):  # an idea stays as long as a date needs a copy of it
        unused = (Activity.owner == person) & condition & Activity.copy_of.is_null(not is_copy) & ~_is_needed()
        Activity.delete().where(unused).execute()


def _is_needed() -> Any:
    """Return the condition that a date is about an activity, or that a copy of it exists."""
    references = [field for field in Activity._meta.backrefs if field.on_delete == "RESTRICT"]
    needed = [peewee.fn.EXISTS(field.model.select(field.model.id).where(field == Activity.id)) for field in references]
    copies = Activity.alias()
    needed.append(peewee.fn.EXISTS(copies.select(copies.id).where(copies.copy_of == Activity.id)))
    return functools.reduce(operator.or_, needed)


def edit(
    viewer: Viewer, idea_id: UUID, versions: Container[int], changes: dict[str, Any], now: datetime
) -> ActivityEntry:
    """Change an own idea that has one of these versions. The partner's copies do not change.

    Raises NotFound, VersionConflict, Invalid, or Conflict for a copy.
    """
    with couples.locked(viewer.id):
        idea = _get_own(viewer, idea_id)
        if idea.copy_of_id is not None:
            raise Conflict("partners_copy")
        version, old_values = idea.version, json.loads(idea.content)
        # A change may name one feature only, but every activity stores all of them.
        access = {**old_values["accessibility"], **changes.get("accessibility", {})}
        values = {**old_values, **changes, "accessibility": access}
        if build(values) == build(old_values):
            return _entry(idea)  # a repeat, whose first answer may have been lost
        if version not in versions:
            raise VersionConflict
        content = _checked(build({**values, "version": version + 1}))
        query = Activity.update(content=dump(content), version=version + 1, changed_at=now)
        if not query.where(Activity.id == idea_id, Activity.version == version).execute():
            raise VersionConflict
    return CatalogueEntry(idea_id, content, False, viewer.id)


def retire(viewer: Viewer, idea_id: UUID, now: datetime) -> None:
    """Retire an own idea and its copies. Dates about them keep the name. Raises NotFound."""
    with couples.locked(viewer.id):
        _get_own(viewer, idea_id)
        Activity.update(retired_at=now).where(
            (Activity.id == idea_id) | (Activity.copy_of == idea_id), Activity.retired_at.is_null()
        ).execute()
        photos.withdraw_of(viewer.id, idea_id, now)


def check_takes_photos(viewer: Viewer, idea_id: UUID) -> None:
    """Raise NotFound, or Conflict for the partner's copy of an own idea."""
    if _get_own(viewer, idea_id).copy_of_id is not None:
        raise Conflict("partners_copy")


def count_photo(viewer: Viewer, idea_id: UUID, now: datetime) -> None:
    """Give an own idea a new version for its new photo: the next copy for the partner has it.

    Call inside the author's transaction. Raise NotFound.
    """
    idea = _get_own(viewer, idea_id)
    content = _checked(build({**json.loads(idea.content), "version": idea.version + 1}))
    query = Activity.update(content=dump(content), version=idea.version + 1, changed_at=now)
    if not query.where(Activity.id == idea_id, Activity.version == idea.version).execute():
        raise NotFound


def photos_of(viewer: Viewer, entry: ActivityEntry) -> list[PhotoView]:
    """Return the photos of an activity that the viewer sees. A copy has those that the idea had at its time."""
    idea = Activity.get_or_none(Activity.id == entry.id, Activity.owner.is_null(False))
    if idea is None:
        return []
    subject = idea.copy_of_id or idea.id
    rows = photos.of_subjects([subject])[subject]
    return [
        photos.view(row, viewer.id, entry.id)
        for row in rows
        if row.owner == viewer.id or (idea.copy_of_id and row.created_at <= idea.changed_at)
    ]


def copy_for_partner(pair: Pair, entry: ActivityEntry, now: datetime) -> UUID:
    """Return the activity that the partner sees: for an own idea of `pair.me`, its frozen copy.

    A new copy costs one shared event. Call inside the sender's transaction. Raises QuotaExceeded.
    """
    if entry.owner != pair.me:
        return entry.id
    return find_copy(pair, entry) or _copy(pair, entry, Activity.get_by_id(entry.id), now)


def find_copy(pair: Pair, entry: ActivityEntry) -> UUID | None:
    """Return the copy of an own idea of `pair.me` in its current version, or None. A copy is its own copy."""
    if entry.owner != pair.me:
        return None
    idea = Activity.get_by_id(entry.id)
    if idea.copy_of_id is not None:
        return entry.id
    copies = Activity.copy_of == idea.id, Activity.shown_to == pair.couple, Activity.version == idea.version
    copy = Activity.get_or_none(*copies, Activity.retired_at.is_null())
    return copy.id if copy else None


def _copy(pair: Pair, entry: ActivityEntry, idea: Activity, now: datetime) -> UUID:
    copy_id = uuid4()
    # The copy must not reveal the idea's id, nor how often its author changed it.
    content = replace(entry.content, slug=f"own-{copy_id}", version=1)
    shown = photos.of_subjects([idea.id])[idea.id]
    if shown and pair.own_pace < contact_rules.WORDS_PACE:
        raise Conflict("idea_photos_for_pace")
    words = {**asdict(content), **photos.captions_of(shown)}
    received.deliver(pair, "idea", copy_id, words, now, contact_rules.WORDS_PACE if shown else None)
    Activity.create(
        id=copy_id,
        slug=content.slug,
        version=idea.version,
        content=dump(content),
        changed_at=now,
        retired_at=idea.retired_at,  # a one-off is in no list of the partner either
        owner=pair.me,
        shown_to=pair.couple,
        copy_of=idea.id,
        request="-",
    )
    return copy_id


def _get_own(viewer: Viewer, idea_id: UUID) -> Activity:
    idea = Activity.get_or_none(Activity.id == idea_id, Activity.owner == viewer.id, Activity.retired_at.is_null())
    if idea is None:
        raise NotFound
    return idea


def _entry(idea: Activity) -> ActivityEntry:
    return CatalogueEntry(idea.id, build(json.loads(idea.content)), False, idea.owner_id)


def _checked(content: Content) -> Content:
    """Return the content after checks across its fields. Raises Invalid."""
    errors = []
    if content.duration_min > content.duration_max:
        errors.append(FieldError("duration_max", "shorter_than_minimum"))
    if content.party == "one" and content.pace != 1:
        errors.append(FieldError("pace", "pace_for_one"))
    if content.fun_for and content.with_children not in ("yes", "awake"):
        errors.append(FieldError("fun_for", "fun_without_children"))
    if errors:
        raise Invalid(*errors)
    return content
