"""Circumstances: what makes an activity a little more or less apt for who asks, whatever their tastes. Pure numpy.

Each was found by reading slates as their readers would (tests/benchmarks/slates.py). They tilt, and rule nothing out:
appeals lie around 0 to 1, what is about equal differs by 0.02, and a like moves a card by more than any of these.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from planner.recommender.model.feature_matrix import (
    ACCESS,
    CATEGORIES,
    SETTINGS,
    SHELTERS,
    TAGS,
    Floats,
    ItemMatrix,
    bits,
)
from planner.recommender.model.request import RecommendationRequest, season

APART = 0.04
"""For each step of the pace above light: two who share a home have little use for "two homes, two boxes"; two who are
close and far away say so by what they like, or ask for the category."""

LONG = 0.08
"""What is short, in a stretch of more than a day: a free weekend is no time to get off the bus too early. It is taken
off what takes no time at all, half of it where an activity takes two hours, nothing from four hours on."""

ADAPTED = 0.05
"""What is possible only with a change, for each thing that somebody needs: what suits as it is should come first."""

OUT = 0.15
"""What is out of the house, for whoever asks while children are asleep: most often they sleep at home."""

DARK = 0.08
"""What is out of doors and not about the night sky, on an evening of the colder half of the year."""
_EVENING = 17


def context_boost(stock: ItemMatrix, asked: RecommendationRequest, time: timedelta | None) -> Floats:
    """One number for each row, to be added to its appeal; `time` is the length of a stretch that was named."""
    found = np.zeros(len(stock))
    if asked.party == "two" and asked.pace > 2 and "apart" not in (asked.categories or ()):
        apart = stock.columns["category"] == CATEGORIES.index("apart")
        found[apart] -= APART * (asked.pace - 2)
    if time is not None and time > timedelta(days=1):
        found -= LONG * (1 - np.minimum(1.0, stock.columns["minutes"] / 240))
    if asked.children == "asleep":
        found[(stock.columns["setting"] & np.uint8(bits(["home"], SETTINGS))) == 0] -= OUT
    if asked.start and asked.start.hour >= _EVENING and season(asked.day, asked.hemisphere) in ("autumn", "winter"):
        outdoor = stock.columns["shelter"] == bits(["outdoor"], SHELTERS)
        starry = (stock.columns["tags"] & np.uint64(bits(["night_sky"], TAGS))) != 0
        found[outdoor & ~starry] -= DARK
    for feature in asked.access:
        found[(stock.columns["adaptable"] & np.uint8(bits([feature], ACCESS))) != 0] -= ADAPTED
    return found
