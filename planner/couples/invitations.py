"""How two persons become a couple: a code handed over by hand, a look, a yes, and a second yes from the inviter.

Until both have said yes, neither sees anything of the other but the display name and three words to compare aloud.
The names are those of the moment when each brought theirs: an edit is not a way to say something.

A no is silent, whoever says it. The inviter goes on seeing "pending" and the accepter "accepted", until it expires.
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
from planner.couples.invitation_views import InvitationPreview, InvitationView
from planner.errors import Conflict, IdTaken, NotFound, QuotaExceeded
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

_OPEN_TO_INVITER = ("pending", "declined")  # one and the same in the inviter's eyes
_SHOWN_TO_INVITER = (*_OPEN_TO_INVITER, "accepted")
# As long as the one who said yes stands there: the inviter's no, and the inviter's yes to somebody else, are silent.
_ENDED_BY_INVITER = ("refused", "withdrawn")
_SHOWN_TO_ACCEPTER = ("accepted", *_ENDED_BY_INVITER)
_NOBODY = {"accepter": None, "accepter_name": None, "accepter_rhythm": None}
_NO_ONE = UUID(int=0)
_NO_FIT = "No invitation fits this code. Codes are used once and live for 72 hours."
_MOVED_ON = "Nobody waits for an answer here (any more). Look again."


class Invitation(db.Model):
    """A code with a life of 72 hours. `expires_at` moves once, when it is accepted: confirming takes time, too."""

    if TYPE_CHECKING:
        inviter_id: UUID
        accepter_id: UUID | None
    inviter = peewee.ForeignKeyField(Person, on_delete="CASCADE", backref="+")
    inviter_name = peewee.TextField()
    code_hash = peewee.TextField(unique=True)
    accepter = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+")
    accepter_name = peewee.TextField(null=True)
    accepter_rhythm = peewee.TextField(null=True)
    state = peewee.TextField()  # pending, accepted, confirmed; declined, refused, withdrawn
    created_at = UtcDateTimeField()
    expires_at = UtcDateTimeField()

    class Meta:
        table_name = "invitations"
        constraints = [
            peewee.Check("state IN ('pending', 'accepted', 'confirmed', 'declined', 'refused', 'withdrawn')")
        ]


def create(identity: Identity, invitation_id: UUID | None, now: datetime) -> InvitationView:
    """Make an invitation with its code. Repeated with the same id, it is the same invitation.

    Raises WrongState for somebody in a couple or with one pending, TooSoon after three in 30 days.
    """
    invitation_id = invitation_id or uuid4()
    code = invitation_codes.derive_code(invitation_id)
    with couples.locked(identity.id) as pair:
        if found := Invitation.get_or_none(Invitation.id == invitation_id):
            if found.inviter_id != identity.id or found.state not in _SHOWN_TO_INVITER:
                raise IdTaken
            return _view(found, identity)
        if pair:
            raise Conflict("You are part of a couple here.")
        accounts.check_exists(identity.id)
        if blocks.blocks_everyone(identity.id):
            raise Conflict("You have chosen to be paired with nobody here. Lift that first.")
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
            raise IdTaken  # somebody else sent the same id at the same moment
        return _view(Invitation.get_by_id(invitation_id), identity)


def _check_may_invite(person: UUID, now: datetime) -> None:
    if _of_inviter(person, now) is not None:
        raise Conflict("One of your invitations is still open. Withdraw it first.")
    rows = Invitation.select(Invitation.created_at).where(
        Invitation.inviter == person, Invitation.created_at > now - timedelta(days=90)
    )
    opens_at = contact_rules.next_invitation_at([at for (at,) in db.fetch_all(rows)], now)
    if opens_at > now:
        raise QuotaExceeded("After three invitations it is quiet for a while.", opens_at)


def current(identity: Identity, now: datetime) -> InvitationView:
    """The viewer's open invitation, as inviter or as accepter. Raises NotFound."""
    return _view(_current(identity, now), identity)


