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
from planner.inbox import FROM_PARTNER, OFFERING, REMINDERS, Entry, Item
from planner.people import holds
from planner.people.sign_ins import Actor
from planner.people.spaces import Space, in_window
from planner.storage import db


def entries(actor: Actor, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None) -> list[Entry]:
    """As `inbox.entries`, without what is held."""
    if actor.held is None:
        return inbox.entries(actor.id, now, limit, after)
    return [Entry(*row) for row in _entries(actor.id, _subjects(actor), now, limit, *(after or ()))]


def unseen(actor: Actor, now: datetime, limit: int) -> list[Entry]:
    """As `inbox.unseen`, without what is held."""
    if actor.held is None:
        return inbox.unseen(actor.id, now, limit)
    return [Entry(*row) for row in _unseen(actor.id, _subjects(actor), now, limit)]


def _subjects(actor: Actor) -> list[UUID]:
    return (actor.held or holds.NOTHING).ids("date", "note")


@db.prepared
def _entries(person: Any, subjects: Any, now: Any, limit: Any, *after: Any) -> Any:
    return inbox.newest(inbox.visible(person, now).where(~_held(subjects)), limit, *after)


@db.prepared
def _unseen(person: Any, subjects: Any, now: Any, limit: Any) -> Any:
    return inbox.newest(inbox.visible(person, now).where(Item.seen_at.is_null(), ~_held(subjects)), limit)


def _held(subjects: Any) -> Any:
    return _came_in_space() | _unknown_date() | (Item.kind.in_(OFFERING) & Item.subject.in_(subjects))


def _came_in_space() -> Any:
    return Item.kind.in_(FROM_PARTNER) & in_window(Item.person, Item.visible_at)


def _unknown_date() -> Any:
    """A reminder of a date that the other agreed to meanwhile: who is in space has not been told of it."""
    news, now_in = Item.alias(), Space.alias()
    return Item.kind.in_(REMINDERS) & peewee.fn.EXISTS(
        news.select(news.id)
        .join(now_in, on=((now_in.person == news.person) & now_in.ended_at.is_null()))
        .where(
            news.person == Item.person, news.subject == Item.subject, news.kind == "date_accepted",
            news.visible_at >= now_in.started_at,
        )
    )  # fmt: skip


def hushed(items: Collection[UUID]) -> set[UUID]:
    """Those of these items of which no word goes outside, now or later. Inside the clock's transaction."""
    found = {item for (item,) in _hushed(list(items))}
    owners: dict[UUID, list[tuple[UUID, UUID]]] = {}
    for item, person, subject in _offering(list(items)):
        owners.setdefault(person, []).append((item, subject))
    for person, partner, couple in holds.quiet_persons(list(owners)) if owners else ():
        held = holds.of(person, partner, couple)
        found |= {item for item, subject in owners[person] if subject in held.things}
    return found


@db.prepared
def _hushed(items: Any) -> Any:
    # What had come just before, and was not carried out yet, stays inside, too.
    in_space = peewee.fn.EXISTS(Space.select(Space.id).where(Space.person == Item.person, Space.ended_at.is_null()))
    hushes = _came_in_space() | _unknown_date() | (Item.kind.in_(FROM_PARTNER) & in_space)
    return Item.select(Item.id).where(Item.id.in_(items), hushes)


@db.prepared
def _offering(items: Any) -> Any:
    return Item.select(Item.id, Item.person, Item.subject).where(Item.id.in_(items), Item.kind.in_(OFFERING))


def hush(person: UUID, now: datetime, pauses: Collection[UUID] | None = None) -> None:
    """Let no word of what is there of the other's go outside any more; what is there stays there to be found.

    With `pauses`, which are over: of what came in those only.
    """
    which = Item.kind.in_(FROM_PARTNER) if pauses is None else _came_in(pauses)
    Item.update(announced_at=now).where(Item.person == person, Item.announced_at.is_null(), which).execute()


def discard(person: UUID, pauses: Collection[UUID]) -> None:
    """Take out what came from the other in these pauses, which are over."""
    Item.delete().where(Item.person == person, _came_in(pauses)).execute()


def came(person: UUID, pauses: Collection[UUID]) -> bool:
    """Whether anything came from the other in these pauses, which are over."""
    return bool(Item.select().where(Item.person == person, _came_in(pauses)).exists())


def _came_in(pauses: Collection[UUID]) -> Any:
    window = Space.select(Space.id).where(
        Space.id.in_(list(pauses)), Space.person == Item.person, Space.started_at <= Item.visible_at,
        Space.ended_at >= Item.visible_at,
    )  # fmt: skip
    return Item.kind.in_(FROM_PARTNER) & peewee.fn.EXISTS(window)
