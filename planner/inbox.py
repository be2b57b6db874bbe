"""The inbox: the items that a person finds in the app. They are written in the transaction of their cause.

An item is visible from `visible_at` on. A reminder is an item with a later `visible_at`; it appears without further
work. The clock only sends its notification (see planner/notifications). This module knows persons by id only.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

import peewee

from planner.errors import NotFound
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class ItemKind(NamedTuple):
    """One kind of item.

    `source` decides what reaches a person in space. An item from the "partner" is held and sends no notification. A
    "reminder" reaches a person who knows of the date. An "always" item reaches everyone, because no one should wait
    for a date that is off. `offers`: the item is held together with its subject. `ends`: it is deleted when the couple
    ends. `subject`: what its reader can open, by the id in `target` or else in `subject`; None if there is nothing.
    """

    source: Literal["partner", "reminder", "always"]
    offers: bool = False
    ends: bool = False
    subject: str | None = "date"


# Each kind has a fixed sentence in the catalogue of messages.
KINDS = {
    "invitation_accepted": ItemKind("always", ends=True, subject="invitation"),
    "couple_begun": ItemKind("always", ends=True, subject="couple"),
    "couple_ended": ItemKind("always", subject=None),
    "date_proposed": ItemKind("partner", offers=True, ends=True),
    "date_countered": ItemKind("partner", offers=True, ends=True),
    "date_accepted": ItemKind("partner", ends=True),
    "date_declined": ItemKind("partner", ends=True),
    "date_another_time": ItemKind("partner", ends=True),
    "date_another_idea": ItemKind("partner", ends=True),
    "date_recorded": ItemKind("partner", offers=True, ends=True),
    "date_not_so": ItemKind("partner", ends=True),
    "date_move_offered": ItemKind("partner", offers=True, ends=True),
    "date_moved": ItemKind("partner", ends=True),
    "date_stays": ItemKind("partner", ends=True),
    "date_edited": ItemKind("partner", offers=True, ends=True),
    "date_photo": ItemKind("partner", offers=True, ends=True),
    "date_waits": ItemKind("partner", offers=True, ends=True),
    "date_off": ItemKind("always"),
    "ritual_stopped": ItemKind("always", ends=True),
    "date_tomorrow": ItemKind("reminder"),
    "date_soon": ItemKind("reminder"),
    "date_feedback": ItemKind("reminder"),
    "day_offered": ItemKind("partner", offers=True, ends=True, subject="important_day"),
    "day_agreed": ItemKind("partner", ends=True, subject="important_day"),
    "note_shared": ItemKind("partner", offers=True, ends=True, subject="note"),
    "note_reacted": ItemKind("partner", ends=True, subject="note"),
    "talk_opened": ItemKind("partner", offers=True, ends=True, subject="talk"),
    "talk_resumes": ItemKind("partner", ends=True, subject="talk"),
    "request_made": ItemKind("partner", offers=True, ends=True, subject="request"),
    "request_countered": ItemKind("partner", offers=True, ends=True, subject="request"),
    "request_accepted": ItemKind("partner", ends=True, subject="request"),
    "request_declined": ItemKind("partner", ends=True, subject="request"),
    "question_opened": ItemKind("partner", offers=True, ends=True, subject="question"),
    "pace_lowered": ItemKind("partner", ends=True, subject="couple"),
    "pace_raised": ItemKind("partner", ends=True, subject="couple"),
    "rhythm_calmer": ItemKind("partner", ends=True, subject="couple"),
    "rhythm_livelier": ItemKind("partner", ends=True, subject="couple"),
    "name_changed": ItemKind("partner", ends=True, subject="couple"),
    "space_said": ItemKind("partner", ends=True, subject=None),
    "prompt_of_day": ItemKind("always", subject=None),
    "new_sign_in": ItemKind("always", subject=None),
    "new_passkey": ItemKind("always", subject=None),
}
SUBJECTS = tuple(dict.fromkeys(kind.subject for kind in KINDS.values() if kind.subject))
FROM_PARTNER = tuple(name for name, kind in KINDS.items() if kind.source == "partner")
NEW_CONTENT_KINDS = tuple(name for name, kind in KINDS.items() if kind.offers)
REMINDERS = tuple(name for name, kind in KINDS.items() if kind.source == "reminder")
RESPONSES = ("note_reacted",)
"""Kinds without a row in the contact log. The time of the item decides whether it is held."""
ENDS_WITH_COUPLE = tuple(name for name, kind in KINDS.items() if kind.ends)


class Item(db.Model):
    """One item of one person. `queued_at` is when its notification was queued."""

    person = peewee.UUIDField()
    kind = peewee.TextField()
    subject = peewee.UUIDField()
    target = peewee.UUIDField(null=True)  # what its reader can open, if that is not the subject
    visible_at = UtcDateTimeField()
    expires_at = UtcDateTimeField(null=True)
    seen_at = UtcDateTimeField(null=True)
    queued_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "inbox_items"
        # At most one item for each person, kind and subject.
        indexes = (
            (("subject", "person", "kind"), True),
            (("person", "visible_at"), False),
        )


Item.add_index(Item.index(Item.visible_at, where=Item.queued_at.is_null(), name="items_to_announce"))
Item.add_index(Item.index(Item.person, Item.visible_at, where=Item.seen_at.is_null(), name="items_unseen"))
Item.add_index(Item.index(Item.target, where=Item.target.is_null(False), name="items_with_target"))


class Target(NamedTuple):
    """A thing that an item leads to: its type, one of SUBJECTS, and its id."""

    type: str
    id: UUID


class NewItem(NamedTuple):
    """An item to add (see `add`)."""

    person: UUID
    kind: str
    subject: UUID
    visible_at: datetime
    expires_at: datetime | None = None
    notify: bool = True
    target: UUID | None = None


class InboxItem(NamedTuple):
    """An item as its owner reads it. `subject` is what the reader can open."""

    id: UUID
    kind: str
    subject: UUID
    visible_at: datetime
    seen_at: datetime | None

    @property
    def target(self) -> Target | None:
        """Return what the reader can open, or None."""
        subject_type = KINDS[self.kind].subject
        return Target(subject_type, self.subject) if subject_type else None


def add(
    person: UUID,
    kind: str,
    subject: UUID,
    visible_at: datetime,
    expires_at: datetime | None = None,
    notify: bool = True,
    target: UUID | None = None,
) -> None:
    """Add an item unless one of the same person, kind and subject exists.

    Without `notify`, the item is visible in the app, but sends no notification. `target` is what its reader can open,
    if that is not the subject.
    """
    add_all([NewItem(person, kind, subject, visible_at, expires_at, notify, target)])


def add_all(items: Collection[NewItem]) -> None:
    """Add items with one statement, each as `add` does."""
    assert all(item.kind in KINDS for item in items)
    db.insert_all_if_absent(
        Item,
        [
            {
                "person": item.person,
                "kind": item.kind,
                "subject": item.subject,
                "target": item.target,
                "visible_at": item.visible_at,
                "expires_at": item.expires_at,
                "queued_at": None if item.notify else item.visible_at,
            }
            for item in items
        ],
    )


def replace(person: UUID, kind: str, subject: UUID, visible_at: datetime, expires_at: datetime | None = None) -> None:
    """Add an unseen item in place of an earlier one of the same person, kind and subject."""
    withdraw(subject, [kind], person)
    add(person, kind, subject, visible_at, expires_at)


def reschedule_earlier(person: UUID, kind: str, subject: UUID, visible_at: datetime, expires_at: datetime) -> None:
    """Make a future item visible earlier. An item that is visible already stays as it is."""
    add(person, kind, subject, visible_at, expires_at)
    Item.update(visible_at=visible_at, expires_at=expires_at).where(
        Item.person == person, Item.kind == kind, Item.subject == subject, Item.visible_at > visible_at
    ).execute()


def shift(subject: UUID, kinds: Collection[str], by: timedelta, now: datetime) -> None:
    """Move the future items about a subject, with their expiry."""
    future = Item.select(Item.id, Item.visible_at, Item.expires_at).where(
        Item.subject == subject, Item.kind.in_(list(kinds)), Item.visible_at > now
    )
    for item, visible_at, expires_at in db.fetch_all(future):
        ends = None if expires_at is None else expires_at + by
        Item.update(visible_at=visible_at + by, expires_at=ends).where(Item.id == item).execute()


def withdraw(subject: UUID, kinds: Collection[str], person: UUID | None = None) -> None:
    """Delete items about a subject, of one person or of all."""
    if person:
        _withdraw_of(subject, list(kinds), person)
    else:
        _withdraw(subject, list(kinds))


@db.cached_update
def _withdraw(subject: Any, kinds: Any) -> Any:
    return Item.delete().where(Item.subject == subject, Item.kind.in_(kinds))


@db.cached_update
def _withdraw_of(subject: Any, kinds: Any, person: Any) -> Any:
    return Item.delete().where(Item.subject == subject, Item.kind.in_(kinds), Item.person == person)


def delete_about(subject: UUID) -> None:
    """Delete all items about a thing, those of everyone and future ones too."""
    Item.delete().where((Item.subject == subject) | (Item.target == subject)).execute()


def withdraw_changes(date_id: UUID) -> None:
    """Delete the items about changes of the texts of a date, which lead to it."""
    Item.delete().where(Item.target == date_id, Item.kind == "date_edited").execute()


def keep_newest(person: UUID, kind: str, most: int) -> None:
    """Delete the oldest items of one kind beyond `most`."""
    newest_first = Item.select(Item.id).where(Item.person == person, Item.kind == kind)
    rows = db.fetch_all(newest_first.order_by(Item.visible_at.desc(), Item.id).offset(most))
    if rows:
        Item.delete().where(Item.id.in_([item for (item,) in rows])).execute()


def purge_expired(before: datetime) -> None:
    """Delete the items that expired before an instant. They are out of view already."""
    with db.write():
        Item.delete().where(Item.expires_at < before).execute()


def mute(person: UUID, now: datetime) -> None:
    """Stop the notifications of a person's items, including future items."""
    Item.update(queued_at=now).where(Item.person == person, Item.queued_at.is_null()).execute()


