"""Blocking a person whom the viewer met here, or everyone. A block lasts, and the blocked person is not told.

There is no directory of people. So a block names its person by how the two met. That is the partner, the last partner,
the person who accepted an invitation, or the person who made a code. What is open between the two ends in the same
transaction, as after a silent decline. Blocking the partner leaves the couple first.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner import inbox
from planner.accounts.accounts import Person
from planner.contact.viewer import Viewer
from planner.couples import blocks, couples, invitation_codes, invitations
from planner.couples.blocks import BlockView
from planner.couples.couples import Couple
from planner.couples.invitations import Invitation
from planner.errors import Conflict, NotFound
from planner.relationship import leaving
from planner.storage import db

_NO_ONE = UUID(int=0)


class _BlockTarget(NamedTuple):
    person: UUID
    name: str
    invitation: UUID | None = None  # of the viewer, which this person accepted


def block_partner(viewer: Viewer, now: datetime) -> BlockView:
    """Leave the couple and block the partner. Raise Conflict for a viewer without a couple."""
    if pair := couples.find_pair(viewer.id):
        name = viewer.partner_name if viewer.couple == pair.couple else couples.get_partner_name(pair)
        return _block(viewer, _BlockTarget(pair.partner, str(name)), now)
    # In a repeated request the partner is the last partner by now.
    last_partner = couples.find_last_partner(viewer.id)
    block = blocks.get(viewer.id, last_partner.person) if last_partner else None
    if block is None:
        raise Conflict("no_partner")
    return block


def block_last_partner(viewer: Viewer, now: datetime) -> BlockView:
    """Block the last partner. Raise Conflict for a viewer who never was in a couple."""
    last_partner = couples.find_last_partner(viewer.id)
    if last_partner is None:
        raise Conflict("no_former_partner")
    return _block(viewer, _BlockTarget(last_partner.person, last_partner.name), now)


def block_invitee(viewer: Viewer, invitation_id: UUID, now: datetime) -> BlockView:
    """Refuse and block the person who accepted an invitation of the viewer. A repeat returns the same block.

    A person who was refused before cannot be blocked so: the answer would tell whether they have withdrawn. Raise
    NotFound for an invitation of others, Conflict when no one waits for an answer.
    """
    invitation = Invitation.get_or_none(Invitation.id == invitation_id, Invitation.inviter == viewer.id)
    if invitation is None:
        raise NotFound
    if block := blocks.by_invitation(viewer.id, invitation_id):
        return block
    if invitation.invitee_id is None or invitation.state != "accepted" or invitation.expires_at <= now:
        raise Conflict("no_acceptance")
    return _block(viewer, _BlockTarget(invitation.invitee_id, str(invitation.invitee_name), invitation.id), now)


def block_by_code(viewer: Viewer, code: str, now: datetime) -> BlockView:
    """Block the inviter whose code the viewer holds, accepted or not. A repeat returns the same block.

    Raise the same NotFound for wrong, used and expired codes, and for codes of a person who has blocked the viewer.
    """
    invitation = Invitation.get_or_none(
        Invitation.code_hash == invitation_codes.hash_code(code), Invitation.inviter != viewer.id
    )
    # A wrong code looks for a block too: both answers take the same time.
    block = blocks.get(viewer.id, invitation.inviter_id if invitation else _NO_ONE)
    if block:
        return block
    if invitation is None or not _sees_as_accepted(viewer, invitation, now):
        invitation = invitations.open_by_code(viewer.identity, code, now)
    return _block(viewer, _BlockTarget(invitation.inviter_id, invitation.inviter_name), now)


def block_everybody(viewer: Viewer, now: datetime) -> BlockView:
    """Block everyone on this server until the viewer lifts it. Open invitations end silently; a couple stays."""
    with db.write((Person, [viewer.id])):
        invitations.close_all([viewer.id], now)
        return blocks.block_everyone(viewer.id, now)


def _sees_as_accepted(viewer: Viewer, invitation: Invitation, now: datetime) -> bool:
    """Return whether the viewer accepted the invitation and still sees it as accepted."""
    if invitation.invitee_id != viewer.id:
        return False
    is_partner = viewer.partner == invitation.inviter_id
    return invitation.state == "confirmed" if is_partner else invitation.expires_at > now


def _block(viewer: Viewer, target: _BlockTarget, now: datetime) -> BlockView:
    try:
        return _try_block(viewer, target, now)
    except Conflict:
        return _try_block(viewer, target, now)  # a couple of the two began or ended at this moment


def _try_block(viewer: Viewer, target: _BlockTarget, now: datetime) -> BlockView:
    pair_before = couples.find_pair(viewer.id)
    couples_to_lock = [pair_before.couple] if pair_before and pair_before.partner == target.person else []
    with db.write((Person, [viewer.id, target.person]), (Couple, couples_to_lock)):
        pair = couples.find_pair(viewer.id)
        if pair and pair.partner == target.person:
            if pair.couple not in couples_to_lock:
                raise Conflict("couple_just_begun")
            leaving.end(pair, now)
        _end_between(viewer.id, target.person, now)
        return blocks.add(viewer.id, *target, now)


def _end_between(me: UUID, other_person: UUID, now: datetime) -> None:
    """End open invitations silently: the other person goes on reading "accepted"; an own acceptance is withdrawn."""
    is_accepted = Invitation.state == "accepted"
    mine = Invitation.select().where(Invitation.inviter == me, Invitation.invitee == other_person, is_accepted)
    for invitation in list(mine):
        Invitation.update(state="refused").where(Invitation.id == invitation.id, is_accepted).execute()
        inbox.withdraw(invitation.id, ["invitation_accepted"])
    theirs = Invitation.select().where(
        Invitation.inviter == other_person, Invitation.invitee == me, is_accepted, Invitation.expires_at > now
    )
    for invitation in list(theirs):
        invitations.withdraw_acceptance(invitation, now)
