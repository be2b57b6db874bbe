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

from planner.people import sieve
from planner.people.contacts import Contact
from planner.people.couples import Couple, Member
from planner.people.records import Record
from planner.people.sieve import Act, Change, Quiet, Thing, Words
from planner.people.spaces import Discard, Space, in_window
from planner.storage import db

# How an offer's row in the ledger reads while nobody has answered it.
_UNANSWERED = (None, "withdrawn", "lapsed")
_NO_ID = UUID(int=0)


class Held(NamedTuple):
    """What is held back, by the id of the thing."""

    things: Mapping[UUID, Thing]
    changes: Mapping[UUID, Change]

    def ids(self, *kinds: str) -> list[UUID]:
        """The ids of the things of these kinds, for a query: never empty, and of few different lengths."""
        found = [one for one, thing in self.things.items() if thing.kind in (*kinds, "forgotten")] or [_NO_ID]
        return found + found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found))


NOTHING = Held({}, {})


def of(person: UUID, partner: UUID | None, couple: UUID | None) -> Held:
    """What is held back from a person now. Two queries at most."""
    acts, quiet = _ledger(_acts(partner, couple, person))
    return _held(person, acts, quiet)


def come_back_to(person: UUID, ended: Iterable[UUID]) -> Held:
    """What came in these pauses, which are over, whatever else holds things back."""
    rows = _came(person, list(ended) or [_NO_ID])
    return _held(person, [_act(row, in_space=True) for row in rows], Quiet())


def _held(person: UUID, acts: list[Act], quiet: Quiet) -> Held:
    why = sieve.reasons(acts, quiet)
    dates = sieve.offers(acts, why)
    proposed = {act.subject for act in acts if act.kind == sieve.PROPOSAL}
    subjects = list({subject for subject, _ in why} - proposed)
    found = _kept(person, subjects or [_NO_ID])
    kept = [Words(one, kind, at, text, out is not None) for one, kind, at, text, out in found]
    things, changes = sieve.words(kept, why)
    # The record forgets after a year; a pause may be longer.
    forgotten = {
        subject: Thing("forgotten", at, reason)
        for (subject, at), reason in why.items()
        if subject not in proposed and subject not in things and subject not in changes
    }
    return Held({**forgotten, **dates, **things}, changes)


def _ledger(rows: list[tuple[Any, ...]]) -> tuple[list[Act], Quiet]:
    if not rows:
        return [], Quiet()
    return [_act(row[:4], *map(bool, row[4:6])) for row in rows], Quiet(*rows[0][6:])


def _act(row: tuple[Any, ...], in_space: bool, above: bool = False) -> Act:
    subject, kind, at, outcome = row
    return Act(subject, kind, at, in_space, above, outcome not in _UNANSWERED)


@db.prepared
def _acts(partner: Any, couple: Any, person: Any) -> Any:
    """What the other did that may be held back: in a pause, above the quiet pace, since the quiet rhythm."""
    columns = (Contact.subject, Contact.kind, Contact.at, Contact.outcome)
    paused = in_window(Member.person, Contact.at)
    # What had lapsed before the pace was chosen has nothing to do with it.
    above = (Contact.pace > Member.quiet_pace) & (
        Member.pace_since.is_null() | (Contact.open_until > Member.pace_since)
    )
    return (
        Contact.select(*columns, paused, above.converter(bool), Member.quiet_rhythm, Member.quiet_rhythm_since)
        .join(Member, on=((Member.couple == Contact.couple) & Member.left_at.is_null()))
        .where(
            Contact.person == partner, Contact.couple == couple, Member.person == person,
            paused | above | (Contact.at >= Member.quiet_rhythm_since),
        )
    )  # fmt: skip


@db.prepared
def _came(person: Any, ended: Any) -> Any:
    columns = (Contact.subject, Contact.kind, Contact.at, Contact.outcome)
    return (
        Contact.select(*columns)
        .join(Couple)
        .join(Space, on=(Space.couple == Couple.id))
        .where(
            Space.person == person, Space.id.in_(ended), Contact.person != person, Contact.at >= Space.started_at,
            Contact.at <= Space.ended_at,
        )
    )  # fmt: skip


@db.prepared
def _kept(person: Any, subjects: Any) -> Any:
    """The words of these notes and ideas in the person's record, and of all of which a change was set aside."""
    set_aside = (
        (Discard.person == Record.person) & (Discard.subject == Record.subject) & (Discard.kind == "change")
        & (Discard.since <= Record.at) & (Discard.until >= Record.at)
    )  # fmt: skip
    other = Discard.alias()
    ever = other.select(other.subject).where(other.person == person, other.kind == "change")
    return (
        Record.select(Record.subject, Record.kind, Record.at, Record.words, Discard.id)
        .join(Discard, peewee.JOIN.LEFT_OUTER, on=set_aside)
        .where(Record.person == person, Record.kind != "line", Record.subject.in_(subjects) | Record.subject.in_(ever))
    )


def quiet_persons(persons: list[UUID]) -> list[tuple[UUID, UUID, UUID]]:
    """(person, partner, couple) of those among them who chose a pace or a rhythm quietly."""
    return _quiet(persons)


@db.prepared
def _quiet(persons: Any) -> Any:
    theirs = Member.alias()
    return (
        Member.select(Member.person, theirs.person, Member.couple)
        .join(theirs, on=((theirs.couple == Member.couple) & (theirs.person != Member.person)))
        .where(
            Member.person.in_(persons), Member.left_at.is_null(),
            Member.quiet_pace.is_null(False) | Member.quiet_rhythm.is_null(False),
        )
    )  # fmt: skip
