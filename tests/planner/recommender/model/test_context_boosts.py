"""Circumstances: what tilts a slate, and only where it should."""

from __future__ import annotations

from datetime import date, time, timedelta

import numpy as np
import pytest

from planner.recommender.model.context_boosts import ADAPTED, APART, DARK, LONG, OUT, context_boost
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
    ("asked", "hours", "wanted"),
    [
        (RecommendationRequest(pace=2), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=5), None, [-3 * APART, 0, 0, 0]),
        (RecommendationRequest(pace=5, party="one"), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=5, categories=frozenset({"apart", "talk"})), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=1), 24, [0, 0, 0, 0]),
        (RecommendationRequest(pace=1), 25, [0, -LONG / 2, 0, 0]),
        (RecommendationRequest(pace=1, children="asleep"), None, [0, 0, -OUT, 0]),
        (RecommendationRequest(pace=1, children="present"), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=1, start=time(20), day=date(2026, 12, 1)), None, [0, 0, -DARK, 0]),
        (RecommendationRequest(pace=1, start=time(20), day=date(2026, 12, 1), hemisphere="south"), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=1, start=time(20), day=date(2027, 7, 1)), None, [0, 0, 0, 0]),
        (RecommendationRequest(pace=1, start=time(14), day=date(2026, 12, 1)), None, [0, 0, 0, 0]),
        (
            RecommendationRequest(pace=1, access=frozenset({"step_free", "seated"})),
            None,
            [0, -ADAPTED, -2 * ADAPTED, 0],
        ),
    ],
)
def test_each_circumstance_tilts_what_it_is_about(
    asked: RecommendationRequest, hours: int | None, wanted: list[float]
) -> None:
    found = context_boost(STOCK, asked, timedelta(hours=hours) if hours else None)
    assert np.allclose(found, wanted)
