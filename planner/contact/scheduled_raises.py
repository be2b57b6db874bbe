"""Mondays: what both have asked for, a step in pace or a livelier rhythm, begins on the next one that both have.

Every wish, alone or not, lets the clock look on that Monday; only there are the two compared. Whoever asks is so
answered alike whether or not the other has asked, and a wish that is taken back before has left no trace.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import peewee

from planner.accounts import accounts
from planner.accounts.accounts import Person
from planner.couples import contact_rules, couples
from planner.couples.couples import Couple, Member, Pair
from planner.errors import Conflict
from planner.storage import db


def schedule_review(pair: Pair, now: datetime) -> None:
    """Let the clock look on the next Monday. Inside `couples.writing`, and after `settle`."""
    columns = Person.select(Person.zone, Person.day_zone, Person.day_zone_until)
    rows = db.fetch_all(columns.where(Person.id.in_([pair.me, pair.partner])))
    monday = contact_rules.next_monday([accounts.zone_of_days(now, *row) for row in rows], now)
    Couple.update(review_at=monday).where(Couple.id == pair.couple).execute()


def apply_if_due(pair: Pair, now: datetime) -> Pair:
    """Do for one couple what the clock is about to do, when its Monday has begun; the couple as it stands then.

    Who asks a moment after midnight asks for the Monday to come: without this, a late clock would grant it at once.
    Raises WrongState in the rare case that the couple ended meanwhile. Inside `couples.writing`.
    """
    _apply(pair.couple, (pair.me, pair.partner), now)
    found = couples.find_pair(pair.me)
    if found is None:
        raise Conflict("You two are not connected any more.")
    return found


def apply_due(now: datetime) -> int:
    """Raise what both have asked for, where the Monday has begun; the number of couples looked at."""
    due = db.fetch_all(Couple.select(Couple.id).where(Couple.review_at <= now))
    for (couple,) in due:
        persons = [person for (person,) in db.fetch_all(Member.select(Member.person).where(Member.couple == couple))]
        with db.write((Person, persons), (Couple, [couple])):
            _apply(couple, persons, now)
            Couple.update(review_at=None).where(Couple.id == couple, Couple.review_at <= now).execute()
    return len(due)


def next_due() -> datetime | None:
    """When the clock has to look next, if anybody has asked for more."""
    found = db.fetch_one(
        Couple.select(Couple.review_at).where(Couple.review_at.is_null(False)).order_by(Couple.review_at)
    )
    return found[0] if found else None


def _apply(couple: UUID, persons: Collection[UUID], now: datetime) -> None:
    """The conditional UPDATEs: each names that both ask for it at this moment. Always the same number of them."""
    begun = Couple.id == couple, Couple.review_at <= now, Couple.ended_at.is_null()
    asks = _both(Member.requested_pace == Couple.pace + 1)
    if Couple.update(pace=Couple.pace + 1).where(*begun, Couple.pace < max(contact_rules.PACES), asks).execute():
        _grant(couple, now)
        couples.notify_both(couple, persons, "pace_raised", now)
    for at in range(len(contact_rules.RHYTHMS) - 1, 0, -1):
        allows = _both(Member.rhythm.in_(contact_rules.RHYTHMS[at:]))
        calmer = Couple.rhythm.in_(contact_rules.RHYTHMS[:at])
        if Couple.update(rhythm=contact_rules.RHYTHMS[at]).where(*begun, calmer, allows).execute():
            couples.notify_both(couple, persons, "rhythm_livelier", now)


def _both(chose: Any) -> Any:
    """The condition on a couple that both of its people chose so."""
    members = Member.select(peewee.fn.COUNT(Member.id)).where(
        Member.couple == Couple.id, Member.left_at.is_null(), chose
    )
    return members == 2


def _grant(couple: UUID, now: datetime) -> None:
    """Both wishes have come true: each one's ceiling is at least what they asked for."""
    higher = peewee.Case(None, [(Member.max_pace < Member.requested_pace, Member.requested_pace)], Member.max_pace)
    query = Member.update(max_pace=higher, requested_pace=None, requested_at=None, pace_since=now)
    query.where(Member.couple == couple, Member.left_at.is_null()).execute()
