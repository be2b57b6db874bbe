"""Log the slates that a person was shown, so that a request has one answer all day.

The first request of a day writes a row; later requests read it. Items that were shown on many days and never liked give
way to others about as good (see ranking).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts.accounts import Person
from planner.calendars.availability import AvailabilityRow
from planner.errors import Unavailable
from planner.recommender.model.explanations import Reason
from planner.recommender.model.ranking import Relaxation
from planner.recommender.votes import VOTES, VoteRow
from planner.storage import db

RETENTION = timedelta(days=28)
"""How long impressions count."""

RESTS, LIKED_IN_VAIN, SHOWN_IN_VAIN = timedelta(days=21), 2, 3
"""An idea that was shown on so many days of three weeks makes room for others. A liked one does so sooner."""

_MAX_PER_DAY = 40
"""Maximum number of stored requests per person and day, so that a faulty client cannot fill the disk."""


class RecommendationRow(db.Model):
    """One answer: `question` is a digest of the request, `cards` is the JSON of a Slate."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    day = peewee.DateField(index=True)
    question = peewee.TextField()
    cards = peewee.TextField()

    class Meta:
        table_name = "recommendation_log"
        indexes = ((("person", "day", "question"), True),)


class Slate(NamedTuple):
    """Activities with their reasons, in order; whether more fit; and which limits to relax if few fit.

    `is_preview`: the person has seen the first idea only. `days` are those asked for, or "" for soon. `cadence` is the
    rarer wish of those concerned; later requests of the day need it, too.
    """

    ideas: tuple[tuple[UUID, tuple[Reason, ...]], ...]
    more: bool
    relax: tuple[Relaxation, ...]
    is_preview: bool = False
    days: str = ""
    cadence: str | None = None

    @property
    def shown(self) -> tuple[tuple[UUID, tuple[Reason, ...]], ...]:
        """Return the ideas that the person has seen."""
        return self.ideas[:1] if self.is_preview else self.ideas

    @property
    def shown_ids(self) -> list[UUID]:
        """Return the activities that the person has seen."""
        return [activity for activity, _ in self.shown]


class CachedSlate(NamedTuple):
    """The stored slate of a request today, if any, the viewer's current votes, and whether they set an availability."""

    slate: Slate | None
    votes: dict[UUID, str]
    has_availability: bool = False


class Impressions(NamedTuple):
    """What a person was shown lately.

    `recent` holds all activities of earlier days, `by_day` on how many days each without a like was shown. `other_days`
    counts today's lists for other days. `resting` are those shown in vain on some days of three weeks.
    """

    recent: frozenset[UUID]
    by_day: dict[UUID, int]
    other_days: dict[UUID, int]
    resting: frozenset[UUID]


def find_cached(person: UUID, day: date, question: str) -> CachedSlate:
    """Return today's stored answer to a request, and what else every answer needs of the person. One query."""
    rows = _find_cached(person, day, question)
    slate = next((cards for _, _, cards in rows if cards is not None), None)
    votes = {activity: vote for vote, activity, _ in rows if vote in VOTES}
    return CachedSlate(_load(slate) if slate else None, votes, any(mark == _AVAILABILITY for mark, _, _ in rows))


def save(person: UUID, day: date, question: str, slate: Slate) -> Slate:
    """Store and return the first answer to a request of today. If two devices ask at once, both get that one."""
    cards = _dump(slate)
    with suppress(Unavailable), db.write():  # a disk that is full must not hide the ideas
        if _count(person, day)[0][0] >= _MAX_PER_DAY:
            return slate
        if db.insert_if_absent(RecommendationRow, person=person, day=day, question=question, cards=cards):
            return slate
    return find_cached(person, day, question).slate or slate


def mark_shown(person: UUID, day: date, question: str, slate: Slate) -> None:
    """Note that the person now sees all ideas of a preview."""
    with suppress(Unavailable), db.write():
        RecommendationRow.update(cards=_dump(slate._replace(is_preview=False))).where(
            RecommendationRow.person == person, RecommendationRow.day == day, RecommendationRow.question == question
        ).execute()


