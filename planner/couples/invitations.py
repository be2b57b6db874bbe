"""Invitations: how two people become a couple, by a code, an acceptance and a confirmation.

The inviter hands over the code. The receiver looks it up and accepts; the inviter then confirms. Until then, each sees
only the display name of the partner and three words to compare aloud. An invitation keeps the names of its two moments.
Otherwise an edit of the name could send a message.

A no is silent on both sides. The inviter still sees "pending" and the invitee "accepted", until it expires.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import peewee

from planner import inbox
from planner.accounts import accounts
from planner.accounts.accounts import Person
from planner.accounts.identity import Identity
from planner.couples import blocks, contact_rules, couples, invitation_codes
from planner.couples.couples import MemberConsent
from planner.couples.invitation_views import InvitationPreview, InvitationView, view
from planner.errors import Conflict, IdTaken, NotFound, QuotaExceeded
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

_OPEN_TO_INVITER = ("pending", "declined")  # the inviter sees both as pending
_SHOWN_TO_INVITER = (*_OPEN_TO_INVITER, "accepted")
# The invitee still sees "accepted" in these states: a refusal or a withdrawal by the inviter is silent.
_ENDED_BY_INVITER = ("refused", "withdrawn")
_SHOWN_TO_INVITEE = ("accepted", *_ENDED_BY_INVITER)
_NO_INVITEE = {"invitee": None, "invitee_name": None, "invitee_rhythm": None}
_NO_INVITER = UUID(int=0)


class Invitation(db.Model):
    """A code that is valid for seven days. Acceptance extends `expires_at` once."""

    if TYPE_CHECKING:
        inviter_id: UUID
        invitee_id: UUID | None
    inviter = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+")
    inviter_name = peewee.TextField()
    code_hash = peewee.TextField(unique=True)
    invitee = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+")
    invitee_name = peewee.TextField(null=True)
    invitee_rhythm = peewee.TextField(null=True)
    state = peewee.TextField()  # pending, accepted, confirmed; declined, refused, withdrawn
    created_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()
    looked_up_at = UtcDateTimeField(null=True)  # when another person first looked up the code

    class Meta:
        table_name = "invitations"
        constraints = [
            peewee.Check("state IN ('pending', 'accepted', 'confirmed', 'declined', 'refused', 'withdrawn')")
        ]


def create(identity: Identity, invitation_id: UUID | None, now: datetime) -> InvitationView:
    """Create an invitation with its code. A repetition with the same id returns the same invitation.

    Raises Conflict when the person is in a couple or has an open invitation. Raises QuotaExceeded after three in 30
    days.
    """
    invitation_id = invitation_id or uuid4()
    code = invitation_codes.derive_code(invitation_id)
    with couples.locked(identity.id) as pair:
        if invitation := Invitation.get_or_none(Invitation.id == invitation_id):
            if invitation.inviter_id != identity.id or invitation.state not in _SHOWN_TO_INVITER:
                raise IdTaken
            return view(invitation, identity)
        if pair:
            raise Conflict("already_in_couple")
        accounts.check_exists(identity.id)
        if blocks.blocks_everyone(identity.id):
            raise Conflict("everybody_blocked")
        _check_may_invite(identity.id, now)
        if not db.insert_if_absent(
            Invitation,
            id=invitation_id,
            inviter=identity.id,
            inviter_name=identity.display_name,
            code_hash=invitation_codes.hash_code(code),
            state="pending",
            created_at=now,
            expires_at=now + contact_rules.INVITATION_LIFE,
        ):
            raise IdTaken  # another person sent the same id at the same moment
        return view(Invitation.get_by_id(invitation_id), identity)


def _check_may_invite(person: UUID, now: datetime) -> None:
    if _find_made_by(person, now) is not None:
        raise Conflict("invitation_open_already")
    made = Invitation.inviter == person, Invitation.created_at > now - timedelta(days=90)
    rows = db.fetch_all(Invitation.select(Invitation.created_at, Invitation.looked_up_at).where(*made))
    opens_at = contact_rules.next_invitation_at([at for at, looked_up_at in rows if looked_up_at], now)
    month = [at + contact_rules.INVITATION_WINDOW for at, _ in rows]
    opens_at = max(opens_at, contact_rules.opens_at(contact_rules.MOST_CODES, month, now))
    if opens_at > now:
        raise QuotaExceeded("invitations_used_up", opens_at)


def current(identity: Identity, now: datetime) -> InvitationView:
    """Return the viewer's open invitation, as inviter or as invitee. Raises NotFound."""
    return view(_current(identity, now), identity)


