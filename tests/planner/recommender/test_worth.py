"""Test that suggestions please the simulated couples: a short form of tests/benchmarks/picking.py."""

from __future__ import annotations

import math

import pytest

from tests.benchmarks.picking import ENGINE, RIVALS, engine_with, measure

COUPLES = 25
SEEDS = range(900_000, 900_100)
"""Seeds that are used neither for tuning nor for reported figures."""


@pytest.fixture(scope="module")
def results() -> dict[str, dict[str, object]]:
    strategies = {
        "engine": ENGINE,
        "no fatigue": engine_with(item_fatigue=0.0, category_fatigue=0.0, theme_fatigue=0.0),
        **RIVALS,
    }
    return measure(strategies, SEEDS, COUPLES)


@pytest.mark.parametrize("rival", ["spinner", "popularity", "five at random", "five popular", "no fatigue"])
@pytest.mark.parametrize("key", ["joint", "less happy"])
def test_suggestions_please_couples_more_than_any_rival_without_preferences(results, rival, key) -> None:
    ahead = results["engine"][key] - results[rival][key]
    assert ahead.mean() > 3 * ahead.std(ddof=1) / math.sqrt(COUPLES), (ahead.mean(), ahead.std())


def test_the_engine_closes_most_of_the_gap_to_the_oracle(results) -> None:
    low, middle, high = (results[name]["joint"].mean() for name in ("spinner", "engine", "oracle"))
    assert (middle - low) / (high - low) > 0.65


def test_vetoed_activities_are_shown_less_often_than_by_chance(results) -> None:
    assert results["engine"]["vetoes"].mean() < 0.8 * results["five at random"]["vetoes"].mean()
