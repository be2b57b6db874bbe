"""Whole days in zones whose clocks change: each instant of these days, and no other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.clock import UTC, local_day, start_of_day
from planner.dates import slots
from planner.dates.slots import Defaults, Slot

# In Beirut, Cairo, Havana and on the Azores, a day of the year begins at one: the clocks skip its midnight. In Havana,
# another one has two midnights. On Lord Howe they change by half an hour, and in Troll by two.
ZONES = (
    "Europe/Lisbon", "Asia/Beirut", "Africa/Cairo", "America/Havana", "Atlantic/Azores", "America/Santiago",
    "Australia/Lord_Howe", "Antarctica/Troll", "Asia/Kolkata", "Pacific/Kiritimati", "America/New_York", "UTC",
)  # fmt: skip
FIRST = date(2026, 12, 1)
DAYS = st.integers(0, 345).map(lambda number: FIRST + timedelta(days=number))


def build(zone: str, first_day: date, days: int) -> Slot:
    (slot,) = slots.build(
        [slots.whole_days(first_day, days, zone)], Defaults("UTC", 60), start_of_day(FIRST, "UTC") - timedelta(days=1)
    )
    return slot


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=60, deadline=None, database=None)
@given(first_day=DAYS, days=st.integers(1, slots.MAX_DAYS), more=st.integers(1, 3))
def test_whole_days_hold_each_instant_of_their_days_and_no_other(
    zone: str, first_day: date, days: int, more: int
) -> None:
    slot, following = build(zone, first_day, days), build(zone, first_day + timedelta(days=days), more)
    assert (slot.first_day, slot.end_day) == (first_day, first_day + timedelta(days=days))
    second = timedelta(seconds=1)
    assert (local_day(slot.start - second, zone), local_day(slot.start, zone)) == (
        first_day - timedelta(days=1),
        first_day,
    )
    assert local_day(slot.end - second, zone) < local_day(slot.end, zone) == slot.end_day
    assert abs(slot.end - slot.start - timedelta(days=days)) <= timedelta(hours=2)
    assert slot.end - slot.start < slots.LONGEST
    assert slot.end == following.start, "one span begins where the one before ends"


@pytest.mark.parametrize(
    ("zone", "first_day", "days", "start", "hours"),
    [
        ("Europe/Lisbon", date(2027, 3, 28), 1, "2027-03-28T00:00", 23),
        ("Europe/Lisbon", date(2027, 10, 30), 2, "2027-10-29T23:00", 49),
        ("Asia/Beirut", date(2027, 3, 28), 1, "2027-03-27T22:00", 23),  # the clocks skip its midnight
        ("America/Havana", date(2027, 11, 7), 1, "2027-11-07T04:00", 25),  # it has two midnights: from the first one
        ("UTC", date(2027, 5, 14), 3, "2027-05-14T00:00", 72),
    ],
)
def test_a_day_may_have_23_or_25_hours(zone: str, first_day: date, days: int, start: str, hours: int) -> None:
    slot = build(zone, first_day, days)
    assert (f"{slot.start.astimezone(UTC):%Y-%m-%dT%H:%M}", slot.minutes) == (start, hours * 60)
