"""Deal ten cards a day to vote on with like, pass or never. The first deck comes right after sign-up.

A deck holds activities of the catalogue that keep the viewer's limits and pace, and that the viewer has not voted on.
It reads no votes of the partner, so it tells nothing of them. Partners get cards in the same order, so that their likes
can meet.

After a trip to the west a day comes again, with the same cards: no day has two decks.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import peewee

from planner.catalogue import activities
from planner.catalogue.activities import Activity, ActivityCard, Visible
from planner.people.accounts import Person
from planner.people.sign_ins import Actor
from planner.picking import limits, profiles, ranking, stockroom, tastes
from planner.picking.question import Question, stricter
from planner.picking.stock import Stock
from planner.storage import db

SIZE = 10
"""Cards a day: two minutes, and few enough that liking all of them tells little about the partner."""

AGAIN = timedelta(days=60)
"""A card that got no answer may come again after this."""

_AHEAD = 40
"""Number of next cards among which the ten that differ most are chosen."""


class Dealt(db.Model):
    """One card that a person was dealt on a day of their own calendar."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="CASCADE")
    day = peewee.DateField()
    position = peewee.IntegerField()

    class Meta:
        table_name = "dealt"
        indexes = ((("person", "day", "position"), True), (("person", "activity"), False))


class Deck(NamedTuple):
    """The cards of one day, in their order, and the viewer's present votes."""

    day: date
    cards: list[ActivityCard]
    votes: dict[UUID, str]


def today(actor: Actor, now: datetime) -> Deck:
    """Return the actor's cards of the day, dealt at the first look. Leave out cards above the present pace."""
    day, seen = actor.today(now), activities.visible(actor)
    dealt = _standing(actor, day)
    votes = tastes.all_own(actor)
    if not dealt:
        dealt = _deal(actor, day, choose(actor, day, seen, votes))
    found = [seen.find(one) for one in dealt]
    most = actor.own_pace or 5
    return Deck(day, [card for card in found if card and not card.retired and card.content.pace <= most], votes)


def choose(actor: Actor, day: date, seen: Visible, votes: Collection[UUID]) -> list[UUID]:
    """Return the next ten cards in the order of the couple, as different from each other as possible."""
    stock = stockroom.stock_of(seen.deck)
    asked = Question(party="two" if actor.couple else "one", day=day, today=day, pace=actor.own_pace or 5)
    asked = stricter(asked, profiles.read(actor).needs())
    # A card asks for a taste, not for today: what its season or its preparation rules out now may be voted on all year.
    kept = limits.fitting(stock, asked, [name for name in limits.LIMITS if name not in ("season", "lead_days")])
    kept[stock.among(votes)] = False
    kept[stock.among(one for (one,) in _lately(actor.id, day - AGAIN))] = False
    order = np.argsort(-ranking.drawn(stock.keys, f"deck {actor.couple or actor.id}"), kind="stable")
    return _unlike(stock, [int(row) for row in order[kept[order]][:_AHEAD]])


def _unlike(stock: Stock, rows: list[int]) -> list[UUID]:
    """Return ten of the rows: the first, then each time the one that is least like those before it."""
    marks = stock.attributes(np.array(rows, np.intp))[:, 1:]
    marks /= np.sqrt((marks**2).sum(axis=1, keepdims=True))
    like, taken = np.zeros(len(rows)), list[int]()
    for _ in range(min(SIZE, len(rows))):
        like[taken] = np.inf
        taken.append(int(np.argmin(like)))
        like = np.maximum(like, marks @ marks[taken[-1]])
    return [stock.cards[rows[at]].id for at in taken]


def _deal(actor: Actor, day: date, chosen: list[UUID]) -> list[UUID]:
    """Store and return the cards of the day. If two phones look at once, both get the first one's cards."""
    if not chosen:
        return []
    with db.write((Person, [actor.id])):
        if not _standing(actor, day):
            for position, activity in enumerate(chosen):
                db.insert(Dealt, person=actor.id, activity=activity, day=day, position=position)
    return _standing(actor, day)


def _standing(actor: Actor, day: date) -> list[UUID]:
    """Return the last cards, if they are those of the day or of a later one; none if the day needs its own."""
    return [activity for activity, last_day in _last(actor.id) if last_day >= day]


@db.prepared
def _last(person: Any) -> Any:
    cards = Dealt.alias()
    last = cards.select(peewee.fn.MAX(cards.day)).where(cards.person == person)
    query = Dealt.select(Dealt.activity, Dealt.day)
    return query.where(Dealt.person == person, Dealt.day == last).order_by(Dealt.position)


@db.prepared
def _lately(person: Any, day: Any) -> Any:
    return Dealt.select(Dealt.activity).where(Dealt.person == person, Dealt.day > day)
