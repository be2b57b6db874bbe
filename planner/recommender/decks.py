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

from planner.accounts.accounts import Person
from planner.catalogue import activities
from planner.catalogue.activities import Activity, ActivityEntry, VisibleActivities
from planner.contact.viewer import Viewer
from planner.recommender import matrix_cache, profiles, votes
from planner.recommender.model import filters, ranking
from planner.recommender.model.feature_matrix import ItemMatrix
from planner.recommender.model.request import RecommendationRequest, merge_constraints
from planner.storage import db

SIZE = 10
"""Cards a day: two minutes, and few enough that liking all of them tells little about the partner."""

AGAIN = timedelta(days=60)
"""A card that got no answer may come again after this."""

_AHEAD = 40
"""Number of next cards among which the ten that differ most are chosen."""


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
    """The cards of one day, in their order, and the viewer's present votes."""

    day: date
    cards: list[ActivityEntry]
    votes: dict[UUID, str]


def today(viewer: Viewer, now: datetime) -> Deck:
    """Return the viewer's cards of the day, dealt at the first look. Leave out cards above the present pace."""
    day, seen = viewer.today(now), activities.visible(viewer)
    dealt = _standing(viewer, day)
    own_votes = votes.list_own(viewer)
    if not dealt:
        dealt = _deal(viewer, day, select_cards(viewer, day, seen, own_votes))
    found = [seen.find(one) for one in dealt]
    most = viewer.own_pace or 5
    return Deck(day, [card for card in found if card and not card.retired and card.content.pace <= most], own_votes)


def select_cards(viewer: Viewer, day: date, seen: VisibleActivities, own_votes: Collection[UUID]) -> list[UUID]:
    """Return the next ten cards in the order of the couple, as different from each other as possible."""
    matrix = matrix_cache.matrix_of(seen.snapshot)
    request = RecommendationRequest(
        party="two" if viewer.couple else "one", day=day, today=day, pace=viewer.own_pace or 5
    )
    request = merge_constraints(request, profiles.get_own(viewer).constraints())
    # A card asks for a taste, not for today: what its season or its preparation rules out now may be voted on all year.
    kept = filters.eligible(matrix, request, [name for name in filters.FILTERS if name not in ("season", "lead_days")])
    kept[matrix.rows_of(own_votes)] = False
    kept[matrix.rows_of(one for (one,) in _lately(viewer.id, day - AGAIN))] = False
    order = np.argsort(-ranking.gumbel_order(matrix.keys, f"deck {viewer.couple or viewer.id}"), kind="stable")
    return _diversify(matrix, [int(row) for row in order[kept[order]][:_AHEAD]])


def _diversify(matrix: ItemMatrix, rows: list[int]) -> list[UUID]:
    """Return ten of the rows: the first, then each time the one that is least like those before it."""
    features = matrix.features(np.array(rows, np.intp))[:, 1:]
    features /= np.sqrt((features**2).sum(axis=1, keepdims=True))
    like, taken = np.zeros(len(rows)), list[int]()
    for _ in range(min(SIZE, len(rows))):
        like[taken] = np.inf
        taken.append(int(np.argmin(like)))
        like = np.maximum(like, features @ features[taken[-1]])
    return [matrix.items[rows[at]].id for at in taken]


def _deal(viewer: Viewer, day: date, chosen: list[UUID]) -> list[UUID]:
    """Store and return the cards of the day. If two phones look at once, both get the first one's cards."""
    if not chosen:
        return []
    with db.write((Person, [viewer.id])):
        if not _standing(viewer, day):
            for position, activity in enumerate(chosen):
                db.insert_if_absent(DealtCard, person=viewer.id, activity=activity, day=day, position=position)
    return _standing(viewer, day)


def _standing(viewer: Viewer, day: date) -> list[UUID]:
    """Return the last cards, if they are those of the day or of a later one; none if the day needs its own."""
    return [activity for activity, last_day in _last(viewer.id) if last_day >= day]


@db.cached_query
def _last(person: Any) -> Any:
    cards = DealtCard.alias()
    last = cards.select(peewee.fn.MAX(cards.day)).where(cards.person == person)
    query = DealtCard.select(DealtCard.activity, DealtCard.day)
    return query.where(DealtCard.person == person, DealtCard.day == last).order_by(DealtCard.position)


@db.cached_query
def _lately(person: Any, day: Any) -> Any:
    return DealtCard.select(DealtCard.activity).where(DealtCard.person == person, DealtCard.day > day)
