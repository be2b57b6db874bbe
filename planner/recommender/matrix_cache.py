"""Cache the catalogue's arrays, built once per version and shared by all threads of a process."""

from __future__ import annotations

from planner.catalogue.activities import VisibleActivities
from planner.catalogue.entries import Snapshot
from planner.recommender.model.feature_matrix import ItemMatrix, build
from seeds.reader import Activity as Content

_cache: tuple[object, ItemMatrix | None] = (None, None)


def matrix_of(snapshot: Snapshot[Content]) -> ItemMatrix:
    """Return the active activities of the snapshot as arrays."""
    global _cache
    cached_snapshot, matrix = _cache
    if cached_snapshot is not snapshot or matrix is None:
        matrix = build(snapshot.active)
        _cache = (snapshot, matrix)  # assign both at once: two threads may build it twice, and both results are right
    return matrix


def matrix_for(visible: VisibleActivities) -> ItemMatrix:
    """Return the same matrix with the visible own ideas appended."""
    return matrix_of(visible.snapshot).with_items(visible.ideas.values())
