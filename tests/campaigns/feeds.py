"""Read many random calendars with other programs: each finds every date, and the times of rituals, at their instants.

python -m tests.campaigns.feeds [CALENDARS] [SEED]
"""

from __future__ import annotations

import random
import sys

from planner.calendars import ics_export
from tests.feed_readers import READERS, expected, rituals, worlds

RITUALS = 5
"""The rituals for each calendar of dates. Each is in a calendar of its own, to be read over three years."""


def main(calendars: int, seed: int) -> None:
    """Print the number of differences, and fail if there is one."""
    seeds = range(seed, seed + calendars)
    different = sum(_differences_of_dates(each) for each in seeds)
    print(f"{calendars} calendars of 300 dates (seeds from {seed}), {len(READERS)} readers: {different} differences")
    seeds = range(seed, seed + RITUALS * calendars)
    of_rituals = sum(_differences_of_ritual(each) for each in seeds)
    print(f"{len(seeds)} rituals over three years, {len(READERS)} readers: {of_rituals} differences")
    if different or of_rituals:
        sys.exit("a program reads other times")


def _differences_of_dates(seed: int) -> int:
    dates = worlds.dates(random.Random(seed), 300)
    calendar, wanted = ics_export.feed(dates, "Dates"), expected(dates)
    return sum(_report(name, seed, read(calendar) != wanted) for name, read in READERS.items())


def _differences_of_ritual(seed: int) -> int:
    world = rituals.world(random.Random(seed))
    calendar, wanted = ics_export.feed(world.events(), "Dates"), world.expected()
    return sum(
        _report(name, seed, world.found(read(calendar, world.until)) != wanted) for name, read in READERS.items()
    )


def _report(reader: str, seed: int, differs: bool) -> bool:
    if differs:
        print(f"{reader}, seed {seed}: not the same occurrences", flush=True)
    return differs


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers[:1] or [50]), *(numbers[1:2] or [random.randrange(10**6)]))
