"""The visible inbox: a person's inbox without held items, and the items that notifications skip.

It reads the receiver's own rows only. Senders write items without reading the receiver's rows.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import peewee

from planner import inbox
from planner.contact import holds
from planner.contact.holds import Hold
from planner.contact.pauses import Pause
from planner.inbox import FROM_PARTNER, NEW_CONTENT_KINDS, REMINDERS, RESPONSES, InboxItem, Item
from planner.storage import db
from planner.storage.cached_queries import Reading


def list_items(person: UUID, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None) -> list[InboxItem]:
    """Return the visible items, newest first. `after` is where the last page ended: an instant and an id."""
    return [InboxItem(*row) for row in _list_items(person, now, limit, *(after or ()))]


@db.cached_query
def _list_items(person: Any, now: Any, limit: Any, *after: Any) -> Any:
    return inbox.newest_page(inbox.visible(person, now).where(~_held()), limit, *after)


def list_unseen(person: UUID, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None) -> list[InboxItem]:
    """Return the visible items that the person has not marked as seen, newest first."""
    return [InboxItem(*row) for row in _list_unseen(person, now, limit, *(after or ()))]


@db.cached_query
def _list_unseen(person: Any, now: Any, limit: Any, *after: Any) -> Any:
    return inbox.newest_page(_unseen(person, now), limit, *after)


def newest_unseen(person: UUID, now: datetime, limit: int) -> tuple[int, list[InboxItem]]:
    """Return the number of unseen items, and the newest of them, in one statement."""
    rows = unseen_reading(person, now, limit).rows()
    return (rows[0][-1] if rows else 0), [InboxItem(*row[:-1]) for row in rows]


def unseen_reading(person: UUID, now: datetime, limit: int) -> Reading:
    """Return the reading of the newest unseen items, with the number of all."""
    return _newest_unseen.on(person, now, limit)


@db.cached_query
def _newest_unseen(person: Any, now: Any, limit: Any) -> Any:
    query = _unseen(person, now)
    return inbox.newest_page(query.select_extend(peewee.fn.COUNT(Item.id).over()), limit)


def has_news_since(person: UUID, kind: str, subject: UUID, since: datetime) -> bool:
    """Return whether an item about something became visible to a person since an instant. Only for the clock."""
    query = Item.select().where(Item.person == person, Item.kind == kind, Item.subject == subject)
    return bool(query.where(Item.visible_at >= since).exists())


def mark_all_seen(person: UUID, until: datetime, now: datetime) -> tuple[int, int]:
    """Mark the visible items up to an instant as seen. Return how many that were, and how many are unseen now."""
    with db.write():
        items = [row[0] for row in db.fetch_all(_unseen(person, now).where(Item.visible_at <= until))]
        seen = Item.update(seen_at=now).where(Item.id.in_(items), Item.seen_at.is_null()).execute() if items else 0
        return seen, _unseen(person, now).count()


def _unseen(person: Any, now: Any) -> Any:
    return inbox.visible(person, now).where(Item.seen_at.is_null(), ~_held())


def _held(*conditions: Any) -> Any:
    """Return the condition that an item is held back, itself or with the thing that it offers."""
    of_thing = Item.kind.in_(NEW_CONTENT_KINDS + REMINDERS)
    # Two values, not two conditions with OR: for that, SQLite would read all holds of the person.
    about = Hold.subject.in_([Item.id, peewee.Case(None, [(of_thing, Item.subject)], Item.id)])
    by_row = peewee.fn.EXISTS(Hold.select(Hold.id).where(Hold.person == Item.person, about, *conditions))
    if conditions:
        return by_row
    return by_row | (Item.kind.in_(RESPONSES) & holds.is_response_held(Item.person, Item.visible_at))


def suppressed(items: Collection[UUID]) -> set[UUID]:
    """Return those of these items that must not be notified, now or later. Sync their receivers first."""
    # Include items that arrived shortly before a pause and were not notified yet.
    in_space = peewee.fn.EXISTS(Pause.select(Pause.id).where(Pause.person == Item.person, Pause.ended_at.is_null()))
    query = Item.select(Item.id).where(Item.id.in_(list(items)), _held() | (Item.kind.in_(FROM_PARTNER) & in_space))
    return {item for (item,) in db.fetch_all(query)}


def suppress_notifications(person: UUID, now: datetime) -> None:
    """Stop notifications for items that the partner caused. The items stay in the inbox."""
    _mark_queued(person, now, Item.kind.in_(FROM_PARTNER))


def release(person: UUID, now: datetime) -> None:
    """Release the things from pauses that are over, without notifications. Call inside a transaction."""
    _mark_queued(person, now, _held(*holds.waiting(person)))
    Hold.delete().where(*holds.waiting(person)).execute()


def dismiss(person: UUID, now: datetime, ended_before: datetime | None = None) -> None:
    """Dismiss the things from pauses that are over. Call inside a transaction."""
    waiting = holds.waiting(person, ended_before)
    items = [item for (item,) in db.fetch_all(Hold.select(Hold.subject).where(*waiting, Hold.kind == "item"))]
    Item.delete().where(Item.person == person, Item.id.in_(items)).execute()
    Hold.delete().where(*waiting, Hold.kind == "item").execute()
    Hold.update(dismissed_at=now).where(*waiting).execute()


def show_date(person: UUID, date: UUID) -> None:
    """Show the items about a date that a person in space goes to. Call inside a transaction."""
    inbox.withdraw(date, ["date_accepted"], person)
    items = Item.select(Item.id).where(Item.person == person, Item.subject == date)
    Hold.delete().where(Hold.person == person, Hold.subject.in_(items)).execute()


def end_pause(person: UUID, pause: UUID) -> None:
    """Delete the item holds of a pause that ends, for reminders and for items that are gone."""
    items = Item.select(Item.id).where(Item.person == person, Item.kind.not_in(REMINDERS))
    Hold.delete().where(Hold.space == pause, Hold.kind == "item", Hold.subject.not_in(items)).execute()


def _mark_queued(person: UUID, now: datetime, condition: Any) -> None:
    Item.update(queued_at=now).where(Item.person == person, Item.queued_at.is_null(), condition).execute()
