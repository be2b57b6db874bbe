"""Test when a day of the year comes next."""

from __future__ import annotations

from datetime import date

import pytest

from planner.dates import yearly_days

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("month", "day", "year", "expected"),
    [
        (11, 23, None, TODAY),
        (11, 22, None, date(2027, 11, 22)),
        (12, 31, 1990, date(2026, 12, 31)),
        (2, 29, None, date(2027, 2, 28)),
        (2, 29, 2028, date(2028, 2, 29)),
        (6, 12, 2029, date(2029, 6, 12)),
    ],
)
def test_a_day_comes_next(month: int, day: int, year: int | None, expected: date) -> None:
    assert yearly_days.next_after(month, day, year, TODAY) == expected


def test_the_last_day_of_february_is_today_in_each_year() -> None:
    assert yearly_days.next_after(2, 29, 1992, date(2027, 2, 28)) == date(2027, 2, 28)
    assert yearly_days.next_after(2, 29, 1992, date(2027, 3, 1)) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("month", "day", "year", "is_day"),
    [(2, 29, None, True), (2, 29, 2024, True), (2, 29, 2023, False), (4, 31, None, False), (12, 31, 1900, True)],
)
def test_only_days_of_the_calendar_are_days(month: int, day: int, year: int | None, is_day: bool) -> None:
    assert yearly_days.is_day(month, day, year) == is_day
