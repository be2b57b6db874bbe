"""What rests for a reader: the quarter that is drawn for the couple, with the other's nevers in it. See resting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import numpy as np

from planner import clock
from planner.accounts import server_keys
from planner.catalogue.activities import VisibleActivities
from planner.contact.viewer import Viewer
from planner.recommender import matrix_cache, votes
from planner.recommender.model import rotation
from planner.recommender.model.feature_matrix import Floats, ItemMatrix, Mask
from planner.recommender.model.filters import FILTERS
from planner.recommender.model.request import RecommendationRequest
from planner.recommender.votes import NEVER, Vote

_TWO = RecommendationRequest(party="two")


def begins(viewer: Viewer, today: date) -> datetime:
    """When the month of the reader's day began: votes that counted then are in its draw."""
    return clock.start_of_day(today.replace(day=1), viewer.day_zone)


def of(viewer: Viewer, today: date, seen: VisibleActivities, stock: ItemMatrix, votes: Iterable[Vote]) -> Mask:
    """Which rows of the stock for this reader rest, in suggestions, searches and counts for two, all month."""
    at = begins(viewer, today)
    nevers = [one.activity for one in votes if one.person == viewer.partner and one.vote == NEVER and one.counts_at(at)]
    # All that both may see and two can do: an idea that nobody else knows of has no place in the draw.
    pool = np.broadcast_to(FILTERS["party"](stock.columns, _TWO), len(stock)).copy()
    pool[stock.rows_of(seen.ideas)] = False
    return rotation.quarter(_places(viewer, today, stock, seen), pool, stock.rows_of(nevers))


def for_search(viewer: Viewer, today: date, seen: VisibleActivities) -> frozenset[UUID]:
    """As `of`, by id and with the votes read here; nothing for somebody alone. At most one query."""
    if viewer.partner is None:
        return frozenset()
    stock = matrix_cache.matrix_for(seen)
    found = of(viewer, today, seen, stock, votes.list_since([viewer.partner], begins(viewer, today)))
    return frozenset(stock.cards[row].id for row in np.flatnonzero(found))


def _places(viewer: Viewer, today: date, stock: ItemMatrix, seen: VisibleActivities) -> Floats:
    # Of the two, not of the couple: who leaves and pairs again would have a second draw to hold beside the first.
    key = server_keys.hmac_digest("rests", " ".join(sorted((str(viewer.id), str(viewer.partner)))))
    month, base = rotation.month_of(today), matrix_cache.matrix_of(seen.snapshot)
    places = rotation.places_of(key, month, base)
    ideas = [rotation.position(key, month, card.id) for card in stock.cards[len(base) :]]
    return np.concatenate((places, ideas)) if ideas else places