def _current(identity: Identity, now: datetime) -> Invitation:
    """Return the invitation that needs the viewer's answer; else the one that the viewer accepted or made."""
    made, accepted = _find_made_by(identity.id, now), _find_accepted_by(identity.id, now)
    invitation = made if made and made.state == "accepted" else accepted or made
    if invitation is None:
        raise NotFound
    return invitation


def look_up(identity: Identity, code: str, now: datetime) -> InvitationPreview:
    """Return who invites, for a person who has not answered yet.

    Raises the same NotFound for wrong, used and expired codes.
    """
    invitation = open_by_code(identity, code, now)
    with db.write():
        _mark_looked_up(invitation.id, now)
    return InvitationPreview(
        invitation.inviter_name,
        identity.display_name,
        invitation_codes.check_words(invitation.inviter_id, identity.id),
        invitation.expires_at,
    )


def _mark_looked_up(invitation: UUID, now: datetime) -> None:
    first = Invitation.id == invitation, Invitation.looked_up_at.is_null()
    Invitation.update(looked_up_at=now).where(*first).execute()


def accept(identity: Identity, code: str, rhythm: str, now: datetime) -> InvitationView:
    """Accept an invitation with a privately chosen rhythm. The inviter then confirms. A repetition changes nothing.

    Raises NotFound as `look_up`, Conflict when the person is in a couple or has accepted another invitation.
    """
    try:
        invitation = open_by_code(identity, code, now)
    except NotFound:
        acceptance = _find_acceptance(identity, code, now)
        if acceptance is None:
            raise
        return view(_change_rhythm(identity, acceptance, rhythm), identity)
    with db.write((Person, [identity.id, invitation.inviter_id])):
        accounts.check_exists(identity.id)
        if blocks.is_blocked_between(identity.id, invitation.inviter_id):
            raise NotFound("unknown_code")  # blocked since the code was looked up
        acceptance = _find_accepted_by(identity.id, now)
        if acceptance and acceptance.id == invitation.id:
            return view(acceptance, identity)
        if acceptance and acceptance.state != "accepted" and acceptance.inviter_id == invitation.inviter_id:
            # By handing over a second code, the inviter has made the end of the first one known.
            _forget_invitee(acceptance)
            acceptance = None
        if couples.find_pair(identity.id) or acceptance:
            raise Conflict("another_invitation_accepted")
        expires_at = now + contact_rules.INVITATION_LIFE
        _move(
            invitation,
            ["pending"],
            now,
            state="accepted",
            invitee=identity.id,
            invitee_name=identity.display_name,
            invitee_rhythm=rhythm,
            expires_at=expires_at,
        )
        _mark_looked_up(invitation.id, now)
        inbox.add(invitation.inviter_id, "invitation_accepted", invitation.id, now, expires_at)
        invitation = Invitation.get_by_id(invitation.id)
    return view(invitation, identity)


def _change_rhythm(identity: Identity, acceptance: Invitation, rhythm: str) -> Invitation:
    """Change the invitee's rhythm until the confirmation. Raises Conflict after it, so no choice is lost silently."""
    with db.write((Person, [identity.id, acceptance.inviter_id])):
        query = Invitation.update(invitee_rhythm=rhythm).where(Invitation.state != "confirmed")
        query.where(Invitation.id == acceptance.id, Invitation.invitee == identity.id).execute()
        invitation: Invitation = Invitation.get_by_id(acceptance.id)
    if invitation.invitee_rhythm != rhythm:
        raise Conflict("connected_with_rhythm")
    return invitation


def _find_acceptance(identity: Identity, code: str, now: datetime) -> Invitation | None:
    """Return the invitation that this person accepted with this code: still open, or confirmed by now."""
    acceptance = _find_accepted_by(identity.id, now)
    if acceptance is None and (pair := couples.find_pair(identity.id)):
        acceptance = _newest(
            Invitation.invitee == identity.id, Invitation.inviter == pair.partner, Invitation.state == "confirmed"
        )
    return acceptance if acceptance and acceptance.code_hash == invitation_codes.hash_code(code) else None


