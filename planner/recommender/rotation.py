"""Select the quarter of the activities that is hidden from a reader this month. See model/rotation."""

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
    """Return when the month of the reader's day began: votes that counted then are in its draw."""
    return clock.start_of_day(today.replace(day=1), viewer.day_zone)


def excluded_rows(
    viewer: Viewer, today: date, visible: VisibleActivities, matrix: ItemMatrix, votes: Iterable[Vote]
) -> Mask:
    """Return the mask of the hidden rows for this reader, in suggestions, searches and counts for two, all month."""
    month_start = begins(viewer, today)
    nevers = [
        vote.activity
        for vote in votes
        if vote.person == viewer.partner and vote.vote == NEVER and vote.counts_at(month_start)
    ]
    # Draw from what both may see and two can do. An idea that only its author knows must not change the draw.
    pool = np.broadcast_to(FILTERS["party"](matrix.columns, _TWO), len(matrix)).copy()
    pool[matrix.rows_of(visible.ideas)] = False
    return rotation.select_quarter(_positions(viewer, today, matrix, visible), pool, matrix.rows_of(nevers))


def for_search(viewer: Viewer, today: date, visible: VisibleActivities) -> frozenset[UUID]:
    """Return the hidden activities by id. Empty for a viewer without a partner. At most one query."""
    if viewer.partner is None:
        return frozenset()
    matrix = matrix_cache.matrix_for(visible)
    rows = excluded_rows(viewer, today, visible, matrix, votes.list_since([viewer.partner], begins(viewer, today)))
    return frozenset(matrix.items[row].id for row in np.flatnonzero(rows))


def _positions(viewer: Viewer, today: date, matrix: ItemMatrix, visible: VisibleActivities) -> Floats:
    # Key the draw by the two persons, not by the couple: pairing again must not give a second draw to compare.
    key = server_keys.hmac_digest("rests", " ".join(sorted((str(viewer.id), str(viewer.partner)))))
    month, base = rotation.month_of(today), matrix_cache.matrix_of(visible.snapshot)
    positions = rotation.positions_of(key, month, base)
    ideas = [rotation.position(key, month, card.id) for card in matrix.items[len(base) :]]
    return np.concatenate((positions, ideas)) if ideas else positions
