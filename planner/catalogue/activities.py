"""Activities for two people or one. The catalogue's are for all; own ideas are in own_activities.py."""

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
from planner.contact.pauses import is_dismissed
from planner.contact.viewer import Viewer
from planner.couples.couples import Couple
from planner.errors import NotFound
from planner.storage import db
from seeds.reader import Activity as Content

ActivityEntry = CatalogueEntry[Content]


class Activity(Entry):
    """An activity of the catalogue or an own idea. Only its owner sees an own idea until it is shown to a couple."""

    if TYPE_CHECKING:
        owner_id: UUID | None
        shown_to_id: UUID | None
    owner = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE", index=False)
    shown_to = peewee.ForeignKeyField(Couple, null=True, on_delete="SET NULL")
    request = peewee.TextField(null=True)  # of an own idea: digest of the create request

    class Meta:
        table_name = "activities"
        indexes = ((("owner", "changed_at"), False),)


def build(values: dict[str, Any]) -> Content:
    """Return the content from its JSON."""
    lists = ("tags", "seasons", "time_of_day", "steps", "variations", "safety")
    return Content(**{**values, **{name: tuple(values[name]) for name in lists}})


store = EntryStore(Activity, build, Activity.owner.is_null())


def snapshot() -> Snapshot[Content]:
    """Return all activities of the catalogue, and the active ones. At most one small query."""
    return store.snapshot()


class VisibleActivities(NamedTuple):
    """What one viewer may see: the catalogue, and active ideas of their own or shown to their couple.

    `shared` are the ideas that both partners see. `changed_at` is when the catalogue last changed.
    """

    snapshot: Snapshot[Content]
    ideas: dict[UUID, ActivityEntry]
    shared: frozenset[UUID]
    changed_at: datetime | None

    def find(self, activity: UUID) -> ActivityEntry | None:
        """Return an activity by its id, including retired ones of the catalogue."""
        return self.ideas.get(activity) or self.snapshot.by_id.get(activity)


def visible(viewer: Viewer) -> VisibleActivities:
    """Return what the viewer may see, without held items.

    One query; the catalogue's rows are read only after a change.
    """
    if viewer.held is None:
        rows = _visible_ideas(viewer.id, viewer.couple)
    else:
        rows = _visible_ideas_except(viewer.id, viewer.couple, viewer.held.ids("idea"))
    idea_rows = sorted((row for row in rows if row[0] is not None), key=lambda row: row[0])
    shared = frozenset(row[0] for row in idea_rows if viewer.couple and row[4] == viewer.couple)
    ideas = with_held_edits(viewer, {row[0]: _entry(*row[:4]) for row in idea_rows})
    return VisibleActivities(store.at(rows[0][5]), ideas, shared, rows[0][5])


def with_held_edits(viewer: Viewer, entries: dict[UUID, ActivityEntry]) -> dict[UUID, ActivityEntry]:
    """Return these entries; undo the partner's edits that a hold keeps from the viewer."""
    if viewer.held is None or not viewer.held.changes:
        return entries
    changes = viewer.held.changes
    return {
        idea: entry._replace(content=build(json.loads(changes[idea].words))) if idea in changes else entry
        for idea, entry in entries.items()
    }


def get_many(viewer: Viewer, ids: list[UUID]) -> list[ActivityEntry]:
    """Return these own ideas in their current version, held ones too. Leave out those that the viewer may not see."""
    return [_entry(*row) for row in _get_many(viewer.id, viewer.couple, ids)]


def find(viewer: Viewer, activity: UUID) -> ActivityEntry:
    """Return an active activity that the viewer may see. Raises NotFound."""
    entry = snapshot().by_id.get(activity)
    if entry is None:
        own_ideas = {idea.id: idea for idea in get_many(viewer, [activity])}
        entry = with_held_edits(viewer, own_ideas).get(activity)
    if entry is None or entry.retired:
        raise NotFound
    return entry


def get_many_including_retired(
    ids: Collection[UUID], known: Mapping[UUID, ActivityEntry] | None = None
) -> dict[UUID, ActivityEntry]:
    """Return activities by id, retired ones and own ideas too. Those in `known` are not read again."""
    known = snapshot().by_id if known is None else known
    entries = {activity: known[activity] for activity in ids if activity in known}
    missing = [activity for activity in set(ids) if activity not in known]
    if missing:
        entries |= {row[0]: _entry(*row) for row in _by_ids(missing)}
    return entries


