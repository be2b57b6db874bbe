"""Activities for two people, or for one: those of the catalogue, and own ideas (see own_activities.py)."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.catalogue import search as search_
from planner.catalogue.entries import CatalogueEntry, Entry, EntryStore, Snapshot
from planner.contact.holds import is_held
from planner.contact.viewer import Viewer
from planner.couples.couples import Couple
from planner.errors import NotFound
from planner.storage import db
from planner.storage.cached_queries import Reading
from seeds.reader import Activity as Content

ActivityEntry = CatalogueEntry[Content]


class Activity(Entry):
    """An activity of the catalogue, or a person's own idea.

    Only its owner sees an own idea. The partner gets a frozen copy: `copy_of` is the idea, `shown_to` the couple.
    """

    if TYPE_CHECKING:
        owner_id: UUID | None
        shown_to_id: UUID | None
        copy_of_id: UUID | None
    owner = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE", index=False)
    shown_to = peewee.ForeignKeyField(Couple, null=True, on_delete="SET NULL")
    copy_of = peewee.ForeignKeyField("self", null=True, on_delete="SET NULL", backref="+")
    request = peewee.TextField(null=True)  # own ideas: digest of the create request

    class Meta:
        table_name = "activities"
        indexes = ((("owner", "changed_at"), False),)


def build(values: dict[str, Any]) -> Content:
    """Return the content from its JSON values."""
    lists = ("tags", "seasons", "time_of_day", "steps", "variations", "safety", "fun_for")
    return Content(**{**values, **{name: tuple(values[name]) for name in lists if name in values}})


store = EntryStore(Activity, build, Activity.owner.is_null())


def snapshot() -> Snapshot[Content]:
    """Return all activities of the catalogue, and those in use. At most one small query."""
    return store.snapshot()


class VisibleActivities(NamedTuple):
    """The activities that one person may see: catalogue, own ideas in use, and copies of the partner's ideas.

    `changed_at` is when the catalogue last changed.
    """

    snapshot: Snapshot[Content]
    ideas: dict[UUID, ActivityEntry]
    changed_at: datetime | None

    def find(self, activity: UUID) -> ActivityEntry | None:
        """Return an activity by its id, or None. Includes retired ones of the catalogue."""
        return self.ideas.get(activity) or self.snapshot.by_id.get(activity)


def visible(viewer: Viewer) -> VisibleActivities:
    """Return the activities that the viewer may see, without held ones.

    One query. It reads the whole catalogue only after a change.
    """
    rows = visible_reading(viewer).rows()
    idea_rows = sorted((row for row in rows if row[0] is not None), key=lambda row: row[0])
    ideas = {row[0]: _entry(*row[:4]) for row in idea_rows}
    return VisibleActivities(store.at(rows[0][4]), ideas, rows[0][4])


def visible_reading(viewer: Viewer) -> Reading:
    """Return the reading of the ideas that the viewer may see, with the last change of the catalogue."""
    return _visible_ideas.on(viewer.id, viewer.couple)


def get_many(viewer: Viewer, ids: list[UUID]) -> list[ActivityEntry]:
    """Return these own ideas in their current version, also held ones. Omits those that the viewer may not see."""
    return [_entry(*row) for row in _get_many(viewer.id, viewer.couple, ids)]


def find(viewer: Viewer, activity: UUID) -> ActivityEntry:
    """Return an activity in use that the viewer may see. Raises NotFound."""
    entry = snapshot().by_id.get(activity)
    if entry is None:
        entry = next(iter(get_many(viewer, [activity])), None)
    if entry is None or entry.retired:
        raise NotFound
    return entry


def get_many_including_retired(
    ids: Collection[UUID], known: Mapping[UUID, ActivityEntry] | None = None
) -> dict[UUID, ActivityEntry]:
    """Return the activities of dates by id, with retired ones and own ideas. Does not query `known` ones."""
    known = snapshot().by_id if known is None else known
    entries = {activity: known[activity] for activity in ids if activity in known}
    missing = [activity for activity in set(ids) if activity not in known]
    if missing:
        entries |= {row[0]: _entry(*row) for row in _by_ids(missing)}
    return entries


def search(
    viewer: Viewer, typed: str, make_filter: Callable[[VisibleActivities], Callable[[ActivityEntry], bool]]
) -> list[tuple[Place, ActivityEntry]]:
    """Return the visible activities that match every typed word, with their places.

    Title matches come first, and each part is sorted by title.

    `make_filter` gets all visible activities and returns a filter. If nothing is typed, every activity that passes
    matches. If only punctuation is typed, none does.
    """
    terms = search_.query_terms(typed)
    if typed and not terms:
        return []
    visible_activities = visible(viewer)
    passes = make_filter(visible_activities)
    in_title, elsewhere = list[tuple[Place, ActivityEntry]](), list[tuple[Place, ActivityEntry]]()
    for texts, entry in _searchable(visible_activities):
        rank = search_.match_rank(texts, terms)
        if rank is not None and passes(entry):
            title, activity = _by_title((texts, entry))
            (elsewhere if rank else in_title).append(((f"{rank}{title}", activity), entry))
    return in_title + elsewhere


Place = tuple[str, UUID]
"""The place of an activity in the order of a search, which is also the cursor after it."""
Texts = tuple[tuple[str, str], ActivityEntry]
_texts: tuple[Snapshot[Content] | None, list[Texts]] = (None, [])


def _searchable(visible_activities: VisibleActivities) -> list[Texts]:
    """Return every visible activity in use with its search texts, by title. Folds the catalogue once a revision."""
    global _texts
    current = visible_activities.snapshot
    cached_snapshot, texts = _texts
    if cached_snapshot is not current:
        texts = sorted(((search_.text_of(entry.content), entry) for entry in current.active), key=_by_title)
        _texts = (current, texts)
    ideas = [(search_.text_of(entry.content), entry) for entry in visible_activities.ideas.values()]
    return sorted(texts + ideas, key=_by_title) if ideas else texts


def _by_title(searchable: Texts) -> Place:
    return searchable[0][0][:60], searchable[1].id


def _entry(activity: UUID, content: str, retired: Any, owner: UUID) -> ActivityEntry:
    return CatalogueEntry(activity, build(json.loads(content)), retired is not None, owner)


@db.cached_query
def _visible_ideas(me: Any, couple: Any) -> Any:
    return _with_catalogue_change(lambda idea: _is_listed(idea, me, couple))


def _with_catalogue_change(condition: Callable[[Any], Any]) -> Any:
    """Return the ideas of this condition, each with the time of the catalogue's last change.

    Without ideas, it returns one row with that time.
    """
    idea, changed = Activity.alias(), Activity.changed_at
    last = Activity.select(peewee.fn.MAX(changed).alias("at")).where(Activity.owner.is_null()).alias("last")
    joined = peewee.Join(last, idea, peewee.JOIN.LEFT_OUTER, on=(condition(idea) & idea.retired_at.is_null()))
    last_change = last.c.at.converter(changed.python_value)
    return idea.select(idea.id, idea.content, idea.retired_at, idea.owner, last_change).from_(joined)


def _is_listed(idea: Any, me: Any, couple: Any) -> Any:
    """Return the condition for a person's lists: own ideas, and unheld copies of the partner's ideas.

    Authors get the idea itself, not its copies. Without a couple, `shown_to = NULL` matches no row.
    """
    return ((idea.owner == me) & idea.copy_of.is_null()) | (
        (idea.owner != me) & (idea.shown_to == couple) & ~is_held(me, idea.id)
    )


def as_known(viewer: Any) -> Any:
    """Return the column of activity ids as the viewer's lists have them: own ideas instead of their copies."""
    own_copy = (Activity.owner == viewer) & Activity.copy_of.is_null(False)
    activity = peewee.Case(None, [(own_copy, Activity.copy_of)], Activity.id)
    return activity.converter(Activity.id.python_value)


@db.cached_query
def _get_many(me: Any, couple: Any, ids: Any) -> Any:
    query = Activity.select(Activity.id, Activity.content, Activity.retired_at, Activity.owner)
    is_visible = (Activity.owner == me) | (Activity.owner.is_null(False) & (Activity.shown_to == couple))
    return query.where(Activity.id.in_(ids), is_visible, Activity.retired_at.is_null()).order_by(Activity.id)


@db.cached_query
def _by_ids(ids: Any) -> Any:
    query = Activity.select(Activity.id, Activity.content, Activity.retired_at, Activity.owner)
    return query.where(Activity.id.in_(ids))
