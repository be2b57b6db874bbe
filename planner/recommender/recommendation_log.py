"""Slates: what a person was suggested, kept as it was drawn, so that a question has one answer all day.

A row is written at the first look at a question on a day; every later look reads it. What was shown on many days, and
never liked, gives way to what is about as good (see ranking).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.recommender.model.explanations import Reason
from planner.recommender.model.ranking import Relaxation
from planner.recommender.votes import VOTES, VoteRow
from planner.storage import db

RETENTION = timedelta(days=28)
"""How far back "often" looks."""

_MOST = 40
"""Questions a person and day that are kept: far more than anybody asks; a client gone wrong fills no disk."""


class RecommendationRow(db.Model):
    """One answer: `question` is a digest of all that was asked, `cards` the JSON of a Slate."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    day = peewee.DateField(index=True)
    question = peewee.TextField()
    cards = peewee.TextField()

    class Meta:
        table_name = "recommendation_log"
        indexes = ((("person", "day", "question"), True),)


class Slate(NamedTuple):
    """Activities with the reasons why they fit, in order; whether more fit; and, of few, what to relax."""

    ideas: tuple[tuple[UUID, tuple[Reason, ...]], ...]
    more: bool
    relax: tuple[Relaxation, ...]


class CachedSlate(NamedTuple):
    """What is kept of a question today, if anything, and the asker's own votes as they stand."""

    slate: Slate | None
    votes: dict[UUID, str]


def find_cached(person: UUID, day: date, question: str) -> CachedSlate:
    """The answer that a question had today, and the person's own votes. One query."""
    rows = _find_cached(person, day, question)
    slate = next((cards for _, _, cards in rows if cards is not None), None)
    return CachedSlate(_loaded(slate) if slate else None, {one: vote for vote, one, _ in rows if vote in VOTES})


def save(person: UUID, day: date, question: str, slate: Slate) -> Slate:
    """Keep the first answer to a question of today; of two phones that ask at once, the first one's stands for both."""
    found = [[str(one), reasons] for one, reasons in slate.ideas]
    cards = json.dumps({"ideas": found, "more": slate.more, "relax": slate.relax}, ensure_ascii=False)
    with db.write():
        if _count(person, day)[0][0] >= _MOST:
            return slate
        if db.insert_if_absent(RecommendationRow, person=person, day=day, question=question, cards=cards):
            return slate
    return find_cached(person, day, question).slate or slate


def invalidate_today(person: UUID, day: date) -> None:
    """Drop a day's answers, as the person's own limits have changed; inside that transaction."""
    RecommendationRow.delete().where(RecommendationRow.person == person, RecommendationRow.day >= day).execute()


def impression_counts(person: UUID, today: date, but: Collection[UUID]) -> dict[UUID, int]:
    """On how many days lately, today aside, the person was shown each activity; those of `but` are left out."""
    days: dict[date, set[UUID]] = {}
    for day, cards in _lately(person, today - RETENTION, today):
        days.setdefault(day, set()).update(one for one, _ in _loaded(cards).ideas)
    counted = Counter(one for found in days.values() for one in found)
    return {one: count for one, count in counted.items() if one not in but}


def purge_before(before: date) -> int:
    """Drop the answers of the days before; the number of them."""
    with db.write():
        return int(RecommendationRow.delete().where(RecommendationRow.day < before).execute())


def _loaded(cards: str) -> Slate:
    held = json.loads(cards)
    ideas = tuple((UUID(one), tuple(Reason(*reason) for reason in reasons)) for one, reasons in held["ideas"])
    return Slate(ideas, held["more"], tuple(Relaxation(*one) for one in held["relax"]))


@db.cached_query
def _find_cached(person: Any, day: Any, question: Any) -> Any:
    slate = RecommendationRow.select(RecommendationRow.question, RecommendationRow.person, RecommendationRow.cards)
    votes = VoteRow.select(VoteRow.vote, VoteRow.activity, peewee.Value(None)).where(VoteRow.person == person)
    return slate.where(
        RecommendationRow.person == person, RecommendationRow.day == day, RecommendationRow.question == question
    ) + votes.where(VoteRow.until.is_null())


@db.cached_query
def _count(person: Any, day: Any) -> Any:
    return RecommendationRow.select(peewee.fn.COUNT(RecommendationRow.id)).where(
        RecommendationRow.person == person, RecommendationRow.day == day
    )


@db.cached_query
def _lately(person: Any, since: Any, today: Any) -> Any:
    query = RecommendationRow.select(RecommendationRow.day, RecommendationRow.cards)
    return query.where(
        RecommendationRow.person == person, RecommendationRow.day >= since, RecommendationRow.day < today
    )
