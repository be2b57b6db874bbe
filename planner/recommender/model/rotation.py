"""The resting quarter: one in four of all that two can do rests, so that nobody can tell a never by its absence. Pure.

**Within a month** there is nothing to tell it by. What rests is drawn for the couple under a key that never leaves the
server, always exactly a quarter; each never of the other takes the place of a drawn one. Any set of that size could
have been drawn, so whatever a reader finds resting, the draw alone explains it, whichever of it are nevers. A never (or
its end) enters with the next month's draw, not before: one that came in on its own day could be told by the day.

**The reader's own nevers have no part in it**; they are left out beside it. Else somebody could fill the quarter with
nevers of their own, until only the other's were left to be seen resting.

**Over months** a never goes on resting, and what rests by chance must sometimes do the same. So each activity has, for
each couple, stretches of months, each with a place of its own in the order from which the first quarter rests. A
stretch lasts k months or longer once in k times, and five years at most: no length is typical. Of a quarter of 54,
some 9 leave and enter with each month, and some 19 have rested for a year or longer at any time: who looks back on a
year finds these beside any nevers. What remains: about an activity that was seen, then rested for k months on end,
that is some 19 · k times as likely of a never as of the draw (no draw of one in four can bring that under 3 · k), and
should more than a quarter of all be nevers of one person, those beyond it rest for that person alone.
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

SHARE = 4
"""One in this many rests."""

LONGEST = 60
"""Months of a stretch at most: longer than that, nobody keeps count."""

_FIRST = 2026 * 12
_RUNNING = list(accumulate(1 / months for months in range(1, LONGEST + 1)))


def month_of(day: date) -> int:
    """The number of a calendar month."""
    return day.year * 12 + day.month - 1


def quarter(places: Floats, pool: Mask, nevers: NDArray[np.intp]) -> Mask:
    """Which rows rest: the nevers among the pool, and beside them the first by their places, a quarter of it in all."""
    size = int(pool.sum()) // SHARE
    order = np.where(pool, places, np.inf)
    order[nevers] -= 1  # places lie within 0 and 1
    found = np.zeros(len(pool), bool)
    if size:
        found[np.argpartition(order, size - 1)[:size]] = True
    return found


@lru_cache(maxsize=1024)  # couples at once; each costs a millisecond or two once a month and process
def places_of(key: bytes, month: int, stock: ItemMatrix) -> Floats:
    """Where each row of the stock stands in a month's order. Shared: not to be written to."""
    found = np.array([position(key, month, card.id) for card in stock.cards])
    found.flags.writeable = False
    return found


def position(key: bytes, month: int, activity: UUID) -> float:
    """Where an activity stands in a month's order, from 0 (rests first) to 1: the same through one stretch."""
    chance = Random(hashlib.blake2b(activity.bytes, key=key).digest())  # noqa: S311  # seeded by a keyed digest
    # In the first month a stretch is running, of which k months or more are left as often as in any later month.
    ends = _FIRST + chance.choices(range(1, LONGEST + 1), cum_weights=_RUNNING)[0]
    found = chance.random()
    while ends <= month:
        ends += min(LONGEST, int(1 / (1 - chance.random())))
        found = chance.random()
    return found
