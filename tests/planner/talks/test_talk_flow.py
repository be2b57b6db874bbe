"""Test the flow of a talk: every guide for two goes from the preparation to the closing, with equal turns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.talks import talk_flow
from planner.talks.talk_flow import NEXT, PAUSE, PAUSED, PREPARING, READY, RESUME, RUNNING, STOP, STOPPED, Flow
from seeds import reader
from seeds.guidance import Guide
from tests.conftest import NOON

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FOR_TWO = [guide for guide in reader.guides() if guide.party == "two"]
GUIDE = FOR_TWO[0]


def running(now=NOON) -> Flow:
    return talk_flow.get_ready(talk_flow.get_ready(talk_flow.begin(now), True, now), False, now)


@pytest.mark.parametrize("guide", FOR_TWO, ids=lambda guide: guide.slug)
def test_a_guide_goes_from_the_opening_line_over_equal_turns_to_the_closing(guide: Guide) -> None:
    flow, said, now = running(), [], NOON
    while flow.state == RUNNING:
        step = talk_flow.step_of(flow, guide)
        said.append(step)
        up_at = talk_flow.time_is_up_at(flow, guide)
        assert (up_at is None) == (step.minutes is None)
        now = (up_at or now) + MINUTE  # no one is cut off
        assert talk_flow.state_at(flow, now) == RUNNING
        flow = talk_flow.go_on(flow, guide, now)
    assert flow.state == talk_flow.FINISHED
    assert [step.part for step in said] == ["opening", *["turn"] * len(guide.steps), "closing"]
    minutes = {who: sum(step.minutes or 0 for step in said if step.speaker == who) for who in ("first", "second")}
    assert minutes["first"] == minutes["second"] > 0
    assert talk_flow.moves(flow, True, now) == ()


def test_nothing_starts_without_both() -> None:
    flow = talk_flow.begin(NOON)
    for _ in range(2):
        flow = talk_flow.get_ready(flow, True, NOON)
        assert (flow.state, flow.is_ready(True), flow.is_ready(False)) == (PREPARING, True, False)
    assert talk_flow.moves(flow, True, NOON) == (STOP,)
    assert talk_flow.moves(flow, False, NOON) == (READY, STOP)
    assert talk_flow.get_ready(flow, False, NOON).state == RUNNING


def test_a_talk_that_no_one_joins_lapses_after_an_hour() -> None:
    flow = talk_flow.get_ready(talk_flow.begin(NOON), True, NOON + 59 * MINUTE)
    assert talk_flow.state_at(flow, NOON + 59 * MINUTE) == PREPARING
    assert talk_flow.state_at(flow, NOON + HOUR) == talk_flow.LAPSED
    assert talk_flow.moves(flow, False, NOON + HOUR) == ()


def test_a_turn_goes_on_after_a_pause_where_it_was() -> None:
    flow = talk_flow.go_on(running(), GUIDE, NOON)
    paused = talk_flow.pause(flow, GUIDE, None, NOON + MINUTE)
    assert talk_flow.moves(paused, True, NOON + MINUTE) == (RESUME, STOP)
    assert talk_flow.resume_from(paused, GUIDE) == NOON + MINUTE + GUIDE.pause_minutes * MINUTE
    assert talk_flow.time_is_up_at(paused, GUIDE) is None
    later = NOON + 2 * HOUR
    first = talk_flow.get_ready(paused, False, later)
    assert (first.state, first.step, first.paused_at) == (PAUSED, 1, NOON + MINUTE)
    resumed = talk_flow.get_ready(first, True, later)
    assert (resumed.state, resumed.step, resumed.step_at) == (RUNNING, 1, later - MINUTE)
    assert (resumed.opener_ready, resumed.partner_ready) == (False, False)


@pytest.mark.parametrize("hours", [None, 1, GUIDE.resume_hours])
def test_a_pause_that_is_not_resumed_is_a_stop(hours: int | None) -> None:
    named = NOON + hours * HOUR if hours else None
    flow = talk_flow.pause(running(), GUIDE, named, NOON)
    end = NOON + GUIDE.resume_hours * HOUR
    if hours == GUIDE.resume_hours:
        end += talk_flow.MEET_WITHIN  # time to meet
    assert talk_flow.state_at(flow, end - MINUTE) == PAUSED
    assert talk_flow.state_at(flow, end) == STOPPED


def test_a_step_on_which_nothing_happens_is_a_stop_in_the_end() -> None:
    flow = running()
    assert talk_flow.state_at(flow, NOON + talk_flow.LONGEST_STEP - MINUTE) == RUNNING
    assert talk_flow.state_at(flow, NOON + talk_flow.LONGEST_STEP) == STOPPED


MOVES = st.lists(
    st.tuples(st.sampled_from([READY, NEXT, PAUSE, RESUME, STOP]), st.booleans(), st.integers(0, 90)), max_size=40
)


@given(MOVES)
def test_either_can_always_stop_and_no_other_move_goes_back(made: list[tuple[str, bool, int]]) -> None:
    flow, now = talk_flow.begin(NOON), NOON
    for name, is_opener, minutes in made:
        now += minutes * MINUTE
        before, open_moves = flow, talk_flow.moves(flow, is_opener, now)
        assert (STOP in open_moves) == (talk_flow.state_at(flow, now) in talk_flow.OPEN)
        if name not in open_moves:
            continue
        if name in (READY, RESUME):
            flow = talk_flow.get_ready(flow, is_opener, now)
        else:
            flow = {
                NEXT: lambda: talk_flow.go_on(before, GUIDE, now),  # noqa: B023
                PAUSE: lambda: talk_flow.pause(before, GUIDE, None, now),  # noqa: B023
                STOP: lambda: talk_flow.stop(before),  # noqa: B023
            }[name]()
        assert before.step <= flow.step <= before.step + 1
        assert (flow.ends_at is None) == (flow.state not in talk_flow.OPEN)
        assert flow.step_at is None or flow.step_at <= now
