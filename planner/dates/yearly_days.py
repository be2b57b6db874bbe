"""When a day of the year comes next. Pure functions."""

from __future__ import annotations

from calendar import isleap, monthrange
from datetime import date

LEAP_YEAR = 2000


def is_day(month: int, day: int, year: int | None) -> bool:
    """Return whether there is such a day, in this year or else in some year."""
    return 1 <= month <= 12 and 1 <= day <= monthrange(year or LEAP_YEAR, month)[1]


def in_year(month: int, day: int, year: int) -> date:
    """Return the day in a year. The 29th of February is the 28th in other years, so that it stays in its month."""
    if (month, day) == (2, 29) and not isleap(year):
        day = 28
    return date(year, month, day)


def next_after(month: int, day: int, year: int | None, today: date) -> date:
    """Return the day when it comes next, today included. Before its first year it comes in that year."""
    first = max(today.year, year or today.year)
    coming = in_year(month, day, first)
    return coming if coming >= today else in_year(month, day, first + 1)
