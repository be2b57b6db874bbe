"""The resting quarter: always exactly one in four, whatever the nevers; and long rests of what nobody minds."""

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
def stocked(pool: tuple[UUID, ...]) -> ItemMatrix:
    return build(Card(one, PLAIN) for one in pool)


def quarter(secret: bytes, month: int, pool: tuple[UUID, ...], nevers: Collection[UUID]) -> frozenset[UUID]:
    """What rests of a pool, by id."""
    matrix = stocked(pool)
    found = rotation.select_quarter(
        rotation.positions_of(secret, month, matrix), np.ones(len(matrix), bool), matrix.rows_of(nevers)
    )
    return frozenset(pool[row] for row in np.flatnonzero(found))


def key(number: int) -> bytes:
    return number.to_bytes(32)


def test_it_is_always_a_quarter_and_nevers_are_among_it() -> None:
    for number in range(20):
        for nevers in (0, 1, 5, 30, 54):
            chosen = frozenset(CHANCE.sample(POOL, nevers))
            for month in (START, START + 1, START + 100):
                found = quarter(key(number), month, POOL, chosen)
                assert len(found) == 54
                assert chosen <= found


def test_beyond_a_quarter_the_size_still_tells_nothing() -> None:
    chosen = frozenset(CHANCE.sample(POOL, 100))
    found = quarter(key(1), START, POOL, chosen)
    assert len(found) == 54
    assert found <= chosen


def test_it_is_the_same_all_month_and_in_any_order_of_the_rows() -> None:
    shuffled = tuple(CHANCE.sample(POOL, len(POOL)))
    nevers = frozenset(POOL[:3])
    assert quarter(key(3), START, POOL, nevers) == quarter(key(3), START, shuffled, nevers)
    assert quarter(key(3), START, POOL, nevers) != quarter(key(3), START + 1, POOL, nevers)
    assert quarter(key(3), START, POOL, nevers) != quarter(key(4), START, POOL, nevers)


def test_small_pools_and_strange_clocks_have_an_answer() -> None:
    assert [len(quarter(key(1), START, POOL[:size], frozenset())) for size in (0, 1, 3, 4, 9)] == [0, 0, 0, 1, 2]
    for day in (date(2000, 1, 1), date(2025, 12, 31), date(2199, 12, 31)):
        assert len(quarter(key(1), month_of(day), POOL, frozenset())) == 54
    assert quarter(key(1), START, (), frozenset(POOL[:1])) == frozenset()


def test_everything_rests_equally_often() -> None:
    """One in four of all, in any month: the first as well as later ones, where stretches have run for years."""
    for month in (START, START + 30, START + 120):
        rests = sum(POOL[0] in quarter(key(number), month, POOL, frozenset()) for number in range(600))
        assert abs(rests / 600 - 0.25) < 4 * (0.25 * 0.75 / 600) ** 0.5, month


def test_a_never_only_takes_the_place_of_a_drawn_one() -> None:
    """So the set with it is one that the draw could have made as well: nothing else about it differs."""
    for number in range(200):
        plain = quarter(key(number), START, POOL, frozenset())
        never = POOL[number % 216]
        found = quarter(key(number), START, POOL, frozenset({never}))
        if never in plain:
            assert found == plain
        else:
            assert len(plain - found) == len(found - plain) == 1
            assert found - plain == {never}


def test_within_a_month_resting_says_as_much_of_a_never_as_one_in_four() -> None:
    """Bayes: with nevers of one in ten, a resting one is a never as often as (1/10) / (1/4), and no set says more."""
    resting_ones = nevers_among = 0
    for number in range(300):
        chance = random.Random(number)
        nevers = frozenset(one for one in POOL if chance.random() < 0.1)
        found = quarter(key(number), START + number % 40, POOL, nevers)
        resting_ones += len(found)
        nevers_among += len(found & nevers)
    assert abs(nevers_among / resting_ones - 0.4) < 0.02


def _running(number: int, months: int, nevers: frozenset[UUID] = frozenset()) -> dict[UUID, int]:
    """How many months each has rested without a break at the end of so many."""
    found = dict.fromkeys(POOL, 0)
    for month in range(START, START + months):
        now = quarter(key(number), month, POOL, nevers)
        found = {one: found[one] + 1 if one in now else 0 for one in POOL}
    return found


def test_what_nobody_minds_rests_for_a_year_often_enough_to_hide_a_never() -> None:
    """Of 54, about 19 have rested for a year or longer at any time, with as without a few nevers among them."""
    without, beside = [], []
    for number in range(60):
        never = frozenset(random.Random(number).sample(POOL, 3))
        without.append(sum(months >= 12 for months in _running(number, 12).values()))
        found = _running(number, 12, never)
        assert all(found[one] >= 12 for one in never)
        beside.append(sum(months >= 12 for one, months in found.items() if one not in never))
    assert 14 < sum(without) / 60 < 24
    assert min(without) >= 7
    assert 12 < sum(beside) / 60 < 24
    assert min(beside) >= 6


def test_each_month_some_leave_and_some_enter() -> None:
    entering = []
    for number in range(60):
        before, after = (quarter(key(number), START + month, POOL, frozenset()) for month in (5, 6))
        entering.append(len(after - before))
    assert 6 < sum(entering) / 60 < 12
    assert min(entering) >= 1


def test_entering_and_staying_for_months_happens_by_chance_about_as_often_as_is_said() -> None:
    """For one that was seen a month before: k months on end once in some 19 k times."""
    entered = {1: 0, 3: 0, 6: 0}
    seen = 0
    for number in range(60):
        sets = [quarter(key(number), START + month, POOL, frozenset()) for month in range(7)]
        seen += 216 - 54
        for months in entered:
            entered[months] += len(frozenset.intersection(*sets[1 : months + 1]) - sets[0])
    for months, count in entered.items():
        assert 10 * months < seen / count < 30 * months, (months, seen / count)


def test_a_stretch_lasts_k_months_once_in_k_times_and_five_years_at_most() -> None:
    lengths = []
    for one in POOL:
        places = [rotation.position(key(9), START + month, one) for month in range(240)]
        changes = [at for at in range(1, 240) if places[at] != places[at - 1]]
        lengths += [later - sooner for sooner, later in pairwise(changes)]
    assert max(lengths) <= rotation.MAX_STRETCH
    for months in (2, 4, 8, 16):
        share = sum(length >= months for length in lengths) / len(lengths)
        assert 0.75 / months < share < 1.25 / months, months
