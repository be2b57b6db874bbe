"""Exported calendars, read back by other libraries: every date has its instant and its zone."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import icalendar
import pytest
from dateutil import tz
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import clock
from planner.calendars.ics_export import CalendarEvent, calendar
from planner.dates.slots import Slot

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
# Two changes a year, a half-hour change, none, a break (Ramadan), the southern summer, and an ended change.
ZONES = (
    "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "Europe/Dublin",
    "America/Santiago", "Pacific/Apia", "Asia/Tehran", "America/Sao_Paulo",
)  # fmt: skip


def agreed(wall: str, zone: str, minutes: int = 60) -> CalendarEvent:
    wall_time = datetime.fromisoformat(wall)
    start = clock.to_utc(wall_time, zone)
    return CalendarEvent(
        str(uuid4()),
        "A walk; with, signs\nand lines",
        Slot(uuid4(), start, start + timedelta(minutes=minutes), wall_time, zone),
        version=2,
        changed_at=NOON,
    )


def written(*dates: CalendarEvent) -> str:
    return b"".join(calendar(dates)).decode()


def read(*dates: CalendarEvent) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(written(*dates)).walk("VEVENT"))


@pytest.mark.parametrize(
    ("wall", "zone"),
    [
        ("2026-11-28T19:00", "Europe/Lisbon"),
        ("2026-07-01T19:00", "America/New_York"),
        ("2027-03-28T00:30", "Europe/Lisbon"),  # just before a gap
        ("2027-03-28T01:30", "Europe/Lisbon"),  # in the gap: it moves to the end of the gap
        ("2027-03-28T02:00", "Europe/Lisbon"),
        ("2027-10-31T01:30", "Europe/Lisbon"),  # comes twice: the first one counts
        ("2027-10-31T00:30", "Europe/Lisbon"),  # two hours long, across the hour that comes twice
        ("2027-04-04T01:45", "Australia/Lord_Howe"),
        ("2027-10-03T02:15", "Australia/Lord_Howe"),
        ("2027-02-07T02:30", "Africa/Casablanca"),
        ("2026-11-28T19:00", "UTC"),
    ],
)
def test_an_exported_date_has_its_instants(wall: str, zone: str) -> None:
    date = agreed(wall, zone, 120)
    (event,) = read(date)
    assert (event.start.astimezone(UTC), event.end.astimezone(UTC)) == (date.slot.start, date.slot.end)
    assert str(event["uid"]) == f"{date.uid}@rekindle"
    assert str(event["summary"]) == date.title


def test_a_date_is_exported_with_wall_time_and_zone() -> None:
    text = written(agreed("2026-11-28T19:00", "Europe/Lisbon"))
    assert "DTSTART;TZID=Europe/Lisbon:20261128T190000" in text
    assert "DTEND;TZID=Europe/Lisbon:20261128T200000" in text
    assert "TZID:Europe/Lisbon" in text
    # The standard reads a skipped wall time in another way than this product, so it is exported in UTC.
    assert "DTSTART:20270328T010000Z" in written(agreed("2027-03-28T01:30", "Europe/Lisbon"))


@pytest.mark.parametrize("wall", ["2027-10-31T01:30", "2027-10-31T00:45"])
def test_a_date_with_an_end_in_an_hour_that_comes_twice_is_exported_in_utc(wall: str) -> None:
    text = written(agreed(wall, "Europe/Lisbon"))
    assert "DTSTART:202710" in text
    assert text.count("Z\r\n") == 4  # two stamps, the start and the end


def test_a_calendar_describes_each_used_zone_once() -> None:
    dates = [agreed(f"2026-12-0{day}T19:00", zone) for day in (1, 2, 3) for zone in ("Europe/Lisbon", "Asia/Kolkata")]
    text = written(*dates, agreed("2026-12-01T19:00", "UTC"))
    assert text.count("BEGIN:VTIMEZONE") == 2
    assert text.count("BEGIN:VEVENT") == 7


def test_lines_are_short_and_end_with_cr_lf() -> None:
    date = agreed("2026-12-01T19:00", "Europe/Lisbon")._replace(title="Über " * 60)
    data = b"".join(calendar([date]))
    assert data.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=30, deadline=None, database=None)
@given(hours=st.lists(st.integers(0, 24 * 365 * 3), min_size=1, max_size=20))
def test_another_library_reads_the_same_offsets(zone: str, hours: list[int]) -> None:
    """Read only the description of the zone, as a calendar without a list of zones does."""
    text = written(agreed("2025-06-01T12:00", zone), agreed("2028-06-01T12:00", zone))
    zone_read = tz.tzical(io.StringIO(text)).get(zone)
    for hour in hours:
        # Use minute 17, so that no wall time is skipped or comes twice.
        wall = datetime(2025, 6, 1, 12, 17) + timedelta(hours=hour)
        real = wall.replace(tzinfo=clock.get_zone(zone))
        before, after = (real.replace(fold=fold).utcoffset() for fold in (0, 1))
        if before == after:
            assert wall.replace(tzinfo=zone_read).utcoffset() == before, wall
