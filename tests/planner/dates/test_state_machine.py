from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from planner import clock
from planner.dates import state_machine
from planner.dates.state_machine import DateState

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
OPEN = DateState("proposed", NOW + TICK, None)


def test_a_proposal_lapses_exactly_at_its_expiry():
    assert state_machine.state_at(OPEN, NOW) == "proposed"
    assert state_machine.state_at(OPEN, NOW + TICK) == "lapsed"
    assert state_machine.allowed(OPEN, "answerer", NOW) == ["accept", "decline", "counter"]
    assert state_machine.allowed(OPEN, "answerer", NOW + TICK) == []
    assert state_machine.allowed(OPEN, "sender", NOW) == ["withdraw"]
    assert state_machine.allowed(OPEN, "sender", NOW + TICK) == []


@pytest.mark.parametrize("state", ["accepted", "completed", "declined", "withdrawn", "cancelled", "lapsed"])
def test_an_expiry_does_not_change_an_answered_date(state):
    assert state_machine.state_at(DateState(state, NOW - timedelta(days=9), NOW), NOW) == state


@pytest.mark.parametrize("role", ["sender", "answerer", "alone"])
def test_a_date_can_be_completed_from_its_start_on(role):
    agreed = DateState("accepted", None, NOW)
    assert state_machine.allowed(agreed, role, NOW - TICK) == ["cancel", "move", "edit"]
    assert state_machine.allowed(agreed, role, NOW) == ["cancel", "complete", "edit"]
    over = agreed._replace(end=NOW + TICK)
    assert state_machine.allowed(over, role, NOW + TICK) == ["complete", "did_not_happen"]


@pytest.mark.parametrize("role", ["sender", "answerer", "alone"])
def test_a_past_date_can_be_corrected_for_two_weeks(role):
    done = DateState("completed", None, NOW - TICK, NOW)
    wrong = done._replace(state="cancelled", answer="did_not_happen")
    last = NOW + timedelta(days=14) - TICK
    for at, open_moves in [(NOW - TICK, True), (NOW, True), (last, True), (last + TICK, False)]:
        assert state_machine.allowed(done, role, at) == ["did_not_happen"] * open_moves
        assert state_machine.allowed(wrong, role, at) == ["complete"] * open_moves
    assert state_machine.allowed(wrong._replace(answer=None), role, NOW) == [], "it was cancelled before"


def test_only_the_partner_answers_a_date_that_was_written_down_as_agreed():
    recorded = DateState("accepted", None, NOW, NOW + TICK, recorded=True)
    assert state_machine.allowed(recorded, "answerer", NOW - TICK) == ["cancel", "move", "edit", "confirm", "deny"]
    assert state_machine.allowed(recorded, "answerer", NOW + TICK) == ["complete", "confirm", "deny", "did_not_happen"]
    assert state_machine.allowed(recorded, "sender", NOW - TICK) == ["cancel", "move", "edit"]


@pytest.mark.parametrize(
    ("zone", "end", "completes"),
    [
        ("Europe/Lisbon", "2026-11-28T22:00", "2026-11-29T08:00"),
        ("Europe/Lisbon", "2026-11-29T02:30", "2026-11-29T08:00"),
        ("Europe/Lisbon", "2026-11-29T04:00", "2026-11-29T08:00"),
        ("Europe/Lisbon", "2026-11-29T04:01", "2026-11-30T08:00"),  # a night out needs its four hours
        ("Europe/Lisbon", "2027-03-27T22:00", "2027-03-28T08:00"),  # the clocks change in between
        ("Pacific/Auckland", "2026-11-28T22:00", "2026-11-29T08:00"),
    ],
)
def test_a_date_completes_itself_at_eight_in_the_next_morning(zone, end, completes):
    at = clock.to_utc(datetime.fromisoformat(end), zone)
    assert state_machine.completes_at(at, zone) == clock.to_utc(datetime.fromisoformat(completes), zone)


@pytest.mark.parametrize("state", ["completed", "declined", "withdrawn", "cancelled", "lapsed"])
@pytest.mark.parametrize("role", ["sender", "answerer", "alone", "stranger"])
def test_no_move_is_allowed_from_a_final_state(state, role):
    assert state_machine.allowed(DateState(state, None, NOW), role, NOW) == []


def test_an_unknown_role_has_no_moves():
    assert [state_machine.allowed(DateState(state, None, NOW), "stranger", NOW) for state in state_machine.STATES] == [
        []
    ] * 7


@pytest.mark.parametrize(
    ("last_start", "life"),
    [
        (timedelta(hours=4), timedelta(hours=1)),
        (timedelta(days=7, hours=3) - TICK, timedelta(days=7) - TICK),
        (timedelta(days=7, hours=3), timedelta(days=7)),
        (timedelta(days=300), timedelta(days=7)),
    ],
)
def test_a_proposal_expires_after_seven_days_or_some_notice_before_its_last_slot(last_start, life):
    assert state_machine.expiry(NOW + last_start, timedelta(hours=3), NOW) == NOW + life
