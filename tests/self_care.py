"""Helpers of tests about self-care plans."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tests.people import Person, shipped

SLUG = "two-weeks-of-daylight"
PLAN = next(plan for plan in shipped().plans if plan.slug == SLUG)
FIRST = date(2026, 11, 24)
"""The day after the tests begin, a Tuesday."""


def date_of(at: datetime) -> date:
    """Return the day of an instant in UTC."""
    return at.date()


def times(first: date = FIRST, hour: int = 18, actions: tuple[int, ...] = (0, 1, 2, 3, 4)) -> list[dict[str, Any]]:
    """Return a time for each of these actions: at one hour, on the first days of their weeks."""
    used: dict[int, int] = {}
    chosen = []
    for action in actions:
        week = PLAN.actions[action].week
        day = first + timedelta(days=7 * (week - 1) + used.get(week, 0))
        used[week] = used.get(week, 0) + 1
        chosen.append({"action": action, "local_time": f"{day}T{hour:02}:00"})
    return chosen


def choose(person: Person, status: int = 201, first: date = FIRST, **more: Any) -> Any:
    """Choose the plan SLUG from a day on, with all actions at 18:00."""
    body = {"slug": SLUG, "starts_on": str(first), "times": times(first), **more}
    return person.post("/me/self-care-plans", body, status)
