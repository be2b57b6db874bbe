"""Predict appeals by plain Bayesian linear regression, one person at a time: a rival for the engine.

It knows every vote, rating and profile of both. Levels are graded, everything else is one column for each value. It has
no item effects, nothing shared between two persons, no boredom and no variety.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from planner.recommender.model.preference_model import PersonFeedback
from seeds import vocabulary as v
from seeds.reader import Activity

VOTES = {"like": 0.8, "pass": 0.35, "never": 0.05}
VOTE_NOISE, RATING_NOISE, TAG_NOISE = 0.06, 0.03, 0.1
PRIOR = {"base": 0.01, "category": 0.03, "setting": 0.01, "tag": 0.02, "level": 0.006}


def columns(activity: Activity) -> list[float]:
    """Return one row of the design, scaled by the prior of each column."""
    company, skill = activity.company or 3, activity.skill or 3
    levels = (activity.energy - 2.5, activity.novelty - 2.5, activity.cost_band - 1.5,
              math.log2(activity.duration_min / 60), company - 3, skill - 3)  # fmt: skip
    row = [math.sqrt(PRIOR["base"])]
    row += [math.sqrt(PRIOR["category"]) * (activity.category == name) for name in v.CATEGORIES]
    row += [math.sqrt(PRIOR["setting"]) * (activity.setting == name) for name in v.SETTINGS]
    row += [math.sqrt(PRIOR["tag"]) * (name in activity.tags) for name in v.TAGS]
    return row + [math.sqrt(PRIOR["level"]) * level for level in levels]


def predict(world: Any, group: Sequence[PersonFeedback]) -> np.ndarray:
    """Return the appeal of each activity to each person."""
    if not hasattr(world, "linear_design"):
        world.linear_design = np.array([columns(card.content) for card in world.cards])
    return np.array([_appeal(world, feedback) for feedback in group])


def explained(world: Any, appeal: np.ndarray) -> np.ndarray:
    """Return the part of true appeals, (persons, activities), that the engine's features explain: a ridge regression.

    No model of these features can know more, however many votes it has.
    """
    features = world.matrix.features(np.arange(len(world.cards)))
    normal = features.T @ features + 0.5 * np.eye(features.shape[1])
    weights = np.linalg.solve(normal, features.T @ (appeal - 0.5).T)
    return np.asarray(np.clip(0.5 + (features @ weights).T, 0, 1))


def _appeal(world: Any, feedback: PersonFeedback) -> np.ndarray:
    design, width = world.linear_design, world.linear_design.shape[1]
    seen = [(design[world.matrix.row(one.activity)], VOTES[one.vote], VOTE_NOISE) for one in feedback.votes]
    seen += [
        (design[world.matrix.row(one.activity)], (one.rating - 1) / 4, RATING_NOISE)
        for one in feedback.ratings
        if one.rating
    ]
    for value, tags in ((0.8, feedback.interests | feedback.causes), (0.15, feedback.dislikes)):
        seen += [(np.eye(width)[_column_of(tag)] * math.sqrt(PRIOR["tag"]), value, TAG_NOISE) for tag in sorted(tags)]
    if not seen:
        return np.full(len(design), 0.5)
    rows = np.array([row for row, _, _ in seen])
    values, noise = (np.array([one[at] for one in seen]) for at in (1, 2))
    weights = np.linalg.solve(rows.T / noise @ rows + np.eye(width), rows.T / noise @ (values - 0.5))
    return np.asarray(0.5 + design @ weights)


def _column_of(tag: str) -> int:
    return 1 + len(v.CATEGORIES) + len(v.SETTINGS) + list(v.TAGS).index(tag)
