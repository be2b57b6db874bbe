"""Rank the activities for a request and explain each. Pure numpy: no database, no clock.

First come the hard filters of everyone concerned, then one score for each eligible activity:

    joint appeal · fatigue of the activity and its category · fatigue of fruitless impressions

and last a slate of five that differ (see slates.py). `Hyperparameters` gives the reason for each constant;
tests/benchmarks/picking.py measures what each term is worth. The seed decides between equal scores only. The order of
the rows does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from planner.recommender.model import slates
from planner.recommender.model.context_boosts import LIGHT_BOOST, light_rows
from planner.recommender.model.explanations import ExplanationInputs, Reason, explain
from planner.recommender.model.feature_matrix import (
    KINDS,
    NAMES,
    ActivityItem,
    Floats,
    ItemMatrix,
    Mask,
)
from planner.recommender.model.filters import eligible
from planner.recommender.model.preference_model import (
    NEUTRAL,
    Fit,
    PersonFeedback,
    Preferences,
    enjoyed_rows,
    fit,
    liked_features,
    observation_count,
)
from planner.recommender.model.request import (
    RELAXABLE,
    HardConstraints,
    RecommendationRequest,
    merge_constraints,
    without,
)
from planner.recommender.model.slates import Quota
from seeds import vocabulary as v

SLATE = 5
"""Number of ideas on a slate: enough to differ, few enough to read on a phone."""

_NEVER_DONE_DAYS = 10**9
"""Days since a category that was never done."""

LEAST_NEW = 1
"""How many of five were not on a list of recent weeks, and have not been done."""

LEAST_PREPARED, MOST_PREPARED = 1, 2
"""How many of the ideas for soon need preparation. A concert must be booked, and tonight must stay possible."""

_MIN_CONTRIBUTION = 0.01
"""Minimum that one feature must add to an appeal to be named as a reason."""

_ALIKE = 0.6
"""Minimum similarity of two activities to name one as the reason for the other: about category, place and a tag."""

_LIMITS_ON_TIME = frozenset({"day", "lead_days", "window"})
"""The limits without which the free time in the window does not count."""

_LABELLED_FEATURES = frozenset(v.CATEGORIES) | frozenset(v.TAGS)
"""The features that have a label for readers."""


@dataclass(frozen=True)
class Hyperparameters:
    """The constants of the score, on the scale of appeals from 0 to 1.

    They were chosen on the tuning seeds of tests/benchmarks/picking.py. A benchmark removes a term by setting it to 0.
    """

    misery: float = 0.5
    """Maximum weight of the less happy partner's appeal. On 263 real two-person households, a fixed weight raised
    the less satisfied partner's rating when much was known, and lowered it when little was.
    """
    misery_half: float = 25.0
    """Number of observations at which half of that weight is reached. The partner with fewer observations counts."""
    item_fatigue: float = 0.95
    item_fatigue_days: float = 60.0
    """An activity of yesterday has almost no appeal; after two months a good third is still missing."""
    category_fatigue: float = 0.25
    category_fatigue_days: float = 10.0
    """Two museums in a row bore sooner than two Sundays."""
    mmr_diversity: float = 0.15
    """Weight of diversity in maximal marginal relevance (Carbonell and Goldstein 1998): five ideas should be five
    kinds of evening.
    """
    most_liked: int = 2
    """How many of five may be there because the reader alone liked them: those have a list of their own. What both like
    does not count. If it did, couples who vote on many cards would lose 4 to 6 points of the share.
    """
    impression_fatigue: float = 0.12
    other_day_fatigue: float = 0.25
    """An item that was on today's list for another day loses this share of its score, for each such list. People who
    ask for two Saturdays want two lists.
    """
    max_impressions: int = 3
    """An item that was shown and never liked loses some appeal for each day of impressions, up to this many. Passing
    over an item says a little each time. It never falls as far as an item just done.
    """
    fit: Fit = fit
    """The preference model of one person."""


HYPERPARAMETERS = Hyperparameters()


@dataclass(frozen=True)
class History:
    """The past of the couple or the single viewer, as far as the reader may know it. Times are in days ago.

    `excluded` are declined or already planned. `matches` are those on display, and `liked_by_both` are all of them.
    `impressions` counts the days on which the reader saw an item and did nothing; liked items are left out.
    `other_days` counts today's lists for other days that hold an item. `shown` were on a list in recent weeks.
    `resting` were shown in vain lately. `after_heavy`: the reader's last date left them heavier. `dates` are the
    first and the last instants of the agreed dates of two.
    """

    done: Mapping[UUID, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    excluded: Collection[UUID] = frozenset()
    matches: Collection[UUID] = frozenset()
    liked_by_both: Collection[UUID] = frozenset()
    impressions: Mapping[UUID, int] = field(default_factory=dict)
    other_days: Mapping[UUID, int] = field(default_factory=dict)
    shown: Collection[UUID] = frozenset()
    resting: Collection[UUID] = frozenset()
    after_heavy: bool = False
    dates: Collection[tuple[datetime, datetime]] = ()


class RecommendedItem(NamedTuple):
    """One activity on a slate, with the reasons why it fits."""

    card: ActivityItem
    reasons: tuple[Reason, ...]


class Relaxation(NamedTuple):
    """One of the reader's limits (a name in RELAXABLE), and how many activities would fit the reader without it."""

    limit: str
    fitting: int


