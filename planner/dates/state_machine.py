"""The state machine of a date: which role may make which move in which state. No database, no clock.

proposed --accept--> accepted --complete--> completed
   |  \\--counter--> proposed (the roles swap)   |--cancel--> cancelled
   |                                            |--move, edit, confirm--> accepted
   |                                            |--did_not_happen--> cancelled --complete--> completed
   |                                            \\--deny--> declined
   |--decline--> declined
   |--withdraw--> withdrawn
   \\--(time)--> lapsed
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple

from planner import clock

PROPOSED, ACCEPTED, COMPLETED = "proposed", "accepted", "completed"
DECLINED, WITHDRAWN, CANCELLED, LAPSED = "declined", "withdrawn", "cancelled", "lapsed"
STATES = (PROPOSED, ACCEPTED, COMPLETED, DECLINED, WITHDRAWN, CANCELLED, LAPSED)

# The roles of a person in a date: the sender of the current offer, its receiver, or the owner of a solo date.
SENDER, ANSWERER, ALONE = "sender", "answerer", "alone"
ROLES = (SENDER, ANSWERER, ALONE)
# A member of a former couple. They may read the date for a while, but make no moves.
FORMER = "former"
DID_NOT_HAPPEN = "did_not_happen"
"""The move that says that a past date did not take place. It is also the answer of such a cancelled date."""

MOVES: dict[tuple[str, str, str], str] = {
    (PROPOSED, ANSWERER, "accept"): ACCEPTED,
    (PROPOSED, ANSWERER, "decline"): DECLINED,
    (PROPOSED, ANSWERER, "counter"): PROPOSED,
    (PROPOSED, SENDER, "withdraw"): WITHDRAWN,
    **{(ACCEPTED, role, "cancel"): CANCELLED for role in ROLES},
    **{(ACCEPTED, role, "complete"): COMPLETED for role in ROLES},
    **{(ACCEPTED, role, "move"): ACCEPTED for role in ROLES},
    **{(ACCEPTED, role, "edit"): ACCEPTED for role in ROLES},
    (ACCEPTED, ANSWERER, "confirm"): ACCEPTED,
    (ACCEPTED, ANSWERER, "deny"): DECLINED,
    **{(state, role, DID_NOT_HAPPEN): CANCELLED for state in (ACCEPTED, COMPLETED) for role in ROLES},
    **{(CANCELLED, role, "complete"): COMPLETED for role in ROLES},
}

PACE_LIMITED_MOVES = ("accept", "counter", "move")
"""The moves that lead towards a date. They require an activity within the pace."""

OFFER_LIFE = timedelta(days=7)
LEAST_WAIT = timedelta(hours=4)
"""The least time after the end of a date before it completes itself."""
_MORNING = time(8)
CORRECTION = timedelta(days=14)
"""How long after the end of a date each may say whether it took place."""


class DateState(NamedTuple):
    """The state of a date, and its times.

    `expires_at` is set while the date is proposed, `start` and `end` once it is accepted. `recorded`: its sender wrote
    it down as agreed, and the partner has not confirmed it. `answer` tells how it was declined, or that it did not
    happen.
    """

    state: str
    expires_at: datetime | None
    start: datetime | None
    end: datetime | None = None
    recorded: bool = False
    answer: str | None = None


def state_at(date: DateState, now: datetime) -> str:
    """Return the state at an instant. An expired proposal has lapsed, even before the clock updates its row."""
    expired = date.state == PROPOSED and date.expires_at is not None and date.expires_at <= now
    return LAPSED if expired else date.state


def allowed(date: DateState, role: str, now: datetime) -> list[str]:
    """Return the moves that a role may make now, in a stable order."""
    state = state_at(date, now)
    moves = [move for (from_state, mover, move) in MOVES if from_state == state and mover == role]
    closed = _closed(date, now)
    return [move for move in moves if move not in closed]


def _closed(date: DateState, now: datetime) -> set[str]:
    """Return the moves for which it is too early or too late."""
    closed = set() if date.recorded else {"confirm", "deny"}
    if date.start is not None:
        closed.add("complete" if date.start > now else "move")
    if date.end is not None and date.end <= now:
        closed |= {"cancel", "edit"}  # cancelling a past date would only surprise the partner
    is_final = date.end is None or date.end + CORRECTION <= now
    if is_final or (date.state == ACCEPTED and "cancel" not in closed):
        closed.add(DID_NOT_HAPPEN)
    if date.state == CANCELLED and (is_final or date.answer != DID_NOT_HAPPEN):
        closed.add("complete")
    return closed


def expiry(last_start: datetime, notice: timedelta, now: datetime) -> datetime:
    """Return when an offer made now lapses: after seven days, but some notice before its last slot."""
    return min(now + OFFER_LIFE, last_start - notice)


def completes_at(end: datetime, zone: str) -> datetime:
    """Return when a past date completes itself: at eight in the next morning, hours after its end at least."""
    earliest = clock.to_zone(end + LEAST_WAIT, zone)
    day = earliest.date() if earliest.time() <= _MORNING else earliest.date() + timedelta(days=1)
    return clock.to_utc(datetime.combine(day, _MORNING), zone)
