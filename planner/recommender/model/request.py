"""Questions: what is asked for, and the limits of everybody whom the answer must suit. Pure, plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

SEASONS = ("winter", "spring", "summer", "autumn")

HOURS = {"morning": (5, 12), "afternoon": (12, 17), "evening": (17, 22), "night": (22, 29)}
"""From which hour of the day until which each word for a time is meant; the night ends on the day after."""

RELAXABLE: dict[str, tuple[str, ...]] = {
    "window": ("start", "end"),
    "minutes": ("minutes",),
    "cost_band": ("cost_band",),
    "setting": ("settings",),
    "energy": ("energy",),
    "category": ("categories",),
    "weather": ("weather",),
}
"""The wishes that a reader may let go of, by the name of their limit, with the fields that hold each.

What a body or a household needs is no wish, and the pace is not one person's: neither is ever put up for relaxing.
"""


@dataclass(frozen=True)
class HardConstraints:
    """What one person can and will do at all, as their profile says; an absent limit is None or empty.

    cost_band is the most that is wanted; `settings` the places that are possible; `access` the features of
    vocabulary.ACCESS_FEATURES that are needed; `children` is asleep or present.
    """

    cost_band: int | None = None
    settings: frozenset[str] | None = None
    access: frozenset[str] = frozenset()
    alcohol_free: bool = False
    children: str | None = None


@dataclass(frozen=True)
class RecommendationRequest(HardConstraints):
    """What is asked, with the reader's own limits: for one or two, on which day, and within what.

    `party` is one or two (or "" in a search); pace and energy are the most; `minutes` the most that the shortest form
    may take; `start` and `end` a window on that day, past midnight when the end is the smaller;
    `weather` is wet, dry or mild.
    """

    party: str = "two"
    day: date = date(2000, 1, 1)
    today: date = date(2000, 1, 1)
    pace: int = 5
    hemisphere: str = "north"
    start: time | None = None
    end: time | None = None
    minutes: int | None = None
    energy: int | None = None
    categories: frozenset[str] | None = None
    weather: str | None = None


def merge_constraints(asked: RecommendationRequest, *others: HardConstraints) -> RecommendationRequest:
    """The question with the stricter of everybody's limits: what one of two cannot do, the two cannot."""
    for needs in others:
        children = [one for one in {asked.children, needs.children} if one]
        # Asleep for one and awake for the other: possible with children, and at home.
        home = frozenset({"home"}) if len(children) == 2 else None
        asked = replace(
            asked,
            cost_band=_least(asked.cost_band, needs.cost_band),
            settings=_common(_common(asked.settings, needs.settings), home),
            access=asked.access | needs.access,
            alcohol_free=asked.alcohol_free or needs.alcohol_free,
            children=max(children, default=None),  # "present" is the later word, and the stricter
        )
    return asked


def without(asked: RecommendationRequest, limit: str) -> RecommendationRequest:
    """The question without one of the reader's own wishes, named as in RELAXABLE."""
    free: dict[str, Any] = dict.fromkeys(RELAXABLE[limit])
    return replace(asked, **free)


def season(day: date, hemisphere: str) -> str:
    """The meteorological season of a day (three calendar months each)."""
    shift = 0 if hemisphere == "north" else 2
    return SEASONS[(day.month % 12 // 3 + shift) % 4]


def _least(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)


def _common(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return other if one is None else one if other is None else one & other