class Slate(NamedTuple):
    """At most `size` ideas, how many activities fit in all, and, if few fit, which limits to relax."""

    ideas: tuple[RecommendedItem, ...]
    fitting: int
    relax: tuple[Relaxation, ...]


def rank(
    matrix: ItemMatrix,
    request: RecommendationRequest,
    group: Sequence[PersonFeedback],
    history: History,
    seed: str,
    size: int = SLATE,
    *,
    others: Sequence[HardConstraints] = (),
    skip: Collection[UUID] = (),
    available: Mask | None = None,
    has_time: Mask | None = None,
    extra: Floats | None = None,
    hyperparameters: Hyperparameters = HYPERPARAMETERS,
) -> Slate:
    """Return the slate for a reader, alone or with a partner.

    `group` begins with the reader's feedback. `request` holds the reader's limits and the couple's pace; `others` holds
    the partner's limits. `skip` are the items on earlier slates of the same request. `available` is the mask of the
    rows that may be shown at all. `has_time` is that of rows with a free time in the window. `extra`, one number for
    each row, is added to the joint appeal.
    """
    available = np.ones(len(matrix), bool) if available is None else available.copy()
    available[matrix.rows_of(history.excluded)] = False
    has_time = np.ones(len(matrix), bool) if has_time is None else has_time
    candidates = available & has_time & eligible(matrix, merge_constraints(request, *others))
    fitting = int(candidates.sum())
    candidates[matrix.rows_of(skip)] = False
    rows = np.flatnonzero(candidates)
    light = light_rows(matrix) & history.after_heavy
    extra = LIGHT_BOOST * light + (0.0 if extra is None else extra)
    group_preferences = [hyperparameters.fit(matrix, feedback) for feedback in group]
    scores = score(matrix, group_preferences, group, history, hyperparameters, extra)[rows]
    quotas = _quotas(matrix, request, group[0], history, hyperparameters.most_liked)
    chosen = slates.choose(matrix, rows, scores, seed, min(size, len(rows)), hyperparameters.mmr_diversity, quotas)
    if request.is_soon:
        slates.replace_by_classic(matrix, chosen, rows, scores, _classics_due(matrix, group[0], history))
    inputs = _explanation_inputs(matrix, chosen, group_preferences[0], group[0], history, light)
    ideas = tuple(
        RecommendedItem(matrix.items[row], explain(matrix.items[row], request, inputs[row])) for row in chosen
    )
    return Slate(ideas, fitting, _relaxations(matrix, request, available, has_time) if fitting < size else ())


def score(
    matrix: ItemMatrix,
    group_preferences: Sequence[Preferences],
    group: Sequence[PersonFeedback],
    history: History,
    hyperparameters: Hyperparameters = HYPERPARAMETERS,
    extra: Floats | None = None,
) -> Floats:
    """Return the score of each row, before the draw and regardless of the filters."""
    weights = np.column_stack([preferences.weights for preferences in group_preferences])
    explained = np.ascontiguousarray(matrix.predict(weights).T, float)
    joint = _aggregate(_appeals(explained, group_preferences), group, hyperparameters)
    return _apply_fatigue(matrix, joint if extra is None else joint + extra, history, hyperparameters)


def _appeals(explained: Floats, group_preferences: Sequence[Preferences]) -> Floats:
    """Return the appeal of every row to each person: the part that features explain, plus the item offset."""
    appeals = explained + NEUTRAL
    for person, preferences in enumerate(group_preferences):
        appeals[person, preferences.rows] += preferences.item_offsets
    return np.asarray(np.maximum(appeals, 0.0))


def _aggregate(appeals: Floats, group: Sequence[PersonFeedback], hyperparameters: Hyperparameters) -> Floats:
    """Return (1 - lambda) · mean + lambda · minimum for two people; the appeal itself for one."""
    if len(appeals) == 1:
        return np.asarray(appeals[0])
    fewest = min(observation_count(feedback) for feedback in group)
    weight = hyperparameters.misery * fewest / (fewest + hyperparameters.misery_half)
    return np.asarray((1 - weight) * appeals.mean(axis=0) + weight * appeals.min(axis=0))


def _done(matrix: ItemMatrix, history: History) -> tuple[NDArray[np.intp], Floats]:
    """Return the rows of past activities, and how many days ago each was done."""
    done = {row: max(0, days) for item_id, days in history.done.items() if (row := matrix.row(item_id)) is not None}
    return np.array(list(done), np.intp), np.array(list(done.values()), float)


