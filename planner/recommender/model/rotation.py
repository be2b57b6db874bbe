"""Hide a quarter of all activities for two each month, so that a missing one does not reveal a never. Pure.

**Within a month** the hidden set says nothing. It is drawn for the couple under a key that never leaves the server, and
it is always exactly a quarter. Each never of the partner takes the place of a drawn activity. The draw alone could have
produced any set of that size, so it explains every hidden activity. A never, or its end, takes effect with the next
month's draw: an immediate effect would reveal the day of the vote.

**The reader's own nevers are not part of it**; they are left out separately. Otherwise a reader could fill the quarter
with own nevers, until only the partner's were left to be noticed.

**Over months** a never stays hidden, so activities drawn by chance must sometimes stay hidden too. Each activity has,
for each couple, a sequence of stretches of months. In each stretch it has one position in the order from which the
first quarter is hidden. A stretch lasts k months or longer with probability 1/k, and five years at most: no length is
typical. Of a hidden quarter of 54, about 9 change each month, and about 19 have been hidden for a year or longer at any
time. These hide the nevers from a reader who looks back on a year.

**What remains.** Take an activity that was seen and then hidden for k months. It is about 19 · k times as likely to be
a never as to be drawn. No draw of one in four can bring that below 3 · k. If more than a quarter of all activities are
one person's nevers, the rest of them are hidden for that person alone.
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from itertools import accumulate
from random import Random
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from planner.recommender.model.feature_matrix import Floats, ItemMatrix, Mask

DIVISOR = 4
"""One activity in this many is hidden."""

MAX_STRETCH = 60
"""Maximum length of a stretch in months: no reader keeps track of a longer one."""

_FIRST_MONTH = 2026 * 12
_CUMULATIVE_WEIGHTS = list(accumulate(1 / months for months in range(1, MAX_STRETCH + 1)))


def month_of(day: date) -> int:
    """Return the number of a calendar month."""
    return day.year * 12 + day.month - 1


def select_quarter(positions: Floats, pool: Mask, nevers: NDArray[np.intp]) -> Mask:
    """Return the mask of the hidden rows, a quarter of the pool: its nevers, then the first by position."""
    size = int(pool.sum()) // DIVISOR
    order = np.where(pool, positions, np.inf)
    order[nevers] -= 1  # positions lie within 0 and 1, so nevers sort first
    selected = np.zeros(len(pool), bool)
    if size:
        selected[np.argpartition(order, size - 1)[:size]] = True
    return selected


@lru_cache(maxsize=1024)  # active couples; an entry takes 1 to 2 ms to compute, once per month and process
def positions_of(key: bytes, month: int, matrix: ItemMatrix) -> Floats:
    """Return each row's position in a month's order. The array is cached and shared, so it is read-only."""
    positions = np.array([position(key, month, item.id) for item in matrix.items])
    positions.flags.writeable = False
    return positions


def position(key: bytes, month: int, activity: UUID) -> float:
    """Return an activity's position in a month's order, from 0 (hidden first) to 1. It is constant during a stretch."""
    random = Random(hashlib.blake2b(activity.bytes, key=key).digest())  # noqa: S311  # seeded by a keyed digest
    # Start in a running stretch. Its remaining length has the stationary distribution, as in any later month.
    ends = _FIRST_MONTH + random.choices(range(1, MAX_STRETCH + 1), cum_weights=_CUMULATIVE_WEIGHTS)[0]
    drawn = random.random()
    while ends <= month:
        ends += min(MAX_STRETCH, int(1 / (1 - random.random())))
        drawn = random.random()
    return drawn