def _current(identity: Identity, now: datetime) -> Invitation:
    """The one to look at: where somebody waits for the viewer's word; else where the identity waits."""
    mine, theirs = _of_inviter(identity.id, now), _of_accepter(identity.id, now)
    found = mine if mine and mine.state == "accepted" else theirs or mine
    if found is None:
        raise NotFound
    return found


def look_up(identity: Identity, code: str, now: datetime) -> InvitationPreview:
    """Who invites, before saying anything. Raises NotFound alike for wrong, used and expired codes."""
    found = open_by_code(identity, code, now)
    return InvitationPreview(
        found.inviter_name, identity.display_name, invitation_codes.check_words(found.id, identity.id), found.expires_at
    )


def accept(identity: Identity, code: str, rhythm: str, now: datetime) -> InvitationView:
    """Say yes, with a privately chosen rhythm; the inviter then confirms. Repeating an own yes changes nothing.

    Raises NotFound as `look_up`, WrongState for somebody in a couple or with another yes open.
    """
    try:
        found = open_by_code(identity, code, now)
    except NotFound:
        mine = _own_yes(identity, code, now)
        if mine is None:
            raise
        return _view(_choose_again(identity, mine, rhythm), identity)
    with db.write((Person, [identity.id, found.inviter_id])):
        accounts.check_exists(identity.id)
        if blocks.is_blocked_between(identity.id, found.inviter_id):
            raise NotFound(_NO_FIT)  # since the look, a moment ago
        mine = _of_accepter(identity.id, now)
        if mine and mine.id == found.id:
            return _view(mine, identity)
        if mine and mine.state != "accepted" and mine.inviter_id == found.inviter_id:
            # Whoever hands over a second code has said themselves that the first is void.
            _forget_accepter(mine)
            mine = None
        if couples.find_pair(identity.id) or mine:
            raise Conflict("You are part of a couple, or have said yes to somebody already.")
        expires_at = now + contact_rules.INVITATION_LIFE
        _move(
            found,
            ["pending"],
            now,
            state="accepted",
            accepter=identity.id,
            accepter_name=identity.display_name,
            accepter_rhythm=rhythm,
            expires_at=expires_at,
        )
        inbox.add(found.inviter_id, "invitation_accepted", found.id, now, expires_at)
        found = Invitation.get_by_id(found.id)
    return _view(found, identity)


def _choose_again(identity: Identity, mine: Invitation, rhythm: str) -> Invitation:
    """Until the confirmation, the accepter may think again about how often; a choice is never dropped in silence."""
    with db.write((Person, [identity.id, mine.inviter_id])):
        query = Invitation.update(accepter_rhythm=rhythm).where(Invitation.state != "confirmed")
        query.where(Invitation.id == mine.id, Invitation.accepter == identity.id).execute()
        found: Invitation = Invitation.get_by_id(mine.id)
    if found.accepter_rhythm != rhythm:
        raise Conflict("You two are connected by now, at the rhythm that you chose before.")
    return found


def _own_yes(identity: Identity, code: str, now: datetime) -> Invitation | None:
    """What the identity has said yes to with this code: it waits, or the two are a couple by now."""
    mine = _of_accepter(identity.id, now)
    if mine is None and (pair := couples.find_pair(identity.id)):
        mine = _one(
            Invitation.accepter == identity.id, Invitation.inviter == pair.partner, Invitation.state == "confirmed"
        )
    return mine if mine and mine.code_hash == invitation_codes.hash_code(code) else None


def decline(identity: Identity, code: str, now: datetime) -> None:
    """Say no, or step back from an own yes. The inviter is not told. Raises NotFound as `look_up`."""
    mine = _of_accepter(identity.id, now)
    found = mine if mine and mine.code_hash == invitation_codes.hash_code(code) else open_by_code(identity, code, now)
    with db.write((Person, [identity.id, found.inviter_id])):
        if found is mine:
            withdraw_acceptance(found, now)
        elif not _undo(found, "pending", now):
            raise Conflict(_MOVED_ON)


