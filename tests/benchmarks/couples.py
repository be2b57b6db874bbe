"""Simulated couples to test suggestions on: two persons with known preferences, over thirty weeks.

The simulation differs from the engine's model on purpose, so that the engine cannot win by knowing the truth:

- Weights of categories and tags are heavy-tailed. Effort, novelty, length and price have ideal points, not slopes.
  There are also effects of a category in a place, hidden qualities of a text, and item effects. Features explain
  somewhat more than half of the variance.
- The two persons share a part of the variance that differs from couple to couple, 0 to 0.7. Partners' interests
  correlate at about 0.2 to 0.5 (Luo 2017).
- Boredom recovers as 1 / (1 + (t / tau)^2), not exponentially, at a rate of each couple, and spreads over common tags.
  A first time is worth 0.03 (Aron et al. 2000).
- Votes on cards come from a glance with an error of 0.15. Three evenings in five get a rating of one to
  five, with an error of 0.15. It includes boredom and a bad day. Some people add a feeling.
- Two in three fill in a profile: five tags among those they like best, not all of them right.
- Each week has a day, a length, a budget and a level of energy. Some couples have children or other needs.
- From a slate, the two take the idea that seems best to both, again at a glance: half the mean, half the minimum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from planner.recommender.model.feature_matrix import ItemMatrix, build
from planner.recommender.model.filters import eligible
from planner.recommender.model.preference_model import PersonFeedback, Rating, Vote
from planner.recommender.model.request import HardConstraints, RecommendationRequest
from seeds import reader
from seeds import vocabulary as v
from seeds.reader import Activity
from tests.cards import Card

WEEKS = 30
GLANCE = 0.15
EVENING = 0.15
LIKES, LOATHES = 0.60, 0.15
"""Appeal from which a person likes an activity, and appeal below which they never want it."""
FIRST_TIME = 0.03
MEAN, SPREAD = 0.56, 0.20
"""Mean and standard deviation of one person's appeals over the catalogue."""
SHARES = {"category": 0.22, "tags": 0.20, "ideals": 0.12, "places": 0.06, "hidden": 0.15, "own": 0.25}
"""Shares of the variance of one person's appeals. No feature explains the last two."""
COMMON = 0.15
"""The share of each part that all persons have in common."""
START = date(2026, 1, 3)


class Catalogue:
    """The shipped activities as the simulation sees them, the same for all couples."""

    def __init__(self) -> None:
        chance = np.random.default_rng(20261125)
        contents = reader.shipped().activities
        self.cards = [Card(UUID(bytes=chance.bytes(16), version=4), content) for content in contents]
        self.matrix: ItemMatrix = build(self.cards)
        self.category = np.array([list(v.CATEGORIES).index(one.content.category) for one in self.cards])
        self.tags = np.array([[tag in one.content.tags for tag in v.TAGS] for one in self.cards], float)
        self.place = np.array([list(v.SETTINGS).index(one.content.setting) for one in self.cards])
        self.levels = np.array([_levels(one.content) for one in self.cards])
        self.hidden = chance.normal(size=(len(self.cards), 4))
        shared = self.tags @ self.tags.T
        sizes = np.sqrt(self.tags.sum(1))
        self.likeness = shared / np.outer(sizes, sizes) * 0.5 + 0.5 * (self.category[:, None] == self.category)
        self.common = _Likings(chance, self)

    @cached_property
    def popular(self) -> np.ndarray:
        """Return the mean appeal of each activity to 400 persons of other couples."""
        couples = [Couple(self, 10_000_000 + number) for number in range(200)]
        return np.mean([couple.appeal for couple in couples], axis=(0, 1))


def _levels(activity: Activity) -> list[float]:
    return [activity.energy, activity.novelty, 2.5 * math.log10(activity.duration_min / 6), activity.cost_band + 1]


