"""Ranking: which activities fit a question, in what order, and why. Pure numpy: no database, no clock.

First the hard limits of everybody concerned, then one score for each activity that keeps them:

    joint appeal · satiation of the activity, its category and its themes · what it lost by being shown in vain
                 + a drawn near-tie

and last a slate of five that differ. Each constant stands in `Terms` with its reason; tests/benchmarks/picking.py says
what each term is worth. The order of the rows is of no consequence, and the same seed gives the same slate.

**Sealed means sealed.** See SWAY for what one vote of one person can change in what the other is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from planner.recommender.model.explanations import ExplanationInputs, Reason, explain
from planner.recommender.model.feature_matrix import (
    KINDS,
    NAMES,
    THEME,
    THEMES,
    WIDTH,
    ActivityItem,
    Floats,
    ItemMatrix,
    Mask,
    splitmix64,
)
from planner.recommender.model.filters import eligible
from planner.recommender.model.preference_model import (
    NEUTRAL,
    Fit,
    PersonFeedback,
    Preferences,
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
from seeds import vocabulary as v

SLATE = 5
"""How many at once: enough to differ, few enough to read on a phone."""

SHORTLIST = 60
"""How many of the best are compared for variety: twelve slates deep, and quick at any size of catalogue."""


_NEVER = 10**9
"""Days since what was never done."""

_TELLING = 0.01
"""The least that one attribute must add to an appeal to be named as a reason."""

_NAMED = frozenset(v.CATEGORIES) | frozenset(v.TAGS)
"""The attributes that people have words for."""

SWAY = 0.03
"""The most by which one vote of one person moves a score in the other's ranking, and what this means for the other.

A vote enters the weights of attributes only (no activity stands out by it, see voices), between like and everything
else at most 0.42 apart, with a noise of 0.06, a veil of 0.4 and what is each activity's own on top. A row of attributes
has at most unit length, so an appeal moves by at most 0.42 TASTE / (TASTE + OWN + 0.46) = 0.032, and the joint appeal
by at most 0.85 of that, whatever else is known. Each card is then drawn by softmax at the scale `near`.

Over couples with a first deck of ten, the whole slate of five, in its order, is distributed so alike with either vote
that the total variation is 0.2 at most on average and 0.4 in the worst: somebody who knows all else, and this one vote
but for two possibilities, would guess it right from one day's slate in 6 of 10 cases, where a coin is right in 5. More
answers bring it down further. This is for one slate; somebody who watched for months would learn what the other tends
to like, which living together teaches sooner. Outcomes, profiles and matches are not under this bound.
tests/planner/recommender/test_sealed.py measures both.
"""


@dataclass(frozen=True)
class Hyperparameters:
    """The constants of the score; appeals lie around 0 to 1. Chosen on the tuning seeds of tests/benchmarks/picking.py.

    A benchmark leaves a term out by setting it to nothing.
    """

    misery: float = 0.5
    """The most that the less happy of the two weighs by being so: a fixed weight raised the less satisfied partner's
    rating on 263 real two-person households when much was known, and lowered it when little was."""
    misery_half: float = 25.0
    """Words of the quieter of the two at which half of it is reached."""
    item_fatigue: float = 0.95
    item_fatigue_days: float = 60.0
    """What was done yesterday has almost no appeal; after two months a good third is still missing."""
    category_fatigue: float = 0.35
    category_fatigue_days: float = 10.0
    """Two museums in a row bore before two Sundays do."""
    theme_fatigue: float = 0.3
    theme_fatigue_days: float = 15.0
    """So do two evenings of music, one in a museum and one at home: boredom reaches as far as things share tags."""
    mmr_diversity: float = 0.3
    """Maximal marginal relevance (Carbonell and Goldstein 1998): five ideas should be five kinds of evening."""
    exploration_temperature: float = 0.012
    """Scale of the draw: differences of appeal well below what anybody feels are left to chance."""
    impression_fatigue: float = 0.12
    max_impressions: int = 3
    """What was on a slate and never liked loses some of its appeal, on each of so many days: passing something over
    says a little, and says it again. It never falls as far as what was just done."""
    privacy_noise: float = 0.4
    """Variance that is added to the noise of each vote of the other: see SWAY."""
    fit: Fit = fit
    """The model of one person."""
    shared_secrets: bool = False
    """True would use what one person said of an activity itself for the other as well: only to measure what the seal
    costs."""


HYPERPARAMETERS = Hyperparameters()


@dataclass(frozen=True)
class History:
    """What lies behind the two (or the one), as far as the reader may know it; times in days ago.

    `resting` is left out: declined, planned already, nevers of either and the resting quarter, in one. `matches` are
    those that show. `shown` counts the days on which the reader saw a card and did nothing, what was liked aside.
    """

    done: Mapping[UUID, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    resting: Collection[UUID] = frozenset()
    matches: Collection[UUID] = frozenset()
    shown: Mapping[UUID, int] = field(default_factory=dict)


class RecommendedItem(NamedTuple):
    """One activity on a slate, with the reasons why it fits."""

    card: ActivityItem
    reasons: tuple[Reason, ...]


class Relaxation(NamedTuple):
    """One wish of the reader's own (a name of RELAXABLE), and how many activities would fit the reader without it."""

    limit: str
    fitting: int