def decline(identity: Identity, code: str, now: datetime) -> None:
    """Decline an invitation, or take back an acceptance. The inviter is not told. Raises NotFound as `look_up`."""
    acceptance = _find_accepted_by(identity.id, now)
    invitation = (
        acceptance
        if acceptance and acceptance.code_hash == invitation_codes.hash_code(code)
        else open_by_code(identity, code, now)
    )
    with db.write((Person, [identity.id, invitation.inviter_id])):
        if invitation is acceptance:
            withdraw_acceptance(invitation, now)
        elif not _reopen(invitation, "pending", now):
            raise Conflict("invitation_not_open")
        _mark_looked_up(invitation.id, now)


def withdraw_acceptance(invitation: Invitation, now: datetime) -> None:
    """Take an acceptance back. Call inside a transaction.

    The invitee must not notice that the inviter has refused, or refuses at this moment.
    """
    if not _reopen(invitation, "accepted", now) and not _forget_invitee(invitation):
        raise Conflict("invitation_not_open")


def _reopen(invitation: Invitation, expected: str, now: datetime) -> bool:
    # Restore the original expiry and clear the invitee, so that the row does not tell who declined.
    expires_at = invitation.created_at + contact_rules.INVITATION_LIFE
    reopened = _try_move(invitation, [expected], now, state="declined", expires_at=expires_at, **_NO_INVITEE)
    if reopened:
        inbox.withdraw(invitation.id, ["invitation_accepted"])
    return reopened


def _forget_invitee(invitation: Invitation) -> bool:
    """Clear the invitee of an invitation that its inviter has ended. The inviter still sees it as ended."""
    query = Invitation.update(**_NO_INVITEE).where(
        Invitation.id == invitation.id,
        Invitation.invitee == invitation.invitee_id,
        Invitation.state.in_(_ENDED_BY_INVITER),
    )
    return bool(query.execute())


def confirm(identity: Identity, invitation_id: UUID, rhythm: str, now: datetime) -> None:
    """Confirm an invitation as its inviter, and make the two a couple. A repetition changes nothing.

    It also confirms a crossing invitation, so that either can be first. Raises NotFound when the viewer has no such
    invitation, Conflict when it is not accepted any more.
    """
    invitation = _get_own(identity, invitation_id)
    if invitation.state == "confirmed":
        _check_same_rhythm(identity, rhythm)
        return
    if invitation.invitee_id is None:
        raise Conflict("invitation_not_open")
    with db.write((Person, [identity.id, invitation.invitee_id])):
        if _get_own(identity, invitation_id).state == "confirmed":
            _check_same_rhythm(identity, rhythm)
            return
        if blocks.is_blocked_between(identity.id, invitation.invitee_id):
            raise Conflict("invitation_not_open")
        _move(invitation, ["accepted"], now, Invitation.invitee == invitation.invitee_id, state="confirmed")
        of_invitee = MemberConsent(str(invitation.invitee_name), str(invitation.invitee_rhythm))
        consents = {identity.id: MemberConsent(invitation.inviter_name, rhythm), invitation.invitee_id: of_invitee}
        couple = couples.begin(consents, now)
        _confirm_crossing(invitation.invitee_id, identity.id, now)
        close_all([identity.id, invitation.invitee_id], now)
        inbox.withdraw(invitation.id, ["invitation_accepted"])
        inbox.add(invitation.invitee_id, "couple_begun", couple, now)


def _confirm_crossing(inviter: UUID, invitee: UUID, now: datetime) -> None:
    crossing = _newest(Invitation.inviter == inviter, Invitation.invitee == invitee, Invitation.state == "accepted")
    if crossing and _try_move(crossing, ["accepted"], now, state="confirmed"):
        inbox.withdraw(crossing.id, ["invitation_accepted"])


def _check_same_rhythm(identity: Identity, rhythm: str) -> None:
    if couples.find_chosen_rhythm(identity.id) != rhythm:
        raise Conflict("connected_with_rhythm")


