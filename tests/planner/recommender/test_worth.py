"""Test that suggestions please the simulated couples of both worlds: a short form of tests/benchmarks/picking.py."""

from __future__ import annotations

import math

import pytest

from tests.benchmarks.picking import ENGINE, RIVALS, WORLDS, Results, measure

COUPLES = 25
SEEDS = range(900_000, 900_100)
"""Seeds that are used neither for tuning nor for reported figures."""


@pytest.fixture(scope="module", params=list(WORLDS))
def results(request: pytest.FixtureRequest) -> Results:
    return measure({"engine": ENGINE, "spinner": RIVALS["spinner"]}, SEEDS, COUPLES, request.param)


def test_suggestions_please_couples_more_than_five_random_cards(results: Results) -> None:
    ahead = results["engine"]["all"] - results["spinner"]["all"]
    assert ahead.mean() > 3 * ahead.std(ddof=1) / math.sqrt(COUPLES), (ahead.mean(), ahead.std())


def test_vetoed_activities_are_shown_less_often_than_by_chance(results: Results) -> None:
    assert results["engine"]["vetoes"].mean() < 0.8 * results["spinner"]["vetoes"].mean()
