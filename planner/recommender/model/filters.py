"""Hard limits: what an activity must keep to be suggested or found at all. Pure numpy; each limit is written once.

A limit takes the stock's columns and the question, and answers for every row at once. A search asks the same functions
(see `keeping`), so that a filter means the same wherever it is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.recommender.model.feature_matrix import (
    ACCESS,
    CHILDREN,
    KINDS,
    PARTIES,
    SEASONS,
    SETTINGS,
    TIMES,
    WEATHERS,
    ActivityItem,
    ItemMatrix,
    Mask,
    bits,
    build,
)
from planner.recommender.model.request import HOURS, RecommendationRequest, season

Columns = Mapping[str, NDArray[Any]]
Filter = Callable[[Columns, RecommendationRequest], "Mask | bool"]

_DAY = 24 * 60
# What can be done in which weather: a dark clear sky wants a dry evening, as warm as it may be.
_WEATHER = {"wet": ("any",), "dry": ("any", "dry", "dark"), "mild": ("any", "dry", "dark", "mild")}


def _any_of(
    column: str, order: tuple[str, ...], wanted: Callable[[RecommendationRequest], Iterable[str] | None]
) -> Filter:
    def limit(held: Columns, asked: RecommendationRequest) -> Mask | bool:
        words = wanted(asked)
        return True if words is None else (held[column] & held[column].dtype.type(bits(words, order))) != 0

    return limit


def _at_most(column: str, most: Callable[[RecommendationRequest], int | None]) -> Filter:
    def limit(held: Columns, asked: RecommendationRequest) -> Mask | bool:
        wanted = most(asked)
        return True if wanted is None else held[column] <= wanted

    return limit


def _access(feature: str) -> Filter:
    bit = np.uint8(bits([feature], ACCESS))
    return lambda held, asked: feature not in asked.access or (held["access"] & bit) != 0


def _category(held: Columns, asked: RecommendationRequest) -> Mask | bool:
    wanted = asked.categories
    return True if wanted is None else np.array([name in wanted for name in KINDS])[held["category"]]


def _children(held: Columns, asked: RecommendationRequest) -> Mask | bool:
    if asked.children is None:
        return True
    kept: Mask = held["children"] == bits(["yes"], CHILDREN)
    if asked.children == "asleep":
        # Somebody stays at home: what can be done with children is possible there, and no bowling.
        kept = kept & (held["setting"] == bits(["home"], SETTINGS)) | (held["children"] == bits(["asleep"], CHILDREN))
    return kept


def _window(held: Columns, asked: RecommendationRequest) -> Mask | bool:
    if asked.start is None and asked.end is None:
        return True
    fitting = np.zeros(len(held["times"]), bool)
    for name, begins, end in _openings(asked):
        at = (held["times"] & np.uint8(bits([name], TIMES))) != 0
        fitting |= at & (held["minutes"] <= end - begins)
    return fitting


FILTERS: dict[str, Filter] = {
    "party": _any_of("party", PARTIES, lambda asked: (asked.party, "either")),
    "pace": _at_most("pace", lambda asked: asked.pace),
    "season": _any_of("seasons", SEASONS, lambda asked: (season(asked.day, asked.hemisphere),)),
    "lead_days": _at_most("lead", lambda asked: (asked.day - asked.today).days),
    "window": _window,
    "minutes": _at_most("minutes", lambda asked: asked.minutes),
    "cost_band": _at_most("cost", lambda asked: asked.cost_band),
    "setting": _any_of("setting", SETTINGS, lambda asked: asked.settings),
    "energy": _at_most("energy", lambda asked: asked.energy),
    "category": _category,
    "children": _children,
    "weather": _any_of("weather", WEATHERS, lambda asked: _WEATHER.get(asked.weather or "")),
    "alcohol_free": lambda held, asked: not asked.alcohol_free or held["alcohol"] == 0,
    **{feature: _access(feature) for feature in ACCESS},
}
"""Each limit by the name under which a reader knows it; see question.RELAXABLE for those that may be let go."""


def eligible(stock: ItemMatrix, asked: RecommendationRequest, names: Iterable[str] = FILTERS) -> Mask:
    """Which rows keep those limits of the question."""
    kept = np.ones(len(stock), bool)
    for name in names:
        kept &= FILTERS[name](stock.columns, asked)
    return kept


def predicate(stock: ItemMatrix, asked: RecommendationRequest, names: Iterable[str]) -> Callable[[ActivityItem], bool]:
    """Whether a card keeps those limits: looked up for what the stock holds, worked out for any other."""
    chosen = tuple(names)
    kept = eligible(stock, asked, chosen).tolist()

    def keeps(card: ActivityItem) -> bool:
        row = stock.row(card.id)
        return kept[row] if row is not None else bool(eligible(build([card]), asked, chosen)[0])

    return keeps


def _openings(asked: RecommendationRequest) -> list[tuple[str, int, int]]:
    """The hours of the day that the window meets: which, from when, and the end of the window, in minutes of the day.

    An activity begins in its hours and ends in the window: a day trip that sets out in the morning may last into the
    evening. The window may also meet the hours of the days beside it (one from 23:00 to 06:00 has a morning).
    """
    start = _minutes(asked.start) if asked.start else 0
    end = _minutes(asked.end) if asked.end else _DAY
    if end <= start:  # past midnight
        end += _DAY
    found = (
        (name, max(start, at * 60 + shift), until * 60 + shift)
        for name, (at, until) in HOURS.items()
        for shift in (-_DAY, 0, _DAY)
    )
    return [(name, begins, end) for name, begins, until in found if begins < min(until, end)]


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
