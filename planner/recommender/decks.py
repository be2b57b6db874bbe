"""Deal cards to vote on each day with like, pass or never. The first deck comes right after sign-up.

A deck holds activities within the viewer's limits and pace that the viewer has not voted on, own ideas included. It
reads no votes of the partner, so it reveals none. Partners get cards in the same order, so that their likes can meet.

The first days bring many cards, because a couple that has just begun has much to tell. What most people think of first
is among them. After that the cards are spread over the weeks, so that they last until the first passes come back. A
person with few cards sees one again sooner.

After a trip to the west, the same calendar day begins again. It has the same cards: no day has two decks.
"""

from __future__ import annotations

import math
from collections.abc import Container
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import peewee

from planner.accounts.accounts import Person
from planner.catalogue import activities
from planner.catalogue.activities import Activity, ActivityEntry, VisibleActivities
from planner.clock import start_of_day
from planner.contact.viewer import Viewer
from planner.errors import Unavailable
from planner.recommender import matrix_cache, profiles, votes
from planner.recommender.model import filters, slates
from planner.recommender.model.feature_matrix import ItemMatrix
from planner.recommender.model.request import RecommendationRequest, merge_constraints
from planner.storage import db

SIZE = 10
"""The most cards of a usual day: two minutes of voting."""

FIRST_SIZE = 30
FIRST_DAYS = 3
"""The first days with a deck have more cards."""

CLASSICS = 4
"""The most classics of a day. The first days bring them all."""

SPREAD = 60
"""A usual day brings one of so many cards that are left. So 250 activities last for a year of daily votes."""

LIKE_LASTS = timedelta(days=180)
"""After this, a card that the person liked may be dealt again, with its like. It has waited long for a plan."""

REPEAT_AFTER = timedelta(days=60)
"""A card without a vote may be dealt again after this."""

RETURNS_AFTER = timedelta(days=14)
"""If no card is left, the one that was dealt longest ago comes back, at the earliest after this."""

_CANDIDATES = 4
"""A deck is chosen from so many times as many next cards: the most different ones."""


class DealtCard(db.Model):
    """One card that a person was dealt on a day of their own calendar."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    activity = peewee.ForeignKeyField(Activity, on_delete="CASCADE")
    day = peewee.DateField()
    position = peewee.IntegerField()

    class Meta:
        table_name = "dealt_cards"
        indexes = ((("person", "day", "position"), True), (("person", "activity"), False))


class Deck(NamedTuple):
    """The cards of one day in their order, and the viewer's current votes."""

    day: date
    cards: list[ActivityEntry]
    votes: dict[UUID, str]


def today(viewer: Viewer, now: datetime) -> Deck:
    """Return the viewer's cards of the day, and deal them at the first request. Leave out cards above the pace."""
    day, visible = viewer.today(now), activities.visible(viewer)
    dealt = _cards_of_day(viewer, day)
    if not dealt:
        dealt = _deal(viewer, day, select_cards(viewer, day, visible, now), now)
    # A card that was passed on before comes back like a new one.
    own_votes = votes.list_without_old_passes(viewer, start_of_day(day, viewer.day_zone))
    cards = [visible.find(activity) for activity in dealt]
    max_pace = viewer.own_pace or 5
    return Deck(day, [card for card in cards if card and not card.retired and card.content.pace <= max_pace], own_votes)


def select_cards(viewer: Viewer, day: date, visible: VisibleActivities, now: datetime) -> list[UUID]:
    """Return the next cards in the couple's order, as different from each other as possible."""
    matrix = matrix_cache.matrix_for(visible)
    request = RecommendationRequest(
        party="two" if viewer.couple else "one", day=day, today=day, pace=viewer.own_pace or 5
    )
    request = merge_constraints(request, profiles.get_own(viewer).constraints())
    # A vote is about preferences, not about today. So ignore season and lead days.
    candidates = filters.eligible(
        matrix, request, [name for name in filters.FILTERS if name not in ("season", "lead_days")]
    )
    possible = candidates.copy()
    candidates[matrix.rows_of(votes.list_lasting(viewer, now - votes.PASS_LASTS, now - LIKE_LASTS))] = False
    candidates[matrix.rows_of(activity for (activity,) in _dealt_since(viewer.id, day - REPEAT_AFTER))] = False
    if not candidates.any():
        possible[matrix.rows_of(votes.list_nevers(viewer))] = False
        return _oldest_card(viewer, day, {matrix.items[row].id for row in np.flatnonzero(possible)})
    order = slates.drawn_order(matrix.keys, f"deck {viewer.couple or viewer.id}")
    rows = [int(row) for row in order[candidates[order]]]
    size = deck_size(len(_days_dealt(viewer.id)), len(rows))
    classics = [row for row in rows if matrix.columns["classic"][row] > 0][: min(CLASSICS, size)]
    others = [row for row in rows if row not in classics]
    return _diversify(matrix, classics, others[: _CANDIDATES * size], size)


