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


def excluded_rows(
    viewer: Viewer, today: date, seen: VisibleActivities, matrix: ItemMatrix, votes: Iterable[Vote]
) -> Mask:
    """Which rows of the stock for this reader rest, in suggestions, searches and counts for two, all month."""
    month_start = begins(viewer, today)
    nevers = [
        vote.activity
        for vote in votes
        if vote.person == viewer.partner and vote.vote == NEVER and vote.counts_at(month_start)
    ]
    # All that both may see and two can do: an idea that nobody else knows of has no place in the draw.
    pool = np.broadcast_to(FILTERS["party"](matrix.columns, _TWO), len(matrix)).copy()
    pool[matrix.rows_of(vote for vote in seen.ideas if vote not in seen.shared)] = False
    return rotation.select_quarter(_positions(viewer, today, matrix, seen), pool, matrix.rows_of(nevers))


def for_search(viewer: Viewer, today: date, seen: VisibleActivities) -> frozenset[UUID]:
    """As `of`, by id and with the votes read here; nothing for somebody alone. At most one query."""
    if viewer.partner is None:
        return frozenset()
    matrix = matrix_cache.matrix_for(seen)
    rows = excluded_rows(viewer, today, seen, matrix, votes.list_since([viewer.partner], begins(viewer, today)))
    return frozenset(matrix.items[row].id for row in np.flatnonzero(rows))


def _positions(viewer: Viewer, today: date, matrix: ItemMatrix, seen: VisibleActivities) -> Floats:
    # Of the two, not of the couple: who leaves and pairs again would have a second draw to hold beside the first.
    key = server_keys.hmac_digest("rests", " ".join(sorted((str(viewer.id), str(viewer.partner)))))
    month, base = rotation.month_of(today), matrix_cache.matrix_of(seen.snapshot)
    positions = rotation.positions_of(key, month, base)
    ideas = [rotation.position(key, month, card.id) for card in matrix.items[len(base) :]]
    return np.concatenate((positions, ideas)) if ideas else positions