class _Likings:
    """One draw of all parts of a person's preferences, each with variance 1 over the catalogue."""

    def __init__(self, chance: np.random.Generator, world: Catalogue) -> None:
        heavy = chance.standard_t(4, size=len(v.CATEGORIES) + len(v.TAGS))
        categories, self.tags = heavy[: len(v.CATEGORIES)], heavy[len(v.CATEGORIES) :]
        ideal = chance.normal([2.0, 2.6, 2.4, 1.4], [1.0, 1.0, 0.8, 0.9])
        places = chance.normal(size=(len(v.CATEGORIES), len(v.SETTINGS)))
        self.parts = {
            "category": categories[world.category],
            "tags": world.tags @ self.tags / world.tags.sum(1) ** 0.7,
            "ideals": -((world.levels - ideal) ** 2 @ chance.uniform(0.3, 1, 4)),
            "places": places[world.category, world.place],
            "hidden": world.hidden @ chance.normal(size=4),
            "own": chance.normal(size=len(world.cards)),
        }
        for name, part in self.parts.items():
            self.parts[name] = (part - part.mean()) / part.std()


class Week(NamedTuple):
    """One week's request, and all random draws in it, the same for every strategy."""

    request: RecommendationRequest
    glance: np.ndarray  # (2, activities)
    evening: np.ndarray  # (2,)
    luck: np.ndarray  # (2, activities), uniform


@dataclass
class Life:
    """The history so far: dates, votes, ratings, matches, and impressions by week."""

    done: dict[int, list[int]] = field(default_factory=dict)
    answers: tuple[dict[int, tuple[str, int]], ...] = field(default_factory=lambda: ({}, {}))
    outcomes: tuple[list[tuple[int, str | None, int | None]], ...] = field(default_factory=lambda: ([], []))
    matches: dict[int, int] = field(default_factory=dict)
    impressions: tuple[dict[int, list[int]], ...] = field(default_factory=lambda: ({}, {}))


class Couple:
    """Two persons. `appeal` (2, activities) is what each would feel the first time, before boredom."""

    likes, loathes = LIKES, LOATHES

    def __init__(self, world: Catalogue, seed: int) -> None:
        self.world, self.seed = world, seed
        chance = np.random.default_rng([seed, 1])
        alike = chance.uniform(0, 0.7)
        ours, each = _Likings(chance, world), [_Likings(chance, world) for _ in range(2)]
        self.appeal = np.array([_appeal(world.common, ours, one, alike, chance) for one in each])
        liked = [math.sqrt(alike) * ours.tags + math.sqrt(1 - alike) * one.tags for one in each]
        self.profiles = [_profile(one, chance) for one in liked]
        self.k_item, self.k_like = chance.uniform(0.5, 0.9), chance.uniform(0.15, 0.45)
        self.tau_item, self.tau_like = math.exp(chance.normal(3.9, 0.4)), math.exp(chance.normal(2.3, 0.4))
        self.needs = HardConstraints(
            children=_choose(chance, {"asleep": 0.15, "present": 0.15}), access=_access(chance)
        )
        self.pace = int(chance.choice([2, 3, 4, 5], p=[0.15, 0.2, 0.3, 0.35]))

    @cached_property
    def weeks(self) -> list[Week]:
        """Return the requests and draws of all weeks."""
        return [self._week(number) for number in range(WEEKS)]

    def _week(self, number: int) -> Week:
        chance = np.random.default_rng([self.seed, 2, number])
        count = len(self.world.cards)
        today = START + timedelta(days=7 * number)
        request = RecommendationRequest(
            party="two", pace=self.pace, today=today, day=today + timedelta(days=int(chance.integers(0, 5))),
            minutes=int(chance.choice([45, 90, 180, 600], p=[0.2, 0.35, 0.3, 0.15])),
            cost_band=int(chance.choice([0, 1, 2, 4], p=[0.2, 0.35, 0.3, 0.15])),
            energy=[None, 2][int(chance.random() < 0.2)],
            children=self.needs.children, access=self.needs.access,
        )  # fmt: skip
        draws = chance.normal(0, GLANCE, (2, count)), chance.normal(0, EVENING, 2), chance.random((2, count))
        return Week(request, *draws)

    def felt(self, life: Life, number: int) -> np.ndarray:
        """Return what each would feel this week, (2, activities), including boredom and the value of a first time."""
        interest = np.ones(len(self.world.cards))
        for row, weeks in life.done.items():
            days = 7 * (number - weeks[-1])
            interest *= 1 - self.k_like / (1 + (days / self.tau_like) ** 2) * self.world.likeness[row] * (
                1 - _one_hot(row, interest)
            )
            interest[row] *= 1 - self.k_item / (1 + (days / self.tau_item) ** 2)
        first = np.full(len(interest), FIRST_TIME)
        first[list(life.done)] = 0
        return self.appeal * interest + first

    def is_date(self, number: int) -> bool:
        """Return whether the two have time in this week: always."""
        return True

    def joint(self, felt: np.ndarray) -> Any:
        """Return half the mean plus half the minimum of the two."""
        return joint(felt)

    def choose(self, seems: np.ndarray, slate: list[int], number: int) -> int:
        """Return the idea that seems best to both."""
        both = joint(seems)
        return max(slate, key=lambda one: both[one])

    def possible(self, number: int) -> np.ndarray:
        """Return the mask of the activities that pass this week's filters."""
        return eligible(self.world.matrix, self.weeks[number].request)

    def person_feedback(self, life: Life, person: int, number: int, profile: bool = True) -> PersonFeedback:
        """Return a person's feedback up to this week."""
        ids = [card.id for card in self.world.cards]
        return PersonFeedback(
            [Vote(ids[row], vote) for row, (vote, week) in life.answers[person].items() if week < number],
            [Rating(ids[row], felt, rated) for row, felt, rated in life.outcomes[person]],
            **(self.profiles[person] if profile else {}),
        )

    def vote(self, life: Life, person: int, rows: Iterable[int], number: int, glance: np.ndarray) -> None:
        """Vote on cards at a glance; earlier votes stay."""
        for row in rows:
            seems = self.appeal[person, row] + glance[person, row]
            vote = "like" if seems >= LIKES else "never" if seems < LOATHES else "pass"
            life.answers[person].setdefault(int(row), (vote, number))

    def live(self, life: Life, number: int, row: int) -> np.ndarray:
        """Do an activity and rate it. Return what each felt."""
        week = self.weeks[number]
        felt = self.felt(life, number)[:, row]
        life.done.setdefault(row, []).append(number)
        for person in range(2):
            seems = felt[person] + week.evening[person]
            if week.luck[person, -1] < 0.6:
                feeling = "lighter" if seems > 0.62 else "heavier" if seems < 0.3 else "same"
                rated = int(np.clip(round(1 + 4 * seems), 1, 5))
                given = week.luck[person, -2]
                life.outcomes[person].append((row, feeling if given < 0.7 else None, rated if given > 0.2 else None))
        return felt


