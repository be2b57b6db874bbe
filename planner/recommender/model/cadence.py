"""Decide from which day on two people are offered ideas, by how often each would like a date. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

LEAST_GAP = {"twice_weekly": 3, "weekly": 5, "fortnightly": 11, "monthly": 25, "quarterly": 75}
"""The fewest days between two dates. Weekly is not each seventh day: a Thursday may follow a Saturday."""

CADENCES = tuple(LEAST_GAP)
"""How often a person would like a date, the rarest last."""

_BEYOND = 28
"""Days after the gap in which to look for room. Without room there, people have a standing date."""


def rarer(wishes: Iterable[str | None]) -> str | None:
    """Return the rarest of these wishes, or None if there is none."""
    return max((wish for wish in wishes if wish), key=CADENCES.index, default=None)


def days_to_know(cadence: str) -> int:
    """Return for how many days from today all dates have to be known, to find a day with room."""
    return 2 * LEAST_GAP[cadence] + _BEYOND


def count_wait(cadence: str | None, dates: Collection[int]) -> int:
    """Return in how many days the next date fits: the least gap away from each other date.

    `dates` are days from today; past ones are negative. The wait is 0 without a wish, and if there is no such day
    within about a month of the gap: such people have a standing date, and ask for something else beside it.
    """
    if cadence is None:
        return 0
    gap = LEAST_GAP[cadence]
    days = range(gap + _BEYOND)
    return next((day for day in days if all(abs(day - date) >= gap for date in dates)), 0)
