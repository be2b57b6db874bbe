"""Quiet hours and the hour of the question, on plain days and on days when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from planner import inbox
from planner.notifications import selection
from planner.notifications.prompt_times import WEEKDAYS, next_time

LISBON, KOLKATA, NEW_YORK = "Europe/Lisbon", "Asia/Kolkata", "America/New_York"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "begins", "ends", "zone", "until"),
    [
        ("2026-11-23T21:59", "22:00", "08:00", LISBON, None),
        ("2026-11-23T22:00", "22:00", "08:00", LISBON, "2026-11-24T08:00"),
        ("2026-11-24T07:59", "22:00", "08:00", LISBON, "2026-11-24T08:00"),
        ("2026-11-24T08:00", "22:00", "08:00", LISBON, None),
        ("2026-11-23T13:30", "13:00", "15:00", LISBON, "2026-11-23T15:00"),
        ("2026-11-23T15:00", "13:00", "15:00", LISBON, None),
        ("2026-11-23T17:00", "22:00", "08:00", KOLKATA, "2026-11-24T02:30"),
        # The clocks go forward at 01:00: the end comes an hour sooner. They go back at 02:00: an hour later.
        ("2027-03-28T00:30", "22:00", "08:00", LISBON, "2027-03-28T07:00"),
        ("2027-10-30T22:30", "22:00", "08:00", LISBON, "2027-10-31T08:00"),
        # 02:30 does not exist on this night, and 03:00 comes next.
        ("2027-03-14T05:00", "22:00", "02:30", NEW_YORK, "2027-03-14T07:00"),
        ("2026-11-23T12:00", "08:00", "08:00", LISBON, None),
        ("2026-11-23T12:00", None, None, LISBON, None),
        ("2026-11-23T23:59", "00:00", "23:59", LISBON, None),
    ],
)
def test_quiet_hours_end_at_their_wall_time(
    now: str, begins: str | None, ends: str | None, zone: str, until: str | None
) -> None:
    hours = [time.fromisoformat(each) if each else None for each in (begins, ends)]
    assert selection.quiet_until(at(now), *hours, zone) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("weekdays", "hour", "after", "expected"),
    [
        (["monday"], "19:00", "2026-11-23T18:59", "2026-11-23T19:00"),
        (["monday"], "19:00", "2026-11-23T19:00", "2026-11-30T19:00"),
        (["tuesday", "sunday"], "07:30", "2026-11-23T12:00", "2026-11-24T07:30"),
        (["sunday"], "00:00", "2026-11-23T12:00", "2026-11-29T00:00"),
        # In summer time, and at an hour that the clocks skip.
        (["sunday"], "19:00", "2027-03-27T20:00", "2027-03-28T18:00"),
        (["sunday"], "01:30", "2027-03-27T20:00", "2027-03-28T01:00"),
        ([], "19:00", "2026-11-23T12:00", None),
    ],
)
def test_the_next_question_keeps_its_wall_time(weekdays, hour, after, expected):
    found = next_time(weekdays, time.fromisoformat(hour), LISBON, at(after))
    assert found == (at(expected) if expected else None)


def test_every_kind_has_its_place():
    changes = {"pace_lowered", "pace_raised", "rhythm_calmer", "rhythm_livelier"}
    silent = {"couple_ended", "day_agreed", "name_changed", "note_reacted", "request_declined", "space_said", *changes}
    assert set(inbox.KINDS) == {*selection.GROUP_OF, *selection.ALWAYS, *silent}, "planner/notifications/selection.py"
    assert not set(selection.GROUP_OF) & {*selection.ALWAYS, *silent}
    assert set(WEEKDAYS) == {f"{name}day" for name in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")}
