from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from planner.dates import state_machine
from planner.dates.state_machine import DateState

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
OPEN = DateState("proposed", NOW + TICK, None)


def test_an_open_offer_lapses_exactly_at_its_expiry():
    assert state_machine.state_at(OPEN, NOW) == "proposed"
    assert state_machine.state_at(OPEN, NOW + TICK) == "lapsed"
    assert state_machine.allowed(OPEN, "answerer", NOW) == ["accept", "decline", "counter"]
    assert state_machine.allowed(OPEN, "answerer", NOW + TICK) == []
    assert state_machine.allowed(OPEN, "sender", NOW) == ["withdraw"]
    assert state_machine.allowed(OPEN, "sender", NOW + TICK) == []


@pytest.mark.parametrize("state", ["accepted", "completed", "declined", "withdrawn", "cancelled", "lapsed"])
def test_an_expiry_in_the_past_means_nothing_once_it_was_answered(state):
    assert state_machine.state_at(DateState(state, NOW - timedelta(days=9), NOW), NOW) == state


@pytest.mark.parametrize("role", ["sender", "answerer", "alone"])
def test_a_date_is_complete_from_its_start_on_and_no_earlier(role):
    agreed = DateState("accepted", None, NOW)
    assert state_machine.allowed(agreed, role, NOW - TICK) == ["cancel"]
    assert state_machine.allowed(agreed, role, NOW) == ["cancel", "complete"]
    assert state_machine.allowed(agreed, role, NOW + timedelta(days=400)) == ["cancel", "complete"]


@pytest.mark.parametrize("state", ["completed", "declined", "withdrawn", "cancelled", "lapsed"])
@pytest.mark.parametrize("role", ["sender", "answerer", "alone", "somebody"])
def test_nothing_moves_from_an_end(state, role):
    assert state_machine.allowed(DateState(state, None, NOW), role, NOW) == []


def test_a_role_that_is_none_of_the_two_may_do_nothing():
    assert [state_machine.allowed(DateState(state, None, NOW), "somebody", NOW) for state in state_machine.STATES] == [
        []
    ] * 7


@pytest.mark.parametrize(
    ("last_start", "life"),
    [
        (timedelta(hours=3, minutes=1), timedelta(minutes=1)),
        (timedelta(days=7, hours=3) - TICK, timedelta(days=7) - TICK),
        (timedelta(days=7, hours=3), timedelta(days=7)),
        (timedelta(days=300), timedelta(days=7)),
    ],
)
def test_an_offer_lives_seven_days_or_until_three_hours_before_its_last_slot(last_start, life):
    assert state_machine.expiry(NOW + last_start, NOW) == NOW + life
