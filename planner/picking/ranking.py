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

from planner.picking.limits import fitting
from planner.picking.question import RELAXABLE, Needs, Question, relaxed, stricter
from planner.picking.reasons import Grounds, Reason, explain
from planner.picking.stock import KINDS, NAMES, THEME, THEMES, WIDTH, Card, Floats, Mask, Stock, mix
from planner.picking.voices import NEUTRAL, Fit, Taste, Voice, fit, fond_of, known
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
tests/planner/picking/test_sealed.py measures both.
"""


@dataclass(frozen=True)
class Terms:
    """The constants of the score; appeals lie around 0 to 1. Chosen on the tuning seeds of tests/benchmarks/picking.py.

    A benchmark leaves a term out by setting it to nothing.
    """

    misery: float = 0.5
    """The most that the less happy of the two weighs by being so: a fixed weight raised the less satisfied partner's
    rating on 263 real two-person households when much was known, and lowered it when little was."""
    misery_half: float = 25.0
    """Words of the quieter of the two at which half of it is reached."""
    k_item: float = 0.95
    tau_item: float = 60.0
    """What was done yesterday has almost no appeal; after two months a good third is still missing."""
    k_category: float = 0.35
    tau_category: float = 10.0
    """Two museums in a row bore before two Sundays do."""
    k_theme: float = 0.3
    tau_theme: float = 15.0
    """So do two evenings of music, one in a museum and one at home: boredom reaches as far as things share tags."""
    variety: float = 0.3
    """Maximal marginal relevance (Carbonell and Goldstein 1998): five ideas should be five kinds of evening."""
    near: float = 0.012
    """Scale of the draw: differences of appeal well below what anybody feels are left to chance."""
    k_shown: float = 0.12
    shown_most: int = 3
    """What was on a slate and never liked loses some of its appeal, on each of so many days: passing something over
    says a little, and says it again. It never falls as far as what was just done."""
    veil: float = 0.4
    """Variance that is added to the noise of each vote of the other: see SWAY."""
    fit: Fit = fit
    """The model of one person."""
    shared_secrets: bool = False
    """True would use what one person said of an activity itself for the other as well: only to measure what the seal
    costs."""


TERMS = Terms()


@dataclass(frozen=True)
class Past:
    """What lies behind the two (or the one), as far as the reader may know it; times in days ago.

    `resting` is left out: declined, planned already, nevers of either and the resting quarter, in one. `matches` are
    those that show. `shown` counts the days on which the reader saw a card and did nothing, what was liked aside.
    """

    done: Mapping[UUID, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    resting: Collection[UUID] = frozenset()
    matches: Collection[UUID] = frozenset()
    shown: Mapping[UUID, int] = field(default_factory=dict)


class Idea(NamedTuple):
    """One activity on a slate, with the reasons why it fits."""

    card: Card
    reasons: tuple[Reason, ...]


class Relaxation(NamedTuple):
    """One wish of the reader's own (a name of RELAXABLE), and how many activities would fit the reader without it."""

    limit: str
    fitting: int


class Slate(NamedTuple):
    """At most `size` ideas, how many activities fit in all, and, where those are few, what to relax, the best first."""

    ideas: tuple[Idea, ...]
    fitting: int
    relax: tuple[Relaxation, ...]


