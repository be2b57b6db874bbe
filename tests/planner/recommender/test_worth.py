"""That suggestions are worth having: the short form of tests/benchmarks/picking.py, on couples of its own."""

from __future__ import annotations

import math

import pytest

from tests.benchmarks.picking import ENGINE, RIVALS, leave, measure

COUPLES = 25
SEEDS = range(900_000, 900_100)
"""Seeds that neither constants were chosen on nor figures are reported of."""


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, object]]:
    ways = {
        "engine": ENGINE,
        "no satiation": leave(item_fatigue=0.0, category_fatigue=0.0, theme_fatigue=0.0),
        **RIVALS,
    }
    return measure(ways, SEEDS, COUPLES)


@pytest.mark.parametrize("rival", ["spinner", "popularity", "five at random", "five popular", "no satiation"])
@pytest.mark.parametrize("key", ["joint", "less happy"])
def test_suggestions_please_couples_more_than_any_rival_that_knows_no_tastes(found, rival, key) -> None:
    ahead = found["engine"][key] - found[rival][key]
    assert ahead.mean() > 3 * ahead.std(ddof=1) / math.sqrt(COUPLES), (ahead.mean(), ahead.std())


def test_most_of_the_way_to_somebody_who_knows_both_tastes_is_gone(found) -> None:
    low, middle, high = (found[name]["joint"].mean() for name in ("spinner", "engine", "oracle"))
    assert (middle - low) / (high - low) > 0.65


def test_what_somebody_would_never_want_is_shown_less_often_than_by_chance(found) -> None:
    assert found["engine"]["vetoes"].mean() < 0.8 * found["five at random"]["vetoes"].mean()
