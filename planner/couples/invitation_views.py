"""Views of invitations."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class InvitationView(NamedTuple):
    """An invitation as one of the two sees it. Only the inviter gets `code`.

    `state` is "pending" or "accepted". An invitee who repeats a confirmed acceptance gets "confirmed".
    """

    id: UUID
    role: str  # inviter or invitee
    state: str
    expires_at: datetime
    code: str | None = None
    other_name: str | None = None
    check_words: tuple[str, ...] = ()
    rhythm: str | None = None  # the invitee's own choice, for the invitee only


class InvitationPreview(NamedTuple):
    """What the holder of a code sees before answering."""

    inviter_name: str
    your_name: str
    check_words: tuple[str, ...]
    expires_at: datetime
