"""Test that each context boost changes only the items it concerns."""

from __future__ import annotations

from datetime import date, time, timedelta

import numpy as np
import pytest

from planner.recommender.model.context_boosts import (
    ADAPTATION_PENALTY,
    APART_PENALTY,
    DARK_OUTDOORS_PENALTY,
    LEAVING_HOME_PENALTY,
    SHORT_PENALTY,
    context_boost,
)
from planner.recommender.model.feature_matrix import build
from planner.recommender.model.request import RecommendationRequest
from tests.cards import card

STOCK = build([
    card(1, category="apart", setting="home", duration_min=240),
    card(2, category="play", setting="home", duration_min=120,
         accessibility={"step_free": "adaptable", "seated": "yes"}),
    card(3, category="outdoors", setting="out", duration_min=600, shelter="outdoor",
         accessibility={"step_free": "adaptable", "seated": "adaptable"}),
    card(4, category="outdoors", setting="home", duration_min=240, shelter="outdoor", tags=("night_sky",)),
])  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "hours", "expected"),
    [
        (RecommendationRequest(pace=2), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=5), None, [-3 * APART_PENALTY, 0, 0, 0]),
        (RecommendationRequest(pace=5, party="one"), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=5, categories=frozenset({"apart", "talk"})), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=1), 24, [0, 0, 0, 0]),
        (RecommendationRequest(pace=1), 25, [0, -SHORT_PENALTY / 2, 0, 0]),
        (RecommendationRequest(pace=1, children="asleep"), None, [0, 0, -LEAVING_HOME_PENALTY, 0]),
        (RecommendationRequest(pace=1, children="present"), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=1, start=time(20), day=date(2026, 12, 1)), None, [0, 0, -DARK_OUTDOORS_PENALTY, 0]),
        (RecommendationRequest(pace=1, start=time(20), day=date(2026, 12, 1), hemisphere="south"), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=1, start=time(20), day=date(2027, 7, 1)), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=1, start=time(14), day=date(2026, 12, 1)), None, [0, 0, 0, 0]),
        (
            RecommendationRequest(pace=1, access=frozenset({"step_free", "seated"})),
            None,
            [0, -ADAPTATION_PENALTY, -2 * ADAPTATION_PENALTY, 0],
        ),
    ],
)
def test_each_context_boosts_only_the_items_it_concerns(
    request_: RecommendationRequest, hours: int | None, expected: list[float]
) -> None:
    boost = context_boost(STOCK, request_, timedelta(hours=hours) if hours else None)
    assert np.allclose(boost, expected)