def _one_hot(row: int, vector: np.ndarray) -> np.ndarray:
    return np.arange(len(vector)) == row


def joint(felt: np.ndarray) -> Any:
    """Return half the mean plus half the minimum of the two."""
    return 0.5 * felt.mean(axis=0) + 0.5 * felt.min(axis=0)


def _appeal(common: _Likings, ours: _Likings, mine: _Likings, alike: float, chance: np.random.Generator) -> np.ndarray:
    total = np.zeros_like(mine.parts["own"])
    for name, share in SHARES.items():
        part = math.sqrt(alike) * ours.parts[name] + math.sqrt(1 - alike) * mine.parts[name]
        total += math.sqrt(share) * (math.sqrt(COMMON) * common.parts[name] + math.sqrt(1 - COMMON) * part)
    return np.clip(MEAN + chance.normal(0, 0.03) + SPREAD * total, 0, 1)


def _profile(liked: np.ndarray, chance: np.random.Generator) -> dict[str, frozenset[str]]:
    if chance.random() > 2 / 3:
        return {}
    best = np.argsort(-(liked + chance.normal(0, 1.0, len(liked))))[:5]
    chosen = {list(v.TAGS)[at] for at in best}
    return {"interests": frozenset(chosen & set(v.INTERESTS)), "causes": frozenset(chosen & set(v.CAUSES))}


def _choose(chance: np.random.Generator, odds: dict[str, float]) -> str | None:
    remaining = chance.random()
    for option, share in odds.items():
        remaining -= share
        if remaining < 0:
            return option
    return None


def _access(chance: np.random.Generator) -> frozenset[str]:
    feature = _choose(chance, dict.fromkeys(v.ACCESS_FEATURES, 0.02))
    return frozenset({feature} if feature else ())
