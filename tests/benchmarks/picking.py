"""Measure what suggestions are worth to simulated couples, whose preferences only the benchmark knows.

    python -m tests.benchmarks.picking                    the engine, its rivals, and each term left out, in both worlds
    python -m tests.benchmarks.picking --world other      in one of them (see couples.py and other_couples.py)
    python -m tests.benchmarks.picking --tune             the same on the seeds for choosing constants
    python -m tests.benchmarks.picking --only engine      the rivals and one strategy

Constants are chosen on the tuning seeds of both worlds. So the reported seeds are new couples, but no new world.

The main figure is the share of the way from the spinner to the oracle. Both offer five ideas, and the couple chooses
from them at a glance. The spinner offers any five that pass the filters. The oracle knows preferences and boredom, and
offers the best of the week. "linear" is a plain Bayesian linear model of each person (see linear.py). "all weights
known" knows boredom and the exact weights of all features, but not what no feature explains of a taste: it bounds what
can be learned from features. "popularity" knows the mean appeal to 400 other persons.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from planner.recommender.model.filters import eligible
from planner.recommender.model.preference_model import PersonFeedback, votes_for_partner
from planner.recommender.model.ranking import HYPERPARAMETERS, SLATE, History, Hyperparameters, rank
from planner.recommender.recommendation_log import RETENTION
from tests.benchmarks import linear
from tests.benchmarks.couples import WEEKS, Catalogue, Couple, Life
from tests.benchmarks.other_couples import OtherCatalogue, OtherCouple

TUNING = range(100_000)
"""Seeds on which constants may be tuned."""
REPORTED = range(700_000, 800_000)
"""Seeds of the reported figures, never used for tuning."""
WORLDS: dict[str, tuple[Any, Any]] = {"first": (Catalogue, Couple), "other": (OtherCatalogue, OtherCouple)}
COUPLES = 200
DECK, CARDS, VOTE_ON_CARD = 10, 3, 0.4
"""Cards of the first deck, further cards in a week, and the probability of a vote on one of these."""
CARDS_OF_FIRST_DAYS = 90
"""Cards of the first three days of the product. After them, it deals up to ten a day while there are new ones."""
IMPRESSION_WEEKS = RETENTION.days // 7
"""Weeks for which impressions count."""
VOTE_ON_SUGGESTION = 0.08
"""Probability that a person votes on a suggested item."""


@dataclass(frozen=True)
class Strategy:
    """One strategy of suggesting: the engine with these hyperparameters, or a rival."""

    hyperparameters: Hyperparameters = HYPERPARAMETERS
    deck: int = DECK
    cards: int = CARDS
    vote_on_card: float = VOTE_ON_CARD
    profile: bool = True
    partner: bool = True
    """Use the votes of the partner."""
    first: bool = False
    """Take the first item instead of choosing among five."""
    suggest: Callable[[Trial, int], list[int]] | None = None


@dataclass
class Trial:
    """One couple's weeks under one strategy."""

    couple: Any
    strategy: Strategy
    life: Life = field(default_factory=Life)

    def run(self) -> dict[str, float]:
        """Run all weeks, and return the measures of this couple."""
        couple, slates = self.couple, list[list[int]]()
        felt_by_week: dict[int, np.ndarray] = {}
        pleasing, vetoes = 0, 0
        deal(couple, self.life, self.strategy.deck)
        for number in range(WEEKS):
            is_date = couple.is_date(number)
            felt = couple.felt(self.life, number)
            slate = (self.strategy.suggest or Trial.suggest)(self, number) if is_date else []
            slates.append(slate)
            self._respond(slate, number)
            if slate:
                seems = felt + couple.weeks[number].glance
                row = slate[0] if self.strategy.first else couple.choose(seems, slate, number)
                pleasing += bool((felt[:, slate].min(axis=0) >= couple.likes).any())
                vetoes += int((couple.appeal[:, slate].min(axis=0) < couple.loathes).sum())
                felt_by_week[number] = couple.live(self.life, number, row)
        joints = {number: couple.joint(felt) for number, felt in felt_by_week.items()}
        return {
            "all": float(np.mean(list(joints.values()))),
            "first ten": float(np.mean([value for number, value in joints.items() if number < 10] or [np.nan])),
            "less happy": np.mean(list(felt_by_week.values()), axis=0).min(),
            "both like": pleasing / len(felt_by_week), "vetoes": vetoes / len(felt_by_week),
            "shown": len({one for slate in slates for one in slate}) / len(couple.world.cards),
            "done": len(self.life.done),
        }  # fmt: skip

    def suggest(self, number: int) -> list[int]:
        """Return the engine's slate."""
        couple, life, strategy = self.couple, self.life, self.strategy
        reader = number % 2
        mine, yours = (
            couple.person_feedback(life, person, number, strategy.profile) for person in (reader, 1 - reader)
        )
        slate = rank(
            couple.world.matrix,
            couple.weeks[number].request,
            [mine, votes_for_partner(yours) if strategy.partner else PersonFeedback()],
            self._history(number),
            f"{couple.seed} {number}",
            hyperparameters=strategy.hyperparameters,
        )
        return [couple.world.matrix.row(one.card.id) for one in slate.ideas]

    def _history(self, number: int) -> History:
        cards, life, reader = self.couple.world.cards, self.life, number % 2
        done = {cards[row].id: 7 * (number - weeks[-1]) for row, weeks in life.done.items()}
        categories: dict[str, int] = {}
        for row, weeks in life.done.items():
            name = cards[row].content.category
            categories[name] = min(7 * (number - weeks[-1]), categories.get(name, 10**6))
        matches = [row for row, at in life.matches.items() if at < number <= at + 4]
        impressions = {
            cards[row].id: days
            for row, weeks in life.impressions[reader].items()
            if (days := sum(number - week <= IMPRESSION_WEEKS for week in weeks))
            and life.answers[reader].get(row, ("", 0))[0] != "like"
        }
        nevers = {cards[row].id for row, (vote, _) in life.answers[reader].items() if vote == "never"}
        return History(
            done,
            categories,
            nevers,
            {cards[row].id for row in matches},
            {cards[row].id for row, at in life.matches.items() if at < number},
            impressions,
        )

    def _respond(self, slate: list[int], number: int) -> None:
        """Vote on some of the suggestions, and on a few more cards."""
        couple, life, week = self.couple, self.life, self.couple.weeks[number]
        chance = np.random.default_rng([couple.seed, 4, number])
        dealt = chance.permutation(dealable(couple))[: self.strategy.cards] if self.strategy.deck else []
        for person in range(2):
            shown = [row for row in slate if week.luck[person, row] < VOTE_ON_SUGGESTION]
            cards = [row for row in dealt if week.luck[person, row] < self.strategy.vote_on_card]
            couple.vote(life, person, [*shown, *cards], number, week.glance)
        for row in slate:
            life.impressions[number % 2].setdefault(row, []).append(number)
        for row in dealt:
            if all(one.get(int(row), ("", 0))[0] == "like" for one in life.answers):
                life.matches.setdefault(int(row), number)


