"""The state machine of a date: which role may make which move in which state. No database, no clock.

proposed --accept--> accepted --complete--> completed
   |  \\--counter--> proposed (the roles swap)   \\--cancel--> cancelled
   |--decline--> declined
   |--withdraw--> withdrawn
   \\--(time)--> lapsed
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

PROPOSED, ACCEPTED, COMPLETED = "proposed", "accepted", "completed"
DECLINED, WITHDRAWN, CANCELLED, LAPSED = "declined", "withdrawn", "cancelled", "lapsed"
STATES = (PROPOSED, ACCEPTED, COMPLETED, DECLINED, WITHDRAWN, CANCELLED, LAPSED)

# The roles of a person in a date: the sender of the current offer, its receiver, or the owner of a solo date.
SENDER, ANSWERER, ALONE = "sender", "answerer", "alone"
ROLES = (SENDER, ANSWERER, ALONE)
# A member of a former couple. They may read the date for a while, but make no moves.
FORMER = "former"

MOVES: dict[tuple[str, str, str], str] = {
    (PROPOSED, ANSWERER, "accept"): ACCEPTED,
    (PROPOSED, ANSWERER, "decline"): DECLINED,
    (PROPOSED, ANSWERER, "counter"): PROPOSED,
    (PROPOSED, SENDER, "withdraw"): WITHDRAWN,
    **{(ACCEPTED, role, "cancel"): CANCELLED for role in ROLES},
    **{(ACCEPTED, role, "complete"): COMPLETED for role in ROLES},
}

PACE_LIMITED_MOVES = ("accept", "counter")
"""The moves that lead towards a date. They require an activity within the pace."""

OFFER_LIFE = timedelta(days=7)
LAST_ANSWER = timedelta(hours=3)
"""How long before its last slot a proposal lapses, so that no one gets ready for an unanswered proposal."""


class DateState(NamedTuple):
    """The state of a date, and its times.

    `expires_at` is set while the date is proposed, `start` and `end` once it is accepted.
    """

    state: str
    expires_at: datetime | None
    start: datetime | None
    end: datetime | None = None


def state_at(date: DateState, now: datetime) -> str:
    """Return the state at an instant. An expired proposal has lapsed, even before the clock updates its row."""
    expired = date.state == PROPOSED and date.expires_at is not None and date.expires_at <= now
    return LAPSED if expired else date.state


def allowed(date: DateState, role: str, now: datetime) -> list[str]:
    """Return the moves that a role may make now, in a stable order."""
    state = state_at(date, now)
    moves = [move for (from_state, mover, move) in MOVES if from_state == state and mover == role]
    if date.start is not None and date.start > now and "complete" in moves:
        moves.remove("complete")
    if date.end is not None and date.end <= now and "cancel" in moves:
        moves.remove("cancel")  # cancelling a past date would only surprise the partner
    return moves


def expiry(last_start: datetime, now: datetime) -> datetime:
    """Return when an offer made now lapses: after seven days, but at least three hours before its last slot."""
    return min(now + OFFER_LIFE, last_start - LAST_ANSWER)