def deck_size(days_dealt: int, cards_left: int) -> int:
    """Return how many cards to deal after so many days with a deck. Pure."""
    if days_dealt < FIRST_DAYS:
        return min(FIRST_SIZE, max(SIZE, math.ceil(cards_left / FIRST_DAYS)))
    return min(SIZE, math.ceil(cards_left / SPREAD))


def _oldest_card(viewer: Viewer, day: date, possible: Container[UUID]) -> list[UUID]:
    """Return the possible card that was dealt longest ago, if that is long enough."""
    dealt = [activity for activity, last in _last_dealt(viewer.id) if last <= day - RETURNS_AFTER]
    return [activity for activity in dealt if activity in possible][:1]


def _diversify(matrix: ItemMatrix, chosen: list[int], rows: list[int], size: int) -> list[UUID]:
    """Return the chosen rows and some others: each time the row least similar to those before it."""
    rows = [*chosen, *rows]
    features = matrix.features(np.array(rows, np.intp))[:, 1:]
    features /= np.sqrt((features**2).sum(axis=1, keepdims=True))
    selected = list(range(len(chosen)))
    similarity = (features @ features[selected].T).max(axis=1, initial=0.0)
    while len(selected) < min(size, len(rows)):
        similarity[selected] = np.inf
        selected.append(int(np.argmin(similarity)))
        similarity = np.maximum(similarity, features @ features[selected[-1]])
    return [matrix.items[rows[index]].id for index in selected]


def _deal(viewer: Viewer, day: date, chosen: list[UUID], now: datetime) -> list[UUID]:
    """Store and return the cards of the day. If two devices ask at once, both get the cards stored first.

    While the database takes no writes, return the chosen cards: a later request chooses the same ones.
    """
    if not chosen:
        return []
    with suppress(Unavailable), db.write((Person, [viewer.id])):  # the storage logs the cause
        if not _cards_of_day(viewer, day):
            votes.end_passes(viewer, chosen, now)
            for position, activity in enumerate(chosen):
                db.insert_if_absent(DealtCard, person=viewer.id, activity=activity, day=day, position=position)
    return _cards_of_day(viewer, day) or chosen


def _cards_of_day(viewer: Viewer, day: date) -> list[UUID]:
    """Return the last deck if it is of this day or a later one; otherwise an empty list."""
    return [activity for activity, last_day in _last_deck(viewer.id) if last_day >= day]


@db.cached_query
def _last_deck(person: Any) -> Any:
    cards = DealtCard.alias()
    last = cards.select(peewee.fn.MAX(cards.day)).where(cards.person == person)
    query = DealtCard.select(DealtCard.activity, DealtCard.day)
    return query.where(DealtCard.person == person, DealtCard.day == last).order_by(DealtCard.position)


@db.cached_query
def _days_dealt(person: Any) -> Any:
    return DealtCard.select(DealtCard.day).where(DealtCard.person == person).distinct().limit(FIRST_DAYS)


@db.cached_query
def _last_dealt(person: Any) -> Any:
    last = peewee.fn.MAX(DealtCard.day).converter(DealtCard.day.python_value)
    query = DealtCard.select(DealtCard.activity, last).where(DealtCard.person == person)
    return query.group_by(DealtCard.activity).order_by(peewee.fn.MAX(DealtCard.day), DealtCard.activity)


@db.cached_query
def _dealt_since(person: Any, day: Any) -> Any:
    return DealtCard.select(DealtCard.activity).where(DealtCard.person == person, DealtCard.day > day)