def withdraw_acceptance(found: Invitation, now: datetime) -> None:
    """Take a yes back, inside the caller's transaction.

    The inviter's no may have come first, or come just now, and must not be felt.
    """
    if not _undo(found, "accepted", now) and not _forget_accepter(found):
        raise Conflict(_MOVED_ON)


def _undo(found: Invitation, expected: str, now: datetime) -> bool:
    # All is as if nobody had come, the end too; and nobody can read here who it was that said no.
    done = _moved(
        found, [expected], now, state="declined", expires_at=found.created_at + contact_rules.INVITATION_LIFE, **_NOBODY
    )
    if done:
        inbox.withdraw(found.id, ["invitation_accepted"])
    return done


def _forget_accepter(found: Invitation) -> bool:
    """Nobody waits any more for an inviter who has said no; to the inviter it stays ended."""
    query = Invitation.update(**_NOBODY).where(
        Invitation.id == found.id, Invitation.accepter == found.accepter_id, Invitation.state.in_(_ENDED_BY_INVITER)
    )
    return bool(query.execute())


def confirm(identity: Identity, invitation_id: UUID, rhythm: str, now: datetime) -> None:
    """The inviter's second yes: the two are a couple from now on. Repeated, it changes nothing.

    Raises NotFound when nothing of the viewer's waits under that id, WrongState when it is too late.
    """
    found = _own(identity, invitation_id)
    if found.state == "confirmed":
        _check_same_rhythm(identity, rhythm)
        return
    if found.accepter_id is None:
        raise Conflict(_MOVED_ON)
    with db.write((Person, [identity.id, found.accepter_id])):
        if _own(identity, invitation_id).state == "confirmed":
            _check_same_rhythm(identity, rhythm)
            return
        if blocks.is_blocked_between(identity.id, found.accepter_id):
            raise Conflict(_MOVED_ON)
        _move(found, ["accepted"], now, Invitation.accepter == found.accepter_id, state="confirmed")
        theirs = MemberConsent(str(found.accepter_name), str(found.accepter_rhythm))
        couples.begin({identity.id: MemberConsent(found.inviter_name, rhythm), found.accepter_id: theirs}, now)
        close_all([identity.id, found.accepter_id], now)
        inbox.withdraw(found.id, ["invitation_accepted"])
        inbox.add(found.accepter_id, "couple_begun", found.id, now)


def _check_same_rhythm(identity: Identity, rhythm: str) -> None:
    if couples.find_chosen_rhythm(identity.id) != rhythm:
        raise Conflict("You two are connected already, at the rhythm that you chose before.")


def close_all(both: list[UUID], now: datetime) -> None:
    """Two have found, or left, each other: own invitations are void, a yes to somebody else becomes a silent no."""
    # A declined one, too: it would go on as "pending" and so tell its inviter that it is not.
    for one in list(Invitation.select().where(Invitation.inviter.in_(both), Invitation.state.in_(_SHOWN_TO_INVITER))):
        Invitation.update(state="withdrawn").where(Invitation.id == one.id).execute()
        inbox.withdraw(one.id, ["invitation_accepted"])
    around = Invitation.accepter.in_(both), Invitation.state.in_(_SHOWN_TO_ACCEPTER), Invitation.expires_at > now
    for one in list(Invitation.select().where(*around)):
        withdraw_acceptance(one, now)


def refuse(identity: Identity, invitation_id: UUID, now: datetime) -> None:
    """The inviter says no to who came, who is not told. Raises NotFound, or WrongState when nobody waits."""
    _end(identity, _own(identity, invitation_id), ("accepted",), "refused", now)


def withdraw(identity: Identity, now: datetime) -> None:
    """Take the viewer's open invitation back, its code is void at once; or step back from the viewer's own yes.

    Whoever waits is not told; somebody's no at the same moment is nothing that could be noticed. Raises NotFound
    when there is none.
    """
    found = _current(identity, now)
    if found.inviter_id != identity.id:
        with db.write((Person, [identity.id, found.inviter_id])):
            withdraw_acceptance(found, now)
        return
    expected = _SHOWN_TO_INVITER if found.state == "accepted" else _OPEN_TO_INVITER
    _end(identity, found, expected, "withdrawn", now)


