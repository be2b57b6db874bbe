"""Simulate couples a second time, with other assumptions than couples.py, to check what was chosen there.

Nothing here was fitted to the engine, and no constant of the engine is chosen here. The differences:

- **Catalogue.** 260 activities are made in code. Four hidden traits of an activity (out of doors, active, learned, in
  company) decide its category, tags, place and levels, so its attributes are correlated. All levels are graded,
  `company` and `skill` too.
- **Preferences.** Graded levels carry most: a slope for each, and an ideal point for two of them. Company and energy
  interact. Weights of tags are sparse. An appeal is a logistic function of the sum.
- **Shared and own.** Partners share much of their preferences in levels, less in tags and items. The share of each part
  is drawn by itself. No part is common to all people.
- **Satiation.** Each time adds to a stock of the activity, and a smaller one of its category, that decay exponentially.
  A category tires only if it is done more often than each third time. Some people love a first time, some a favourite.
- **Noise.** People differ in how often they say "like" and in how they use a scale of five. Both partners share a mood
  that lasts some weeks. Votes err by a logistic error.
- **Weeks.** One week in four has no date. Requests name a place, a part of the day and a budget, up to ten days ahead.
- **Choice.** One of the two decides, in turn, by what seems best to both, with a weight of 0.7 for themselves. A date
  is worth three quarters of the mean and a quarter of the minimum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import numpy as np

from planner.recommender.model.feature_matrix import ItemMatrix, build
from planner.recommender.model.filters import eligible
from planner.recommender.model.preference_model import PersonFeedback, Rating, Vote
from planner.recommender.model.request import HardConstraints, RecommendationRequest
from seeds import vocabulary as v
from seeds.reader import Activity
from tests.benchmarks.couples import WEEKS, Life, Week
from tests.cards import PLAIN, Card

SIZE = 260
TRAITS = 4
LEVELS = ("energy", "cost", "length", "novelty", "company", "skill")
SHARES = {"levels": 0.34, "interaction": 0.06, "category": 0.14, "tags": 0.20, "place": 0.06, "own": 0.20}
"""Shares of the variance of one person's preferences. No attribute explains the last, and none the interaction."""
SHARED = {"levels": (5, 4), "interaction": (2, 3), "category": (2, 3), "tags": (2, 4), "place": (2, 3), "own": (2, 5)}
"""Parameters of the beta distribution from which the share that both have in common is drawn, for each part."""
ITEM_DAYS, CATEGORY_DAYS = 80.0, 18.0
NO_DATE = 0.25
START = date(2026, 4, 4)
TIMES = {"morning": time(9), "afternoon": time(13), "evening": time(18)}


class OtherCatalogue:
    """The made activities, the same for all couples."""

    def __init__(self) -> None:
        chance = np.random.default_rng(20270301)
        self.traits = chance.normal(size=(SIZE, TRAITS))
        contents = _Maker(chance).activities(self.traits)
        self.cards = [Card(UUID(bytes=chance.bytes(16), version=4), content) for content in contents]
        self.matrix: ItemMatrix = build(self.cards)
        self.category = np.array([list(v.CATEGORIES).index(one.category) for one in contents])
        self.tags = np.array([[tag in one.tags for tag in v.TAGS] for one in contents], float)
        self.place = np.array([list(v.SETTINGS).index(one.setting) for one in contents])
        raw = np.array([_levels(one) for one in contents])
        self.levels = (raw - raw.mean(axis=0)) / raw.std(axis=0)

    @cached_property
    def popular(self) -> np.ndarray:
        """Return the mean appeal of each activity to 400 persons of other couples."""
        couples = [OtherCouple(self, 20_000_000 + number) for number in range(200)]
        return np.mean([couple.appeal for couple in couples], axis=(0, 1))


def _levels(activity: Activity) -> list[float]:
    length = math.log2(activity.duration_min / 30)
    company, skill = activity.company or 3, activity.skill or 3
    return [activity.energy, activity.cost_band, length, activity.novelty, company, skill]