def deal(couple: Any, life: Life, count: int, number: int = -1) -> None:
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


def dealable(couple: Any) -> np.ndarray:
    """Return the rows that may be dealt to the couple: for two, within their pace."""
    return np.flatnonzero(eligible(couple.world.matrix, couple.weeks[0].request, ("party", "pace")))


def best(trial: Trial, number: int, scores: np.ndarray) -> list[int]:
    """Return the five eligible rows with the highest scores."""
    scores = np.where(trial.couple.possible(number), scores, -np.inf)
    return [int(row) for row in np.argsort(-scores)[:SLATE] if np.isfinite(scores[row])]


def oracle(trial: Trial, number: int) -> list[int]:
    """Return the best eligible items by what both would feel."""
    return best(trial, number, trial.couple.joint(trial.couple.felt(trial.life, number)))


def at_random(trial: Trial, number: int) -> list[int]:
    """Return random eligible items."""
    rows = np.flatnonzero(trial.couple.possible(number))
    return [int(row) for row in np.random.default_rng([trial.couple.seed, 6, number]).permutation(rows)[:SLATE]]


def rested(trial: Trial, number: int, scores: np.ndarray) -> np.ndarray:
    """Return the scores with what was done in the last ten weeks at the end."""
    scores = scores.copy()
    scores[[row for row, weeks in trial.life.done.items() if number - weeks[-1] < 10]] -= 10
    return scores


