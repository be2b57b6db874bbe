"""Add small boosts and penalties for the context of a request. Pure numpy.

Each was found by reading slates as their readers would (tests/benchmarks/slates.py). They tilt the order and rule
nothing out. Appeals lie around 0 to 1, differences of 0.02 are hardly felt, and a like moves an item by more than any
of these.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from planner.recommender.model.feature_matrix import (
    ACCESS,
    CATEGORIES,
    CHILD_AGES,
    SETTINGS,
    TAGS,
    WEATHERS,
    Floats,
    ItemMatrix,
    Mask,
    bits,
)
from planner.recommender.model.request import RecommendationRequest

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

CHORE_PENALTY = 0.3
"""Penalty for chores, duties and talks on a Friday or Saturday evening, and in hours for going out."""
_CHORE_CATEGORIES = ("everyday", "give_back", "talk")
_CHORE_TAGS = ("chores", "planning")

COLD_PENALTY = 0.1
"""Penalty for what needs mild weather in the cold half of the year (see `is_cold`). Seasons of three months are too
coarse: on the first of March the lawn is wet.
"""

FUN_BOOST = 0.05
"""Boost for what children of one of the ages in the profiles enjoy, when they come along."""

LIGHT_BOOST = 0.1
"""Boost for light ideas after a date that left the reader heavier."""
_LONGEST_LIGHT = 90
_HEAVY_CATEGORIES = (*_CHORE_CATEGORIES, "remember")

_EVENING = 17
_FRIDAY, _SATURDAY = 4, 5
_LONG = timedelta(hours=3)


def context_boost(matrix: ItemMatrix, request: RecommendationRequest, time: timedelta | None) -> Floats:
    """Return one number for each row, to be added to its appeal. `time` is the length of a named window."""
    boost = np.zeros(len(matrix))
    if (
        request.party == "two"
        and request.pace > 2
        and request.lives_together is None
        and "apart" not in (request.categories or ())
    ):
        apart = matrix.columns["category"] == CATEGORIES.index("apart")
        boost[apart] -= APART_PENALTY * (request.pace - 2)
    if time is not None and time > timedelta(days=1):
        boost -= SHORT_PENALTY * (1 - np.minimum(1.0, matrix.columns["minutes"] / 240))
    if request.children == "present":
        ages = np.uint8(bits(request.child_ages or CHILD_AGES, CHILD_AGES))
        boost[(matrix.columns["fun_for"] & ages) != 0] += FUN_BOOST
    if not request.is_soon and is_cold(request.day, request.hemisphere):
        boost[matrix.columns["weather"] == bits(["mild"], WEATHERS)] -= COLD_PENALTY
    if not request.categories and _is_for_pleasure(request, time):
        boost[_chores(matrix)] -= CHORE_PENALTY
    for feature in request.access:
        boost[(matrix.columns["adaptable"] & np.uint8(bits([feature], ACCESS))) != 0] -= ADAPTATION_PENALTY
    return boost


def light_rows(matrix: ItemMatrix) -> Mask:
    """Return which activities are light: short, easy, in public, and without duties or deep talk."""
    columns = matrix.columns
    is_heavy = np.isin(columns["category"], [CATEGORIES.index(category) for category in _HEAVY_CATEGORIES])
    is_short = (columns["minutes"] <= _LONGEST_LIGHT) & (columns["energy"] <= 2)
    mask: Mask = is_short & ~is_heavy & (columns["setting"] == bits(["out"], SETTINGS))
    return mask


def is_cold(day: date, hemisphere: str) -> bool:
    """Return whether a day is between mid-October and mid-April in the north, or the other half of the year."""
    is_northern_winter = not (4, 15) <= (day.month, day.day) < (10, 15)
    return is_northern_winter == (hemisphere == "north")


def _is_for_pleasure(request: RecommendationRequest, time: timedelta | None) -> bool:
    """Return whether the time asked for is a Friday or Saturday evening, or three hours or more for going out."""
    is_evening = request.start is not None and request.start.hour >= _EVENING
    is_out = request.settings is not None and "home" not in request.settings
    if not request.is_soon and is_evening and request.day.weekday() in (_FRIDAY, _SATURDAY):
        return True
    return is_out and time is not None and time >= _LONG


def _chores(matrix: ItemMatrix) -> Mask:
    categories = [CATEGORIES.index(category) for category in _CHORE_CATEGORIES]
    is_tagged = (matrix.columns["tags"] & np.uint64(bits(_CHORE_TAGS, TAGS))) != 0
    mask: Mask = np.isin(matrix.columns["category"], categories) | is_tagged
    return mask
