"""Picking on trial: what suggestions are worth to couples whose tastes are known to the trial alone (see couples.py).

    python -m tests.benchmarks.picking               the engine, its rivals, and each term left out
    python -m tests.benchmarks.picking --tune        the same on the seeds on which constants were chosen

Rivals: an oracle that knows both tastes and what bores them, and takes the best of the week; a spinner, which takes any
one that keeps the limits; popularity, which knows the mean of 400 other persons; and five at random, of which the two
choose as they do from the engine's slate. All keep the same hard limits.
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
"""Seeds on which constants may be chosen."""
REPORTED = range(700_000, 800_000)
"""Seeds of which figures are reported, and on which nothing was chosen."""
COUPLES = 200
DECK = 10
LATER = 0.4
"""How likely each of three further cards is to be voted on in a week, by each of the two."""
LATELY = RETENTION.days // 7
"""Weeks for which slates are kept."""
ASIDE = 0.08
"""How likely a person is to vote on a card that was suggested."""


@dataclass(frozen=True)
class Way:
    """One way to suggest: the engine with these terms, or a rival."""

    hyperparameters: Hyperparameters = HYPERPARAMETERS
    deck: int = DECK
    profile: bool = True
    first: bool = False
    """Take the first card instead of choosing among five."""
    one_asks: bool = False
    """The same person asks every week; otherwise they take turns."""
    decks: bool = False
    """Both answer a further deck of ten every four weeks."""
    suggest: Callable[[Trial, int], list[int]] | None = None


@dataclass
class Trial:
    """One couple's weeks under one way to suggest."""

    couple: Couple
    way: Way
    life: Life = field(default_factory=Life)

    def run(self) -> dict[str, float]:
        """Live the weeks; the measures of this couple."""
        world, slates, lived, pleasing, loathed = self.couple.world, [], [], 0, 0
        deal(self.couple, self.life, self.way.deck)
        for number in range(WEEKS):
            felt = self.couple.felt(self.life, number)
            slate = (self.way.suggest or Trial.suggest)(self, number)
            slates.append(slate)
            if self.way.decks and number % 4 == 3:
                deal(self.couple, self.life, 10, number)
            if not slate:
                continue
            week = self.couple.weeks[number]
            seems = joint(felt + week.glance)
            row = slate[0] if self.way.first else max(slate, key=lambda one: seems[one])
            pleasing += bool((felt[:, slate].min(axis=0) >= LIKES).any())
            loathed += int((self.couple.appeal[:, slate].min(axis=0) < LOATHES).sum())
            self._respond(slate, number)
            lived.append(self.couple.live(self.life, number, row))
        felt = np.array(lived)
        joints = joint(felt.T)
        return {
            "joint": joints.mean(), "first ten": joints[:10].mean(), "less happy": felt.mean(axis=0).min(),
            "both like": pleasing / len(lived), "vetoes": loathed / len(lived),
            "shown": len({one for slate in slates for one in slate}) / len(world.cards),
            "done": len(self.life.done),
        }  # fmt: skip

    def suggest(self, number: int) -> list[int]:
        """The engine's slate."""
        couple, life, way = self.couple, self.life, self.way
        week, reader = couple.weeks[number], self._reader(number)
        order = (reader, 1 - reader)
        group = [couple.person_feedback(life, person, number, way.profile) for person in order]
        seed = f"{couple.seed} {number}"
        slate = rank(
            couple.world.matrix, week.request, group, self._history(number), seed, hyperparameters=way.hyperparameters
        )
        return [couple.world.matrix.row(one.card.id) for one in slate.ideas]

    def _reader(self, number: int) -> int:
        return 0 if self.way.one_asks else number % 2

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
        shown = {
            cards[row].id: days
            for row, weeks in life.impressions[reader].items()
            if (days := sum(number - week <= LATELY for week in weeks))
            and life.answers[reader].get(row, ("", 0))[0] != "like"
        }
        return History(
            done, categories, {cards[row].id for row in (*nevers, *quarter)}, {cards[row].id for row in matches}, shown
        )

    def _respond(self, slate: list[int], number: int) -> None:
        """Votes on what was suggested, and on a few more cards."""
        couple, life, week = self.couple, self.life, self.couple.weeks[number]
        chance = np.random.default_rng([couple.seed, 4, number])
        dealt = chance.permutation(dealable(couple))[:3] if self.way.deck else []
        for person in range(2):
            couple.vote(life, person, [row for row in slate if week.luck[person, row] < ASIDE], number, week.glance)
            couple.vote(life, person, [row for row in dealt if week.luck[person, row] < LATER], number, week.glance)
        for row in slate:
            life.impressions[self._reader(number)].setdefault(row, []).append(number)
        for row in dealt:
            if all(one.get(int(row), ("", 0))[0] == "like" for one in life.answers):
                life.matches.setdefault(int(row), number)