def search(
    viewer: Viewer, typed: str, keeping: Callable[[VisibleActivities], Callable[[ActivityEntry], bool]]
) -> list[ActivityEntry]:
    """Return what the viewer may see that matches every typed word and the filter: title matches first, then by title.

    `keeping` gets everything that the viewer may see, and returns the filter. Without words, all filtered entries
    match.
    """
    visible_activities = visible(viewer)
    matches = keeping(visible_activities)
    terms = search_.query_terms(typed)
    in_title, elsewhere = list[ActivityEntry](), list[ActivityEntry]()
    for texts, entry in _searchable(visible_activities):
        rank = search_.match_rank(texts, terms)
        if rank is not None and matches(entry):
            (elsewhere if rank else in_title).append(entry)
    return in_title + elsewhere


Texts = tuple[tuple[str, str], ActivityEntry]
_texts_cache: tuple[Snapshot[Content] | None, list[Texts]] = (None, [])


def _searchable(visible_activities: VisibleActivities) -> list[Texts]:
    """Return every active entry that the viewer may see with its searchable text, by title.

    Fold the catalogue's texts once per revision.
    """
    global _texts_cache
    current = visible_activities.snapshot
    cached_snapshot, texts = _texts_cache
    if cached_snapshot is not current:
        texts = sorted(((search_.text_of(entry.content), entry) for entry in current.active), key=_by_title)
        _texts_cache = (current, texts)
    ideas = [(search_.text_of(entry.content), entry) for entry in visible_activities.ideas.values()]
    return sorted(texts + ideas, key=_by_title) if ideas else texts


def _by_title(texts: Texts) -> tuple[str, UUID]:
    return texts[0][0], texts[1].id


def _entry(activity: UUID, content: str, retired: Any, owner: UUID) -> ActivityEntry:
    return CatalogueEntry(activity, build(json.loads(content)), retired is not None, owner)


@db.cached_query
def _visible_ideas(me: Any, couple: Any) -> Any:
    return _with_last_change(lambda idea: _is_visible(idea, me, couple))


@db.cached_query
def _visible_ideas_except(me: Any, couple: Any, held: Any) -> Any:
    """Return the visible ideas except held and dismissed ones."""

    def is_known(idea: Any) -> Any:
        return _is_visible(idea, me, couple) & ((idea.owner == me) | ~(idea.id.in_(held) | is_dismissed(me, idea.id)))

    return _with_last_change(is_known)


def _with_last_change(condition: Callable[[Any], Any]) -> Any:
    """Return the visible ideas, each with the catalogue's last change.

    Without ideas, return one row with the change alone.
    """
    idea, changed_at = Activity.alias(), Activity.changed_at
    last = Activity.select(peewee.fn.MAX(changed_at).alias("at")).where(Activity.owner.is_null()).alias("last")
    beside = peewee.Join(last, idea, peewee.JOIN.LEFT_OUTER, on=(condition(idea) & idea.retired_at.is_null()))
    when = last.c.at.converter(changed_at.python_value)
    return idea.select(idea.id, idea.content, idea.retired_at, idea.owner, idea.shown_to, when).from_(beside)


def _is_visible(idea: Any, me: Any, couple: Any) -> Any:
    # In a cached query `shown_to = NULL` matches no row: a viewer without a partner sees own ideas only.
    return (idea.owner == me) | (idea.owner.is_null(False) & (idea.shown_to == couple))


@db.cached_query
def _get_many(me: Any, couple: Any, ids: Any) -> Any:
    query = Activity.select(Activity.id, Activity.content, Activity.retired_at, Activity.owner)
    is_visible = _is_visible(Activity, me, couple)
    return query.where(Activity.id.in_(ids), is_visible, Activity.retired_at.is_null()).order_by(Activity.id)


@db.cached_query
def _by_ids(ids: Any) -> Any:
    query = Activity.select(Activity.id, Activity.content, Activity.retired_at, Activity.owner)
    return query.where(Activity.id.in_(ids))
