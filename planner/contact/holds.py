"""Holds: what is held back from a person, worked out from what they chose themselves and from their own record.

Nothing is written when something comes: a sender's path could not do that without knowing of the receiver. The sieve
decides (sieve.py); here is what it reads, in two queries, and only for somebody who chose something quietly, is in
space, or came back and has not said what to do with what came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.contact import hold_rules
from planner.contact.contact_log import ContactEvent
from planner.contact.hold_rules import HeldEdit, HeldItem, Quiet, ReceivedVersion, SentEvent
from planner.contact.pauses import Dismissal, Pause, during_open_pause
from planner.contact.received import ReceivedCopy
from planner.couples.couples import Couple, Member
from planner.storage import db

# How an offer's row in the ledger reads while nobody has answered it.
_UNANSWERED = (None, "withdrawn", "lapsed")
_NO_ID = UUID(int=0)


class Holds(NamedTuple):
    """What is held back, by the id of the thing."""

    things: Mapping[UUID, HeldItem]
    changes: Mapping[UUID, HeldEdit]

    def ids(self, *kinds: str) -> list[UUID]:
        """The ids of the things of these kinds, for a query: never empty, and of few different lengths."""
        found = [one for one, thing in self.things.items() if thing.kind in (*kinds, "forgotten")] or [_NO_ID]
        return found + found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found))


NOTHING = Holds({}, {})


def current(person: UUID, partner: UUID | None, couple: UUID | None) -> Holds:
    """What is held back from a person now. Two queries at most."""
    acts, quiet = _ledger(_acts(partner, couple, person))
    return _held(person, acts, quiet)


def held_during(person: UUID, ended: Iterable[UUID]) -> Holds:
    """What came in these pauses, which are over, whatever else holds things back."""
    rows = _came(person, list(ended) or [_NO_ID])
    return _held(person, [_act(row, in_space=True) for row in rows], Quiet())


def _held(person: UUID, acts: list[SentEvent], quiet: Quiet) -> Holds:
    why = hold_rules.hold_reasons(acts, quiet)
    dates = hold_rules.held_dates(acts, why)
    proposed = {act.subject for act in acts if act.kind == hold_rules.PROPOSAL}
    subjects = list({subject for subject, _ in why} - proposed)
    found = _kept(person, subjects or [_NO_ID])
    kept = [ReceivedVersion(one, kind, at, text, out is not None) for one, kind, at, text, out in found]
    things, changes = hold_rules.held_items_and_edits(kept, why)
    # The record forgets after a year; a pause may be longer.
    forgotten = {
        subject: HeldItem("forgotten", at, reason)
        for (subject, at), reason in why.items()
        if subject not in proposed and subject not in things and subject not in changes
    }
    return Holds({**forgotten, **dates, **things}, changes)


def _ledger(rows: list[tuple[Any, ...]]) -> tuple[list[SentEvent], Quiet]:
    if not rows:
        return [], Quiet()
    return [_act(row[:4], *map(bool, row[4:6])) for row in rows], Quiet(*rows[0][6:])


def _act(row: tuple[Any, ...], in_space: bool, above: bool = False) -> SentEvent:
    subject, kind, at, outcome = row
    return SentEvent(subject, kind, at, in_space, above, outcome not in _UNANSWERED)


@db.cached_query
def _acts(partner: Any, couple: Any, person: Any) -> Any:
    """What the other did that may be held back: in a pause, above the quiet pace, since the quiet rhythm."""
    columns = (ContactEvent.subject, ContactEvent.kind, ContactEvent.at, ContactEvent.outcome)
    paused = during_open_pause(Member.person, ContactEvent.at)
    # What had lapsed before the pace was chosen has nothing to do with it.
    above = (ContactEvent.pace > Member.quiet_pace) & (
        Member.pace_since.is_null() | (ContactEvent.open_until > Member.pace_since)
    )
    return (
        ContactEvent.select(*columns, paused, above.converter(bool), Member.quiet_rhythm, Member.quiet_rhythm_since)
        .join(Member, on=((Member.couple == ContactEvent.couple) & Member.left_at.is_null()))
        .where(
            ContactEvent.person == partner,
            ContactEvent.couple == couple,
            Member.person == person,
            paused | above | (ContactEvent.at >= Member.quiet_rhythm_since),
        )
    )


@db.cached_query
def _came(person: Any, ended: Any) -> Any:
    columns = (ContactEvent.subject, ContactEvent.kind, ContactEvent.at, ContactEvent.outcome)
    return (
        ContactEvent.select(*columns)
        .join(Couple)
        .join(Pause, on=(Pause.couple == Couple.id))
        .where(
            Pause.person == person,
            Pause.id.in_(ended),
            ContactEvent.person != person,
            ContactEvent.at >= Pause.started_at,
            ContactEvent.at <= Pause.ended_at,
        )
    )


@db.cached_query
def _kept(person: Any, subjects: Any) -> Any:
    """The words of these notes and ideas in the person's record, and of all of which a change was set aside."""
    set_aside = (
        (Dismissal.person == ReceivedCopy.person)
        & (Dismissal.subject == ReceivedCopy.subject)
        & (Dismissal.kind == "change")
        & (Dismissal.since <= ReceivedCopy.at)
        & (Dismissal.until >= ReceivedCopy.at)
    )
    other = Dismissal.alias()
    ever = other.select(other.subject).where(other.person == person, other.kind == "change")
    return (
        ReceivedCopy.select(ReceivedCopy.subject, ReceivedCopy.kind, ReceivedCopy.at, ReceivedCopy.words, Dismissal.id)
        .join(Dismissal, peewee.JOIN.LEFT_OUTER, on=set_aside)
        .where(
            ReceivedCopy.person == person,
            ReceivedCopy.kind != "message",
            ReceivedCopy.subject.in_(subjects) | ReceivedCopy.subject.in_(ever),
        )
    )


def with_quiet_choices(persons: list[UUID]) -> list[tuple[UUID, UUID, UUID]]:
    """(person, partner, couple) of those among them who chose a pace or a rhythm quietly."""
    return _quiet(persons)


@db.cached_query
def _quiet(persons: Any) -> Any:
    theirs = Member.alias()
    return (
        Member.select(Member.person, theirs.person, Member.couple)
        .join(theirs, on=((theirs.couple == Member.couple) & (theirs.person != Member.person)))
        .where(
            Member.person.in_(persons),
            Member.left_at.is_null(),
            Member.quiet_pace.is_null(False) | Member.quiet_rhythm.is_null(False),
        )
    )
