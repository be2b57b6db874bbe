"""Hold sync: brings a receiver's holds up to date with what arrived, and with what the receiver chose.

It runs at the beginning of a receiver's request and before the clock notifies, and never in the sender's path.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.contact import hold_rules
from planner.contact.contact_log import RECORDED, ContactEvent
from planner.contact.hold_rules import Key, Quiet, SentEvent
from planner.contact.holds import SPACE, Hold
from planner.contact.pauses import Pause
from planner.contact.received import ReceivedCopy
from planner.couples import contact_rules
from planner.couples.couples import Member
from planner.inbox import FROM_PARTNER, NEW_CONTENT_KINDS, REMINDERS, Item
from planner.storage import db

# The outcomes of an offer that its receiver has not answered.
_UNANSWERED = (None, "withdrawn", contact_rules.LAPSED, contact_rules.EXCUSED, RECORDED)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_ANNOUNCEMENTS = [kind for kind in FROM_PARTNER if kind not in NEW_CONTENT_KINDS]


class _Changes(NamedTuple):
    """The rows to write, as values, and the ids of rows to delete."""

    new: list[dict[str, Any]]
    stale: list[UUID]


def is_needed(person: Any) -> Any:
    """Return the condition that a person's holds may change: a current pause, quiet choice or hold."""
    quiet = Member.quiet_pace.is_null(False) | Member.quiet_rhythm.is_null(False)
    queries = (
        Pause.select(Pause.id).where(Pause.person == person, Pause.ended_at.is_null()),
        Member.select(Member.id).where(Member.person == person, Member.left_at.is_null(), quiet),
        Hold.select(Hold.id).where(Hold.person == person, Hold.reason != SPACE),
    )
    in_pause, has_quiet_choice, has_hold = (peewee.fn.EXISTS(query) for query in queries)
    return in_pause | has_quiet_choice | has_hold


def sync(person: UUID) -> None:
    """Bring a person's holds up to date, in its own transaction if something changes."""
    if any(_changes(person)):
        with db.write((Person, [person])):
            apply(person)


def sync_receivers(items: Any) -> list[UUID]:
    """Sync the owners of the matching inbox items, where they need it. Return their items."""
    rows = db.fetch_all(Item.select(Item.id, Item.person).where(items, is_needed(Item.person)))
    for person in {person for _, person in rows}:
        sync(person)
    return [item for item, _ in rows]


def apply(person: UUID) -> None:
    """Bring a person's holds up to date. Call inside a transaction, with the person locked."""
    changes = _changes(person)
    if changes.stale:
        Hold.delete().where(Hold.id.in_(changes.stale)).execute()
    for values in changes.new:
        db.insert_if_absent(Hold, person=person, dismissed_at=None, **values)


def _changes(person: UUID) -> _Changes:
    events = [_Event(*row) for row in _events(person)]
    quiet = Quiet(events[0].quiet_rhythm, events[0].quiet_rhythm_since) if events else Quiet()
    reasons = hold_rules.held([event.sent_event for event in events], quiet)
    held = _holds(person)
    # The receiver ends a hold of a pause. A hold of a quiet choice ends with its reason.
    stale = {hold for hold, subject, at, reason in held if reason not in (SPACE, reasons.get((subject, at)))}
    held_keys = {(subject, at) for hold, subject, at, _ in held if hold not in stale}
    kinds = _kinds(events)
    missing = {event.key: event for event in events if event.key in kinds and event.key in reasons.keys() - held_keys}
    new = [_values(event, kinds[key], reasons[key]) for key, event in missing.items()]
    return _Changes(new + _new_items(person), list(stale))


def _values(event: _Event, kind: str, reason: str) -> dict[str, Any]:
    return {
        "couple": event.couple,
        "kind": kind,
        "subject": event.subject,
        "arrived_at": event.at,
        "reason": reason,
        "space": event.space if reason == SPACE else None,
    }


class _Event(NamedTuple):
    """One row of the partner's contact log that may be held, with the values that decide it."""

    subject: UUID
    kind: str
    at: datetime
    outcome: str | None
    couple: UUID
    space: UUID | None
    in_space: bool
    above: bool
    record: str | None
    quiet_rhythm: str | None
    quiet_rhythm_since: datetime | None

    @property
    def key(self) -> Key:
        """Return the id of what was sent, and when."""
        return self.subject, self.at

    @property
    def sent_event(self) -> SentEvent:
        """Return the event as the rules read it."""
        return SentEvent(
            self.subject,
            self.kind,
            self.at,
            bool(self.in_space),
            bool(self.above),
            answered=self.outcome not in _UNANSWERED,
            given_back=self.outcome in contact_rules.GIVEN_BACK_OUTCOMES,
        )