class Slate(NamedTuple):
    """At most `size` ideas, how many activities fit in all, and, where those are few, what to relax, the best first."""

    ideas: tuple[RecommendedItem, ...]
    fitting: int
    relax: tuple[Relaxation, ...]


def rank(
    stock: ItemMatrix,
    asked: RecommendationRequest,
    voices: Sequence[PersonFeedback],
    past: History,
    seed: str,
    size: int = SLATE,
    *,
    others: Sequence[HardConstraints] = (),
    skip: Collection[UUID] = (),
    awake: Mask | None = None,
    extra: Floats | None = None,
    terms: Hyperparameters = HYPERPARAMETERS,
) -> Slate:
    """The slate for a reader, alone or with one other.

    `voices` begins with the reader's; `asked` holds the reader's own limits and the couple's pace, `others` those of
    the other. `skip` is what was on earlier slates of the same question. `awake` are the rows that may be shown at all:
    what rests with the quarter is too much to name. `extra`, one number a row, is added to the joint appeal.
    """
    awake = np.ones(len(stock), bool) if awake is None else awake.copy()
    awake[stock.rows_of(past.resting)] = False
    kept = awake & eligible(stock, merge_constraints(asked, *others))
    total = int(kept.sum())
    kept[stock.rows_of(skip)] = False
    rows = np.flatnonzero(kept)
    tastes = _tastes(stock, voices, terms)
    scores = score(stock, tastes, voices, past, terms, extra)[rows]
    chosen = _diversify(stock, rows, scores, seed, min(size, len(rows)), terms)
    # The causes that rank are those that the other has chosen, too: no reason may tell of them.
    mine = terms.fit(stock, voices[0], frozenset(), 0.0) if voices[0].causes else tastes[0]
    grounds = _explanation_inputs(stock, chosen, mine, voices[0], past)
    ideas = tuple(RecommendedItem(stock.cards[row], explain(stock.cards[row], asked, grounds[row])) for row in chosen)
    return Slate(ideas, total, _relaxations(stock, asked, awake) if total < size else ())


def score(
    stock: ItemMatrix,
    tastes: Sequence[Preferences],
    voices: Sequence[PersonFeedback],
    past: History,
    terms: Hyperparameters = HYPERPARAMETERS,
    extra: Floats | None = None,
) -> Floats:
    """How good an idea each row is now, before the draw and whatever its limits."""
    # The attributes of all rows are the most that is read: once, for the appeals and for what shares themes.
    weights = np.column_stack([*(taste.weights for taste in tastes), _theme_fatigue(stock, past, terms)])
    *appeals, boredom = np.ascontiguousarray(stock.predict(weights).T, float)
    joint = _aggregate(_appeals(stock, np.array(appeals), tastes, past, terms), voices, terms)
    if extra is not None:
        joint = joint + extra
    return _apply_fatigue(stock, joint * np.exp(-boredom), past, terms)


def gumbel_order(keys: NDArray[np.uint64], seed: str) -> Floats:
    """A standard Gumbel variate for each key: adding it and taking the largest draws by softmax (Gumbel 1954)."""
    start = np.frombuffer(hashlib.blake2b(seed.encode(errors="replace"), digest_size=8).digest(), np.uint64)
    # Neither 0 nor 1, in doubles: the last step above 52 bits would round to 1, and its variate to infinity.
    even = (splitmix64(keys ^ start) >> np.uint64(12)).astype(float) * 2.0**-52 + 2.0**-53
    return np.asarray(-np.log(-np.log(even)))


def _tastes(stock: ItemMatrix, voices: Sequence[PersonFeedback], terms: Hyperparameters) -> list[Preferences]:
    # A cause counts when everybody has chosen it: a helping hand is given by two.
    causes = frozenset.intersection(*(voice.causes for voice in voices))
    return [terms.fit(stock, voice, causes, terms.privacy_noise * (at > 0)) for at, voice in enumerate(voices)]


def _appeals(
    stock: ItemMatrix, explained: Floats, tastes: Sequence[Preferences], past: History, terms: Hyperparameters
) -> Floats:
    """The appeal of every row to each person, (persons, rows): by its attributes, and by what is its own."""
    appeals = explained + NEUTRAL
    matched = stock.rows_of(past.matches)
    for person, taste in enumerate(tastes):
        usable = np.ones(len(taste.rows), bool)
        if person > 0 and not terms.shared_secrets:
            usable = np.isin(taste.rows, matched)
        appeals[person, taste.rows[usable]] += taste.own[usable]
    return np.asarray(np.maximum(appeals, 0.0))


