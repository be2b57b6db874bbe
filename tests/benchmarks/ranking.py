"""The cost of one suggestion: limits, two tastes, scores, five varied cards and their reasons, beyond database reads.

Run as `python -m tests.benchmarks.ranking`. Times are processor time of the one thread that ranks (other work on the
machine distorts them least); memory is what the arrays take, and the most that one suggestion needs on top. The
catalogue is the shipped one, repeated with other ids, tags, lengths and levels.
"""

from __future__ import annotations

import os
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import numpy as np

from planner.recommender.model.feature_matrix import ItemMatrix, Mask, build
from planner.recommender.model.preference_model import PersonFeedback, Rating, Vote
from planner.recommender.model.ranking import History, rank
from seeds import reader
from seeds import vocabulary as v
from tests.cards import Card, asking

SIZES = (240, 2_000, 20_000, 100_000)
ANSWERS = (10, 1_000)
TIMES = 100
RESTING = 0.25


def main() -> None:
    """Print the table."""
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "as many as there are cores")
    print(f"threads of the linear algebra: {threads}\n")
    print(f"{'activities':>10} {'answers of each':>16} {'median ms':>10} {'p95 ms':>8} {'extra MB':>9}   stock")
    chance = random.Random(4)
    for size in SIZES:
        cards = made(size, chance)
        began = time.thread_time()
        matrix = build(cards)
        arrays = (matrix.keys, *matrix.blocks, *matrix.columns.values())
        built = sum(one.nbytes for one in arrays) / 1e6
        took = time.thread_time() - began
        for many in ANSWERS:
            group = [spoken(matrix, many, chance) for _ in range(2)]
            history, available = lived(matrix, chance), awake_in(matrix, chance)
            request = asking(cost_band=3, minutes=300)

            def suggest(
                seed: int, matrix: ItemMatrix = matrix, group: list[PersonFeedback] = group, history: History = history
            ) -> object:
                return rank(matrix, request, group, history, str(seed), available=available)  # noqa: B023  # asked at once

            extra = most_memory(lambda suggest=suggest: suggest(0))
            middle, late = timed(suggest, TIMES if size < 100_000 else TIMES // 3)
            print(f"{size:10,} {many:16,} {middle:10.2f} {late:8.2f} {extra:9.1f}   {built:.1f} MB in {took:.2f} s")


def made(size: int, chance: random.Random) -> list[Card]:
    """Activities like the shipped ones, each a little different."""
    shipped = reader.shipped().activities
    cards = []
    for number in range(size):
        one = shipped[number % len(shipped)]
        if number >= len(shipped):
            tags = tuple(chance.sample(list(v.TAGS), 3))
            one = replace(one, tags=tags, energy=chance.randint(1, 4), cost_band=chance.randint(0, 3))
        cards.append(Card(UUID(int=chance.getrandbits(128), version=4), one))
    return cards


def spoken(matrix: ItemMatrix, many: int, chance: random.Random) -> PersonFeedback:
    """A person with so many answers (as many activities as there are at most), and some dates on top."""
    some = chance.sample(matrix.items, min(many, len(matrix)))
    answers = [Vote(card.id, chance.choice(["like", "like", "pass", "never"])) for card in some]
    dates = [
        Rating(card.id, chance.choice(["lighter", "same"]), chance.randint(1, 5))
        for card in chance.choices(matrix.items, k=many - len(some) + many // 5)
    ]
    return PersonFeedback(answers, dates, frozenset({"music", "food", "walk"}))


def lived(matrix: ItemMatrix, chance: random.Random) -> History:
    """A couple with sixty dates behind them."""
    done = {card.id: chance.randint(1, 400) for card in chance.choices(matrix.items, k=60)}
    categories = {name: chance.randint(1, 60) for name in list(v.CATEGORIES)[:10]}
    return History(done, categories, (), frozenset(list(done)[:3]), dict.fromkeys(list(done)[:20], 2))


def awake_in(matrix: ItemMatrix, chance: random.Random) -> Mask:
    """All rows but the resting quarter."""
    found = np.ones(len(matrix), bool)
    found[chance.sample(range(len(matrix)), int(RESTING * len(matrix)))] = False
    return found


def timed(act: Callable[[int], object], times: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds of processor time."""
    act(0)
    took = []
    for seed in range(times):
        start = time.thread_time()
        act(seed)
        took.append((time.thread_time() - start) * 1000)
    return statistics.median(took), sorted(took)[int(0.95 * times)]


def most_memory(act: Callable[[], object]) -> float:
    """The most memory that an act takes on top of what there is, in MB."""
    tracemalloc.start()
    act()
    most = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return most


if __name__ == "__main__":
    main()
