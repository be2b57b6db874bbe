"""Learn what a person is likely to like from votes, ratings and profile. Pure numpy.

The appeal of an activity to a person, on a scale from 0 (never) to 1 (a joy), is modelled as

    0.5 + features · weights + item offset

with normal priors on the weights and on the item offset. Votes, ratings, interests and dislikes are observations of the
appeal with different noise. One small linear system gives the posterior mean (Bayesian linear regression; Bishop 2006,
section 3.3).

**Privacy.** `votes_for_partner` says what enters the partner's lists: likes and passes. A never counts there as a pass.
Feedback on dates and profiles stay in their author's own lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from planner.recommender.model.feature_matrix import COLUMN_OF_TAG, NAMES, WIDTH, Floats, ItemMatrix

NEUTRAL = 0.5
"""The appeal of an activity without any observation."""
WEIGHT_VARIANCE = 0.06
"""Prior variance of the part of an appeal that features explain."""
ITEM_VARIANCE = 0.02
"""Prior variance of the item offset: features leave about a third of the variance of ratings unexplained."""

# The observed appeal and its noise variance. A like or a pass is a glance at a card. A rating comes from an evening
# spent, so it counts several times as much. A feeling is also about the day and the partner.
VOTE_OBSERVATIONS = {"like": (0.75, 0.05), "pass": (0.38, 0.05), "never": (0.05, 0.02)}
RATING_NOISE = 0.015
FEELING_OBSERVATIONS = {"lighter": (0.72, 0.05), "same": (0.5, 0.05), "heavier": (0.22, 0.05)}
ENJOYED = 0.7
"""Value from which feedback on a date says that the person enjoyed it: "lighter", or four of five."""
INTEREST_OBSERVATION = (0.80, 0.10)
"""An interest, or a shared cause, counts as a like of an item with this one tag and nothing else."""
DISLIKE_OBSERVATION = (0.10, 0.04)


class Vote(NamedTuple):
    """One vote on an activity: like, pass or never."""

    activity: UUID
    vote: str


class Rating(NamedTuple):
    """Feedback on a date: a feeling (lighter, same, heavier), a rating from 1 to 5, or both."""

    activity: UUID
    feeling: str | None = None
    rating: int | None = None


@dataclass(frozen=True)
class PersonFeedback:
    """All observations of one person.

    Votes count from the next day on: the caller leaves out younger ones. Feedback on activities outside the matrix is
    skipped. `dislikes` are tags that the person likes less.
    """

    votes: Sequence[Vote] = ()
    ratings: Sequence[Rating] = ()
    interests: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    dislikes: frozenset[str] = frozenset()


class Preferences(NamedTuple):
    """The learned weights of features, and the posterior item offsets of the observed rows."""

    weights: Floats
    rows: NDArray[np.intp]
    item_offsets: Floats


Fit = Callable[[ItemMatrix, PersonFeedback], Preferences]


def votes_for_partner(feedback: PersonFeedback) -> PersonFeedback:
    """Return what a person's feedback adds to the partner's lists: the votes, with each never as a pass."""
    return PersonFeedback([vote._replace(vote=vote.vote.replace("never", "pass")) for vote in feedback.votes])


def fit(matrix: ItemMatrix, feedback: PersonFeedback) -> Preferences:
    """Return the posterior mean of a person's preferences."""
    rows, targets, noise = _item_observations(matrix, feedback)
    tags, tag_targets, tag_noise = _tag_observations(feedback)
    design = np.vstack((matrix.features(rows), tags))
    residual = np.concatenate((targets, tag_targets)) - NEUTRAL
    variance = np.concatenate((noise + ITEM_VARIANCE, tag_noise))
    weights = _posterior_mean(design, residual, variance, WEIGHT_VARIANCE)
    unexplained = residual[: len(rows)] - design[: len(rows)] @ weights
    return Preferences(weights, rows, unexplained * ITEM_VARIANCE / (ITEM_VARIANCE + noise))


class LikedFeatures(NamedTuple):
    """The names of the features of all items that a person liked or enjoyed, and the activities liked by vote."""

    names: set[str]
    liked: set[UUID]


