"""Recurrence: our expansion equals that of dateutil, and wall times hold when clocks change."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import clock
from planner.dates import recurrence
from planner.dates.recurrence import Rule
from tests.dates import on_wall

# North and south, half an hour, no change of clocks, and a change by half an hour.
ZONES = ("Europe/Lisbon", "America/New_York", "America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe")
FAR = datetime(2100, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

walls = st.datetimes(on_wall("2026-01-01T00:00"), on_wall("2029-12-31T23:59")).map(
    lambda wall: wall.replace(second=0, microsecond=0)
)


@st.composite
def rules(draw, start):
    """Draw a rule that is valid for a start."""
    frequency = draw(st.sampled_from(recurrence.FREQUENCIES))
    interval = draw(st.integers(1, 4) | st.integers(1, recurrence.MAX_INTERVAL))
    rule = Rule(frequency, interval)
    if frequency == recurrence.WEEKLY:
        days = draw(st.sets(st.integers(0, 6)))
        rule = replace(rule, weekdays=tuple(sorted(days | {start.weekday()})) if days else ())
    if frequency == recurrence.MONTHLY:
        rule = replace(rule, by=draw(st.sampled_from(recurrence.MONTH_DAYS)))
    end = draw(st.sampled_from(["none", "count", "until"]))
    if end == "count":
        rule = replace(rule, count=draw(st.integers(2, recurrence.MAX_COUNT)))
    if end == "until":
        rule = replace(rule, until=start.date() + timedelta(days=draw(st.integers(0, 3000))))
    if any(fault.field == "repeat.by" for fault in recurrence.faults(rule, start)):
        rule = replace(rule, by=recurrence.DAY)
    return rule


cases = walls.flatmap(lambda start: st.tuples(st.just(start), rules(start)))


@settings(max_examples=60, deadline=None)
@given(cases, st.sampled_from(ZONES), st.integers(-400, 20_000), st.integers(0, 1500))
def test_the_expansion_of_any_stretch_is_that_of_dateutil(case, zone, offset, length):
    (start, rule), tz = case, ZoneInfo(zone)
    begins = clock.to_utc(start, zone) + timedelta(days=offset)
    ends = begins + timedelta(days=length)
    theirs = rrulestr(recurrence.to_rrule(rule, start, zone), dtstart=start.replace(tzinfo=tz))
    # dateutil compares wall times of one zone. Look a day further on both sides, because of gaps.
    near = theirs.between(begins.astimezone(tz) - timedelta(days=2), ends.astimezone(tz) + timedelta(days=2), inc=True)
    instants = [(wall.replace(tzinfo=None), clock.to_utc(wall.replace(tzinfo=None), zone)) for wall in near]
    expected = [occurrence for occurrence in instants if begins <= occurrence[1] < ends]
    assert [tuple(each) for each in recurrence.expand(rule, start, zone, begins, ends)] == expected


@settings(max_examples=40, deadline=None)
@given(cases)
def test_a_rule_is_valid_repeats_its_start_and_can_be_stored(case):
    start, rule = case
    assert not list(recurrence.faults(rule, start))
    assert next(recurrence.iterate(rule, start, "UTC", LONG_AGO)).wall == start
    stored = recurrence.parse(recurrence.to_text(rule, start))
    assert recurrence.to_text(stored, start) == recurrence.to_text(rule, start)
    assert stored == replace(rule, weekdays=rule.weekdays if len(rule.weekdays) > 1 else ())


def days(rule, start, zone="UTC", most=4):
    occurrences = recurrence.iterate(rule, on_wall(start), zone, LONG_AGO)
    return [f"{occurrence.wall:%Y-%m-%d}" for occurrence, _ in zip(occurrences, range(most), strict=False)]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        (Rule("day", 10), "2026-12-05T19:00", "2026-12-05 2026-12-15 2026-12-25 2027-01-04"),
        (Rule("week", 2), "2026-12-04T19:00", "2026-12-04 2026-12-18 2027-01-01 2027-01-15"),
        # Weeks begin on Monday: after Sunday, the next Tuesday is in the week after next.
        (Rule("week", 2, (1, 6)), "2026-12-06T19:00", "2026-12-06 2026-12-15 2026-12-20 2026-12-29"),
        (Rule("month"), "2026-01-31T19:00", "2026-01-31 2026-03-31 2026-05-31 2026-07-31"),
        (Rule("month", by="weekday"), "2026-12-11T19:00", "2026-12-11 2027-01-08 2027-02-12 2027-03-12"),
        (Rule("month", by="last_weekday"), "2026-12-27T19:00", "2026-12-27 2027-01-31 2027-02-28 2027-03-28"),
        (Rule("year"), "2028-02-29T19:00", "2028-02-29 2029-02-28 2030-02-28 2031-02-28"),
        (Rule("year", 2), "2026-12-05T19:00", "2026-12-05 2028-12-05 2030-12-05 2032-12-05"),
        (Rule("week", count=2), "2026-12-04T19:00", "2026-12-04 2026-12-11"),
        (Rule("month", count=3), "2026-01-31T19:00", "2026-01-31 2026-03-31 2026-05-31"),
        (Rule("week", until=date(2026, 12, 11)), "2026-12-04T23:30", "2026-12-04 2026-12-11"),
    ],
)
def test_a_rule_means_these_days(rule, start, expected):
    assert days(rule, start) == expected.split()


@pytest.mark.parametrize(
    ("rule", "start", "fault"),
    [
        (Rule("day", weekdays=(0,)), "2026-12-07T19:00", ("repeat.weekdays", "only_weekly")),
        (Rule("week", weekdays=(0, 2)), "2026-12-04T19:00", ("repeat.weekdays", "weekday_of_start_missing")),
        (Rule("week", by="weekday"), "2026-12-04T19:00", ("repeat.by", "only_monthly")),
        (Rule("month", by="weekday"), "2026-12-29T19:00", ("repeat.by", "fifth_weekday")),
        (Rule("month", by="last_weekday"), "2026-12-24T19:00", ("repeat.by", "not_last_weekday")),
        (Rule("week", count=2, until=date(2027, 1, 1)), "2026-12-04T19:00", ("repeat.until", "count_or_until")),
        (Rule("week", until=date(2026, 12, 3)), "2026-12-04T19:00", ("repeat.until", "ends_too_early")),
    ],
)
def test_a_rule_that_does_not_fit_its_start_is_refused(rule, start, fault):
    assert [(each.field, each.code) for each in recurrence.faults(rule, on_wall(start))] == [fault]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        (Rule("week", 2, (0, 4), count=6), "2026-12-04T19:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=6"),
        (Rule("month", by="weekday"), "2026-12-11T19:00", "FREQ=MONTHLY;BYDAY=2FR"),
        (Rule("month", by="last_weekday"), "2026-12-27T19:00", "FREQ=MONTHLY;BYDAY=-1SU"),
        (Rule("year"), "2028-02-29T19:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"),
        (Rule("day", until=date(2027, 1, 5)), "2026-12-05T19:00", "FREQ=DAILY;UNTIL=20270106T000000Z"),
    ],
)
def test_a_rule_is_written_as_calendars_read_it(rule, start, expected):
    assert recurrence.to_rrule(rule, on_wall(start), "America/New_York") == expected


@pytest.mark.parametrize("zone", ZONES)
def test_wall_times_hold_over_three_years_of_clock_changes(zone):
    occurrences = recurrence.expand(
        Rule("week"), on_wall("2026-12-05T19:00"), zone, LONG_AGO, datetime(2029, 12, 5, tzinfo=UTC)
    )
    assert len(occurrences) == 157
    assert {f"{each.at.astimezone(ZoneInfo(zone)):%a %H:%M}" for each in occurrences} == {"Sat 19:00"}


def test_a_time_that_the_clocks_skip_is_the_first_one_after_the_gap():
    night = recurrence.expand(
        Rule("day"), on_wall("2027-03-26T01:30"), "Europe/Lisbon", LONG_AGO, datetime(2027, 3, 29, 12, tzinfo=UTC)
    )
    assert [f"{each.at:%d %H:%M}" for each in night] == ["26 01:30", "27 01:30", "28 01:00", "29 00:30"]
    assert [f"{each.wall:%H:%M}" for each in night] == ["01:30"] * 4


def test_the_age_of_a_ritual_costs_nothing():
    def cost(years):
        begins = clock.to_utc(on_wall("2026-12-05T19:00"), "UTC") + timedelta(days=365 * years)
        began = time.process_time()
        for _ in range(20):
            assert (
                len(recurrence.expand(Rule("day"), on_wall("2026-12-05T19:00"), "UTC", begins, begins + timedelta(30)))
                == 30
            )
        return time.process_time() - began

    assert cost(0) > 0
    assert cost(1000) < 10 * cost(0)
