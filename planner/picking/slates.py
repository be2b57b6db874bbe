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

from planner.people.accounts import Person
from planner.picking.ranking import Relaxation
from planner.picking.reasons import Reason
from planner.picking.tastes import VOTES, Taste
from planner.storage import db

KEPT = timedelta(days=28)
"""How far back "often" looks."""

_MOST = 40
"""Questions a person and day that are kept: far more than anybody asks; a client gone wrong fills no disk."""


class SlateRow(db.Model):
    """One answer: `question` is a digest of all that was asked, `cards` the JSON of a Slate."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    day = peewee.DateField(index=True)
    question = peewee.TextField()
    cards = peewee.TextField()

    class Meta:
        table_name = "slates"
        indexes = ((("person", "day", "question"), True),)


class Slate(NamedTuple):
    """Activities with the reasons why they fit, in order; whether more fit; and, of few, what to relax."""

    ideas: tuple[tuple[UUID, tuple[Reason, ...]], ...]
    more: bool
    relax: tuple[Relaxation, ...]


class Kept(NamedTuple):
    """What is kept of a question today, if anything, and the asker's own votes as they stand."""

    slate: Slate | None
    votes: dict[UUID, str]


def kept(person: UUID, day: date, question: str) -> Kept:
    """The answer that a question had today, and the person's own votes. One query."""
    rows = _kept(person, day, question)
    slate = next((cards for _, _, cards in rows if cards is not None), None)
    return Kept(_loaded(slate) if slate else None, {one: vote for vote, one, _ in rows if vote in VOTES})


def keep(person: UUID, day: date, question: str, slate: Slate) -> Slate:
    """Keep the first answer to a question of today; of two phones that ask at once, the first one's stands for both."""
    found = [[str(one), reasons] for one, reasons in slate.ideas]
    cards = json.dumps({"ideas": found, "more": slate.more, "relax": slate.relax}, ensure_ascii=False)
    with db.write():
        if _count(person, day)[0][0] >= _MOST:
            return slate
        if db.insert(SlateRow, person=person, day=day, question=question, cards=cards):
            return slate
    return kept(person, day, question).slate or slate


def forget_today(person: UUID, day: date) -> None:
    """Drop a day's answers, as the person's own limits have changed; inside that transaction."""
    SlateRow.delete().where(SlateRow.person == person, SlateRow.day >= day).execute()


def shown(person: UUID, today: date, but: Collection[UUID]) -> dict[UUID, int]:
    """On how many days lately, today aside, the person was shown each activity; those of `but` are left out."""
    days: dict[date, set[UUID]] = {}
    for day, cards in _lately(person, today - KEPT, today):
        days.setdefault(day, set()).update(one for one, _ in _loaded(cards).ideas)
    counted = Counter(one for found in days.values() for one in found)
    return {one: count for one, count in counted.items() if one not in but}


def forget(before: date) -> int:
    """Drop the answers of the days before; the number of them."""
    with db.write():
        return int(SlateRow.delete().where(SlateRow.day < before).execute())


def _loaded(cards: str) -> Slate:
    held = json.loads(cards)
    ideas = tuple((UUID(one), tuple(Reason(*reason) for reason in reasons)) for one, reasons in held["ideas"])
    return Slate(ideas, held["more"], tuple(Relaxation(*one) for one in held["relax"]))


@db.prepared
def _kept(person: Any, day: Any, question: Any) -> Any:
    slate = SlateRow.select(SlateRow.question, SlateRow.person, SlateRow.cards)
    votes = Taste.select(Taste.vote, Taste.activity, peewee.Value(None)).where(Taste.person == person)
    return slate.where(SlateRow.person == person, SlateRow.day == day, SlateRow.question == question) + votes.where(
        Taste.until.is_null()
    )


@db.prepared
def _count(person: Any, day: Any) -> Any:
    return SlateRow.select(peewee.fn.COUNT(SlateRow.id)).where(SlateRow.person == person, SlateRow.day == day)


@db.prepared
def _lately(person: Any, since: Any, today: Any) -> Any:
    query = SlateRow.select(SlateRow.day, SlateRow.cards)
    return query.where(SlateRow.person == person, SlateRow.day >= since, SlateRow.day < today)