def popular(trial: Trial, number: int) -> list[int]:
    """Return the most popular eligible items that were not done in the last ten weeks."""
    return best(trial, number, rested(trial, number, trial.couple.world.popular))


def by_linear(trial: Trial, number: int) -> list[int]:
    """Return the best eligible items by a plain linear model that knows all answers of both."""
    couple = trial.couple
    group = [couple.person_feedback(trial.life, person, number) for person in range(2)]
    return best(trial, number, rested(trial, number, linear.predict(couple.world, group).mean(axis=0)))


def with_all_weights(trial: Trial, number: int) -> list[int]:
    """Return the best eligible items by what features explain of the true appeals."""
    couple = copy.copy(trial.couple)
    couple.appeal = linear.explained(couple.world, couple.appeal)
    return best(trial, number, couple.joint(couple.felt(trial.life, number)))


RIVALS = {
    "one random card": Strategy(suggest=at_random, first=True),
    "spinner": Strategy(suggest=at_random),
    "popularity": Strategy(suggest=popular),
    "linear": Strategy(suggest=by_linear),
    "all weights known": Strategy(suggest=with_all_weights),
    "oracle": Strategy(suggest=oracle),
}
ENGINE = Strategy()


def engine_with(**hyperparameters: Any) -> Strategy:
    """Return the engine with some hyperparameters changed."""
    return replace(ENGINE, hyperparameters=replace(HYPERPARAMETERS, **hyperparameters))


def active(strategy: Strategy) -> Strategy:
    """Return the strategy for a couple who votes on nearly all cards that the product deals."""
    return replace(strategy, deck=CARDS_OF_FIRST_DAYS, cards=20, vote_on_card=0.8)


WITHOUT = {
    "engine": ENGINE,
    "votes on all of the first days": replace(ENGINE, deck=CARDS_OF_FIRST_DAYS),
    "votes on most cards": active(ENGINE),
    "so, any number of liked ideas": active(engine_with(most_liked=5)),
    "no fatigue of categories": engine_with(category_fatigue=0.0),
    "no minimum": engine_with(misery=0.0),
    "no variety": engine_with(mmr_diversity=0.0),
    "no fatigue of impressions": engine_with(impression_fatigue=0.0),
    "no deck at all": replace(ENGINE, deck=0),
    "no profile": replace(ENGINE, profile=False),
    "the partner's votes not used": replace(ENGINE, partner=False),
}


Results = dict[str, dict[str, np.ndarray]]


def measure(strategies: dict[str, Strategy], seeds: range, couples: int = COUPLES, world: str = "first") -> Results:
    """Return the measures of each strategy, one number per couple, with the same couples and draws for all."""
    make_world, make_couple = WORLDS[world]
    catalogue = make_world()
    results: dict[str, list[dict[str, float]]] = {name: [] for name in strategies}
    for seed in seeds[:couples]:
        couple = make_couple(catalogue, seed)
        for name, strategy in strategies.items():
            results[name].append(Trial(couple, strategy).run())
    return {name: {key: np.array([one[key] for one in rows]) for key in rows[0]} for name, rows in results.items()}


