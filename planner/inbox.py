"""What a person finds in the app: rows, written in the transaction of their cause.

An item is simply visible from `visible_at` on, so a reminder is an item with a later moment and nothing has to happen
for it to appear. The clock only carries word of it outside (see planner/reminders). Persons are known as ids only.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.errors import NotFound
from planner.storage import db
from planner.storage.fields import UtcField

# Fixed sentences: the same words go to a lock screen, where nobody else's words or names belong.
KINDS = {
    "invitation_accepted": "Somebody looked at your invitation and accepted. Confirm who it is.",
    "couple_begun": "You are connected.",
    "couple_ended": "You two are no longer connected here. What you wrote stays yours; dates that lay ahead are off.",
    "date_proposed": "There is a proposal for you.",
    "date_countered": "Your proposal came back with other times.",
    "date_accepted": "Your proposal was accepted.",
    "date_declined": "Your proposal was declined.",
    "date_another_time": "Another time would suit better.",
    "date_another_idea": "Another idea would suit better.",
    "date_off": "This date is off.",
    "date_tomorrow": "You have a date tomorrow.",
    "date_soon": "Your date starts soon.",
    "date_outcome": "How was it, and what did you appreciate?",
    "note_shared": "There is a note for you.",
    "pace_lowered": "Ideas for the two of you keep to a calmer pace from now on.",
    "pace_raised": "You both asked for it: ideas for the two of you may go one step further.",
    "rhythm_calmer": "You two keep a calmer rhythm from now on.",
    "rhythm_livelier": "You both chose it: you two keep a livelier rhythm from now on.",
    "space_said": "There is word from your partner.",
    "new_sign_in": "A new sign-in to your account. If it was not you, look at your sign-ins.",
}

# What the other did: held back from somebody in space, and never carried outside then.
FROM_PARTNER = (
    "date_proposed", "date_countered", "date_accepted", "date_declined", "date_another_time", "date_another_idea",
    "note_shared", "space_said", "pace_lowered", "pace_raised", "rhythm_calmer", "rhythm_livelier",
)  # fmt: skip
# What puts something new before a person: held back with the thing that it is about.
OFFERING = ("date_proposed", "date_countered", "note_shared")
# What the clock says of an agreed date. In space only of one that the person knows of.
REMINDERS = ("date_tomorrow", "date_soon", "date_outcome")
# What reaches a person in any case: nobody waits for a date that is off, and one's own doing is no news.
ALWAYS = ("date_off", "couple_ended", "invitation_accepted", "couple_begun", "new_sign_in")


class Item(db.Model):
    """One thing to find. `announced_at` is when word of it was queued for the outside."""

    person = peewee.UUIDField()
    kind = peewee.TextField()
    subject = peewee.UUIDField()
    visible_at = UtcField()
    useless_at = UtcField(null=True)
    seen_at = UtcField(null=True)
    announced_at = UtcField(null=True)

    class Meta:
        table_name = "items"
        # Exactly once: one item a person, kind and subject.
        indexes = (
            (("subject", "person", "kind"), True),
            (("person", "visible_at"), False),
        )


Item.add_index(Item.index(Item.visible_at, where=Item.announced_at.is_null(), name="items_to_announce"))


class Entry(NamedTuple):
    """An item as its person reads it."""

    id: UUID
    kind: str
    subject: UUID
    visible_at: datetime
    seen_at: datetime | None

    @property
    def text(self) -> str:
        """The fixed sentence of its kind."""
        return KINDS[self.kind]


def plan(
    person: UUID,
    kind: str,
    subject: UUID,
    visible_at: datetime,
    useless_at: datetime | None = None,
    pushed: bool = True,
) -> None:
    """Write an item; the same person, kind and subject a second time changes nothing.

    One that is not `pushed` is there to be found, and no word of it goes out.
    """
    assert kind in KINDS
    db.insert(
        Item, person=person, kind=kind, subject=subject, visible_at=visible_at, useless_at=useless_at,
        announced_at=None if pushed else visible_at,
    )  # fmt: skip


def replace(person: UUID, kind: str, subject: UUID, visible_at: datetime, useless_at: datetime | None = None) -> None:
    """Write an item anew, unseen, in the place of one that may stand there."""
    withdraw(subject, [kind], person)
    plan(person, kind, subject, visible_at, useless_at)


def bring_forward(person: UUID, kind: str, subject: UUID, visible_at: datetime, useless_at: datetime) -> None:
    """Let an item that lies ahead be found from an earlier moment on; who has found it is not asked again."""
    plan(person, kind, subject, visible_at, useless_at)
    Item.update(visible_at=visible_at, useless_at=useless_at).where(
        Item.person == person, Item.kind == kind, Item.subject == subject, Item.visible_at > visible_at
    ).execute()


def withdraw(subject: UUID, kinds: Collection[str], person: UUID | None = None) -> None:
    """Take items about a subject away, of one person or of all: they have lost their meaning."""
    if person:
        _withdraw_of(subject, list(kinds), person)
    else:
        _withdraw(subject, list(kinds))


@db.prepared_change
def _withdraw(subject: Any, kinds: Any) -> Any:
    return Item.delete().where(Item.subject == subject, Item.kind.in_(kinds))


@db.prepared_change
def _withdraw_of(subject: Any, kinds: Any, person: Any) -> Any:
    return Item.delete().where(Item.subject == subject, Item.kind.in_(kinds), Item.person == person)


def mute(person: UUID, now: datetime) -> None:
    """No word of a person's items goes outside any more, also of those that lie ahead."""
    Item.update(announced_at=now).where(Item.person == person, Item.announced_at.is_null()).execute()


