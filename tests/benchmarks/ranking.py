"""Measure one suggestion without database reads: filters, two fits, scores, five diverse items and their reasons.

Run as `python -m tests.benchmarks.ranking`. Times are processor time of the thread that ranks, which other work on the
machine distorts least. Memory is the size of the arrays, and the peak of one suggestion on top. The catalogue is the
shipped one, repeated with other ids, tags, lengths and levels.
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
HIDDEN_SHARE = 0.25


def main() -> None:
    """Print the table."""
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "as many as there are cores")
    print(f"threads of the linear algebra: {threads}\n")
    print(f"{'activities':>10} {'answers of each':>16} {'median ms':>10} {'p95 ms':>8} {'extra MB':>9}   stock")
    chance = random.Random(4)
    for size in SIZES:
        cards = make_items(size, chance)
        began = time.thread_time()
        matrix = build(cards)
        arrays = (matrix.keys, *matrix.blocks, *matrix.columns.values())
        built = sum(one.nbytes for one in arrays) / 1e6
        seconds = time.thread_time() - began
        for count in ANSWERS:
            group = [make_feedback(matrix, count, chance) for _ in range(2)]
            history, available = make_history(matrix, chance), make_available(matrix, chance)
            request = asking(cost_band=3, minutes=300)

            def suggest(
                seed: int, matrix: ItemMatrix = matrix, group: list[PersonFeedback] = group, history: History = history
            ) -> object:
                return rank(matrix, request, group, history, str(seed), available=available)  # noqa: B023  # asked at once

            extra = peak_memory(lambda suggest=suggest: suggest(0))
            middle, late = timed(suggest, TIMES if size < 100_000 else TIMES // 3)
            print(f"{size:10,} {count:16,} {middle:10.2f} {late:8.2f} {extra:9.1f}   {built:.1f} MB in {seconds:.2f} s")


def make_items(size: int, chance: random.Random) -> list[Card]:
    """Return activities like the shipped ones, each a little different."""
    shipped = reader.shipped().activities
    cards = []
    for number in range(size):
        activity = shipped[number % len(shipped)]
        if number >= len(shipped):
            tags = tuple(chance.sample(list(v.TAGS), 3))
            activity = replace(activity, tags=tags, energy=chance.randint(1, 4), cost_band=chance.randint(0, 3))
        cards.append(Card(UUID(int=chance.getrandbits(128), version=4), activity))
    return cards


def make_feedback(matrix: ItemMatrix, count: int, chance: random.Random) -> PersonFeedback:
    """Return a person with this many votes, at most one per activity, and some dates on top."""
    sample = chance.sample(matrix.items, min(count, len(matrix)))
    answers = [Vote(card.id, chance.choice(["like", "like", "pass", "never"])) for card in sample]
    dates = [
        Rating(card.id, chance.choice(["lighter", "same"]), chance.randint(1, 5))
        for card in chance.choices(matrix.items, k=count - len(sample) + count // 5)
    ]
    return PersonFeedback(answers, dates, frozenset({"music", "food", "walk"}))


def make_history(matrix: ItemMatrix, chance: random.Random) -> History:
    """Return the history of a couple with sixty dates."""
    done = {card.id: chance.randint(1, 400) for card in chance.choices(matrix.items, k=60)}
    categories = {name: chance.randint(1, 60) for name in list(v.CATEGORIES)[:10]}
    return History(done, categories, (), frozenset(list(done)[:3]), dict.fromkeys(list(done)[:20], 2))


def make_available(matrix: ItemMatrix, chance: random.Random) -> Mask:
    """Return the mask of all rows but the hidden quarter."""
    available = np.ones(len(matrix), bool)
    available[chance.sample(range(len(matrix)), int(HIDDEN_SHARE * len(matrix)))] = False
    return available


def timed(act: Callable[[int], object], times: int) -> tuple[float, float]:
    """Return the median and the 95th percentile in milliseconds of processor time."""
    act(0)
    milliseconds = []
    for seed in range(times):
        start = time.thread_time()
        act(seed)
        milliseconds.append((time.thread_time() - start) * 1000)
    return statistics.median(milliseconds), sorted(milliseconds)[int(0.95 * times)]


def peak_memory(act: Callable[[], object]) -> float:
    """Return the peak memory of a call on top of the current use, in MB."""
    tracemalloc.start()
    act()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    main()