def close_all(both: list[UUID], now: datetime) -> None:
    """Close all invitations around a couple that has just begun or ended.

    Withdraw those that the two made, and silently take back those that they accepted.
    """
    # Include declined ones. If they stayed "pending", their inviter would notice that they are different.
    made = Invitation.inviter.in_(both), Invitation.state.in_(_SHOWN_TO_INVITER)
    for invitation in list(Invitation.select().where(*made)):
        Invitation.update(state="withdrawn").where(Invitation.id == invitation.id).execute()
        inbox.withdraw(invitation.id, ["invitation_accepted"])
    accepted = Invitation.invitee.in_(both), Invitation.state.in_(_SHOWN_TO_INVITEE), Invitation.expires_at > now
    for invitation in list(Invitation.select().where(*accepted)):
        withdraw_acceptance(invitation, now)


def refuse(identity: Identity, invitation_id: UUID, now: datetime) -> None:
    """Refuse the invitee, who is not told. Raises NotFound, or Conflict without an invitee."""
    _end(identity, _get_own(identity, invitation_id), ("accepted",), "refused", now)


def withdraw(identity: Identity, now: datetime) -> None:
    """Withdraw the viewer's open invitation, which voids its code at once; or take back the viewer's acceptance.

    The partner is not told, and an answer of the partner at the same moment makes no difference. Raises NotFound.
    """
    invitation = _current(identity, now)
    if invitation.inviter_id != identity.id:
        with db.write((Person, [identity.id, invitation.inviter_id])):
            withdraw_acceptance(invitation, now)
        return
    expected = _SHOWN_TO_INVITER if invitation.state == "accepted" else _OPEN_TO_INVITER
    _end(identity, invitation, expected, "withdrawn", now)


def find_state(identity: Identity, now: datetime) -> str | None:
    """Return awaiting_confirm or inviting, by the person's open invitation; None without one."""
    if _find_accepted_by(identity.id, now):
        return "awaiting_confirm"
    made = _find_made_by(identity.id, now)
    if made is None:
        return None
    return "awaiting_confirm" if made.state == "accepted" else "inviting"


def _end(identity: Identity, invitation: Invitation, expected: Collection[str], state: str, now: datetime) -> None:
    with db.write((Person, [person for person in (identity.id, invitation.invitee_id) if person])):
        if _get_own(identity, invitation.id).state == state:
            return
        _move(invitation, expected, now, state=state)
        inbox.withdraw(invitation.id, ["invitation_accepted"])


def _move(invitation: Invitation, expected: Collection[str], now: datetime, *where: Any, **values: Any) -> None:
    if not _try_move(invitation, expected, now, *where, **values):
        raise Conflict("invitation_not_open")


def _try_move(invitation: Invitation, expected: Collection[str], now: datetime, *where: Any, **values: Any) -> bool:
    query = Invitation.update(**values).where(
        Invitation.id == invitation.id, Invitation.state.in_(list(expected)), Invitation.expires_at > now, *where
    )
    return bool(query.execute())


def _get_own(identity: Identity, invitation_id: UUID) -> Invitation:
    invitation = Invitation.get_or_none(Invitation.id == invitation_id, Invitation.inviter == identity.id)
    if invitation is None:
        raise NotFound
    return invitation


def _find_made_by(person: UUID, now: datetime) -> Invitation | None:
    # Include a declined one: a no is silent, so the inviter still sees it, and it still prevents another.
    return _newest(Invitation.inviter == person, Invitation.state.in_(_SHOWN_TO_INVITER), Invitation.expires_at > now)


def _find_accepted_by(person: UUID, now: datetime) -> Invitation | None:
    return _newest(Invitation.invitee == person, Invitation.state.in_(_SHOWN_TO_INVITEE), Invitation.expires_at > now)


def _newest(*where: Any) -> Invitation | None:
    invitation: Invitation | None = Invitation.select().where(*where).order_by(Invitation.created_at.desc()).first()
    return invitation


def open_by_code(identity: Identity, code: str, now: datetime) -> Invitation:
    """Return the open invitation that a code fits, for this person. Raises NotFound as `look_up`."""
    invitation = _newest(
        Invitation.code_hash == invitation_codes.hash_code(code),
        Invitation.state == "pending",
        Invitation.expires_at > now,
        Invitation.inviter != identity.id,
    )
    # Query these also for an unknown code, so that the time taken does not tell it from a blocked one.
    inviter = invitation.inviter_id if invitation else _NO_INVITER
    blocked, paired = blocks.is_blocked_between(identity.id, inviter), couples.find_pair(inviter)
    # The code of an inviter who is in a couple by now counts as used.
    if invitation is None or blocked or paired:
        raise NotFound("unknown_code")
    return invitation