class _Maker:
    """Make activities from their hidden traits."""

    def __init__(self, chance: np.random.Generator) -> None:
        self.chance = chance
        self.of_category = chance.normal(0, 1.2, (TRAITS, len(v.CATEGORIES)))
        self.of_tag = chance.normal(0, 0.9, (TRAITS, len(v.TAGS)))
        self.of_level = chance.normal(0, 0.5, (TRAITS, len(LEVELS)))
        # Out of doors, active, learned, in company: what the first four levels name follows one trait most.
        self.of_level[1, 0] = self.of_level[3, 4] = self.of_level[2, 5] = 0.9

    def activities(self, traits: np.ndarray) -> list[Activity]:
        return [self._activity(number, trait) for number, trait in enumerate(traits)]

    def _activity(self, number: int, trait: np.ndarray) -> Activity:
        chance = self.chance
        category = list(v.CATEGORIES)[int(np.argmax(trait @ self.of_category + chance.gumbel(size=len(v.CATEGORIES))))]
        order = np.argsort(-(trait @ self.of_tag + chance.gumbel(size=len(v.TAGS))))
        tags = tuple(list(v.TAGS)[at] for at in order[: chance.integers(2, 6)])
        levels = trait @ self.of_level + chance.normal(0, 0.6, len(LEVELS))
        energy, novelty, company, skill = (int(np.clip(round(3 + 1.1 * levels[at]), 1, 5)) for at in (0, 3, 4, 5))
        out = trait[0] + chance.normal(0, 0.7)
        setting = "home" if out < -0.5 else "away" if out > 1.6 else "out"
        minutes = int(np.clip(15 * round(4 * 2 ** (levels[2] * 0.8)), 15, 600))
        return replace(
            PLAIN, slug=f"made-{number}", category=category, tags=tags, setting=setting, party="two",
            shelter=str(chance.choice(list(v.SHELTERS))), duration_min=minutes, duration_max=minutes * 2,
            cost_band=int(np.clip(round(1.2 + levels[1]), 0, 4)), energy=energy, novelty=novelty, company=company,
            skill=skill, pace=int(chance.choice([2, 3, 4, 5], p=[0.35, 0.4, 0.2, 0.05])),
            lead_days=int(chance.choice([0, 1, 3, 7], p=[0.5, 0.25, 0.15, 0.1])),
            time_of_day=tuple(name for name in v.TIMES_OF_DAY if chance.random() < 0.6) or ("evening",),
            with_children=str(chance.choice(list(v.WITH_CHILDREN))),
        )  # fmt: skip


class _Likings:
    """One draw of all parts of a person's preferences, each with variance 1 over the catalogue."""

    def __init__(self, chance: np.random.Generator, world: OtherCatalogue) -> None:
        slopes = chance.normal(size=len(LEVELS))
        ideals = chance.normal(0, 0.8, len(LEVELS))
        peaked = np.isin(np.arange(len(LEVELS)), chance.permutation(len(LEVELS))[:2])
        levels = world.levels * slopes * ~peaked - 0.6 * (world.levels - ideals) ** 2 * peaked
        self.tags = chance.normal(size=len(v.TAGS)) * (chance.random(len(v.TAGS)) < 0.4)
        energy, company = world.levels[:, LEVELS.index("energy")], world.levels[:, LEVELS.index("company")]
        self.parts = {
            "levels": levels.sum(axis=1),
            "interaction": energy * company * chance.choice([-1, 1]),
            "category": chance.normal(size=len(v.CATEGORIES))[world.category],
            "tags": world.tags @ self.tags,
            "place": chance.normal(size=len(v.SETTINGS))[world.place],
            "own": chance.normal(size=len(world.cards)),
        }
        for name, part in self.parts.items():
            self.parts[name] = (part - part.mean()) / max(part.std(), 1e-9)


