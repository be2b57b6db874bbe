"""Choose the ideas of a slate: good ones that differ, with a share for some kinds. Pure numpy."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.recommender.model.feature_matrix import Floats, ItemMatrix, Mask, splitmix64

SHORTLIST = 60
"""Number of best items compared for diversity: twelve slates deep, and fast for a catalogue of any size."""

DECIMALS = 5
"""Scores that differ by less are equal, so that rounding in the linear algebra decides nothing."""

CLASSIC_MARGIN = 0.1
"""A classic may score this much less than the idea whose place it takes. Appeals lie around 0 to 1."""

_WRONG_KIND = 1000.0
"""Penalty in the choice. It exceeds all scores, but a row of the wrong kind still comes before none."""


class Quota(NamedTuple):
    """How many ideas of a slate are of one kind: from `least` to `most`, if enough of them and of the rest fit."""

    kind: Mask
    least: int
    most: int


def drawn_order(keys: NDArray[np.uint64], seed: str) -> NDArray[np.intp]:
    """Return the rows in an order drawn for the seed, which depends on their keys alone."""
    start = np.frombuffer(hashlib.blake2b(seed.encode(errors="replace"), digest_size=8).digest(), np.uint64)
    return np.argsort(splitmix64(keys ^ start), kind="stable")


def choose(
    matrix: ItemMatrix,
    rows: NDArray[np.intp],
    scores: Floats,
    seed: str,
    size: int,
    diversity: float,
    quotas: Sequence[Quota] = (),
) -> list[int]:
    """Return the best rows, each chosen with a penalty for its similarity to those before it.

    Equal scores come in an order drawn for the seed. The quotas make no slate shorter.
    """
    order = drawn_order(matrix.keys[rows], seed)
    rows, scores = rows[order], np.round(scores[order], DECIMALS)
    best = np.argsort(-scores, kind="stable")
    best = best[_is_shortlisted([quota.kind[rows[best]] for quota in quotas], len(best))]
    rows, scores = rows[best], scores[best]
    features = matrix.features(rows)[:, 1:]
    features /= np.sqrt((features**2).sum(axis=1, keepdims=True))
    similarity = np.zeros(len(rows))
    selected: list[int] = []
    for number in range(size):
        marginal = (1 - diversity) * scores - diversity * similarity
        marginal[selected] = -np.inf
        for quota in quotas:
            marginal[_is_wrong_kind(quota._replace(kind=quota.kind[rows]), selected, size - number)] -= _WRONG_KIND
        selected.append(int(np.argmax(np.round(marginal, DECIMALS))))
        similarity = np.maximum(similarity, features @ features[selected[-1]])
    return [int(rows[index]) for index in selected]


def _is_shortlisted(kinds: Sequence[Mask], count: int) -> Mask:
    """Return which of the rows, the best first, are among the best of all, or of a kind, or of the rest."""
    shortlisted = np.arange(count) < SHORTLIST
    for kind in kinds:
        shortlisted |= np.where(kind, np.cumsum(kind), np.cumsum(~kind)) <= SHORTLIST
    return shortlisted


def _is_wrong_kind(quota: Quota, selected: Sequence[int], places: int) -> Mask:
    """Return which rows would leave too few or too many of the kind on the slate. `places` are still free."""
    count = int(quota.kind[selected].sum())
    if count >= quota.most:
        return quota.kind
    return ~quota.kind if quota.least - count >= places else np.zeros(len(quota.kind), bool)


def replace_by_classic(
    matrix: ItemMatrix, chosen: list[int], rows: NDArray[np.intp], scores: Floats, due: Mask
) -> None:
    """Put the best classic that is due in the place of the last idea that needs preparation.

    What most people think of first must come up within some weeks, and among so many ideas it would not.
    """
    places = [place for place, row in enumerate(chosen) if matrix.columns["lead"][row] > 0]
    if not due[rows].any() or due[chosen].any() or not places:
        return
    rounded = np.round(scores, DECIMALS)
    best = int(np.argmax(np.where(due[rows], rounded, -np.inf)))
    if rounded[best] >= rounded[rows == chosen[places[-1]]][0] - CLASSIC_MARGIN:
        chosen[places[-1]] = int(rows[best])
