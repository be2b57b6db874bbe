"""Count dates by month and by kind. Plain values in, plain values out: no database, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

MONTHS = 12


class MonthCount(NamedTuple):
    """How many dates began in a month, which is given by its first day."""

    month: date
    dates: int


class KindCount(NamedTuple):
    """How many dates were of a category."""

    category: str
    dates: int


def months_until(day: date) -> list[date]:
    """Return the first days of the last twelve months, that of the day included, oldest first."""
    months = [day.replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months[::-1]


def by_month(days: Iterable[date], months: list[date]) -> list[MonthCount]:
    """Return the number of days in each of these months, also where there is none."""
    counter = Counter(day.replace(day=1) for day in days)
    return [MonthCount(month, counter[month]) for month in months]


def by_kind(categories: Iterable[str]) -> list[KindCount]:
    """Return the number of dates of each category, the most frequent first."""
    counter = Counter(categories)
    return [KindCount(category, counter[category]) for category in sorted(counter, key=lambda c: (-counter[c], c))]