class OtherCouple:
    """Two persons. `appeal` (2, activities) is what each would feel the first time, before satiation."""

    likes, loathes = 0.6, 0.15

    def __init__(self, world: OtherCatalogue, seed: int) -> None:
        self.world, self.seed = world, seed
        chance = np.random.default_rng([seed, 11])
        ours, each = _Likings(chance, world), [_Likings(chance, world) for _ in range(2)]
        shares = {name: chance.beta(*SHARED[name]) for name in SHARES}
        sums = [_sum(ours, one, shares) for one in each]
        self.appeal = 1 / (1 + np.exp(-(np.array(sums) * 1.05 + 0.15 + chance.normal(0, 0.2, (2, 1)))))
        liked = [math.sqrt(shares["tags"]) * ours.tags + math.sqrt(1 - shares["tags"]) * one.tags for one in each]
        self.profiles = [_profile(one, chance) for one in liked]
        self.newness = chance.normal(0, 0.04, (2, 1))
        self.bar, self.scale = chance.normal(0.58, 0.07, 2), chance.normal(0, 0.4, 2)
        self.k_item, self.k_category = chance.uniform(0.5, 1.5), chance.uniform(0.05, 0.25)
        self.children = str(chance.choice(["", "asleep", "present"], p=[0.7, 0.15, 0.15])) or None
        self.pace = int(chance.choice([3, 4, 5], p=[0.3, 0.4, 0.3]))

    @cached_property
    def weeks(self) -> list[Week]:
        """Return the requests and draws of all weeks."""
        return [self._week(number) for number in range(WEEKS)]

    @cached_property
    def moods(self) -> np.ndarray:
        """Return a mood that both share and that lasts some weeks."""
        chance, mood, moods = np.random.default_rng([self.seed, 13]), 0.0, []
        for _ in range(WEEKS):
            mood = 0.6 * mood + chance.normal(0, 0.09)
            moods.append(mood)
        return np.array(moods)

    def is_date(self, number: int) -> bool:
        """Return whether the two have time in this week."""
        return bool(np.random.default_rng([self.seed, 14, number]).random() >= NO_DATE)

    def _week(self, number: int) -> Week:
        chance = np.random.default_rng([self.seed, 12, number])
        count, today = len(self.world.cards), START + timedelta(days=7 * number)
        part = [None, "morning", "afternoon", "evening"][int(chance.choice(4, p=[0.4, 0.1, 0.2, 0.3]))]
        settings = [None, {"home"}, {"out", "away"}][int(chance.choice(3, p=[0.6, 0.15, 0.25]))]
        needs = HardConstraints(
            children=self.children,
            settings=frozenset(settings) if settings else None,
            cost_band=int(chance.choice([1, 2, 4], p=[0.35, 0.4, 0.25])),
        )
        request = RecommendationRequest(
            party="two", pace=self.pace, today=today, day=today + timedelta(days=int(chance.integers(0, 11))),
            minutes=int(chance.choice([60, 120, 600], p=[0.25, 0.45, 0.3])), start=TIMES[part] if part else None,
            children=needs.children, settings=needs.settings, cost_band=needs.cost_band,
        )  # fmt: skip
        glance = chance.logistic(0, 0.07, (2, count))
        return Week(request, glance, chance.normal(0, 0.1, 2) + self.moods[number], chance.random((2, count)))

    def felt(self, life: Life, number: int) -> np.ndarray:
        """Return what each would feel this week, (2, activities), with satiation and the value of a first time."""
        items, categories = np.zeros(len(self.world.cards)), np.zeros(len(v.CATEGORIES))
        for row, weeks in life.done.items():
            days = 7.0 * (number - np.array(weeks))
            items[row] += np.exp(-days / ITEM_DAYS).sum()
            categories[self.world.category[row]] += np.exp(-days / CATEGORY_DAYS).sum()
        tired = self.k_item * items + self.k_category * np.maximum(0, categories - 0.6)[self.world.category]
        first = np.full(len(items), 0.0)
        first[np.setdiff1d(np.arange(len(items)), list(life.done))] = 1.0
        return np.asarray(self.appeal * np.exp(-tired) + self.newness * first)

    def joint(self, felt: np.ndarray) -> Any:
        """Return three quarters of the mean plus a quarter of the minimum of the two."""
        return 0.75 * felt.mean(axis=0) + 0.25 * felt.min(axis=0)

    def choose(self, seems: np.ndarray, slate: list[int], number: int) -> int:
        """Return the idea that the person who decides this week takes."""
        decides = number // 2 % 2
        both = 0.7 * seems[decides] + 0.3 * seems[1 - decides]
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
            vote = "like" if seems >= self.bar[person] else "never" if seems < 0.1 else "pass"
            life.answers[person].setdefault(int(row), (vote, number))

    def live(self, life: Life, number: int, row: int) -> np.ndarray:
        """Do an activity and rate it. Return what each felt."""
        week, felt = self.weeks[number], self.felt(life, number)[:, row]
        life.done.setdefault(row, []).append(number)
        for person in range(2):
            seems = felt[person] + week.evening[person]
            rated = int(np.clip(round(1 + 4 * seems + self.scale[person]), 1, 5))
            feeling = "lighter" if seems > 0.7 else "heavier" if seems < 0.25 else "same"
            gives, says = week.luck[person, -1] < 0.6, week.luck[person, -2] < 0.35
            if gives or says:
                life.outcomes[person].append((row, feeling if says else None, rated if gives else None))
        return np.asarray(felt)


def _sum(ours: _Likings, mine: _Likings, shares: dict[str, float]) -> np.ndarray:
    parts = {name: math.sqrt(shares[name]) * ours.parts[name] + math.sqrt(1 - shares[name]) * mine.parts[name]
             for name in SHARES}  # fmt: skip
    return np.asarray(sum(math.sqrt(share) * parts[name] for name, share in SHARES.items()))


def _profile(liked: np.ndarray, chance: np.random.Generator) -> dict[str, frozenset[str]]:
    """Return three interests for one person in two, and a disliked tag for one in three."""
    order = np.argsort(-(liked + chance.normal(0, 0.7, len(liked))))
    names = [list(v.TAGS)[at] for at in order]
    interests = frozenset(names[:3]) if chance.random() < 0.5 else frozenset()
    dislikes = frozenset(names[-1:]) if chance.random() < 1 / 3 else frozenset()
    kinds = {"interests": v.INTERESTS, "causes": v.CAUSES}
    return {kind: frozenset(interests & names.keys()) for kind, names in kinds.items()} | {"dislikes": dislikes}