def deal(couple: Couple, life: Life, many: int, number: int = -1) -> None:
    """A deck: varied cards within the couple's pace that neither has answered, answered by both."""
    if not many:
        return
    features = couple.world.matrix.features(np.arange(len(couple.world.cards)))[:, 1:]
    features = features / np.linalg.norm(features, axis=1, keepdims=True)
    possible = np.setdiff1d(dealable(couple), [row for answers in life.answers for row in answers])
    chance = np.random.default_rng([couple.seed, 5, number + 1])
    rows = [int(row) for row in chance.permutation(possible)[:1]]
    while len(rows) < min(many, len(possible)):
        like = (features[possible] @ features[rows].T).max(axis=1) + chance.uniform(0, 0.3, len(possible))
        rows.append(int(possible[np.argmin(like)]))
    glance = chance.normal(0, 0.15, couple.appeal.shape)
    for person in range(2):
        couple.vote(life, person, rows, number, glance)
    for row in rows:
        if all(one[row][0] == "like" for one in life.answers):
            life.matches[row] = number


def dealable(couple: Couple) -> np.ndarray:
    """What may be dealt to the two: for two, within their pace."""
    return np.flatnonzero(eligible(couple.world.matrix, couple.weeks[0].request, ("party", "pace")))


def oracle(trial: Trial, number: int) -> list[int]:
    """The best of what is possible, by what both would feel."""
    worth = np.where(trial.couple.possible(number), joint(trial.couple.felt(trial.life, number)), -1)
    return [int(row) for row in np.argsort(-worth)[:SLATE] if worth[row] >= 0]


def at_random(trial: Trial, number: int) -> list[int]:
    """Any of what is possible."""
    rows = np.flatnonzero(trial.couple.possible(number))
    return [int(row) for row in np.random.default_rng([trial.couple.seed, 6, number]).permutation(rows)[:SLATE]]


def popular(trial: Trial, number: int) -> list[int]:
    """What others like most, of what is possible and was not done in the last ten weeks."""
    worth = np.where(trial.couple.possible(number), trial.couple.world.popular, -1)
    worth[[row for row, weeks in trial.life.done.items() if number - weeks[-1] < 10]] -= 1
    return [int(row) for row in np.argsort(-worth)[:SLATE] if worth[row] > -1]


def beta_bernoulli(
    matrix: ItemMatrix, person_feedback: PersonFeedback, causes: frozenset[str], veil: float = 0.0
) -> Preferences:
    """Another model of one person: how often things with an attribute were liked, Beta(2, 2), averaged over them."""
    ayes, count = np.zeros(WIDTH), np.zeros(WIDTH)
    words = [(one.activity, one.vote == "like") for one in person_feedback.votes]
    words += [(one.activity, (one.rating or 3) >= 4) for one in person_feedback.ratings if one.rating]
    for activity, aye in words:
        has = matrix.features(matrix.rows_of([activity]))[0] > 0
        ayes[has] += aye
        count[has] += 1
    share = (ayes + 2) / (count + 4) - 0.5
    return Preferences(share, np.array([], np.intp), np.array([]))


RIVALS = {
    "oracle": Way(suggest=oracle, first=True),
    "spinner": Way(suggest=at_random, first=True),
    "popularity": Way(suggest=popular, first=True),
    "five at random": Way(suggest=at_random),
    "five popular": Way(suggest=popular),
}
ENGINE = Way()


def leave(**hyperparameters: object) -> Way:
    """The engine with some terms set otherwise."""
    return replace(ENGINE, hyperparameters=replace(HYPERPARAMETERS, **hyperparameters))