def _apply_fatigue(matrix: ItemMatrix, appeal: Floats, history: History, hyperparameters: Hyperparameters) -> Floats:
    """Return the scores after fatigue: of the item, of its category, and of impressions without a like."""
    scores = appeal.copy()
    ages = np.array([max(0, history.categories.get(name, _NEVER_DONE_DAYS)) for name in KINDS], float)
    scores *= (1 - hyperparameters.category_fatigue * np.exp(-ages / hyperparameters.category_fatigue_days))[
        matrix.columns["category"]
    ]
    rows, ages = _done(matrix, history)
    scores[rows] *= 1 - hyperparameters.item_fatigue * np.exp(-ages / hyperparameters.item_fatigue_days)
    for days in range(1, hyperparameters.max_impressions + 1):
        rows_shown = matrix.rows_of(
            item_id
            for item_id, count in history.impressions.items()
            if min(count, hyperparameters.max_impressions) == days
        )
        scores[rows_shown] *= 1 - hyperparameters.impression_fatigue * days
    for item_id, count in history.other_days.items():
        scores[matrix.rows_of([item_id])] *= (1 - hyperparameters.other_day_fatigue) ** count
    return scores


def _quotas(
    matrix: ItemMatrix, request: RecommendationRequest, reader: PersonFeedback, history: History, most_liked: int
) -> list[Quota]:
    """Return how many ideas of some kinds a slate has. They keep it fresh, and partly for tonight."""

    def mask(ids: Iterable[UUID]) -> Mask:
        rows = np.zeros(len(matrix), bool)
        rows[matrix.rows_of(ids)] = True
        return rows

    liked = {vote.activity for vote in reader.votes if vote.vote == "like"}
    quotas = [
        Quota(mask(history.resting), 0, 0),
        Quota(mask(liked.intersection(history.resting)), 0, 0),  # a liked one has a list of its own: it waits longer
        Quota(mask(liked.difference(history.liked_by_both)), 0, most_liked),
    ]
    if history.shown:
        quotas.append(Quota(~mask((*history.shown, *history.done)), LEAST_NEW, SLATE))
    if request.is_soon:
        quotas.append(Quota(matrix.columns["lead"] > 0, LEAST_PREPARED, MOST_PREPARED))
    return quotas


def _classics_due(matrix: ItemMatrix, reader: PersonFeedback, history: History) -> Mask:
    """Return the classics that the reader was not shown lately, has not done, and has not refused."""
    due = matrix.columns["classic"] > 0
    refused = (vote.activity for vote in reader.votes if vote.vote != "like")
    due[matrix.rows_of((*history.shown, *history.done, *refused))] = False
    return due


def _explanation_inputs(
    matrix: ItemMatrix,
    rows: Sequence[int],
    preferences: Preferences,
    feedback: PersonFeedback,
    history: History,
    light: Mask,
) -> dict[int, ExplanationInputs]:
    """Return the inputs of each item's reasons: the reader's own data, and what both partners know."""
    chosen = (feedback.interests & v.INTERESTS.keys()) | feedback.causes
    liked = liked_features(matrix, feedback)
    enjoyed = enjoyed_rows(matrix, feedback)
    alike = _similarity(matrix, np.array(rows, np.intp), enjoyed)
    inputs = {}
    for at, (row, features) in enumerate(zip(rows, matrix.features(np.array(rows, np.intp)), strict=True)):
        contributions = features * preferences.weights
        best = [
            NAMES[index]
            for index in np.argsort(-contributions, kind="stable")[:6]
            if contributions[index] > _MIN_CONTRIBUTION
        ]
        leanings = [name for name in best if name in liked.names and name in _LABELLED_FEATURES]
        similar = np.where(enjoyed == row, 0.0, alike[at])
        best_title = ""
        if len(enjoyed) and similar.max() >= _ALIKE:
            best_title = matrix.items[enjoyed[int(np.argmax(similar))]].content.title
        inputs[row] = ExplanationInputs(
            history.done, history.matches, liked.liked, chosen, leanings, best_title, bool(light[row])
        )
    return inputs


def _similarity(matrix: ItemMatrix, rows: NDArray[np.intp], others: NDArray[np.intp]) -> Floats:
    """Return the cosines of the features of some rows and others."""
    one, other = (matrix.features(some)[:, 1:] for some in (rows, others))
    lengths = np.sqrt((one**2).sum(axis=1))[:, None] * np.sqrt((other**2).sum(axis=1))
    return np.asarray(one @ other.T / lengths)


def _relaxations(
    matrix: ItemMatrix, request: RecommendationRequest, available: Mask, has_time: Mask
) -> tuple[Relaxation, ...]:
    """Return the reader's limits that rule activities out, those that rule out most first.

    Count by the reader's own limits alone. A search applies no profile, so next to it a count that also applied the
    partner's limits would reveal what the partner rules out.
    """

    def count_fitting(candidate: RecommendationRequest, needs_time: bool = True) -> int:
        mask = available & has_time if needs_time else available
        return int((mask & eligible(matrix, candidate)).sum())

    fitting_now = count_fitting(request)
    relaxations = [
        Relaxation(name, count_fitting(without(request, name), name not in _LIMITS_ON_TIME))
        for name in RELAXABLE
        if without(request, name) != request
    ]
    return tuple(
        sorted(
            (relaxation for relaxation in relaxations if relaxation.fitting > fitting_now),
            key=lambda relaxation: (-relaxation.fitting, relaxation.limit),
        )
    )
