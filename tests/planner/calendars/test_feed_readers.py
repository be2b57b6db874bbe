"""Calendars as other programs read them: each finds every date at its instants."""

from __future__ import annotations

import random

import pytest

from planner.calendars import ics_export
from tests.feed_readers import READERS, expected, rituals, worlds

SEED = random.randrange(10**6)


@pytest.mark.parametrize("reader", READERS)
def test_other_programs_find_the_same_occurrences(reader: str) -> None:
    dates = worlds.dates(random.Random(SEED), 300)
    occurrences = READERS[reader](ics_export.feed(dates, "Dates"))
    assert occurrences == expected(dates), f"seed {SEED}"


@pytest.mark.parametrize("reader", READERS)
def test_other_programs_accept_an_empty_feed(reader: str) -> None:
    assert READERS[reader](ics_export.feed([], "Dates")) == []


@pytest.mark.parametrize("reader", READERS)
def test_other_programs_find_the_times_of_rituals(reader: str) -> None:
    """Read rituals with moved, cancelled and missing dates: each program finds the times of our own expansion."""
    zones = rituals.READ_BY_LIBICAL if reader == "libical" else rituals.ZONES
    for seed in range(SEED, SEED + 5):
        world = rituals.world(random.Random(seed), zones)
        if reader == "libical" and not world.is_read_by_libical():
            continue
        calendar = ics_export.feed(world.events(), "Dates")
        occurrences = READERS[reader](calendar, world.until)
        assert world.found(occurrences) == world.expected(), f"seed {seed}"
