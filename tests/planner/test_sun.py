"""Test where the sun is: hemispheres, daylight in ordinary places, and places where it stays up or down."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest

from planner import sun
from planner.sun import Daylight

WINTER, SPRING, SUMMER = date(2026, 12, 21), date(2027, 3, 20), date(2027, 6, 21)


def test_each_zone_of_a_place_has_its_hemisphere() -> None:
    northern = {"Europe/Lisbon", "Europe/Kiev", "Asia/Calcutta", "US/Pacific"}
    southern = {"Australia/Sydney", "America/Sao_Paulo", "Brazil/East", "NZ", "Africa/Nairobi"}
    assert {sun.hemisphere(zone) for zone in northern} == {"north"}
    assert {sun.hemisphere(zone) for zone in southern} == {"south"}
    assert {sun.hemisphere(zone) for zone in ("UTC", "Etc/GMT-3", "EST5EDT")} == {None}


def at(text: str) -> int:
    """Return a time of the day in minutes."""
    hours, minutes = map(int, text.split(":"))
    return hours * 60 + minutes


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        # Almanacs: sunrise 8:04 and sunset 15:53 in London, 7:17 and 16:32 in New York, 5:41 and 20:05 in Sydney.
        ("Europe/London", WINTER, ["7:23", "8:04", "15:53", "16:34", "17:17"]),
        ("America/New_York", WINTER, ["6:45", "7:17", "16:32", "17:03", "17:37"]),
        ("Australia/Sydney", WINTER, ["5:11", "5:41", "20:05", "20:35", "21:11"]),
        ("Asia/Calcutta", SUMMER, ["4:27", "4:53", "18:24", "18:49", "19:19"]),
    ],
)
def test_the_light_of_a_day(zone: str, day: date, expected: list[str]) -> None:
    daylight = sun.daylight(zone, day, "north")
    assert [abs(minute - at(text)) <= 3 for minute, text in zip(daylight, expected, strict=True)] == [True] * 5


def test_in_the_far_north_the_sun_stays_up_or_down() -> None:
    assert sun.daylight("Arctic/Longyearbyen", SUMMER, "north") == Daylight(0, None, None, 1440, None)
    night = sun.daylight("Arctic/Longyearbyen", WINTER, "north")
    assert night[:4] == (None, None, None, None)
    assert sun.daylight("Europe/Helsinki", SUMMER, "north").dark is None


def test_a_zone_without_a_place_has_noon_at_twelve() -> None:
    for zone in ("UTC", "Etc/GMT+5"):
        north, south = (sun.daylight(zone, WINTER, hemisphere) for hemisphere in ("north", "south"))
        assert abs(north.sunrise + north.sunset - 1440) < 10
        assert south.sunset - south.sunrise > north.sunset - north.sunrise + 300


@pytest.mark.parametrize(
    "zone", ["Asia/Kolkata", "Asia/Dhaka", "Europe/Moscow", "Europe/Helsinki", "Europe/Stockholm", "Pacific/Apia"]
)
def test_no_day_of_a_year_is_left_out(zone: str) -> None:
    """Check that a time is missing in a stretch of white nights only, and moves little from day to day."""
    days = [sun.daylight(zone, date(2026, 1, 1) + timedelta(days=number), "north") for number in range(365)]
    for times in zip(*days, strict=True):
        changes = [number for number, pair in enumerate(pairwise(times)) if (pair[0] is None) != (pair[1] is None)]
        assert len(changes) in (0, 2), changes
    for name in ("sunrise", "sunset"):
        times = [getattr(day, name) for day in days]
        assert max(abs(after - before) for before, after in pairwise(times)) < 70  # an hour where the clocks change


@pytest.mark.parametrize("day", [WINTER, SPRING, SUMMER])
def test_each_zone_has_its_times_in_order(day: date) -> None:
    for zone in sorted(available_timezones() - {"localtime", "Factory"}):
        daylight = sun.daylight(zone, day, "north")
        if daylight.sunrise is not None and daylight.dawn:
            dawn, sunrise, sunset, dusk, dark = daylight
            assert -60 < dawn < sunrise < sunset < dusk < (dark or 9999), zone
            assert sunrise < 840 < sunset + 60, zone