def unmute(person: UUID, now: datetime) -> None:
    """Word goes outside again of the items that lie ahead; of those that came meanwhile it would come late."""
    Item.update(announced_at=None).where(Item.person == person, Item.visible_at > now).execute()


def entries(person: UUID, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None) -> list[Entry]:
    """What a person finds now, newest first; `after` is the place (instant and id) where the last page ended."""
    return [Entry(*row) for row in _entries(person, now, limit, *(after or ()))]


@db.prepared
def _entries(person: Any, now: Any, limit: Any, *after: Any) -> Any:
    return newest(visible(person, now), limit, *after)


def newest(query: Any, limit: Any, *after: Any) -> Any:
    """A page of a query of items, newest first, after an instant and an id if given. Only in a prepared query."""
    if after:
        at, item = after
        query = query.where(Item.visible_at <= at, (Item.visible_at < at) | (Item.id < item))
    return query.order_by(Item.visible_at.desc(), Item.id.desc()).limit(limit)


def unseen(person: UUID, now: datetime, limit: int) -> list[Entry]:
    """The newest that the person has not marked as seen."""
    return [Entry(*row) for row in _unseen(person, now, limit)]


@db.prepared
def _unseen(person: Any, now: Any, limit: Any) -> Any:
    return newest(visible(person, now).where(Item.seen_at.is_null()), limit)


def mark_seen(person: UUID, item: UUID, now: datetime) -> Entry:
    """Mark an own item as seen, the first time only. Raises NotFound."""
    with db.write():
        Item.update(seen_at=now).where(
            Item.id == item, Item.person == person, Item.visible_at <= now, Item.seen_at.is_null()
        ).execute()
        row = db.row(visible(person, now).where(Item.id == item))
    if row is None:
        raise NotFound
    return Entry(*row)


def visible(person: Any, now: Any) -> Any:
    """The query of what a person may find now. Only in a prepared query, or with values."""
    return Item.select(Item.id, Item.kind, Item.subject, Item.visible_at, Item.seen_at).where(
        Item.person == person, Item.visible_at <= now, (Item.useless_at.is_null()) | (Item.useless_at > now)
    )
