"""Test that each context boost changes only the items it concerns."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import numpy as np
import pytest

from planner.recommender.model.context_boosts import (
    ADAPTATION_PENALTY,
    APART_PENALTY,
    CHORE_PENALTY,
    COLD_PENALTY,
    FUN_BOOST,
    SHORT_PENALTY,
    context_boost,
)
from planner.recommender.model.feature_matrix import build
from planner.recommender.model.request import RecommendationRequest
from tests.cards import card

STOCK = build([
    card(1, category="apart", setting="home", duration_min=240),
    card(2, category="play", setting="home", duration_min=120, fun_for=("school",),
         accessibility={"step_free": "adaptable", "seated": "yes"}),
    card(3, category="outdoors", setting="out", duration_min=600, weather="mild",
         accessibility={"step_free": "adaptable", "seated": "adaptable"}),
    card(4, category="talk", setting="home", duration_min=240),
    card(5, category="make", setting="home", duration_min=240, tags=("planning",)),
])  # fmt: skip
JULY, DECEMBER = date(2027, 7, 2), date(2026, 12, 4)
"""Two Fridays."""


def asking(day: date = JULY, pace: int = 1, **values: Any) -> RecommendationRequest:
    return RecommendationRequest(day=day, pace=pace, **values)


CHORES = [0, 0, 0, -CHORE_PENALTY, -CHORE_PENALTY]
COLD = [0, 0, -COLD_PENALTY, 0, 0]
OUT = frozenset({"out"})


@pytest.mark.parametrize(
    ("request_", "hours", "expected"),
    [
        (asking(pace=2), None, [0] * 5),
        (asking(pace=5), None, [-3 * APART_PENALTY, 0, 0, 0, 0]),
        (asking(pace=5, lives_together=False), None, [0] * 5),
        (asking(pace=5, party="one"), None, [0] * 5),
        (asking(pace=5, categories=frozenset({"apart", "talk"})), None, [0] * 5),
        (asking(), 24, [0] * 5),
        (asking(), 25, [0, -SHORT_PENALTY / 2, 0, 0, 0]),
        (asking(children="asleep"), None, [0] * 5),
        (asking(children="present"), None, [0, FUN_BOOST, 0, 0, 0]),
        (asking(children="present", child_ages=frozenset({"teens"})), None, [0] * 5),
        (asking(DECEMBER), None, COLD),
        (asking(DECEMBER, hemisphere="south"), None, [0] * 5),
        (asking(date(2027, 4, 14)), None, COLD),
        (asking(date(2027, 4, 15)), None, [0] * 5),
        (asking(date(2027, 4, 15), hemisphere="south"), None, COLD),
        (asking(DECEMBER, is_soon=True), None, [0] * 5),
        (asking(start=time(19)), None, CHORES),
        (asking(JULY + timedelta(days=1), start=time(19)), None, CHORES),
        (asking(JULY + timedelta(days=2), start=time(19)), None, [0] * 5),
        (asking(start=time(19), categories=frozenset({"talk"})), None, [0] * 5),
        (asking(start=time(14)), None, [0] * 5),
        (asking(start=time(14), settings=OUT), 3, CHORES),
        (asking(start=time(14), settings=OUT), 2, [0] * 5),
        (asking(start=time(14), settings=frozenset({"home", "out"})), 3, [0] * 5),
        (
            asking(access=frozenset({"step_free", "seated"})),
            None,
            [0, -ADAPTATION_PENALTY, -2 * ADAPTATION_PENALTY, 0, 0],
        ),
    ],
)
def test_each_context_boosts_only_the_items_it_concerns(
    request_: RecommendationRequest, hours: int | None, expected: list[float]
) -> None:
    boost = context_boost(STOCK, request_, timedelta(hours=hours) if hours else None)
    assert np.allclose(boost, expected)