def find_state(identity: Identity, now: datetime) -> str | None:
    """Return awaiting_confirm or inviting, by the person's open invitation; None without one."""
    if _of_accepter(identity.id, now):
        return "awaiting_confirm"
    mine = _of_inviter(identity.id, now)
    if mine is None:
        return None
    return "awaiting_confirm" if mine.state == "accepted" else "inviting"


def _end(identity: Identity, found: Invitation, expected: Collection[str], state: str, now: datetime) -> None:
    with db.write((Person, [one for one in (identity.id, found.accepter_id) if one])):
        if _own(identity, found.id).state == state:
            return
        _move(found, expected, now, state=state)
        inbox.withdraw(found.id, ["invitation_accepted"])


def _move(found: Invitation, expected: Collection[str], now: datetime, *where: Any, **values: Any) -> None:
    if not _moved(found, expected, now, *where, **values):
        raise Conflict(_MOVED_ON)


def _moved(found: Invitation, expected: Collection[str], now: datetime, *where: Any, **values: Any) -> bool:
    query = Invitation.update(**values).where(
        Invitation.id == found.id, Invitation.state.in_(list(expected)), Invitation.expires_at > now, *where
    )
    return bool(query.execute())


def _own(identity: Identity, invitation_id: UUID) -> Invitation:
    found = Invitation.get_or_none(Invitation.id == invitation_id, Invitation.inviter == identity.id)
    if found is None:
        raise NotFound
    return found


def _of_inviter(person: UUID, now: datetime) -> Invitation | None:
    # A declined one stays in its inviter's eyes, and in the way of the next: a no is silent.
    return _one(Invitation.inviter == person, Invitation.state.in_(_SHOWN_TO_INVITER), Invitation.expires_at > now)


def _of_accepter(person: UUID, now: datetime) -> Invitation | None:
    return _one(Invitation.accepter == person, Invitation.state.in_(_SHOWN_TO_ACCEPTER), Invitation.expires_at > now)


def _one(*where: Any) -> Invitation | None:
    found: Invitation | None = Invitation.select().where(*where).order_by(Invitation.created_at.desc()).first()
    return found


def open_by_code(identity: Identity, code: str, now: datetime) -> Invitation:
    """The invitation that a code fits, for this identity. Raises NotFound as `look_up`."""
    found = _one(
        Invitation.code_hash == invitation_codes.hash_code(code),
        Invitation.state == "pending",
        Invitation.expires_at > now,
        Invitation.inviter != identity.id,
    )
    # Asked also where nothing was found: a code that fits nothing costs the same work as one kept from somebody.
    inviter = found.inviter_id if found else _NO_ONE
    kept_from, paired = blocks.is_blocked_between(identity.id, inviter), couples.find_pair(inviter)
    # A code whose inviter has meanwhile found their partner is as good as used.
    if found is None or kept_from or paired:
        raise NotFound(_NO_FIT)
    return found


def _view(found: Invitation, identity: Identity) -> InvitationView:
    if found.inviter_id != identity.id:
        return InvitationView(
            found.id,
            role="accepter",
            state="confirmed" if found.state == "confirmed" else "accepted",
            expires_at=found.expires_at,
            other_name=found.inviter_name,
            check_words=invitation_codes.check_words(found.id, identity.id),
            rhythm=found.accepter_rhythm,
        )
    came = found.state == "accepted"
    return InvitationView(
        found.id,
        role="inviter",
        state="accepted" if came else "pending",
        expires_at=found.expires_at,
        code=None if came else invitation_codes.derive_code(found.id),
        other_name=found.accepter_name if came else None,
        check_words=invitation_codes.check_words(found.id, found.accepter_id) if came else (),
    )