def _aggregate(appeals: Floats, voices: Sequence[PersonFeedback], terms: Hyperparameters) -> Floats:
    """Return (1 - lambda) · mean + lambda · minimum for two people; the appeal itself for one."""
    if len(appeals) == 1:
        return np.asarray(appeals[0])
    least = min(observation_count(voice) for voice in voices)
    misery = terms.misery * least / (least + terms.misery_half)
    return np.asarray((1 - misery) * appeals.mean(axis=0) + misery * appeals.min(axis=0))


def _theme_fatigue(stock: ItemMatrix, past: History, terms: Hyperparameters) -> Floats:
    """Weights of attributes by which a row bores: k_theme for one that has all the themes of what was done today."""
    rows, ages = _done(stock, past)
    weights = np.zeros(WIDTH)
    fresh = terms.theme_fatigue * np.exp(-ages / terms.theme_fatigue_days)
    weights[THEMES] = fresh @ stock.features(rows)[:, THEMES] / THEME
    return weights


def _done(stock: ItemMatrix, past: History) -> tuple[NDArray[np.intp], Floats]:
    """The rows of what was done, and how many days ago."""
    done = {row: max(0, days) for one, days in past.done.items() if (row := stock.row(one)) is not None}
    return np.array(list(done), np.intp), np.array(list(done.values()), float)


def _apply_fatigue(stock: ItemMatrix, joint: Floats, past: History, terms: Hyperparameters) -> Floats:
    """Lower the worth of what was done lately, of its category, and of what was shown in vain."""
    worth = joint.copy()
    ages = np.array([max(0, past.categories.get(name, _NEVER)) for name in KINDS], float)
    worth *= (1 - terms.category_fatigue * np.exp(-ages / terms.category_fatigue_days))[stock.columns["category"]]
    rows, ages = _done(stock, past)
    worth[rows] *= 1 - terms.item_fatigue * np.exp(-ages / terms.item_fatigue_days)
    for days in range(1, terms.max_impressions + 1):
        shown = stock.rows_of(one for one, count in past.shown.items() if min(count, terms.max_impressions) == days)
        worth[shown] *= 1 - terms.impression_fatigue * days
    return worth


def _diversify(
    stock: ItemMatrix, rows: NDArray[np.intp], scores: Floats, seed: str, size: int, terms: Hyperparameters
) -> list[int]:
    """The best, each drawn anew with regard to how like it is to those taken before; the order of rows is none."""
    keys = stock.keys[rows]
    drawing = scores + terms.exploration_temperature * gumbel_order(keys, seed)
    if len(rows) > SHORTLIST:
        best = np.argpartition(-drawing, SHORTLIST)[:SHORTLIST]
        rows, scores, keys, drawing = rows[best], scores[best], keys[best], drawing[best]
    order = np.argsort(keys)  # so that equal worths fall alike in whatever order the rows came
    rows, scores, keys, drawing = rows[order], scores[order], keys[order], drawing[order]
    marks = stock.features(rows)[:, 1:]
    marks /= np.sqrt((marks**2).sum(axis=1, keepdims=True))
    like = np.zeros(len(rows))
    taken: list[int] = []
    for step in range(size):
        if step:
            drawing = scores + terms.exploration_temperature * gumbel_order(keys, f"{seed} {step}")
        worth = (1 - terms.mmr_diversity) * drawing - terms.mmr_diversity * like
        worth[taken] = -np.inf
        taken.append(int(np.argmax(worth)))
        like = np.maximum(like, marks @ marks[taken[-1]])
    return [int(rows[at]) for at in taken]


def _explanation_inputs(
    stock: ItemMatrix, rows: Sequence[int], taste: Preferences, voice: PersonFeedback, past: History
) -> dict[int, ExplanationInputs]:
    """What the reasons of each card may be drawn from: the reader's own, and what both know."""
    chosen = (voice.interests & v.INTERESTS.keys()) | voice.causes
    fond = liked_features(stock, voice)
    found = {}
    for row, marks in zip(rows, stock.features(np.array(rows, np.intp)), strict=True):
        raised = marks * taste.weights
        best = [NAMES[at] for at in np.argsort(-raised, kind="stable")[:6] if raised[at] > _TELLING]
        leanings = [name for name in best if name in fond.names and name in _NAMED]
        found[row] = ExplanationInputs(past.done, past.matches, fond.liked, chosen, leanings)
    return found


def _relaxations(stock: ItemMatrix, asked: RecommendationRequest, awake: Mask) -> tuple[Relaxation, ...]:
    """The reader's own wishes that keep something out, those first that keep out most.

    Counted by the reader's own limits alone: beside a search, which keeps nobody's profile, a count that also kept the
    other's would say at once what the other rules out.
    """

    def count(question: RecommendationRequest) -> int:
        return int((awake & eligible(stock, question)).sum())

    now = count(asked)
    found = [Relaxation(name, count(without(asked, name))) for name in RELAXABLE if without(asked, name) != asked]
    return tuple(sorted((one for one in found if one.fitting > now), key=lambda one: (-one.fitting, one.limit)))
