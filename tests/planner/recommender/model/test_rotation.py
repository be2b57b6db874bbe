"""Test that exactly a quarter is hidden, with any nevers, and that long stretches also occur by chance."""

from __future__ import annotations

import random
from collections.abc import Collection
from datetime import date
from functools import cache
from itertools import pairwise
from uuid import UUID

import numpy as np

from planner.recommender.model import rotation
from planner.recommender.model.feature_matrix import ItemMatrix, build
from planner.recommender.model.rotation import month_of
from tests.cards import PLAIN, Card

CHANCE = random.Random(7)
POOL = tuple(UUID(int=CHANCE.getrandbits(128), version=4) for _ in range(216))
START = month_of(date(2026, 11, 1))


@cache
def matrix_of(pool: tuple[UUID, ...]) -> ItemMatrix:
    return build(Card(activity, PLAIN) for activity in pool)


def hidden(secret: bytes, month: int, pool: tuple[UUID, ...], nevers: Collection[UUID]) -> frozenset[UUID]:
    """Return the hidden activities of a pool, by id."""
    matrix = matrix_of(pool)
    rows_hidden = rotation.select_quarter(
        rotation.positions_of(secret, month, matrix), np.ones(len(matrix), bool), matrix.rows_of(nevers)
    )
    return frozenset(pool[row] for row in np.flatnonzero(rows_hidden))


def key(number: int) -> bytes:
    return number.to_bytes(32)


def test_a_quarter_is_hidden_and_contains_all_nevers() -> None:
    for number in range(20):
        for count in (0, 1, 5, 30, 54):
            nevers = frozenset(CHANCE.sample(POOL, count))
            for month in (START, START + 1, START + 100):
                selection = hidden(key(number), month, POOL, nevers)
                assert len(selection) == 54
                assert nevers <= selection


def test_with_more_nevers_than_a_quarter_the_size_is_the_same() -> None:
    nevers = frozenset(CHANCE.sample(POOL, 100))
    selection = hidden(key(1), START, POOL, nevers)
    assert len(selection) == 54
    assert selection <= nevers


def test_the_selection_is_stable_within_a_month_and_independent_of_row_order() -> None:
    shuffled = tuple(CHANCE.sample(POOL, len(POOL)))
    nevers = frozenset(POOL[:3])
    assert hidden(key(3), START, POOL, nevers) == hidden(key(3), START, shuffled, nevers)
    assert hidden(key(3), START, POOL, nevers) != hidden(key(3), START + 1, POOL, nevers)
    assert hidden(key(3), START, POOL, nevers) != hidden(key(4), START, POOL, nevers)


def test_small_pools_and_extreme_dates_work() -> None:
    assert [len(hidden(key(1), START, POOL[:size], frozenset())) for size in (0, 1, 3, 4, 9)] == [0, 0, 0, 1, 2]
    for day in (date(2000, 1, 1), date(2025, 12, 31), date(2199, 12, 31)):
        assert len(hidden(key(1), month_of(day), POOL, frozenset())) == 54
    assert hidden(key(1), START, (), frozenset(POOL[:1])) == frozenset()


def test_every_activity_is_hidden_equally_often() -> None:
    """One in four, in the first month and in later months, when stretches have run for years."""
    for month in (START, START + 120):
        times_hidden = sum(POOL[0] in hidden(key(number), month, POOL, frozenset()) for number in range(300))
        assert abs(times_hidden / 300 - 0.25) < 4 * (0.25 * 0.75 / 300) ** 0.5, month


def test_a_never_only_replaces_one_drawn_activity() -> None:
    """So the draw could have produced the set with it as well. Nothing else differs."""
    for number in range(200):
        plain = hidden(key(number), START, POOL, frozenset())
        never = POOL[number % 216]
        selection = hidden(key(number), START, POOL, frozenset({never}))
        if never in plain:
            assert selection == plain
        else:
            assert len(plain - selection) == len(selection - plain) == 1
            assert selection - plain == {never}


def test_within_a_month_being_hidden_is_weak_evidence_of_a_never() -> None:
    """Bayes: if one in ten is a never, a hidden activity is a never with probability (1/10) / (1/4)."""
    hidden_count = never_count = 0
    for number in range(300):
        chance = random.Random(number)
        nevers = frozenset(activity for activity in POOL if chance.random() < 0.1)
        selection = hidden(key(number), START + number % 40, POOL, nevers)
        hidden_count += len(selection)
        never_count += len(selection & nevers)
    assert abs(never_count / hidden_count - 0.4) < 0.02


def _months_hidden(number: int, months: int, nevers: frozenset[UUID] = frozenset()) -> dict[UUID, int]:
    """Return for how many months each activity has been hidden without a break, after so many months."""
    run_lengths = dict.fromkeys(POOL, 0)
    for month in range(START, START + months):
        hidden_now = hidden(key(number), month, POOL, nevers)
        run_lengths = {activity: run_lengths[activity] + 1 if activity in hidden_now else 0 for activity in POOL}
    return run_lengths


def test_enough_activities_are_hidden_for_a_year_by_chance() -> None:
    """Of 54, about 19 have been hidden for a year or longer, with or without a few nevers."""
    without, beside = [], []
    for number in range(60):
        never = frozenset(random.Random(number).sample(POOL, 3))
        without.append(sum(months >= 12 for months in _months_hidden(number, 12).values()))
        months_by_id = _months_hidden(number, 12, never)
        assert all(months_by_id[activity] >= 12 for activity in never)
        beside.append(sum(months >= 12 for activity, months in months_by_id.items() if activity not in never))
    assert 14 < sum(without) / 60 < 24
    assert min(without) >= 7
    assert 12 < sum(beside) / 60 < 24
    assert min(beside) >= 6


def test_each_month_some_leave_and_some_enter() -> None:
    entering = []
    for number in range(60):
        before, after = (hidden(key(number), START + month, POOL, frozenset()) for month in (5, 6))
        entering.append(len(after - before))
    assert 6 < sum(entering) / 60 < 12
    assert min(entering) >= 1


def test_long_stretches_occur_by_chance_as_often_as_documented() -> None:
    """An activity seen a month before is hidden for k months in a row about once in 19 k cases."""
    entered = {1: 0, 3: 0, 6: 0}
    seen = 0
    for number in range(60):
        sets = [hidden(key(number), START + month, POOL, frozenset()) for month in range(7)]
        seen += 216 - 54
        for months in entered:
            entered[months] += len(frozenset.intersection(*sets[1 : months + 1]) - sets[0])
    for months, count in entered.items():
        assert 10 * months < seen / count < 30 * months, (months, seen / count)


def test_a_stretch_lasts_k_months_with_probability_1_in_k_up_to_five_years() -> None:
    lengths = []
    for activity in POOL:
        places = [rotation.position(key(9), START + month, activity) for month in range(240)]
        changes = [at for at in range(1, 240) if places[at] != places[at - 1]]
        lengths += [later - sooner for sooner, later in pairwise(changes)]
    assert max(lengths) <= rotation.MAX_STRETCH
    for months in (2, 4, 8, 16):
        share = sum(length >= months for length in lengths) / len(lengths)
        assert 0.75 / months < share < 1.25 / months, months