def rank(
    stock: Stock, asked: Question, voices: Sequence[Voice], past: Past, seed: str, size: int = SLATE, *,
    others: Sequence[Needs] = (), skip: Collection[UUID] = (),
    awake: Mask | None = None, extra: Floats | None = None, terms: Terms = TERMS,
) -> Slate:  # fmt: skip
    """The slate for a reader, alone or with one other.

    `voices` begins with the reader's; `asked` holds the reader's own limits and the couple's pace, `others` those of
    the other. `skip` is what was on earlier slates of the same question. `awake` are the rows that may be shown at all:
    what rests with the quarter is too much to name. `extra`, one number a row, is added to the joint appeal.
    """
    awake = np.ones(len(stock), bool) if awake is None else awake.copy()
    awake[stock.among(past.resting)] = False
    kept = awake & fitting(stock, stricter(asked, *others))
    total = int(kept.sum())
    kept[stock.among(skip)] = False
    rows = np.flatnonzero(kept)
    tastes = _tastes(stock, voices, terms)
    scores = score(stock, tastes, voices, past, terms, extra)[rows]
    chosen = _varied(stock, rows, scores, seed, min(size, len(rows)), terms)
    # The causes that rank are those that the other has chosen, too: no reason may tell of them.
    mine = terms.fit(stock, voices[0], frozenset(), 0.0) if voices[0].causes else tastes[0]
    grounds = _grounds(stock, chosen, mine, voices[0], past)
    ideas = tuple(Idea(stock.cards[row], explain(stock.cards[row], asked, grounds[row])) for row in chosen)
    return Slate(ideas, total, _relaxations(stock, asked, awake) if total < size else ())


def score(
    stock: Stock, tastes: Sequence[Taste], voices: Sequence[Voice], past: Past, terms: Terms = TERMS,
    extra: Floats | None = None,
) -> Floats:  # fmt: skip
    """How good an idea each row is now, before the draw and whatever its limits."""
    # The attributes of all rows are the most that is read: once, for the appeals and for what shares themes.
    weights = np.column_stack([*(taste.weights for taste in tastes), _bored(stock, past, terms)])
    *appeals, boredom = np.ascontiguousarray(stock.appeal(weights).T, float)
    joint = _joint(_appeals(stock, np.array(appeals), tastes, past, terms), voices, terms)
    if extra is not None:
        joint = joint + extra
    return _sated(stock, joint * np.exp(-boredom), past, terms)


def drawn(keys: NDArray[np.uint64], seed: str) -> Floats:
    """A standard Gumbel variate for each key: adding it and taking the largest draws by softmax (Gumbel 1954)."""
    start = np.frombuffer(hashlib.blake2b(seed.encode(errors="replace"), digest_size=8).digest(), np.uint64)
    # Neither 0 nor 1, in doubles: the last step above 52 bits would round to 1, and its variate to infinity.
    even = (mix(keys ^ start) >> np.uint64(12)).astype(float) * 2.0**-52 + 2.0**-53
    return np.asarray(-np.log(-np.log(even)))


def _tastes(stock: Stock, voices: Sequence[Voice], terms: Terms) -> list[Taste]:
    # A cause counts when everybody has chosen it: a helping hand is given by two.
    causes = frozenset.intersection(*(voice.causes for voice in voices))
    return [terms.fit(stock, voice, causes, terms.veil * (at > 0)) for at, voice in enumerate(voices)]


def _appeals(stock: Stock, explained: Floats, tastes: Sequence[Taste], past: Past, terms: Terms) -> Floats:
    """The appeal of every row to each person, (persons, rows): by its attributes, and by what is its own."""
    appeals = explained + NEUTRAL
    matched = stock.among(past.matches)
    for person, taste in enumerate(tastes):
        usable = np.ones(len(taste.rows), bool)
        if person > 0 and not terms.shared_secrets:
            usable = np.isin(taste.rows, matched)
        appeals[person, taste.rows[usable]] += taste.own[usable]
    return np.asarray(np.maximum(appeals, 0.0))


def _joint(appeals: Floats, voices: Sequence[Voice], terms: Terms) -> Floats:
    """Return (1 - lambda) · mean + lambda · minimum for two people; the appeal itself for one."""
    if len(appeals) == 1:
        return np.asarray(appeals[0])
    least = min(known(voice) for voice in voices)
    misery = terms.misery * least / (least + terms.misery_half)
    return np.asarray((1 - misery) * appeals.mean(axis=0) + misery * appeals.min(axis=0))


def _bored(stock: Stock, past: Past, terms: Terms) -> Floats:
    """Weights of attributes by which a row bores: k_theme for one that has all the themes of what was done today."""
    rows, ages = _done(stock, past)
    weights = np.zeros(WIDTH)
    fresh = terms.k_theme * np.exp(-ages / terms.tau_theme)
    weights[THEMES] = fresh @ stock.attributes(rows)[:, THEMES] / THEME
    return weights