def liked_features(matrix: ItemMatrix, feedback: PersonFeedback) -> LikedFeatures:
    """Return what a reason may say that the person liked."""
    liked = [vote.activity for vote in feedback.votes if vote.vote == "like"]
    enjoyed = [rating.activity for rating in feedback.ratings if _rating_observation(rating)[0] > NEUTRAL]
    rows = matrix.rows_of(liked + enjoyed)
    shared = (matrix.features(rows) > 0).any(axis=0)
    return LikedFeatures({NAMES[column] for column in np.flatnonzero(shared)}, set(liked))


def enjoyed_rows(matrix: ItemMatrix, feedback: PersonFeedback) -> NDArray[np.intp]:
    """Return the rows of the activities that the person rated well after a date."""
    rated = ((rating.activity, _rating_observation(rating)[0]) for rating in feedback.ratings)
    return matrix.rows_of(dict.fromkeys(activity for activity, value in rated if value >= ENJOYED))


def observation_count(feedback: PersonFeedback) -> int:
    """Return how many votes and ratings a person has given."""
    return len(feedback.votes) + len(feedback.ratings)


def _rating_observation(rating: Rating) -> tuple[float, float]:
    return _combine(rating.feeling, rating.rating)


@lru_cache(maxsize=256)
def _combine(feeling: str | None, rating: int | None) -> tuple[float, float]:
    """Return the value and noise variance of a rating: the precision-weighted mean if both parts were given."""
    observations = [FEELING_OBSERVATIONS[feeling]] if feeling in FEELING_OBSERVATIONS else []
    if rating is not None:
        observations.append(((min(5, max(1, rating)) - 1) / 4, RATING_NOISE))
    weight = sum(1 / variance for _, variance in observations)
    if not observations:
        return NEUTRAL, 1e6
    return sum(value / variance for value, variance in observations) / weight, 1 / weight


def _item_observations(matrix: ItemMatrix, feedback: PersonFeedback) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Return each observed row once, with its precision-weighted value and noise variance."""
    observations = [(vote.activity, *VOTE_OBSERVATIONS[vote.vote]) for vote in feedback.votes]
    observations += [(rating.activity, *_rating_observation(rating)) for rating in feedback.ratings]
    known = [(row, value, noise) for item_id, value, noise in observations if (row := matrix.row(item_id)) is not None]
    array = np.array(known, float).reshape(-1, 3)
    rows, index = np.unique(array[:, 0].astype(np.intp), return_inverse=True)
    weight = np.bincount(index, 1 / array[:, 2], len(rows))
    return rows, np.bincount(index, array[:, 1] / array[:, 2], len(rows)) / weight, 1 / weight


def _tag_observations(feedback: PersonFeedback) -> tuple[Floats, Floats, Floats]:
    """Return interests, causes and dislikes as one-tag rows, with their values and noise variances."""
    observations = [(tag, *INTEREST_OBSERVATION) for tag in sorted(feedback.interests | feedback.causes)]
    observations += [(tag, *DISLIKE_OBSERVATION) for tag in sorted(feedback.dislikes)]
    observations = [observation for observation in observations if observation[0] in COLUMN_OF_TAG]
    rows = np.zeros((len(observations), WIDTH))
    rows[np.arange(len(observations)), [COLUMN_OF_TAG[tag] for tag, _, _ in observations]] = 1.0
    array = np.array([observation[1:] for observation in observations], float).reshape(-1, 2)
    return rows, array[:, 0], array[:, 1]


def _posterior_mean(design: Floats, residual: Floats, variance: Floats, prior_variance: float) -> Floats:
    """Return the posterior mean of the weights, each with the prior variance `prior_variance`.

    Solve the dual or the primal system, the smaller of the two.
    """
    if len(design) == 0:
        return np.zeros(WIDTH)
    if len(design) < WIDTH:
        gram = design @ design.T * prior_variance
        gram[np.diag_indices_from(gram)] += variance
        return np.asarray(design.T @ np.linalg.solve(gram, residual) * prior_variance)
    scale = 1 / np.sqrt(variance)
    scaled = design * scale[:, None]
    normal = scaled.T @ scaled  # numpy computes only one half of a symmetric product
    normal[np.diag_indices_from(normal)] += 1 / prior_variance
    return np.asarray(np.linalg.solve(normal, scaled.T @ (residual * scale)))
