"""Measure what suggestions are worth to simulated couples, whose preferences only the benchmark knows (see couples.py).

    python -m tests.benchmarks.picking               the engine, its rivals, and each term left out
    python -m tests.benchmarks.picking --tune        the same on the seeds for tuning constants

The oracle knows preferences and boredom, and takes the best of the week. The spinner takes any eligible activity.
Popularity knows the mean appeal to 400 other persons. From five at random, the couple chooses as from the engine's
slate. All apply the same hard filters.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from planner.recommender.model.feature_matrix import WIDTH, ItemMatrix
from planner.recommender.model.filters import eligible
from planner.recommender.model.preference_model import PersonFeedback, Preferences
from planner.recommender.model.ranking import HYPERPARAMETERS, SLATE, History, Hyperparameters, rank
from planner.recommender.recommendation_log import RETENTION
from tests.benchmarks.couples import LIKES, LOATHES, WEEKS, Catalogue, Couple, Life, joint

TUNING = range(100_000)
"""Seeds on which constants may be tuned."""
REPORTED = range(700_000, 800_000)
"""Seeds of the reported figures, never used for tuning."""
COUPLES = 200
DECK = 10
VOTE_ON_CARD = 0.4
"""Probability that each person votes on each of three further cards in a week."""
IMPRESSION_WEEKS = RETENTION.days // 7
"""Weeks for which impressions count."""
VOTE_ON_SUGGESTION = 0.08
"""Probability that a person votes on a suggested item."""


@dataclass(frozen=True)
class Strategy:
    """One strategy of suggesting: the engine with these hyperparameters, or a rival."""

    hyperparameters: Hyperparameters = HYPERPARAMETERS
    deck: int = DECK
    profile: bool = True
    first: bool = False
    """Take the first item instead of choosing among five."""
    one_reader: bool = False
    """The same person asks every week; otherwise they take turns."""
    decks: bool = False
    """Both vote on another deck of ten every four weeks."""
    suggest: Callable[[Trial, int], list[int]] | None = None


@dataclass
class Trial:
    """One couple's weeks under one strategy."""

    couple: Couple
    strategy: Strategy
    life: Life = field(default_factory=Life)

    def run(self) -> dict[str, float]:
        """Run all weeks, and return the measures of this couple."""
        world, slates, felt_by_week, pleasing, vetoes = self.couple.world, [], [], 0, 0
        deal(self.couple, self.life, self.strategy.deck)
        for number in range(WEEKS):
            felt = self.couple.felt(self.life, number)
            slate = (self.strategy.suggest or Trial.suggest)(self, number)
            slates.append(slate)
            if self.strategy.decks and number % 4 == 3:
                deal(self.couple, self.life, 10, number)
            if not slate:
                continue
            week = self.couple.weeks[number]
            seems = joint(felt + week.glance)
            row = slate[0] if self.strategy.first else max(slate, key=lambda one: seems[one])
            pleasing += bool((felt[:, slate].min(axis=0) >= LIKES).any())
            vetoes += int((self.couple.appeal[:, slate].min(axis=0) < LOATHES).sum())
            self._respond(slate, number)
            felt_by_week.append(self.couple.live(self.life, number, row))
        felt = np.array(felt_by_week)
        joints = joint(felt.T)
        return {
            "joint": joints.mean(), "first ten": joints[:10].mean(), "less happy": felt.mean(axis=0).min(),
            "both like": pleasing / len(felt_by_week), "vetoes": vetoes / len(felt_by_week),
            "shown": len({one for slate in slates for one in slate}) / len(world.cards),
            "done": len(self.life.done),
        }  # fmt: skip

    def suggest(self, number: int) -> list[int]:
        """Return the engine's slate."""
        couple, life, strategy = self.couple, self.life, self.strategy
        week, reader = couple.weeks[number], self._reader(number)
        order = (reader, 1 - reader)
        group = [couple.person_feedback(life, person, number, strategy.profile) for person in order]
        seed = f"{couple.seed} {number}"
        slate = rank(
            couple.world.matrix,
            week.request,
            group,
            self._history(number),
            seed,
            hyperparameters=strategy.hyperparameters,
        )
        return [couple.world.matrix.row(one.card.id) for one in slate.ideas]

    def _reader(self, number: int) -> int:
        return 0 if self.strategy.one_reader else number % 2

    def _history(self, number: int) -> History:
        cards, life = self.couple.world.cards, self.life
        done = {cards[row].id: 7 * (number - weeks[-1]) for row, weeks in life.done.items()}
        categories: dict[str, int] = {}
        for row, weeks in life.done.items():
            name = cards[row].content.category
            categories[name] = min(7 * (number - weeks[-1]), categories.get(name, 10**6))
        nevers = {row for answers in life.answers for row, (vote, _) in answers.items() if vote == "never"}
        chance = np.random.default_rng([self.couple.seed, 3, number // 4])
        quarter = chance.permutation(len(cards))[: len(cards) // 4 - len(nevers)] if len(nevers) < 60 else []
        matches = [row for row, at in life.matches.items() if at < number <= at + 4]
        reader = self._reader(number)
        impressions = {
            cards[row].id: days
            for row, weeks in life.impressions[reader].items()
            if (days := sum(number - week <= IMPRESSION_WEEKS for week in weeks))
            and life.answers[reader].get(row, ("", 0))[0] != "like"
        }
        return History(
            done,
            categories,
            {cards[row].id for row in (*nevers, *quarter)},
            {cards[row].id for row in matches},
            impressions,
        )

    def _respond(self, slate: list[int], number: int) -> None:
        """Vote on some of the suggestions, and on a few more cards."""
        couple, life, week = self.couple, self.life, self.couple.weeks[number]
        chance = np.random.default_rng([couple.seed, 4, number])
        dealt = chance.permutation(dealable(couple))[:3] if self.strategy.deck else []
        for person in range(2):
            couple.vote(
                life, person, [row for row in slate if week.luck[person, row] < VOTE_ON_SUGGESTION], number, week.glance
            )
            couple.vote(
                life, person, [row for row in dealt if week.luck[person, row] < VOTE_ON_CARD], number, week.glance
            )
        for row in slate:
            life.impressions[self._reader(number)].setdefault(row, []).append(number)
        for row in dealt:
            if all(one.get(int(row), ("", 0))[0] == "like" for one in life.answers):
                life.matches.setdefault(int(row), number)


def deal(couple: Couple, life: Life, count: int, number: int = -1) -> None:
    """Deal a deck of varied cards within the couple's pace that neither has voted on; both vote on it."""
    if not count:
        return
    features = couple.world.matrix.features(np.arange(len(couple.world.cards)))[:, 1:]
    features = features / np.linalg.norm(features, axis=1, keepdims=True)
    possible = np.setdiff1d(dealable(couple), [row for answers in life.answers for row in answers])
    chance = np.random.default_rng([couple.seed, 5, number + 1])
    rows = [int(row) for row in chance.permutation(possible)[:1]]
    while len(rows) < min(count, len(possible)):
        similarity = (features[possible] @ features[rows].T).max(axis=1) + chance.uniform(0, 0.3, len(possible))
        rows.append(int(possible[np.argmin(similarity)]))
    glance = chance.normal(0, 0.15, couple.appeal.shape)
    for person in range(2):
        couple.vote(life, person, rows, number, glance)
    for row in rows:
        if all(one[row][0] == "like" for one in life.answers):
            life.matches[row] = number


def dealable(couple: Couple) -> np.ndarray:
    """Return the rows that may be dealt to the couple: for two, within their pace."""
    return np.flatnonzero(eligible(couple.world.matrix, couple.weeks[0].request, ("party", "pace")))


def oracle(trial: Trial, number: int) -> list[int]:
    """Return the best eligible items by what both would feel."""
    scores = np.where(trial.couple.possible(number), joint(trial.couple.felt(trial.life, number)), -1)
    return [int(row) for row in np.argsort(-scores)[:SLATE] if scores[row] >= 0]


def at_random(trial: Trial, number: int) -> list[int]:
    """Return random eligible items."""
    rows = np.flatnonzero(trial.couple.possible(number))
    return [int(row) for row in np.random.default_rng([trial.couple.seed, 6, number]).permutation(rows)[:SLATE]]


def popular(trial: Trial, number: int) -> list[int]:
    """Return the most popular eligible items that were not done in the last ten weeks."""
    scores = np.where(trial.couple.possible(number), trial.couple.world.popular, -1)
    scores[[row for row, weeks in trial.life.done.items() if number - weeks[-1] < 10]] -= 1
    return [int(row) for row in np.argsort(-scores)[:SLATE] if scores[row] > -1]


def beta_bernoulli(
    matrix: ItemMatrix, person_feedback: PersonFeedback, causes: frozenset[str], privacy_noise: float = 0.0
) -> Preferences:
    """Fit another model of one person: the rate of likes per feature, with a Beta(2, 2) prior, averaged."""
    likes, count = np.zeros(WIDTH), np.zeros(WIDTH)
    observations = [(one.activity, one.vote == "like") for one in person_feedback.votes]
    observations += [(one.activity, (one.rating or 3) >= 4) for one in person_feedback.ratings if one.rating]
    for activity, liked in observations:
        has = matrix.features(matrix.rows_of([activity]))[0] > 0
        likes[has] += liked
        count[has] += 1
    share = (likes + 2) / (count + 4) - 0.5
    return Preferences(share, np.array([], np.intp), np.array([]))


RIVALS = {
    "oracle": Strategy(suggest=oracle, first=True),
    "spinner": Strategy(suggest=at_random, first=True),
    "popularity": Strategy(suggest=popular, first=True),
    "five at random": Strategy(suggest=at_random),
    "five popular": Strategy(suggest=popular),
}
ENGINE = Strategy()


def engine_with(**hyperparameters: object) -> Strategy:
    """Return the engine with some hyperparameters changed."""
    return replace(ENGINE, hyperparameters=replace(HYPERPARAMETERS, **hyperparameters))


WITHOUT = {
    "the engine": ENGINE,
    "its first card, no choice": replace(ENGINE, first=True),
    "no fatigue": engine_with(item_fatigue=0.0, category_fatigue=0.0, theme_fatigue=0.0),
    "no fatigue of categories": engine_with(category_fatigue=0.0),
    "no fatigue of themes": engine_with(theme_fatigue=0.0),
    "no minimum": engine_with(misery=0.0),
    "minimum at once (fixed)": engine_with(misery_half=0.0),
    "no variety": engine_with(mmr_diversity=0.0),
    "no exploration": engine_with(exploration_temperature=0.0),
    "more exploration (0.03)": engine_with(exploration_temperature=0.03),
    "no fatigue of impressions": engine_with(impression_fatigue=0.0),
    "no deck at all": replace(ENGINE, deck=0),
    "a first deck of twenty": replace(ENGINE, deck=20),
    "a further deck every 4 weeks": replace(ENGINE, decks=True),
    "only one of the two asks": replace(ENGINE, one_reader=True),
    "no profile": replace(ENGINE, profile=False),
    "Beta-Bernoulli instead": engine_with(fit=beta_bernoulli),
    "no noise on the partner's votes": engine_with(privacy_noise=0.0),
    "no privacy at all": engine_with(privacy_noise=0.0, exploration_temperature=0.0, shared_secrets=True),
    "the partner's votes not used": engine_with(privacy_noise=1e6),
}


def measure(strategies: dict[str, Strategy], seeds: range, couples: int = COUPLES) -> dict[str, dict[str, np.ndarray]]:
    """Return the measures of each strategy, one number per couple, with the same couples and draws for all."""
    world = Catalogue()
    results: dict[str, list[dict[str, float]]] = {name: [] for name in strategies}
    for seed in seeds[:couples]:
        couple = Couple(world, seed)
        for name, strategy in strategies.items():
            results[name].append(Trial(couple, strategy).run())
    return {name: {key: np.array([one[key] for one in rows]) for key in rows[0]} for name, rows in results.items()}


def mean(values: np.ndarray, sign: str = "") -> str:
    """Return a mean and its standard error as text."""
    error = values.std(ddof=1) / math.sqrt(len(values))
    return f"{values.mean():{sign}.1f} ±{error:.1f}" if values.mean() > 5 else f"{values.mean():{sign}.3f} ±{error:.3f}"


def gap_closed(results: dict[str, dict[str, np.ndarray]], low: str, what: str, key: str) -> str:
    """Return the share of the gap from a rival to the oracle that is closed, with its bootstrap standard error."""
    lower, middle, upper = (results[name][key] for name in (low, what, "oracle"))
    chance, count = np.random.default_rng(1), len(lower)
    draws = [chance.integers(0, count, count) for _ in range(400)]
    shares = [(middle[d].mean() - lower[d].mean()) / (upper[d].mean() - lower[d].mean()) for d in draws]
    gap = (middle.mean() - lower.mean()) / (upper.mean() - lower.mean())
    return f"{gap:.1%} ±{np.std(shares):.1%}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--couples", type=int, default=COUPLES)
    arguments = parser.parse_args()
    seeds = TUNING if arguments.tune else REPORTED
    began = time.perf_counter()
    results = measure({**RIVALS, **WITHOUT}, seeds, arguments.couples)
    print(
        f"{arguments.couples} couples, seeds from {seeds[0]}, {WEEKS} weeks, one date a week; ± is one standard error\n"
    )
    print(f"{'':32}" + "".join(f"{key:>15}" for key in results["oracle"]))
    for name, one in results.items():
        print(f"{name:32}" + "".join(f"{mean(values):>15}" for values in one.values()))
    engine = results["the engine"]
    keys = ("joint", "first ten", "less happy", "both like")
    print(f"\n{'left out or changed: difference':32}" + "".join(f"{key:>15}" for key in keys))
    for name in list(WITHOUT)[1:]:
        print(f"{name:32}" + "".join(f"{mean(results[name][key] - engine[key], '+'):>15}" for key in keys))
    print()
    for what, low in (
        ("its first card, no choice", "spinner"),
        ("the engine", "spinner"),
        ("a further deck every 4 weeks", "spinner"),
        ("the engine", "five at random"),
    ):
        for key in ("first ten", "joint"):
            print(f"of the way from {low} to oracle, {what}, {key}: {gap_closed(results, low, what, key)}")
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
