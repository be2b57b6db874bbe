"""The letterbox: a person's inbox without what is held back from them, and without word of it outside.

The conditions stand here, once, and read the receiver's own rows only. Items are written by whoever causes them,
without a look at the receiver.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import peewee

from planner import inbox
from planner.contact import holds
from planner.contact.pauses import Pause, during_open_pause
from planner.contact.viewer import Viewer
from planner.inbox import FROM_PARTNER, NEW_CONTENT_KINDS, REMINDERS, InboxItem, Item
from planner.storage import db


def list_items(
    viewer: Viewer, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[InboxItem]:
    """As `inbox.entries`, without what is held."""
    if viewer.held is None:
        return inbox.list_items(viewer.id, now, limit, after)
    return [InboxItem(*row) for row in _list_items(viewer.id, _subjects(viewer), now, limit, *(after or ()))]


def list_unseen(viewer: Viewer, now: datetime, limit: int) -> list[InboxItem]:
    """As `inbox.unseen`, without what is held."""
    if viewer.held is None:
        return inbox.list_unseen(viewer.id, now, limit)
    return [InboxItem(*row) for row in _list_unseen(viewer.id, _subjects(viewer), now, limit)]


def _subjects(viewer: Viewer) -> list[UUID]:
    return (viewer.held or holds.NOTHING).ids("date", "note")


@db.cached_query
def _list_items(person: Any, subjects: Any, now: Any, limit: Any, *after: Any) -> Any:
    return inbox.newest_page(inbox.visible(person, now).where(~_held(subjects)), limit, *after)


@db.cached_query
def _list_unseen(person: Any, subjects: Any, now: Any, limit: Any) -> Any:
    return inbox.newest_page(inbox.visible(person, now).where(Item.seen_at.is_null(), ~_held(subjects)), limit)


def _held(subjects: Any) -> Any:
    return _came_in_space() | _unknown_date() | (Item.kind.in_(NEW_CONTENT_KINDS) & Item.subject.in_(subjects))


def _came_in_space() -> Any:
    return Item.kind.in_(FROM_PARTNER) & during_open_pause(Item.person, Item.visible_at)


def _unknown_date() -> Any:
    """A reminder of a date that the other agreed to meanwhile: who is in space has not been told of it."""
    news, now_in = Item.alias(), Pause.alias()
    return Item.kind.in_(REMINDERS) & peewee.fn.EXISTS(
        news.select(news.id)
        .join(now_in, on=((now_in.person == news.person) & now_in.ended_at.is_null()))
        .where(
            news.person == Item.person,
            news.subject == Item.subject,
            news.kind == "date_accepted",
            news.visible_at >= now_in.started_at,
        )
    )


def suppressed(items: Collection[UUID]) -> set[UUID]:
    """Those of these items of which no word goes outside, now or later. Inside the clock's transaction."""
    found = {item for (item,) in _suppressed(list(items))}
    owners: dict[UUID, list[tuple[UUID, UUID]]] = {}
    for item, person, subject in _offering(list(items)):
        owners.setdefault(person, []).append((item, subject))
    for person, partner, couple in holds.with_quiet_choices(list(owners)) if owners else ():
        held = holds.current(person, partner, couple)
        found |= {item for item, subject in owners[person] if subject in held.things}
    return found


@db.cached_query
def _suppressed(items: Any) -> Any:
    # What had come just before, and was not carried out yet, stays inside, too.
    in_space = peewee.fn.EXISTS(Pause.select(Pause.id).where(Pause.person == Item.person, Pause.ended_at.is_null()))
    hushes = _came_in_space() | _unknown_date() | (Item.kind.in_(FROM_PARTNER) & in_space)
    return Item.select(Item.id).where(Item.id.in_(items), hushes)


@db.cached_query
def _offering(items: Any) -> Any:
    return Item.select(Item.id, Item.person, Item.subject).where(Item.id.in_(items), Item.kind.in_(NEW_CONTENT_KINDS))


def suppress_notifications(person: UUID, now: datetime, pauses: Collection[UUID] | None = None) -> None:
    """Let no word of what is there of the other's go outside any more; what is there stays there to be found.

    With `pauses`, which are over: of what came in those only.
    """
    which = Item.kind.in_(FROM_PARTNER) if pauses is None else _came_in(pauses)
    Item.update(queued_at=now).where(Item.person == person, Item.queued_at.is_null(), which).execute()


def delete_received_during(person: UUID, pauses: Collection[UUID]) -> None:
    """Take out what came from the other in these pauses, which are over."""
    Item.delete().where(Item.person == person, _came_in(pauses)).execute()


def received_anything_during(person: UUID, pauses: Collection[UUID]) -> bool:
    """Whether anything came from the other in these pauses, which are over."""
    return bool(Item.select().where(Item.person == person, _came_in(pauses)).exists())


def _came_in(pauses: Collection[UUID]) -> Any:
    window = Pause.select(Pause.id).where(
        Pause.id.in_(list(pauses)),
        Pause.person == Item.person,
        Pause.started_at <= Item.visible_at,
        Pause.ended_at >= Item.visible_at,
    )
    return Item.kind.in_(FROM_PARTNER) & peewee.fn.EXISTS(window)
