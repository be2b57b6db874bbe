"""Blocking: a no that lasts, to a person whom one came across here, or to everybody. Nobody is told.

There is no directory to find somebody in, so a block names its person by how the two met: the partner, the last
partner, who accepted an invitation, whose code one holds. Whatever stands open between the two ends in the same
transaction, each thing as after the ordinary silent no. Blocking one's partner is leaving first.
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
    invitation: UUID | None = None  # the actor's own, which they accepted


def block_partner(actor: Actor, now: datetime) -> No:
    """Leave the couple, and block the partner, in one. Raises WrongState for somebody alone."""
    if pair := couples.pair_of(actor.id):
        return _block(actor, _Whom(pair.partner, couples.name_of_partner(pair)), now)
    # A repeat: by now they are the last partner.
    past = couples.last_partner(actor.id)
    found = blocks.of(actor.id, past.person) if past else None
    if found is None:
        raise WrongState("You are not part of a couple here.")
    return found


def block_last_partner(actor: Actor, now: datetime) -> No:
    """Block whom the actor was a couple with last. Raises WrongState when there is nobody."""
    past = couples.last_partner(actor.id)
    if past is None:
        raise WrongState("There is nobody here whom you were a couple with.")
    return _block(actor, _Whom(past.person, past.name), now)


def block_accepter(actor: Actor, invitation_id: UUID, now: datetime) -> No:
    """Refuse and block who accepted that invitation of the actor's. Repeated, it is the same block.

    Not who was refused before: whether they still stand there is theirs to know. Raises NotFound for what is not the
    actor's, WrongState when nobody waits (any more).
    """
    found = Invitation.get_or_none(Invitation.id == invitation_id, Invitation.inviter == actor.id)
    if found is None:
        raise NotFound
    if known := blocks.by_invitation(actor.id, invitation_id):
        return known
    if found.accepter_id is None or found.state != "accepted" or found.expires_at <= now:
        raise WrongState("Nobody waits for your word here (any more).")
    return _block(actor, _Whom(found.accepter_id, str(found.accepter_name), found.id), now)


def block_by_code(actor: Actor, code: str, now: datetime) -> No:
    """Block whoever handed the actor this code, whether or not the actor has said yes. Repeated, it is the same block.

    Raises NotFound alike for wrong, used and expired codes, and those of somebody who has blocked the actor.
    """
    found = Invitation.get_or_none(Invitation.code_hash == codes.hash_of(code), Invitation.inviter != actor.id)
    # Asked also where nothing was found, so that this costs the same work.
    known = blocks.of(actor.id, found.inviter_id if found else _NO_ONE)
    if known:
        return known
    if found is None or not _came_by(actor, found, now):
        found = invitations.open_by_code(actor, code, now)
    return _block(actor, _Whom(found.inviter_id, found.inviter_name), now)


def block_everybody(actor: Actor, now: datetime) -> No:
    """Be paired with nobody on this server, until it is lifted. Open invitations end, silently; a couple stays."""
    with db.write((Person, [actor.id])):
        invitations.close_all_of([actor.id], now)
        return blocks.close_door(actor.id, now)


def _came_by(actor: Actor, found: Invitation, now: datetime) -> bool:
    """Whether the actor has said yes to it, and goes on seeing that."""
    if found.accepter_id != actor.id:
        return False
    return found.state == "confirmed" if actor.partner == found.inviter_id else found.expires_at > now


def _block(actor: Actor, whom: _Whom, now: datetime) -> No:
    try:
        return _try_block(actor, whom, now)
    except WrongState:
        return _try_block(actor, whom, now)  # the two became, or ceased to be, a couple in this very moment


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
    """The ordinary silent noes: theirs goes on reading "accepted"; mine is taken back, as if I had not come."""
    waiting = Invitation.state == "accepted"
    for one in list(Invitation.select().where(Invitation.inviter == me, Invitation.accepter == other, waiting)):
        Invitation.update(state="refused").where(Invitation.id == one.id, waiting).execute()
        inbox.withdraw(one.id, ["invitation_accepted"])
    theirs = Invitation.inviter == other, Invitation.accepter == me, waiting, Invitation.expires_at > now
    for one in list(Invitation.select().where(*theirs)):
        invitations.step_back(one, now)