WITHOUT = {
    "the engine": ENGINE,
    "its first card, no choice": replace(ENGINE, first=True),
    "no satiation": leave(item_fatigue=0.0, category_fatigue=0.0, theme_fatigue=0.0),
    "no satiation of categories": leave(category_fatigue=0.0),
    "no satiation of themes": leave(theme_fatigue=0.0),
    "no minimum": leave(misery=0.0),
    "minimum at once (fixed)": leave(misery_half=0.0),
    "no variety": leave(mmr_diversity=0.0),
    "near-ties not drawn": leave(exploration_temperature=0.0),
    "near-ties drawn wider (0.03)": leave(exploration_temperature=0.03),
    "what was shown does not rest": leave(impression_fatigue=0.0),
    "no deck at all": replace(ENGINE, deck=0),
    "a first deck of twenty": replace(ENGINE, deck=20),
    "a further deck every 4 weeks": replace(ENGINE, decks=True),
    "only one of the two asks": replace(ENGINE, one_asks=True),
    "no profile": replace(ENGINE, profile=False),
    "Beta-Bernoulli instead": leave(fit=beta_bernoulli),
    "no veil over the other's votes": leave(privacy_noise=0.0),
    "no seal at all": leave(privacy_noise=0.0, exploration_temperature=0.0, shared_secrets=True),
    "the other's votes not used": leave(privacy_noise=1e6),
}


def measure(ways: dict[str, Way], seeds: range, couples: int = COUPLES) -> dict[str, dict[str, np.ndarray]]:
    """The measures of each way, one number a couple; the same couples and draws for all."""
    world = Catalogue()
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    for seed in seeds[:couples]:
        couple = Couple(world, seed)
        for name, way in ways.items():
            found[name].append(Trial(couple, way).run())
    return {name: {key: np.array([one[key] for one in rows]) for key in rows[0]} for name, rows in found.items()}


def mean(values: np.ndarray, sign: str = "") -> str:
    """A mean and its standard error."""
    error = values.std(ddof=1) / math.sqrt(len(values))
    return f"{values.mean():{sign}.1f} ±{error:.1f}" if values.mean() > 5 else f"{values.mean():{sign}.3f} ±{error:.3f}"


def way(found: dict[str, dict[str, np.ndarray]], low: str, what: str, key: str) -> str:
    """How far from a rival to the oracle, with the standard error over couples drawn again (bootstrap)."""
    lower, middle, upper = (found[name][key] for name in (low, what, "oracle"))
    chance, many = np.random.default_rng(1), len(lower)
    draws = [chance.integers(0, many, many) for _ in range(400)]
    shares = [(middle[d].mean() - lower[d].mean()) / (upper[d].mean() - lower[d].mean()) for d in draws]
    whole = (middle.mean() - lower.mean()) / (upper.mean() - lower.mean())
    return f"{whole:.1%} ±{np.std(shares):.1%}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--couples", type=int, default=COUPLES)
    given = parser.parse_args()
    seeds = TUNING if given.tune else REPORTED
    began = time.perf_counter()
    found = measure({**RIVALS, **WITHOUT}, seeds, given.couples)
    print(f"{given.couples} couples, seeds from {seeds[0]}, {WEEKS} weeks, one date a week; ± is one standard error\n")
    print(f"{'':32}" + "".join(f"{key:>15}" for key in found["oracle"]))
    for name, one in found.items():
        print(f"{name:32}" + "".join(f"{mean(values):>15}" for values in one.values()))
    engine = found["the engine"]
    keys = ("joint", "first ten", "less happy", "both like")
    print(f"\n{'left out or changed: difference':32}" + "".join(f"{key:>15}" for key in keys))
    for name in list(WITHOUT)[1:]:
        print(f"{name:32}" + "".join(f"{mean(found[name][key] - engine[key], '+'):>15}" for key in keys))
    print()
    for what, low in (
        ("its first card, no choice", "spinner"),
        ("the engine", "spinner"),
        ("a further deck every 4 weeks", "spinner"),
        ("the engine", "five at random"),
    ):
        for key in ("first ten", "joint"):
            print(f"of the way from {low} to oracle, {what}, {key}: {way(found, low, what, key)}")
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
