"""Print how long a search for times for two takes: `python -m tests.benchmarks.free_times`.

Each person has twenty busy calendars of two thousand events, a week of windows and many exceptions. The events of the
28 days count, as the database finds them by their times.
"""

from __future__ import annotations

import random
import statistics
import time
from datetime import date, datetime, timedelta

from planner import clock
from planner.calendars import free_windows
from planner.calendars.free_windows import FREE, NEVER, WEEKDAYS, Availability, DayWindow, Spans, WeekWindow
from planner.clock import UTC
from planner.recommender.model import ranked_times
from planner.recommender.model.free_slots import SchedulingBounds
from planner.recommender.model.ranked_times import Schedule, Search

CALENDARS, EVENTS, DAYS = 20, 2_000, 28
FIRST = date(2026, 3, 16)  # the clocks change within the 28 days
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
RUNS = 15


def events(seed: int, days: int) -> Spans:
    """Return the events of all calendars in the days of a search, out of those of a year."""
    chance = random.Random(seed)
    starts = (NOW + timedelta(minutes=chance.randrange(365 * 24 * 60)) for _ in range(CALENDARS * EVENTS))
    within = [start for start in starts if start < NOW + timedelta(days=days)]
    return free_windows.merge((start, start + timedelta(minutes=chance.choice((5, 10, 15)))) for start in within)


def schedule(seed: int, zone: str, days: int) -> Schedule:
    """Return a person with a full week, an exception on each day, and busy calendars."""
    hours = [datetime.min.time().replace(hour=hour) for hour in (9, 12, 13, 17, 18, 22)]
    week = tuple(
        WeekWindow(kind, (day,), hours[first], hours[first + 1], None)
        for day in WEEKDAYS
        for kind, first in ((NEVER, 0), (NEVER, 2), (FREE, 4))
    )
    exceptions = tuple(DayWindow(NEVER, FIRST + timedelta(days=number), hours[1], hours[2]) for number in range(days))
    return Schedule(Availability(week, exceptions), zone, calendars=events(seed, days))


def search(days: int) -> Search:
    """Return a search in so many days for two people in two zones."""
    mine, theirs = schedule(1, "Europe/Lisbon", days), schedule(2, "America/New_York", days)
    begins = datetime.combine(FIRST, datetime.min.time())
    ends = begins + timedelta(days=days)
    instants = [clock.to_utc(wall, mine.zone) for wall in (begins, ends)]
    bounds = SchedulingBounds(NOW + timedelta(hours=1), FIRST, "north")
    return Search(mine, theirs.windows(*instants), begins, ends, ends, bounds)


def main() -> None:
    """Print the milliseconds of a search, and of a search with hints, in windows of several lengths."""
    for days in (1, 7, 14, DAYS):
        asked = search(days)
        for name, act in (("times", ranked_times.find), ("hints", ranked_times.list_relaxable)):
            taken = []
            for _ in range(RUNS):
                began = time.perf_counter()
                act(asked)
                taken.append((time.perf_counter() - began) * 1000)
            print(
                f"{days:2} days, {len(asked.mine.calendars):4} busy times, {name}: {statistics.median(taken):6.1f} ms"
            )


if __name__ == "__main__":
    main()
