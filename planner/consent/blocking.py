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
from planner.consent import leaving
from planner.errors import NotFound, WrongState
from planner.people import blocks, codes, couples, invitations
from planner.people.accounts import Person
from planner.people.blocks import No
from planner.people.couples import Couple
from planner.people.invitations import Invitation
from planner.people.sign_ins import Actor
from planner.storage import db

_NO_ONE = UUID(int=0)


class _Whom(NamedTuple):
    person: UUID
    name: str
    invitation: UUID | None = None  # of the viewer, which this person accepted


def block_partner(actor: Actor, now: datetime) -> No:
    """Leave the couple and block the partner. Raise WrongState for a viewer without a couple."""
    if pair := couples.pair_of(actor.id):
        return _block(actor, _Whom(pair.partner, couples.name_of_partner(pair)), now)
    # In a repeated request the partner is the last partner by now.
    past = couples.last_partner(actor.id)
    block = blocks.of(actor.id, past.person) if past else None
    if block is None:
        raise WrongState("You are not part of a couple here.")
    return block


def block_last_partner(actor: Actor, now: datetime) -> No:
    """Block the last partner. Raise WrongState for a viewer who never was in a couple."""
    past = couples.last_partner(actor.id)
    if past is None:
        raise WrongState("You were in no couple here.")
    return _block(actor, _Whom(past.person, past.name), now)


def block_accepter(actor: Actor, invitation_id: UUID, now: datetime) -> No:
    """Refuse and block the person who accepted an invitation of the viewer. A repeat returns the same block.

    A person who was refused before cannot be blocked so: the answer would tell whether they have withdrawn. Raise
    NotFound for an invitation of others, WrongState when no one waits for an answer.
    """
    invitation = Invitation.get_or_none(Invitation.id == invitation_id, Invitation.inviter == actor.id)
    if invitation is None:
        raise NotFound
    if block := blocks.by_invitation(actor.id, invitation_id):
        return block
    if invitation.accepter_id is None or invitation.state != "accepted" or invitation.expires_at <= now:
        raise WrongState("No one waits for your answer here.")
    return _block(actor, _Whom(invitation.accepter_id, str(invitation.accepter_name), invitation.id), now)


def block_by_code(actor: Actor, code: str, now: datetime) -> No:
    """Block the inviter whose code the viewer holds, accepted or not. A repeat returns the same block.

    Raise the same NotFound for wrong, used and expired codes, and for codes of a person who has blocked the viewer.
    """
    invitation = Invitation.get_or_none(Invitation.code_hash == codes.hash_of(code), Invitation.inviter != actor.id)
    # A wrong code looks for a block too: both answers take the same time.
    block = blocks.of(actor.id, invitation.inviter_id if invitation else _NO_ONE)
    if block:
        return block
    if invitation is None or not _came_by(actor, invitation, now):
        invitation = invitations.open_by_code(actor, code, now)
    return _block(actor, _Whom(invitation.inviter_id, invitation.inviter_name), now)


def block_everybody(actor: Actor, now: datetime) -> No:
    """Block everyone on this server until the viewer lifts it. Open invitations end silently; a couple stays."""
    with db.write((Person, [actor.id])):
        invitations.close_all_of([actor.id], now)
        return blocks.close_door(actor.id, now)


def _came_by(actor: Actor, invitation: Invitation, now: datetime) -> bool:
    """Return whether the viewer accepted the invitation and still sees it as accepted."""
    if invitation.accepter_id != actor.id:
        return False
    is_partner = actor.partner == invitation.inviter_id
    return invitation.state == "confirmed" if is_partner else invitation.expires_at > now


def _block(actor: Actor, whom: _Whom, now: datetime) -> No:
    try:
        return _try_block(actor, whom, now)
    except WrongState:
        return _try_block(actor, whom, now)  # a couple of the two began or ended at this moment


def _try_block(actor: Actor, whom: _Whom, now: datetime) -> No:
    seen = couples.pair_of(actor.id)
    ours = [seen.couple] if seen and seen.partner == whom.person else []
    with db.write((Person, [actor.id, whom.person]), (Couple, ours)):
        pair = couples.pair_of(actor.id)
        if pair and pair.partner == whom.person:
            if pair.couple not in ours:
                raise WrongState("You two became a couple at the same moment. Look again, then repeat.")
            leaving.end(pair, now)
        _end_between(actor.id, whom.person, now)
        return blocks.add(actor.id, *whom, now)


def _end_between(me: UUID, other: UUID, now: datetime) -> None:
    """End open invitations silently: the other person goes on reading "accepted"; an own acceptance is withdrawn."""
    waiting = Invitation.state == "accepted"
    mine = Invitation.select().where(Invitation.inviter == me, Invitation.accepter == other, waiting)
    for invitation in list(mine):
        Invitation.update(state="refused").where(Invitation.id == invitation.id, waiting).execute()
        inbox.withdraw(invitation.id, ["invitation_accepted"])
    theirs = Invitation.select().where(
        Invitation.inviter == other, Invitation.accepter == me, waiting, Invitation.expires_at > now
    )
    for invitation in list(theirs):
        invitations.step_back(invitation, now)
