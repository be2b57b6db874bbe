"""Add small boosts and penalties for the context of a request. Pure numpy.

Each was found by reading slates as their readers would (tests/benchmarks/slates.py). They tilt the order and rule
nothing out. Appeals lie around 0 to 1, differences of 0.02 are hardly felt, and a like moves an item by more than any
of these.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from planner.recommender.model.feature_matrix import (
    ACCESS,
    CATEGORIES,
    SETTINGS,
    SHELTERS,
    TAGS,
    Floats,
    ItemMatrix,
    bits,
)
from planner.recommender.model.request import RecommendationRequest, season

APART_PENALTY = 0.04
"""Penalty for ideas for two homes, for each level of pace above light. Partners who live together have little use
for them. Partners far apart show it by their likes, or ask for the category.
"""

SHORT_PENALTY = 0.08
"""Penalty for short activities in a window of more than a day. A free weekend calls for more than an hour. It falls
linearly to nothing at a length of four hours.
"""

ADAPTATION_PENALTY = 0.05
"""Penalty for each access need that an activity meets only with a change. What fits as it is comes first."""

LEAVING_HOME_PENALTY = 0.15
"""Penalty for leaving the house while children are asleep: most often they sleep at home."""

DARK_OUTDOORS_PENALTY = 0.08
"""Penalty for outdoor activities on an evening in autumn or winter, except for those about the night sky."""
_EVENING = 17


def context_boost(matrix: ItemMatrix, request: RecommendationRequest, time: timedelta | None) -> Floats:
    """Return one number for each row, to be added to its appeal. `time` is the length of a named window."""
    boost = np.zeros(len(matrix))
    if request.party == "two" and request.pace > 2 and "apart" not in (request.categories or ()):
        apart = matrix.columns["category"] == CATEGORIES.index("apart")
        boost[apart] -= APART_PENALTY * (request.pace - 2)
    if time is not None and time > timedelta(days=1):
        boost -= SHORT_PENALTY * (1 - np.minimum(1.0, matrix.columns["minutes"] / 240))
    if request.children == "asleep":
        boost[(matrix.columns["setting"] & np.uint8(bits(["home"], SETTINGS))) == 0] -= LEAVING_HOME_PENALTY
    if (
        request.start
        and request.start.hour >= _EVENING
        and season(request.day, request.hemisphere) in ("autumn", "winter")
    ):
        outdoor = matrix.columns["shelter"] == bits(["outdoor"], SHELTERS)
        starry = (matrix.columns["tags"] & np.uint64(bits(["night_sky"], TAGS))) != 0
        boost[outdoor & ~starry] -= DARK_OUTDOORS_PENALTY
    for feature in request.access:
        boost[(matrix.columns["adaptable"] & np.uint8(bits([feature], ACCESS))) != 0] -= ADAPTATION_PENALTY
    return boost
