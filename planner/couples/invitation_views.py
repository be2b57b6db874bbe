"""Views of invitations, and the terms that both people read."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

# Both read these before they accept or confirm.
TERMS = (
    "Your partner will see your display name, the dates you two plan, and the notes you choose to share.",
    "Nothing private is ever shared by itself: notes, likes and your rhythm stay yours.",
    "Each of you chooses a rhythm; the calmer one counts for both, and sets how close ideas may come at first. Either"
    " of you can make it calmer at any time, also for yourself alone.",
    "Either of you may pause without saying so. What you send may not be read; silence has many reasons.",
    "The people who run this server can see or change almost everything on it.",
)


class InvitationView(NamedTuple):
    """An invitation as one of the two sees it. Only the inviter gets `code`.

    `state` is "pending" or "accepted". An accepter who repeats a confirmed acceptance gets "confirmed".
    """

    id: UUID
    role: str  # inviter or invitee
    state: str
    expires_at: datetime
    code: str | None = None
    other_name: str | None = None
    check_words: tuple[str, ...] = ()
    rhythm: str | None = None  # the accepter's own choice, for the accepter only


class InvitationPreview(NamedTuple):
    """What the holder of a code sees before answering."""

    inviter_name: str
    your_name: str
    check_words: tuple[str, ...]
    expires_at: datetime
    terms: tuple[str, ...] = TERMS
