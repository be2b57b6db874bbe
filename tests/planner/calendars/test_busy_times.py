"""Stored busy times: what a window finds, in which zone, and at what cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from planner.calendars import busy_times
from planner.calendars.busy_calendars import BusyCalendar
from planner.calendars.busy_times import ALL_DAY, FIXED, FLOATING, MOST, BusyTime
from planner.calendars.calendar_readings import Reading
from planner.storage import db
from tests.conftest import NOON
from tests.people import Person

pytestmark = pytest.mark.both_databases

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = NOON.replace(hour=0)


def reading(**times: list[tuple[datetime, datetime]]) -> Reading:
    return Reading({FIXED: [], FLOATING: [], ALL_DAY: [], **times}, 0)


def stored(person: Person, content: Reading, all_day: bool = True, calendar: UUID | None = None) -> UUID:
    """Store a calendar of a person, or new times of one, and return its id."""
    with db.connection(), db.write():
        if calendar is None:
            values = {"name": "Work", "all_day": all_day, "request": "-", "created_at": NOON}
            calendar = BusyCalendar.create(person=person.id, **values).id
        busy_times.store(calendar, content, NOON)
        return calendar


def between(person: Person, begins: datetime, ends: datetime) -> list[tuple[datetime, datetime]]:
    with db.connection():
        return list(busy_times.list_between(UUID(person.id), begins, ends))


def test_a_window_finds_what_overlaps_it_of_all_calendars_of_one_person(sam, alice):
    spans = [(NOON, NOON + HOUR), (NOON + 5 * HOUR, NOON + 7 * HOUR)]
    stored(sam, reading(fixed=spans))
    stored(sam, reading(fixed=[(NOON + HOUR, NOON + 2 * HOUR)]))
    stored(alice, reading(fixed=[(NOON + 3 * HOUR, NOON + 4 * HOUR)]))
    merged = (NOON, NOON + 2 * HOUR)
    assert between(sam, NOON, NOON + DAY) == [merged, spans[1]]
    assert between(sam, NOON + HOUR / 2, NOON + HOUR * 6) == [merged, spans[1]]
    assert between(sam, NOON + 2 * HOUR, NOON + 5 * HOUR) == []
    assert between(sam, NOON - DAY, NOON) == []


def test_a_long_time_is_found_from_any_point_within(sam):
    span = (NOON, NOON + 40 * DAY + HOUR)
    stored(sam, reading(fixed=[span]))
    for at in (NOON, NOON + 17 * DAY + 3 * HOUR, NOON + 40 * DAY):
        ((start, end),) = between(sam, at, at + HOUR)
        assert start <= at
        assert end >= at + HOUR
    assert between(sam, span[1], span[1] + DAY) == []
    assert between(sam, NOON, span[1]) == [span]


def test_wall_times_and_days_are_where_the_person_is_now(sam):
    stored(sam, reading(floating=[(NOON, NOON + HOUR)], all_day=[(MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)]))
    zones = {"Europe/Lisbon": 0, "Pacific/Kiritimati": -14, "Pacific/Pago_Pago": 11, "Asia/Kolkata": -5.5}
    for zone, offset in zones.items():
        sam.request("PATCH", "/me", {"zone": zone}, If_Match="*")
        start, day = NOON + offset * HOUR, MIDNIGHT + DAY + offset * HOUR
        assert between(sam, start - DAY, start + 3 * DAY) == [(start, start + HOUR), (day, day + DAY)], zone
        assert between(sam, start, start + HOUR) == [(start, start + HOUR)]


def test_a_day_with_a_change_of_the_clocks_is_a_whole_day(sam):
    sunday = datetime(2027, 3, 28, tzinfo=UTC)
    stored(sam, reading(all_day=[(sunday, sunday + DAY)]))
    assert between(sam, sunday - DAY, sunday + 2 * DAY) == [(sunday, sunday + 23 * HOUR)]


def test_whole_days_count_only_if_the_person_says_so(sam):
    stored(sam, reading(fixed=[(NOON, NOON + HOUR)], all_day=[(MIDNIGHT, MIDNIGHT + DAY)]), all_day=False)
    assert between(sam, MIDNIGHT, MIDNIGHT + DAY) == [(NOON, NOON + HOUR)]


def test_a_new_reading_writes_the_difference_only(sam):
    spans = [(NOON + at * DAY, NOON + at * DAY + HOUR) for at in range(5)]
    calendar = stored(sam, reading(fixed=spans[:4]))
    ids = ids_of(calendar)
    stored(sam, reading(fixed=spans[1:]), calendar=calendar)
    assert len(ids & ids_of(calendar)) == 3
    assert between(sam, NOON, NOON + 9 * DAY) == spans[1:]


def ids_of(calendar: UUID) -> set[UUID]:
    with db.connection():
        return {row for (row,) in db.fetch_all(BusyTime.select(BusyTime.id).where(BusyTime.calendar == calendar))}


def test_of_too_many_times_the_first_are_stored_and_the_owner_sees_until_when(sam):
    spans = [(NOON + at * HOUR, NOON + at * HOUR + HOUR / 2) for at in range(MOST + 50)]
    calendar = stored(sam, reading())
    with db.connection(), db.write():
        values = busy_times.store(calendar, reading(fixed=spans), NOON)
        assert values["read_until"] == spans[MOST][0]
        assert busy_times.store(calendar, reading(fixed=spans[:MOST]), NOON)["read_until"] == NOON + busy_times.AHEAD
    assert len(ids_of(calendar)) == MOST


@pytest.mark.real_time
def test_a_window_reads_the_rows_around_it_only(sam):
    """Check the plan and the rows, not the time: the window must not read the rest of a calendar."""
    for _ in range(3):
        stored(sam, reading(fixed=[(NOON + at * HOUR, NOON + at * HOUR + HOUR / 2) for at in range(2_000)]))
    day = NOON + 40 * DAY
    with db.connection():
        rows = busy_times._stored(UUID(sam.id), day - 2 * DAY, day + 2 * DAY)
    assert len(rows) == 3 * (4 * 24 - 1)
    assert len(between(sam, day, day + DAY)) == 24
