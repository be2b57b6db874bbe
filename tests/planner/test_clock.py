from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner import clock

# Half and quarter hours, southern summers, a skipped day, and summer times that are negative or were dropped.
ZONES = (
    "Europe/Lisbon", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "America/Havana",
    "Asia/Kolkata", "Asia/Tehran", "Asia/Gaza", "Africa/Casablanca", "Africa/Cairo", "Australia/Lord_Howe",
    "Pacific/Apia", "Pacific/Chatham", "Antarctica/Troll", "UTC",
)  # fmt: skip
FIRST, LAST = datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2199-12-30")
SECOND = timedelta(seconds=1)


def wall_at(at: datetime, zone: str) -> datetime:
    return clock.to_zone(at, zone).replace(tzinfo=None)


@cache
def changes(zone: str, year: int) -> tuple[datetime, ...]:
    """Return the instants of a year, to the second, at which the clocks of a zone change."""
    place, instants = clock.get_zone(zone), []
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        before, after = at, at + timedelta(days=1)
        old, new = (moment.astimezone(place).utcoffset() for moment in (before, after))
        while old != new and after - before > SECOND:
            middle = (before + (after - before) / 2).replace(microsecond=0)
            before, after = (middle, after) if middle.astimezone(place).utcoffset() == old else (before, middle)
        if old != new:
            instants.append(after)
        at += timedelta(days=1)
    return tuple(instants)


def check(wall: datetime, zone: str) -> None:
    """Check that a wall time becomes the first instant that shows it, or else the end of the gap."""
    instant = clock.to_utc(wall, zone)
    readings = [wall.replace(tzinfo=clock.get_zone(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
    shown = [reading for reading in readings if wall_at(reading, zone) == wall]
    assert instant.utcoffset() == timedelta(0)
    if shown:
        assert instant == min(shown)
    else:
        assert wall_at(instant - SECOND, zone) < wall < wall_at(instant, zone)


@given(st.sampled_from(ZONES), st.datetimes(FIRST, LAST))
def test_any_wall_time_becomes_the_first_instant_at_or_after_it(zone: str, wall: datetime) -> None:
    check(wall.replace(microsecond=0), zone)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), st.integers(2000, 2040), st.integers(0, 9), st.integers(-150, 150))
def test_wall_times_around_each_change_of_the_clocks(zone: str, year: int, which: int, minutes: int) -> None:
    instants = changes(zone, year)
    assume(instants)
    change = instants[which % len(instants)]
    # Try both sides: wall times before a gap run into it, and those after a fold come twice.
    check(wall_at(change, zone) + timedelta(minutes=minutes), zone)
    check(wall_at(change - SECOND, zone) + timedelta(minutes=minutes), zone)


@given(st.sampled_from(ZONES), st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
def test_an_instant_survives_the_way_to_the_wall_and_back_unless_its_wall_time_came_before(
    zone: str, at: datetime
) -> None:
    back = clock.to_utc(wall_at(at, zone), zone)
    assert back == at or (clock.to_zone(at, zone).fold == 1 and timedelta(0) < at - back <= timedelta(hours=24))


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("Europe/Lisbon", "2026-03-29T01:00", "2026-03-29T01:00"),  # the first minute that is skipped
        ("Europe/Lisbon", "2026-03-29T01:30", "2026-03-29T01:00"),
        ("Europe/Lisbon", "2026-03-29T02:00", "2026-03-29T01:00"),  # the first one after it
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),  # half an hour
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),  # a whole day: 31 December, 00:00 there
        ("Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59"),
        ("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00"),  # a day without midnight
    ],
)
def test_a_gap_moves_to_the_first_instant_after_it(zone: str, wall: str, instant: str) -> None:
    assert clock.to_utc(datetime.fromisoformat(wall), zone) == datetime.fromisoformat(f"{instant}Z")


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("Europe/Lisbon", "2026-10-25T01:30", "2026-10-25T00:30"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),
        ("Europe/Dublin", "2026-10-25T01:00", "2026-10-25T00:00"),
    ],
)
def test_a_repeated_wall_time_means_the_first_instant(zone: str, wall: str, instant: str) -> None:
    assert clock.to_utc(datetime.fromisoformat(wall), zone) == datetime.fromisoformat(f"{instant}Z")
    assert clock.to_utc(datetime.fromisoformat(wall).replace(fold=1), zone) == datetime.fromisoformat(f"{instant}Z")


def test_local_day_is_the_day_of_the_zone() -> None:
    at = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
    days = {zone: clock.local_day(at, zone).isoformat() for zone in ("Pacific/Apia", "Pacific/Pago_Pago", "UTC")}
    assert days == {"Pacific/Apia": "2026-11-24", "Pacific/Pago_Pago": "2026-11-23", "UTC": "2026-11-23"}


def test_the_noon_of_the_next_day_does_not_tell_the_hour() -> None:
    day = datetime(2026, 11, 23, tzinfo=UTC)
    for at in (day, day + timedelta(hours=11), day + timedelta(days=1) - SECOND):
        assert clock.noon_of_next_day(at) == datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    ["", "Europe", "europe/lisbon", "Europe/Lisbon ", "../../etc/passwd", "/etc/localtime", "localtime", "Factory",
     "right/UTC", "posix/UTC", "zone.tab", "Europe/Lisbon\0", "\ud800", "Mars/Olympus"],
)  # fmt: skip
def test_an_unknown_name_is_no_zone(name: str) -> None:
    assert not clock.is_known_zone(name)


def test_all_zones_of_these_tests_are_known() -> None:
    assert all(clock.is_known_zone(name) for name in ZONES)


@pytest.mark.real_time
def test_utcnow_is_aware_and_has_full_milliseconds() -> None:
    before, now, after = datetime.now(UTC), clock.utcnow(), datetime.now(UTC)
    assert before - timedelta(milliseconds=1) < now <= after
    assert now.utcoffset() == timedelta(0)
    assert now.microsecond % 1000 == 0
