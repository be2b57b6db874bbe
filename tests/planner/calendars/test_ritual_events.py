"""Rituals as events that repeat, on the nights when clocks change: programs disagree on such times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from planner.calendars import ritual_events
from planner.calendars.ics_export import CalendarEvent
from planner.calendars.ritual_events import Period, RitualTimes
from planner.dates.recurrence import DAILY, WEEKLY, Rule
from tests.dates import on_wall
from tests.feed_readers.rituals import slot_of

ZONE = "Europe/Lisbon"
NOW = datetime(2027, 3, 1, tzinfo=UTC)
PERIOD = Period(NOW - timedelta(days=30), NOW)
HOUR = timedelta(hours=1)


def times(start: str, rule: Rule, length: timedelta = HOUR) -> RitualTimes:
    return RitualTimes(rule, on_wall(start), ZONE, length)


def events(of: RitualTimes, dates: dict[datetime, CalendarEvent] | None = None) -> list[CalendarEvent]:
    ritual = CalendarEvent("r", "Walk", of.first_slot(), 1, NOW - timedelta(days=9))
    return ritual_events.list_events(ritual, of, dates or {}, PERIOD)


def in_march(of: list[CalendarEvent]) -> list[str]:
    """Return the events up to April: the UID, the start in UTC, and for how long it repeats."""
    return [
        f"{each.uid} {each.slot.start:%d %H:%M} {each.repeat.rule if each.repeat else ''}".strip()
        for each in of
        if each.slot.start < datetime(2027, 4, 30, tzinfo=UTC)
    ]


def test_a_rule_ends_before_a_start_that_is_skipped_and_goes_on_after_it() -> None:
    night = times("2027-03-14T01:30", Rule(WEEKLY, until=on_wall("2027-04-18").date()))
    assert in_march(events(night)) == [
        "r 14 01:30 FREQ=WEEKLY;BYDAY=SU;UNTIL=20270327T013000Z",
        "r.20270328 04 00:30 FREQ=WEEKLY;BYDAY=SU;UNTIL=20270418T003000Z",
        "r.20270328T0130 28 01:00",
    ]


def test_a_rule_leaves_out_a_night_on_which_only_the_offset_changes() -> None:
    dance = times("2027-03-13T23:30", Rule(WEEKLY, until=on_wall("2027-04-18").date()), 3 * HOUR)
    repeating, alone = events(dance)
    assert repeating.repeat
    assert repeating.repeat.skipped == (on_wall("2027-03-27T23:30"),)
    assert (alone.uid, alone.slot.end) == ("r.20270327T2330", datetime(2027, 3, 28, 2, 30, tzinfo=UTC))


@pytest.mark.parametrize("start", ["2027-03-14T00:30", "2027-03-14T02:00", "2027-03-14T19:00"])
def test_a_ritual_at_another_hour_is_one_event(start: str) -> None:
    (event,) = events(times(start, Rule(DAILY), timedelta(minutes=20)))
    assert event.repeat
    assert event.repeat.skipped == ()


def test_an_event_alone_stays_the_same_when_its_date_is_made() -> None:
    night, wall = times("2027-03-14T01:30", Rule(WEEKLY)), on_wall("2027-03-28T01:30")
    made = CalendarEvent("d", "Walk", slot_of(wall, ZONE, HOUR), 1, NOW)
    assert {*events(night)} == {*events(night, {wall: made})}


def test_the_changes_of_clocks_are_known_for_ten_years() -> None:
    whole = events(times("2027-03-14T01:30", Rule(WEEKLY)))
    assert {each.repeat.last_year for each in whole if each.repeat} == {*range(2027, 2038)}
    assert len([each for each in whole if not each.repeat]) == 22
