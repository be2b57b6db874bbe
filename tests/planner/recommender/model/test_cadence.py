"""Test how long the next date waits. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.recommender.model.cadence import CADENCES, LEAST_GAP, count_wait, rarer


def test_the_rarer_wish_wins() -> None:
    assert rarer(["monthly", "weekly"]) == rarer(["weekly", "monthly"]) == rarer([None, "monthly"]) == "monthly"
    assert rarer([None, None]) is None
    assert [LEAST_GAP[wish] for wish in CADENCES] == sorted(LEAST_GAP.values())


@pytest.mark.parametrize(
    ("wish", "dates", "wait"),
    [
        (None, [0], 0),
        ("weekly", [], 0),
        ("weekly", [-2], 3),
        ("weekly", [-5], 0),
        ("weekly", [5], 0),  # there is room before the next one
        ("weekly", [4], 9),
        ("weekly", [-2, 7], 12),  # the days between are too close to one or the other
        ("monthly", [-1], 24),
        ("quarterly", [-1], 74),
        ("weekly", range(4, 60, 7), 0),  # a ritual each week
    ],
)
def test_the_next_date_keeps_its_distance(wish: str | None, dates: list[int], wait: int) -> None:
    assert count_wait(wish, dates) == wait


@given(st.sampled_from(CADENCES), st.sets(st.integers(-90, 120)))
def test_a_wait_leads_to_the_first_day_with_room(wish: str, dates: set[int]) -> None:
    wait, gap = count_wait(wish, dates), LEAST_GAP[wish]
    has_room = [all(abs(day - date) >= gap for date in dates) for day in range(wait + 1)]
    assert wait == 0 or (has_room[-1] and not any(has_room[:-1]))
