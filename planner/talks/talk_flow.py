"""The flow of a talk: preparation, the opening line, equal turns, pauses and the closing. No database, no clock.

preparing --ready of both--> running --next--> ... --next--> finished
    |                        |     ^
    |                      pause   resume of both
    |                        v     |
    |                         paused
    |--stop--> stopped    (from each open state)
    \\--(time)--> lapsed   (a pause or a turn that is left for long: stopped)

Step 0 is the opening line. The turns of the guide follow, and the last step is the closing. The time of a turn is
advice: nothing cuts a person off.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from seeds.guidance import Guide

PREPARING, RUNNING, PAUSED = "preparing", "running", "paused"
STOPPED, FINISHED, LAPSED = "stopped", "finished", "lapsed"
OPEN = (PREPARING, RUNNING, PAUSED)
STATES = (*OPEN, STOPPED, FINISHED, LAPSED)

READY, NEXT, PAUSE, RESUME, STOP = "ready", "next", "pause", "resume", "stop"
MOVES = {PREPARING: (READY, STOP), RUNNING: (NEXT, PAUSE, STOP), PAUSED: (RESUME, STOP)}

OPENING, TURN, CLOSING = "opening", "turn", "closing"
PARTS = (OPENING, TURN, CLOSING)

JOIN_WITHIN = timedelta(hours=1)
"""How long an opened talk waits until both are ready."""
LONGEST_STEP = timedelta(hours=3)
"""A step on which nothing happened for so long was left: both put their phones away."""
MEET_WITHIN = timedelta(hours=1)
"""How long after the named time a talk can still be resumed."""


class Flow(NamedTuple):
    """Where a talk is. The opener opened it; the partner is the second person.

    `ends_at` is when an open talk ends by itself; None after its end. `step_at` is when the step began; pauses do not
    count. `ready` is about the start, or in a pause about the resumption.
    """

    state: str
    ends_at: datetime | None
    step: int = 0
    step_at: datetime | None = None
    paused_at: datetime | None = None
    resume_at: datetime | None = None
    opener_ready: bool = False
    partner_ready: bool = False

    def is_ready(self, is_opener: bool) -> bool:
        """Return whether one person is ready."""
        return self.opener_ready if is_opener else self.partner_ready


class Step(NamedTuple):
    """One step: which part it is, who speaks, for how many minutes, and what to do."""

    part: str
    speaker: str
    minutes: int | None
    text: str


def begin(now: datetime) -> Flow:
    """Return the flow of a talk that is opened now."""
    return Flow(PREPARING, now + JOIN_WITHIN)


def state_at(flow: Flow, now: datetime) -> str:
    """Return the state at an instant: what ends by itself has ended, even before the clock updates its row."""
    if flow.ends_at is None or flow.ends_at > now:
        return flow.state
    return LAPSED if flow.state == PREPARING else STOPPED


def moves(flow: Flow, is_opener: bool, now: datetime) -> tuple[str, ...]:
    """Return the moves that one person can make now. A pause lasts for its least time (see `resume_from`)."""
    open_moves = MOVES.get(state_at(flow, now), ())
    return tuple(move for move in open_moves if move not in (READY, RESUME) or not flow.is_ready(is_opener))


def get_ready(flow: Flow, is_opener: bool, now: datetime) -> Flow:
    """Return the flow after one person is ready to start or to resume. It goes on when both are."""
    flow = flow._replace(opener_ready=flow.opener_ready or is_opener, partner_ready=flow.partner_ready or not is_opener)
    if not (flow.opener_ready and flow.partner_ready):
        return flow
    spent = flow.paused_at - flow.step_at if flow.paused_at and flow.step_at else timedelta()
    return Flow(RUNNING, now + LONGEST_STEP, flow.step, now - spent)


def go_on(flow: Flow, guide: Guide, now: datetime) -> Flow:
    """Return the flow at the next step. After the closing it is finished."""
    if flow.step == last_step(guide):
        return flow._replace(state=FINISHED, ends_at=None)
    return Flow(RUNNING, now + LONGEST_STEP, flow.step + 1, now)


def pause(flow: Flow, guide: Guide, resume_at: datetime | None, now: datetime) -> Flow:
    """Return the flow in a pause, perhaps with a named time to resume. It ends quietly if it is not resumed."""
    ends_at = now + timedelta(hours=guide.resume_hours)
    if resume_at:
        ends_at = max(ends_at, resume_at + MEET_WITHIN)
    return Flow(PAUSED, ends_at, flow.step, flow.step_at, now, resume_at)


def stop(flow: Flow) -> Flow:
    """Return the flow after a stop."""
    return flow._replace(state=STOPPED, ends_at=None)


def resume_from(flow: Flow, guide: Guide) -> datetime | None:
    """Return when a paused talk can be resumed at the earliest, or None outside of a pause."""
    if flow.state != PAUSED or flow.paused_at is None:
        return None
    return flow.paused_at + timedelta(minutes=guide.pause_minutes)


def last_step(guide: Guide) -> int:
    """Return the number of the closing."""
    return len(guide.steps) + 1


def step_of(flow: Flow, guide: Guide) -> Step:
    """Return the step that a talk is at. The first speaker says the opening line."""
    if flow.step == 0:
        return Step(OPENING, "first", None, guide.opening)
    if flow.step == last_step(guide):
        return Step(CLOSING, "both", None, guide.closing)
    turn = guide.steps[flow.step - 1]
    return Step(TURN, turn.speaker, turn.minutes, turn.text)


def time_is_up_at(flow: Flow, guide: Guide) -> datetime | None:
    """Return when the time of the running turn is up, or None for a step without a time."""
    minutes = step_of(flow, guide).minutes
    if flow.state != RUNNING or flow.step_at is None or minutes is None:
        return None
    return flow.step_at + timedelta(minutes=minutes)