def unmute(person: UUID, now: datetime) -> None:
    """Resume the notifications of future items. Those of earlier items would come too late."""
    Item.update(queued_at=None).where(Item.person == person, Item.visible_at > now).execute()


def newest_page(query: Any, limit: Any, *after: Any) -> Any:
    """Return a page of a query of items, newest first, after an instant and an id. Only in a cached query."""
    if after:
        at, item = after
        query = query.where(Item.visible_at <= at, (Item.visible_at < at) | (Item.id < item))
    return query.order_by(Item.visible_at.desc(), Item.id.desc()).limit(limit)


def mark_seen(person: UUID, item: UUID, now: datetime) -> InboxItem:
    """Mark an own item as seen. A repeat keeps the first time. Raise NotFound."""
    with db.write():
        Item.update(seen_at=now).where(
            Item.id == item, Item.person == person, Item.visible_at <= now, Item.seen_at.is_null()
        ).execute()
        row = db.fetch_one(visible(person, now).where(Item.id == item))
    if row is None:
        raise NotFound
    return InboxItem(*row)


def visible(person: Any, now: Any) -> Any:
    """Return the query of the items that a person can see now."""
    about = peewee.fn.COALESCE(Item.target, Item.subject)
    return Item.select(Item.id, Item.kind, about, Item.visible_at, Item.seen_at).where(
        Item.person == person, Item.visible_at <= now, (Item.expires_at.is_null()) | (Item.expires_at > now)
    )
