"""The stockroom: the catalogue's arrays, built once a version and shared by all threads of a process."""

from __future__ import annotations

from planner.catalogue.activities import VisibleActivities
from planner.catalogue.entries import Snapshot
from planner.recommender.model.feature_matrix import ItemMatrix, build
from seeds.reader import Activity as Content

_cache: tuple[object, ItemMatrix | None] = (None, None)


def matrix_of(deck: Snapshot[Content]) -> ItemMatrix:
    """The activities in use of the deck as it stands, as arrays."""
    global _cache
    known, matrix = _cache
    if known is not deck or matrix is None:
        matrix = build(deck.active)
        _cache = (deck, matrix)  # one assignment of both: two threads at once build it twice, and both are right
    return matrix


def matrix_for(seen: VisibleActivities) -> ItemMatrix:
    """As `stock_of`, with the ideas that somebody may see at its end."""
    return matrix_of(seen.snapshot).with_items(seen.ideas.values())