def liked_shares(strategy: Strategy, seeds: range, couples: int, world: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of liked cards before and after eight well-rated dates in the couple's favourite category."""
    make_world, make_couple = WORLDS[world]
    catalogue, before, after = make_world(), list[float](), list[float]()
    for seed in seeds[:couples]:
        couple = make_couple(catalogue, seed)
        trial = Trial(couple, strategy)
        deal(couple, trial.life, strategy.deck)
        before.append(_liked(couple, trial.suggest(8)))
        for number, row in enumerate(_favourites(couple)):
            trial.life.done[row] = [number]
            for outcomes in trial.life.outcomes:
                outcomes.append((row, "lighter", 5))
        after.append(_liked(couple, trial.suggest(8)))
    return np.array(before), np.array(after)


def _favourites(couple: Any) -> list[int]:
    """Return the eight best activities of the category that both like best, of those with twelve or more."""
    appeal, rows = couple.joint(couple.appeal), dealable(couple)
    by_category = [rows[couple.world.category[rows] == kind] for kind in np.unique(couple.world.category)]
    favourite = max((one for one in by_category if len(one) >= 12), key=lambda one: appeal[one].mean())
    return [int(row) for row in favourite[np.argsort(-appeal[favourite])][:8]]


def _liked(couple: Any, slate: list[int]) -> float:
    return float((couple.appeal[:, slate] >= couple.likes).mean()) if slate else np.nan


def mean(values: np.ndarray, sign: str = "") -> str:
    """Return a mean and its standard error as text."""
    error = np.nanstd(values, ddof=1) / math.sqrt(len(values))
    return f"{np.nanmean(values):{sign}.{1 if np.nanmean(values) > 5 else 3}f} ±{error:.3f}"


def gap_closed(results: Results, low: str, what: str, key: str) -> str:
    """Return the share of the gap from a rival to the oracle that is closed, with its bootstrap standard error."""
    lower, middle, upper = (results[name][key] for name in (low, what, "oracle"))
    chance, count = np.random.default_rng(1), len(lower)
    draws = [chance.integers(0, count, count) for _ in range(400)]

    def share(rows: Any) -> float:
        low, mid, high = (np.nanmean(values[rows]) for values in (lower, middle, upper))
        return float((mid - low) / (high - low))

    return f"{share(slice(None)):.1%} ±{np.std([share(draw) for draw in draws]):.1%}"


def report(world: str, seeds: range, couples: int, strategies: dict[str, Strategy]) -> None:
    """Print the tables of one world."""
    began = time.perf_counter()
    results = measure({**RIVALS, **strategies}, seeds, couples, world)
    print(f"\n{world} world: {couples} couples, seeds from {seeds[0]}, {WEEKS} weeks; ± is one standard error\n")
    print(f"{'':32}{'share, first ten':>17}{'share, thirty':>17}" + "".join(f"{key:>15}" for key in results["oracle"]))
    for name, one in results.items():
        shares = "".join(f"{gap_closed(results, 'spinner', name, key):>17}" for key in ("first ten", "all"))
        print(f"{name:32}{shares}" + "".join(f"{mean(values):>15}" for values in one.values()))
    for name in ("linear", *strategies):
        print(f"of the way from one random card, {name}: {gap_closed(results, 'one random card', name, 'all')}")
    engine = results.get("engine")
    for name in strategies if engine else ():
        print(f"{name:32} less the engine: " + mean(results[name]["all"] - engine["all"], "+"))  # type: ignore[index]
    before, after = liked_shares(next(iter(strategies.values())), seeds, couples, world)
    print(f"liked cards before and after eight good dates in the favourite field: {mean(before)}, {mean(after)}")
    print(f"{time.perf_counter() - began:.0f} s", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--couples", type=int, default=COUPLES)
    parser.add_argument("--world", choices=list(WORLDS), action="append")
    parser.add_argument("--only", choices=list(WITHOUT), action="append")
    arguments = parser.parse_args()
    for world in arguments.world or WORLDS:
        chosen = {name: WITHOUT[name] for name in arguments.only or WITHOUT}
        report(world, TUNING if arguments.tune else REPORTED, arguments.couples, chosen)


if __name__ == "__main__":
    main()