def invalidate_today(person: UUID, day: date) -> None:
    """Delete a day's answers when the person's limits have changed. Call inside that transaction."""
    RecommendationRow.delete().where(RecommendationRow.person == person, RecommendationRow.day >= day).execute()


def impressions(person: UUID, today: date, days: str, liked: Collection[UUID]) -> Impressions:
    """Return what the person was shown: on earlier days, and today in lists for other days.

    A list for soon is for no day in particular, so it changes no list for a day, and none changes it.
    """
    slates = [(day, _load(cards)) for day, cards in _slates_between(person, today - RETENTION, today)]
    activities_by_day: dict[date, set[UUID]] = {}
    for day, slate in slates:
        if day < today:
            activities_by_day.setdefault(day, set()).update(slate.shown_ids)
    counts = _count_each(activities_by_day.values())
    others = [slate.shown_ids for day, slate in slates if day == today and days and slate.days not in ("", days)]
    unliked = {activity: count for activity, count in counts.items() if activity not in liked}
    lately = _count_each(shown for day, shown in activities_by_day.items() if day > today - RESTS)
    resting = frozenset(
        activity
        for activity, count in lately.items()
        if count >= (LIKED_IN_VAIN if activity in liked else SHOWN_IN_VAIN)
    )
    return Impressions(frozenset(counts), unliked, _count_each(others), resting)


def _count_each(groups: Iterable[Collection[UUID]]) -> dict[UUID, int]:
    return Counter(activity for group in groups for activity in group)


def purge_before(before: date) -> int:
    """Delete the answers of earlier days, and return their number."""
    with db.write():
        return int(RecommendationRow.delete().where(RecommendationRow.day < before).execute())


def _dump(slate: Slate) -> str:
    ideas = [[str(activity), reasons] for activity, reasons in slate.ideas]
    values = {**slate._asdict(), "ideas": ideas}
    return json.dumps(values, ensure_ascii=False)


def _load(cards: str) -> Slate:
    data = json.loads(cards)
    ideas = tuple(
        (UUID(activity), tuple(_reason(*reason) for reason in reasons)) for activity, reasons in data["ideas"]
    )
    relax = tuple(Relaxation(*relaxation) for relaxation in data["relax"])
    return Slate(ideas, data["more"], relax, data.get("is_preview", False), data.get("days", ""), data.get("cadence"))


def _reason(code: str, text: str, params: dict[str, object] | None = None) -> Reason:
    # An earlier version saved no params. Its lists are read on the day of the upgrade.
    return Reason(code, text, params or {})


_AVAILABILITY = "availability"
"""Marks the row that tells of an availability, in the place of a vote or a digest."""


@db.cached_query
def _find_cached(person: Any, day: Any, question: Any) -> Any:
    slate = RecommendationRow.select(RecommendationRow.question, RecommendationRow.person, RecommendationRow.cards)
    votes = VoteRow.select(VoteRow.vote, VoteRow.activity, peewee.Value(None)).where(VoteRow.person == person)
    availability = AvailabilityRow.select(peewee.Value(_AVAILABILITY), AvailabilityRow.person, peewee.Value(None))
    slate = slate.where(
        RecommendationRow.person == person, RecommendationRow.day == day, RecommendationRow.question == question
    )
    return slate + votes.where(VoteRow.until.is_null()) + availability.where(AvailabilityRow.person == person)


@db.cached_query
def _count(person: Any, day: Any) -> Any:
    return RecommendationRow.select(peewee.fn.COUNT(RecommendationRow.id)).where(
        RecommendationRow.person == person, RecommendationRow.day == day
    )


@db.cached_query
def _slates_between(person: Any, since: Any, today: Any) -> Any:
    query = RecommendationRow.select(RecommendationRow.day, RecommendationRow.cards)
    return query.where(
        RecommendationRow.person == person, RecommendationRow.day >= since, RecommendationRow.day <= today
    )
