"""Activities: what two people, or one, can do. Those of the catalogue are everybody's; own ideas stand in ideas.py."""

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
from seeds.reader import Activity as Content

ActivityEntry = CatalogueEntry[Content]


class Activity(Entry):
    """An activity of the catalogue, or a person's own idea.

    An own idea is its owner's alone. The partner gets a frozen copy: `copy_of` names the idea, `shown_to` the couple.
    """

    if TYPE_CHECKING:
        owner_id: UUID | None
        shown_to_id: UUID | None
        copy_of_id: UUID | None
    owner = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE", index=False)
    shown_to = peewee.ForeignKeyField(Couple, null=True, on_delete="SET NULL")
    copy_of = peewee.ForeignKeyField("self", null=True, on_delete="SET NULL", backref="+")
    request = peewee.TextField(null=True)  # of an own idea: digest of what the create asked for

    class Meta:
        table_name = "activities"
        indexes = ((("owner", "changed_at"), False),)


def build(values: dict[str, Any]) -> Content:
    """The content from its JSON."""
    lists = ("tags", "seasons", "time_of_day", "steps", "variations", "safety")
    return Content(**{**values, **{name: tuple(values[name]) for name in lists}})


store = EntryStore(Activity, build, Activity.owner.is_null())


def snapshot() -> Snapshot[Content]:
    """All activities of the catalogue, and those in use. At most one small query."""
    return store.snapshot()


class VisibleActivities(NamedTuple):
    """What one person may see: the catalogue, their own ideas in use, and the copies of their partner's ideas.

    `changed_at` is when the catalogue last changed.
    """

    snapshot: Snapshot[Content]
    ideas: dict[UUID, ActivityEntry]
    changed_at: datetime | None

    def find(self, activity: UUID) -> ActivityEntry | None:
        """An activity by its id; a retired one of the catalogue, too."""
        return self.ideas.get(activity) or self.snapshot.by_id.get(activity)


def visible(viewer: Viewer) -> VisibleActivities:
    """What the viewer may see, without what is held back from them. One query; all rows of the catalogue are read when
    that says that something changed.
    """
    rows = _ideas(viewer.id, viewer.couple)
    found = sorted((row for row in rows if row[0] is not None), key=lambda row: row[0])
    ideas = {row[0]: _card(*row[:4]) for row in found}
    return VisibleActivities(store.at(rows[0][4]), ideas, rows[0][4])


def get_many(viewer: Viewer, ids: list[UUID]) -> list[ActivityEntry]:
    """These own ideas as they stand now, also what is held; those that the viewer may not see are missing."""
    return [_card(*row) for row in _get_many(viewer.id, viewer.couple, ids)]


def find(viewer: Viewer, activity: UUID) -> ActivityEntry:
    """An activity in use that the viewer may see. Raises NotFound."""
    card = snapshot().by_id.get(activity)
    if card is None:
        card = next(iter(get_many(viewer, [activity])), None)
    if card is None or card.retired:
        raise NotFound
    return card


def get_many_including_retired(
    ids: Collection[UUID], known: Mapping[UUID, ActivityEntry] | None = None
) -> dict[UUID, ActivityEntry]:
    """The activities that dates are about, by id: the retired ones, and own ideas, too; `known` ones are not read."""
    known = snapshot().by_id if known is None else known
    found = {one: known[one] for one in ids if one in known}
    missing = [one for one in set(ids) if one not in known]
    if missing:
        found |= {row[0]: _card(*row) for row in _by_ids(missing)}
    return found


def search(
    viewer: Viewer, typed: str, keeping: Callable[[VisibleActivities], Callable[[ActivityEntry], bool]]
) -> list[ActivityEntry]:
    """What the viewer may see, wanted by every word typed: found in the title first, then by title.

    `keeping` is given all that they may see, and says of each card whether it is wanted. Without words, everything
    that is wanted, by title.
    """
    seen = visible(viewer)
    keep = keeping(seen)
    asked = search_.query_terms(typed)
    in_title, elsewhere = list[ActivityEntry](), list[ActivityEntry]()
    for texts, card in _in_catalogue(seen):
        place = search_.match_rank(texts, asked)
        if place is not None and keep(card):
            (elsewhere if place else in_title).append(card)
    return in_title + elsewhere


Texts = tuple[tuple[str, str], ActivityEntry]
_texts: tuple[Snapshot[Content] | None, list[Texts]] = (None, [])


def _in_catalogue(seen: VisibleActivities) -> list[Texts]:
    """Every card in use that somebody may see, with what is searched of it, by title; folded once a revision."""
    global _texts
    current = seen.snapshot
    known, texts = _texts
    if known is not current:
        texts = sorted(((search_.text_of(card.content), card) for card in current.active), key=_by_title)
        _texts = (current, texts)
    ideas = [(search_.text_of(card.content), card) for card in seen.ideas.values()]
    return sorted(texts + ideas, key=_by_title) if ideas else texts


def _by_title(one: Texts) -> tuple[str, UUID]:
    return one[0][0], one[1].id


def _card(activity: UUID, content: str, retired: Any, owner: UUID) -> ActivityEntry:
    return CatalogueEntry(activity, build(json.loads(content)), retired is not None, owner)


@db.cached_query
def _ideas(me: Any, couple: Any) -> Any:
    return _beside_the_catalogue(lambda idea: _listed(idea, me, couple))


def _beside_the_catalogue(seen: Callable[[Any], Any]) -> Any:
    """The ideas that somebody may see, and beside each when the catalogue last changed; that also without any idea."""
    idea, changed = Activity.alias(), Activity.changed_at
    last = Activity.select(peewee.fn.MAX(changed).alias("at")).where(Activity.owner.is_null()).alias("last")
    beside = peewee.Join(last, idea, peewee.JOIN.LEFT_OUTER, on=(seen(idea) & idea.retired_at.is_null()))
    when = last.c.at.converter(changed.python_value)
    return idea.select(idea.id, idea.content, idea.retired_at, idea.owner, when).from_(beside)


def _listed(idea: Any, me: Any, couple: Any) -> Any:
    """The condition for a person's lists: their own ideas, and the copies of their partner's that are not held.

    Authors find the idea itself, not its copies. Without a couple, `shown_to = NULL` matches no row.
    """
    return ((idea.owner == me) & idea.copy_of.is_null()) | (
        (idea.owner != me) & (idea.shown_to == couple) & ~is_held(me, idea.id)
    )


def as_known(viewer: Any) -> Any:
    """Return the column of activity ids as the viewer's lists have them: own ideas instead of copies of them."""
    own_copy = (Activity.owner == viewer) & Activity.copy_of.is_null(False)
    activity = peewee.Case(None, [(own_copy, Activity.copy_of)], Activity.id)
    return activity.converter(Activity.id.python_value)


@db.cached_query
def _get_many(me: Any, couple: Any, ids: Any) -> Any:
    query = Activity.select(Activity.id, Activity.content, Activity.retired_at, Activity.owner)
    seen = (Activity.owner == me) | (Activity.owner.is_null(False) & (Activity.shown_to == couple))
    return query.where(Activity.id.in_(ids), seen, Activity.retired_at.is_null()).order_by(Activity.id)


@db.cached_query
def _by_ids(ids: Any) -> Any:
    query = Activity.select(Activity.id, Activity.content, Activity.retired_at, Activity.owner)
    return query.where(Activity.id.in_(ids))
