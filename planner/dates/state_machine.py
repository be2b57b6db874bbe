"""The life of a date as a table: who may do what from where, and where it leads. No database, no clock.

proposed --accept--> accepted --complete--> completed
   |  \\--counter--> proposed (the turn changes)   \\--cancel--> cancelled
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

# Who a person is to a date: the one whose offer stands, the one who answers it, or somebody who keeps their own date.
SENDER, ANSWERER, ALONE = "sender", "answerer", "alone"
ROLES = (SENDER, ANSWERER, ALONE)
# One of a couple that has ended, who may look back for a while, and moves nothing.
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
"""The moves that lead towards a date: for them the activity has to be within the pace."""

OFFER_LIFE = timedelta(days=7)
LAST_ANSWER = timedelta(hours=3)
"""A proposal lapses this long before its last slot: nobody should have to get ready for a maybe."""


class DateState(NamedTuple):
    """Where a date stands. `expires_at` is set while it is proposed, `start` and `end` once it is accepted."""

    state: str
    expires_at: datetime | None
    start: datetime | None
    end: datetime | None = None


def state_at(standing: DateState, now: datetime) -> str:
    """The state as it reads now: a proposal past its time has lapsed, whether or not the clock has noted it."""
    expired = standing.state == PROPOSED and standing.expires_at is not None and standing.expires_at <= now
    return LAPSED if expired else standing.state


def allowed(standing: DateState, role: str, now: datetime) -> list[str]:
    """The moves open to somebody of that role now, in a stable order."""
    state = state_at(standing, now)
    found = [move for (where, who, move) in MOVES if where == state and who == role]
    if standing.start is not None and standing.start > now and "complete" in found:
        found.remove("complete")
    if standing.end is not None and standing.end <= now and "cancel" in found:
        found.remove("cancel")  # what is over cannot be called off, for either of the two to find later
    return found


def expiry(last_start: datetime, now: datetime) -> datetime:
    """When an offer made now lapses: after seven days or three hours before its last slot, whichever is sooner."""
    return min(now + OFFER_LIFE, last_start - LAST_ANSWER)
