"""Voices: what each of two people has said of activities, and what they may be expected to like. Pure numpy.

The appeal of an activity to a person, on a scale from 0 (never) to 1 (a joy), is taken as

    0.5 + attributes · weights + something of its own

with normal priors on the weights and on what is the activity's own. Answers, outcomes, interests and dislikes are
observations of it with different noise, so one small linear system gives the posterior mean (Bayesian linear
regression; Bishop 2006, section 3.3).

**Sealed means sealed.** The part that is an activity's own is used for the person who gave the answer, and for the
other only where a match has shown it. In all else one's vote reaches the other's slate through the weights alone: it
is spread over everything that shares an attribute, and no activity stands out by it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from planner.recommender.model.feature_matrix import COLUMN_OF_TAG, NAMES, WIDTH, Floats, ItemMatrix

NEUTRAL = 0.5
"""The appeal of what nothing is known about."""
TASTE = 0.04
"""Prior variance of the part of an appeal that attributes explain: two in three activities lie within 0.3 to 0.7."""
OWN = 0.02
"""Prior variance of what is an activity's own: about a third of a rating is explained by no attribute."""

# What each word says of the appeal, and the variance of its noise. A like or pass is a glance at a card; a rating comes
# from an evening spent, so it counts several times as much; a feeling is also about the day and the other person.
SAID = {"like": (0.78, 0.06), "pass": (0.36, 0.06), "never": (0.05, 0.02)}
RATED = 0.015
FELT = {"lighter": (0.72, 0.05), "same": (0.5, 0.05), "heavier": (0.22, 0.05)}
INTEREST = (0.80, 0.10)
"""An interest, or a cause of both, counts as a like of something that has this one tag and nothing else."""
DISLIKE = (0.10, 0.04)


class Vote(NamedTuple):
    """One vote on a card: like, pass or never."""

    activity: UUID
    vote: str


class Rating(NamedTuple):
    """What a person said of a date: a feeling (lighter, same, heavier), a rating from 1 to 5, or both."""

    activity: UUID
    feeling: str | None = None
    rating: int | None = None


@dataclass(frozen=True)
class PersonFeedback:
    """All that one person brings. Votes count from the next day on: the caller leaves the younger ones out.

    What was said of activities that are no longer in stock is passed over. `dislikes` are tags that are liked less.
    """

    votes: Sequence[Vote] = ()
    ratings: Sequence[Rating] = ()
    interests: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    dislikes: frozenset[str] = frozenset()


class Preferences(NamedTuple):
    """What a person may be expected to like: weights of attributes, and what is known beyond them of some rows."""

    weights: Floats
    rows: NDArray[np.intp]
    own: Floats


Fit = Callable[[ItemMatrix, PersonFeedback, frozenset[str], float], Preferences]


def fit(
    stock: ItemMatrix, voice: PersonFeedback, causes: frozenset[str] = frozenset(), veil: float = 0.0
) -> Preferences:
    """Return the posterior mean of a person's taste.

    `causes` are those that count. `veil` is the variance of further noise on each
    vote; under it a never counts as a pass, for that it is not shown again is the resting quarter's affair.
    """
    rows, said, noise = _activities(stock, voice, veil)
    tags, wished, doubt = _words(voice, causes)
    seen = np.vstack((stock.features(rows), tags))
    residual = np.concatenate((said, wished)) - NEUTRAL
    variance = np.concatenate((noise + OWN, doubt))
    weights = _solved(seen, residual, variance, TASTE)
    left = residual[: len(rows)] - seen[: len(rows)] @ weights
    return Preferences(weights, rows, left * OWN / (OWN + noise))


class LikedFeatures(NamedTuple):
    """The names of the attributes of whatever a person liked or was glad of, and the activities liked as such."""

    names: set[str]
    liked: set[UUID]


def liked_features(stock: ItemMatrix, voice: PersonFeedback) -> LikedFeatures:
    """What a person may be told to have liked."""
    liked = [one.activity for one in voice.votes if one.vote == "like"]
    glad = [one.activity for one in voice.ratings if _value(one)[0] > NEUTRAL]
    rows = stock.rows_of(liked + glad)
    shared = (stock.features(rows) > 0).any(axis=0)
    return LikedFeatures({NAMES[at] for at in np.flatnonzero(shared)}, set(liked))


def observation_count(voice: PersonFeedback) -> int:
    """How many words a person has given on activities."""
    return len(voice.votes) + len(voice.ratings)


def _value(outcome: Rating) -> tuple[float, float]:
    return _worth(outcome.feeling, outcome.rating)


@lru_cache(maxsize=256)
def _worth(feeling: str | None, rating: int | None) -> tuple[float, float]:
    """What an outcome says, and the variance of its noise: both words together where both were given."""
    words = [FELT[feeling]] if feeling in FELT else []
    if rating is not None:
        words.append(((min(5, max(1, rating)) - 1) / 4, RATED))
    weight = sum(1 / noise for _, noise in words)
    return (sum(said / noise for said, noise in words) / weight, 1 / weight) if words else (NEUTRAL, 1e6)


def _activities(stock: ItemMatrix, voice: PersonFeedback, veil: float = 0.0) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Each activity that the person spoke of: its row, what all words together say, and their noise."""
    said_of = {vote: (said, noise + veil) for vote, (said, noise) in SAID.items()}
    if veil:
        said_of["never"] = said_of["pass"]
    words = [(one.activity, *said_of[one.vote]) for one in voice.votes if one.vote in said_of]
    words += [(one.activity, *_value(one)) for one in voice.ratings]
    held = [(row, said, noise) for one, said, noise in words if (row := stock.row(one)) is not None]
    table = np.array(held, float).reshape(-1, 3)
    rows, place = np.unique(table[:, 0].astype(np.intp), return_inverse=True)
    weight = np.bincount(place, 1 / table[:, 2], len(rows))
    return rows, np.bincount(place, table[:, 1] / table[:, 2], len(rows)) / weight, 1 / weight


def _words(voice: PersonFeedback, causes: Collection[str]) -> tuple[Floats, Floats, Floats]:
    """Interests, causes and dislikes as rows of one tag each, with what they say and their noise."""
    words = [(tag, *INTEREST) for tag in sorted(voice.interests | frozenset(causes))]
    words += [(tag, *DISLIKE) for tag in sorted(voice.dislikes)]
    words = [one for one in words if one[0] in COLUMN_OF_TAG]
    rows = np.zeros((len(words), WIDTH))
    rows[np.arange(len(words)), [COLUMN_OF_TAG[tag] for tag, _, _ in words]] = 1.0
    table = np.array([one[1:] for one in words], float).reshape(-1, 2)
    return rows, table[:, 0], table[:, 1]


def _solved(seen: Floats, residual: Floats, variance: Floats, spread: float) -> Floats:
    """Return the posterior mean of the weights, each with prior variance `spread`.

    It solves for rows or for attributes, whichever are fewer.
    """
    if len(seen) == 0:
        return np.zeros(WIDTH)
    if len(seen) < WIDTH:
        gram = seen @ seen.T * spread
        gram[np.diag_indices_from(gram)] += variance
        return np.asarray(seen.T @ np.linalg.solve(gram, residual) * spread)
    root = 1 / np.sqrt(variance)
    scaled = seen * root[:, None]
    normal = scaled.T @ scaled  # of a matrix with itself numpy works out one half
    normal[np.diag_indices_from(normal)] += 1 / spread
    return np.asarray(np.linalg.solve(normal, scaled.T @ (residual * root)))
