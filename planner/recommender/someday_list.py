"""The someday list: ideas that two people want to do at some time. Both see it, and both may add and remove.

An addition is a shared thing: it counts against the sender's quota. It sends no message. One that arrives in the
receiver's space is held (see hold_sync). An own idea goes on the list as a frozen copy, as in a proposal. Each person
sees the ideas up to their own pace.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner.accounts.accounts import Person
from planner.catalogue import activities, own_activities
from planner.catalogue.activities import Activity, ActivityEntry
from planner.contact import holds, received
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.couples.couples import Couple, Pair
from planner.errors import AbovePace, Conflict, FieldError, Invalid
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

MAX_ITEMS = 200
"""The most ideas on one list. It is far more than two people do in a year, and needs no pages."""


class SomedayItem(db.Model):
    """One activity on the list of a couple. An own idea is on it as the copy that the partner sees.

    An addition that brings a new copy has the id of the copy, so that both are held together.
    """

    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="CASCADE")
    added_by = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    added_at = UtcDateTimeField()

    class Meta:
        table_name = "someday_items"
        indexes = ((("couple", "activity"), True),)


class SomedayEntry(NamedTuple):
    """One idea on the list as the viewer sees it. An own idea is the idea itself, not its copy."""

    activity: ActivityEntry
    added_by_me: bool
    added_at: datetime


class _Row(NamedTuple):
    """One stored item. `copy_of` is the idea whose copy is on the list."""

    id: UUID
    activity: UUID
    copy_of: UUID | None
    owner: UUID | None
    added_by: UUID
    added_at: datetime
    is_held: bool

    def is_about(self, activity: UUID, copy_of: UUID | None) -> bool:
        """Return whether it is about an activity: that one, a copy of it, or another copy of the same idea."""
        return self.activity == activity or (self.copy_of is not None and self.copy_of in (activity, copy_of))


def list_items(viewer: Viewer) -> list[SomedayEntry]:
    """Return the list without held, retired or too close ideas, newest first. At most two queries."""
    rows = [row for row in _rows(viewer.couple, viewer.id) if not row.is_held] if viewer.couple else []
    known = {row.id: row.copy_of if row.copy_of and row.owner == viewer.id else row.activity for row in rows}
    entries = activities.get_many_including_retired(list(known.values())) if rows else {}
    return [
        SomedayEntry(entry, row.added_by == viewer.id, row.added_at)
        for row in rows
        # An erasure may have deleted the activity since the first query.
        if (entry := entries.get(known[row.id])) and not entry.retired and entry.content.pace <= (viewer.own_pace or 0)
    ]


def add(viewer: Viewer, activity_id: UUID, now: datetime) -> None:
    """Put an activity on the list; one shared event. A repeat changes nothing.

    Raises NotFound, Invalid for an activity for one, AbovePace, QuotaExceeded, or Conflict without a partner, in space
    or with a full list.
    """
    with couples.locked(viewer.id) as pair:
        entry = activities.find(viewer.as_of(pair) if pair else viewer, activity_id)
        if pair is None:
            raise Conflict("no_partner")
        if entry.content.party == "one":
            raise Invalid(FieldError("activity_id", "activity_not_for_party", party="two"))
        if entry.content.pace > pair.own_pace:
            raise AbovePace
        copy = own_activities.find_copy(pair, entry)
        listed = copy if entry.owner == pair.me else entry.id
        row = next((row for row in _rows(pair.couple, pair.me) if row.activity == listed), None)
        if row is None:
            _insert(pair, entry, copy, now)
        elif row.is_held:
            _show(pair, row)


def _insert(pair: Pair, entry: ActivityEntry, copy: UUID | None, now: datetime) -> None:
    _make_room(pair, entry.id)
    is_new_copy = entry.owner == pair.me and copy is None
    shown = copy or own_activities.copy_for_partner(pair, entry, now)
    item = shown if is_new_copy else uuid4()
    if not is_new_copy:  # a new copy has been delivered and charged
        received.deliver(pair, "idea", item, {"title": entry.content.title}, now)
    SomedayItem.create(id=item, couple=pair.couple, activity=shown, added_by=pair.me, added_at=now)


def _make_room(pair: Pair, activity: UUID) -> None:
    """Delete older copies of the same idea, and items that are out of use. Raises Conflict if the list is full."""
    rows = _rows(pair.couple, pair.me)
    older = [row.id for row in rows if row.is_about(activity, _idea_of(activity))]
    # Not a list of all retired activities: the ideas of all people are among them.
    is_retired = (Activity.id == SomedayItem.activity) & Activity.retired_at.is_null(False)
    retired = peewee.fn.EXISTS(Activity.select(Activity.id).where(is_retired))
    mine = SomedayItem.couple == pair.couple
    SomedayItem.delete().where(mine, SomedayItem.id.in_(older) | retired).execute()
    if SomedayItem.select().where(mine).count() >= MAX_ITEMS:
        raise Conflict("someday_list_full", most=MAX_ITEMS)


def _show(pair: Pair, row: _Row) -> None:
    """Show a person an item of the partner that was held, because both wish for it. The partner sees no difference."""
    holds.check_may_send(pair.me, row.activity)
    # The hold names the old id, and may be made again as long as its reason lasts.
    SomedayItem.update(id=uuid4()).where(SomedayItem.id == row.id).execute()


def remove(viewer: Viewer, activity_id: UUID) -> None:
    """Take an activity off the list, for both. A repeat changes nothing. One that is held stays. Raises NotFound."""
    with couples.locked(viewer.id) as pair:
        idea = _idea_of(activity_id)
        rows = _rows(pair.couple, pair.me) if pair else []
        items = [row.id for row in rows if not row.is_held and row.is_about(activity_id, idea)]
        if not items:
            activities.find(viewer.as_of(pair) if pair else viewer, activity_id)
        SomedayItem.delete().where(SomedayItem.id.in_(items)).execute()


def find_ideas(viewer: Viewer, items: Collection[UUID]) -> dict[UUID, ActivityEntry]:
    """Return the activities of these items of the viewer's list by the ids of the items, also held ones."""
    rows = [row for row in _rows(viewer.couple, viewer.id) if row.id in items] if viewer.couple else []
    entries = activities.get_many_including_retired([row.activity for row in rows]) if rows else {}
    return {row.id: entry for row in rows if (entry := entries.get(row.activity)) and not entry.retired}


def end(couple: UUID) -> None:
    """Delete the list of a couple that has ended. Call inside that transaction."""
    SomedayItem.delete().where(SomedayItem.couple == couple).execute()


def _idea_of(activity: UUID) -> UUID | None:
    """Return the idea of which an activity is a copy, or None."""
    row = db.fetch_one(Activity.select(Activity.copy_of).where(Activity.id == activity))
    return row[0] if row else None


def _rows(couple: UUID, me: UUID) -> list[_Row]:
    return [_Row(*row) for row in _stored(couple, me)]


@db.cached_query
def _stored(couple: Any, me: Any) -> Any:
    item, held = SomedayItem, holds.is_held(me, SomedayItem.id)
    query = item.select(
        item.id, item.activity, Activity.copy_of, Activity.owner, item.added_by, item.added_at, held.converter(bool)
    )
    query = query.join(Activity).where(item.couple == couple)
    return query.order_by(item.added_at.desc(), item.activity)
