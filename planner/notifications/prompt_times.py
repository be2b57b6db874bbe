"""The times of the question of the day: on chosen weekdays, at a time of day in the person's zone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta

from planner.clock import local_day, to_utc

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_A_WEEK = 8  # days from today on, so that the same weekday of the next week is one of them


def next_time(weekdays: Collection[str], at: time, zone: str, after: datetime) -> datetime | None:
    """Return the next instant after `after`, or None without weekdays."""
    today = local_day(after, zone)
    days = (today + timedelta(days=ahead) for ahead in range(_A_WEEK))
    times = (to_utc(datetime.combine(day, at), zone) for day in days if WEEKDAYS[day.weekday()] in weekdays)
    return next((instant for instant in times if instant > after), None)
