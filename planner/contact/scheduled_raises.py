"""Raises of pace and rhythm, which begin on the day after both partners asked.

Every request schedules a review, whether or not the partner asked. Only the review compares the two requests. So the
answer to a request never tells what the partner asked. In the rhythm "together" the review is part of the request.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.clock import noon_of_next_day
from planner.couples import contact_rules, couples
from planner.couples.couples import Couple, Member, Pair
from planner.errors import Conflict
from planner.storage import db


def schedule_review(pair: Pair, now: datetime) -> None:
    """Schedule the review for noon (UTC) on the next day, or do it now in the rhythm "together".

    Call it inside `couples.locked`, after the request is saved.
    """
    review_at = now if pair.rhythm == "together" else noon_of_next_day(now)
    Couple.update(review_at=review_at).where(Couple.id == pair.couple).execute()
    _apply(pair.couple, (pair.me, pair.partner), now)


def apply_if_due(pair: Pair, now: datetime) -> Pair:
    """Review one couple when it is due, and return the couple after it. Call it inside `couples.locked`.

    Without this, a request that comes before a late clock would move the review to another day.
    Raises Conflict when the couple ended at the same moment.
    """
    _apply(pair.couple, (pair.me, pair.partner), now)
    reviewed_pair = couples.find_pair(pair.me)
    if reviewed_pair is None:
        raise Conflict("couple_ended")
    return reviewed_pair


def apply_due(now: datetime) -> int:
    """Review all couples that are due, and return their number."""
    due = db.fetch_all(Couple.select(Couple.id).where(Couple.review_at <= now))
    for (couple,) in due:
        persons = [person for (person,) in db.fetch_all(Member.select(Member.person).where(Member.couple == couple))]
        with db.write((Person, persons), (Couple, [couple])):
            _apply(couple, persons, now)
            Couple.update(review_at=None).where(Couple.id == couple, Couple.review_at <= now).execute()
    return len(due)


def next_due() -> datetime | None:
    """Return the time of the next review, if one is scheduled."""
    row = db.fetch_one(
        Couple.select(Couple.review_at).where(Couple.review_at.is_null(False)).order_by(Couple.review_at)
    )
    return row[0] if row else None


def _apply(couple: UUID, persons: Collection[UUID], now: datetime) -> None:
    """Raise what both partners request, if the review is due. The number of statements does not tell who asked."""
    due = Couple.id == couple, Couple.review_at <= now, Couple.ended_at.is_null()
    request_step = _both(Member.requested_pace == Couple.pace + 1)
    if Couple.update(pace=Couple.pace + 1).where(*due, Couple.pace < max(contact_rules.PACES), request_step).execute():
        _fulfil_requests(couple, now)
        couples.notify_both(couple, persons, "pace_raised", now)
    for level in range(len(contact_rules.RHYTHMS) - 1, 0, -1):
        allow_level = _both(Member.rhythm.in_(contact_rules.RHYTHMS[level:]))
        calmer = Couple.rhythm.in_(contact_rules.RHYTHMS[:level])
        if Couple.update(rhythm=contact_rules.RHYTHMS[level]).where(*due, calmer, allow_level).execute():
            couples.notify_both(couple, persons, "rhythm_livelier", now)


def _both(condition: Any) -> Any:
    """Return the condition on a couple that `condition` is true of both its members."""
    members = Member.select(peewee.fn.COUNT(Member.id)).where(
        Member.couple == Couple.id, Member.left_at.is_null(), condition
    )
    return members == 2


def _fulfil_requests(couple: UUID, now: datetime) -> None:
    """Clear both requests, and raise each ceiling at least to the requested pace."""
    ceiling = peewee.Case(None, [(Member.max_pace < Member.requested_pace, Member.requested_pace)], Member.max_pace)
    query = Member.update(max_pace=ceiling, requested_pace=None, pace_since=now)
    query.where(Member.couple == couple, Member.left_at.is_null()).execute()
