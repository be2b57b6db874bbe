"""Views of invitations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from planner.accounts.identity import Identity
from planner.couples import invitation_codes

if TYPE_CHECKING:
    from planner.couples.invitations import Invitation


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


def view(invitation: Invitation, identity: Identity) -> InvitationView:
    """Return an invitation as this person sees it."""
    if invitation.inviter_id != identity.id:
        return InvitationView(
            invitation.id,
            role="invitee",
            state="confirmed" if invitation.state == "confirmed" else "accepted",
            expires_at=invitation.expires_at,
            other_name=invitation.inviter_name,
            check_words=invitation_codes.check_words(invitation.inviter_id, identity.id),
            rhythm=invitation.invitee_rhythm,
        )
    invitee = invitation.invitee_id if invitation.state == "accepted" else None
    return InvitationView(
        invitation.id,
        role="inviter",
        state="accepted" if invitee else "pending",
        expires_at=invitation.expires_at,
        code=None if invitee else invitation_codes.derive_code(invitation.id),
        other_name=invitation.invitee_name if invitee else None,
        check_words=invitation_codes.check_words(identity.id, invitee) if invitee else (),
    )