def _kinds(events: list[_Event]) -> dict[Key, str]:
    """Return what each event offers. The texts of a date, and an offer to move it, are held as the date."""
    kinds = {event.key: event.record for event in events if event.record and event.record != "message"}
    dates = {event.key for event in events if event.kind == hold_rules.PROPOSAL or event.record == "message"}
    return kinds | dict.fromkeys(dates, "date")


@db.cached_query
def _holds(person: Any) -> Any:
    return Hold.select(Hold.id, Hold.subject, Hold.arrived_at, Hold.reason).where(Hold.person == person)


@db.cached_query
def _events(person: Any) -> Any:
    """Return the partner's events in the current pause, above the quiet pace, or since the quiet rhythm."""
    theirs = Member.alias()
    in_space = Pause.id.is_null(False) & (ContactEvent.at >= Pause.started_at)
    # A proposal that had lapsed before the pace was chosen is not held, nor a text that was there before.
    ended = peewee.fn.COALESCE(ContactEvent.open_until, ContactEvent.at)
    above = (ContactEvent.pace > Member.quiet_pace) & (Member.pace_since.is_null() | (ended > Member.pace_since))
    received = (
        (ReceivedCopy.person == Member.person)
        & (ReceivedCopy.subject == ContactEvent.subject)
        & (ReceivedCopy.at == ContactEvent.at)
    )
    columns = (
        ContactEvent.subject,
        ContactEvent.kind,
        ContactEvent.at,
        ContactEvent.outcome,
        ContactEvent.couple,
        Pause.id,
    )
    return (
        ContactEvent.select(
            *columns, in_space, above, ReceivedCopy.kind, Member.quiet_rhythm, Member.quiet_rhythm_since
        )
        .join(theirs, on=((theirs.couple == ContactEvent.couple) & (theirs.person == ContactEvent.person)))
        .join(Member, on=((Member.couple == theirs.couple) & (Member.person != theirs.person)))
        .join(Pause, peewee.JOIN.LEFT_OUTER, on=((Pause.person == Member.person) & Pause.ended_at.is_null()))
        .join(ReceivedCopy, peewee.JOIN.LEFT_OUTER, on=received)
        .where(
            Member.person == person,
            Member.left_at.is_null(),
            ContactEvent.at >= _since(),  # not to read the events of all years
            in_space | above | (ContactEvent.at >= Member.quiet_rhythm_since),
        )
    )


def _since() -> Any:
    """Return the instant since when an event may be held: any, if it may be above the quiet pace."""
    rhythm, space = Member.quiet_rhythm_since, Pause.started_at
    first = [(Member.quiet_pace.is_null(False), _LONG_AGO), (rhythm.is_null() | (space < rhythm), space)]
    return peewee.Case(None, first, rhythm)


def _new_items(person: UUID) -> list[dict[str, Any]]:
    """Return new holds of inbox items in the current pause."""
    return [
        {"couple": couple, "kind": "item", "subject": item, "arrived_at": at, "reason": SPACE, "space": space}
        for item, at, couple, space in _unheld_items(person)
    ]


@db.cached_query
def _unheld_items(person: Any) -> Any:
    """Return the query of the items to hold: announcements, and reminders of unseen dates."""
    news = Item.alias()
    unknown_date = peewee.fn.EXISTS(
        news.select(news.id).where(
            news.person == Item.person,
            news.subject == Item.subject,
            news.kind == "date_accepted",
            news.visible_at >= Pause.started_at,
        )
    )
    held = Hold.select(Hold.id).where(Hold.person == Item.person, Hold.subject == Item.id)
    return (
        Item.select(Item.id, Item.visible_at, Pause.couple, Pause.id)
        .join(Pause, on=(Pause.person == Item.person))
        .where(
            Item.person == person,
            Item.visible_at >= Pause.started_at,
            Pause.ended_at.is_null(),
            ~peewee.fn.EXISTS(held),
            Item.kind.in_(_ANNOUNCEMENTS) | (Item.kind.in_(REMINDERS) & unknown_date),
        )
    )