def _done(stock: Stock, past: Past) -> tuple[NDArray[np.intp], Floats]:
    """The rows of what was done, and how many days ago."""
    done = {row: max(0, days) for one, days in past.done.items() if (row := stock.row(one)) is not None}
    return np.array(list(done), np.intp), np.array(list(done.values()), float)


def _sated(stock: Stock, joint: Floats, past: Past, terms: Terms) -> Floats:
    """Lower the worth of what was done lately, of its category, and of what was shown in vain."""
    worth = joint.copy()
    ages = np.array([max(0, past.categories.get(name, _NEVER)) for name in KINDS], float)
    worth *= (1 - terms.k_category * np.exp(-ages / terms.tau_category))[stock.columns["category"]]
    rows, ages = _done(stock, past)
    worth[rows] *= 1 - terms.k_item * np.exp(-ages / terms.tau_item)
    for days in range(1, terms.shown_most + 1):
        shown = stock.among(one for one, count in past.shown.items() if min(count, terms.shown_most) == days)
        worth[shown] *= 1 - terms.k_shown * days
    return worth


def _varied(stock: Stock, rows: NDArray[np.intp], scores: Floats, seed: str, size: int, terms: Terms) -> list[int]:
    """The best, each drawn anew with regard to how like it is to those taken before; the order of rows is none."""
    keys = stock.keys[rows]
    drawing = scores + terms.near * drawn(keys, seed)
    if len(rows) > SHORTLIST:
        best = np.argpartition(-drawing, SHORTLIST)[:SHORTLIST]
        rows, scores, keys, drawing = rows[best], scores[best], keys[best], drawing[best]
    order = np.argsort(keys)  # so that equal worths fall alike in whatever order the rows came
    rows, scores, keys, drawing = rows[order], scores[order], keys[order], drawing[order]
    marks = stock.attributes(rows)[:, 1:]
    marks /= np.sqrt((marks**2).sum(axis=1, keepdims=True))
    like = np.zeros(len(rows))
    taken: list[int] = []
    for step in range(size):
        if step:
            drawing = scores + terms.near * drawn(keys, f"{seed} {step}")
        worth = (1 - terms.variety) * drawing - terms.variety * like
        worth[taken] = -np.inf
        taken.append(int(np.argmax(worth)))
        like = np.maximum(like, marks @ marks[taken[-1]])
    return [int(rows[at]) for at in taken]


def _grounds(stock: Stock, rows: Sequence[int], taste: Taste, voice: Voice, past: Past) -> dict[int, Grounds]:
    """What the reasons of each card may be drawn from: the reader's own, and what both know."""
    chosen = (voice.interests & v.INTERESTS.keys()) | voice.causes
    fond = fond_of(stock, voice)
    found = {}
    for row, marks in zip(rows, stock.attributes(np.array(rows, np.intp)), strict=True):
        raised = marks * taste.weights
        best = [NAMES[at] for at in np.argsort(-raised, kind="stable")[:6] if raised[at] > _TELLING]
        leanings = [name for name in best if name in fond.names and name in _NAMED]
        found[row] = Grounds(past.done, past.matches, fond.liked, chosen, leanings)
    return found


def _relaxations(stock: Stock, asked: Question, awake: Mask) -> tuple[Relaxation, ...]:
    """The reader's own wishes that keep something out, those first that keep out most.

    Counted by the reader's own limits alone: beside a search, which keeps nobody's profile, a count that also kept the
    other's would say at once what the other rules out.
    """

    def count(question: Question) -> int:
        return int((awake & fitting(stock, question)).sum())

    now = count(asked)
    found = [Relaxation(name, count(relaxed(asked, name))) for name in RELAXABLE if relaxed(asked, name) != asked]
    return tuple(sorted((one for one in found if one.fitting > now), key=lambda one: (-one.fitting, one.limit)))
