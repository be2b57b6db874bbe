"""How two persons become a couple: a code handed over by hand, a look, a yes, and a second yes from the inviter.

Until both have said yes, neither sees anything of the other but the display name and three words to compare aloud.
The names are those of the moment when each brought theirs: an edit is not a way to say something.

A no is silent, whoever says it. The inviter goes on seeing "pending" and the accepter "accepted", until it expires.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import inbox
from planner.errors import IdTaken, NotFound, TooSoon, WrongState
from planner.people import accounts, blocks, codes, couples, pacing
from planner.people.accounts import Person
from planner.people.couples import Yes
from planner.people.sign_ins import Actor
from planner.storage import db
from planner.storage.fields import UtcField

# What both read before they say yes.
TERMS = (
    "Your partner will see your display name, the dates you two plan, and the notes you choose to share.",
    "Nothing private is ever shared by itself: notes, likes and your rhythm stay yours.",
    "Each of you chooses a rhythm; the calmer one counts for both, and sets how close ideas may come at first. Either"
    " of you makes it calmer at any time, also for yourself alone.",
    "Either of you may pause without saying so. What you send may not be read; silence has many reasons.",
    "Whoever runs this server can see or change almost everything on it.",
)
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
    created_at = UtcField()
    expires_at = UtcField()

    class Meta:
        table_name = "invitations"
        constraints = [
            peewee.Check("state IN ('pending', 'accepted', 'confirmed', 'declined', 'refused', 'withdrawn')")
        ]


class Standing(NamedTuple):
    """An invitation as one of the two sees it. `code` is the inviter's only.

    `state` is "pending" or "accepted"; to the accepter who repeats a yes that was confirmed, "confirmed".
    """

    id: UUID
    role: str  # inviter or accepter
    state: str
    expires_at: datetime
    code: str | None = None
    other_name: str | None = None
    check_words: tuple[str, ...] = ()
    rhythm: str | None = None  # the accepter's own choice, for the accepter only


class Look(NamedTuple):
    """What somebody who holds a code sees before saying yes or no."""

    inviter_name: str
    your_name: str
    check_words: tuple[str, ...]
    expires_at: datetime
    terms: tuple[str, ...] = TERMS


def create(actor: Actor, invitation_id: UUID | None, now: datetime) -> Standing:
    """Make an invitation with its code. Repeated with the same id, it is the same invitation.

    Raises WrongState for somebody in a couple or with one pending, TooSoon after three in 30 days.
    """
    invitation_id = invitation_id or uuid4()
    code = codes.code_of(invitation_id)
    with couples.writing(actor.id) as pair:
        if found := Invitation.get_or_none(Invitation.id == invitation_id):
            if found.inviter_id != actor.id or found.state not in _SHOWN_TO_INVITER:
                raise IdTaken
            return _standing(found, actor)
        if pair:
            raise WrongState("You are part of a couple here.")
        accounts.check_here(actor.id)
        if blocks.is_closed(actor.id):
            raise WrongState("You have chosen to be paired with nobody here. Lift that first.")
        _check_may_invite(actor.id, now)
        if not db.insert(
            Invitation, id=invitation_id, inviter=actor.id, inviter_name=actor.display_name,
            code_hash=codes.hash_of(code), state="pending", created_at=now, expires_at=now + pacing.INVITATION_LIFE,
        ):  # fmt: skip
            raise IdTaken  # somebody else sent the same id at the same moment
        return _standing(Invitation.get_by_id(invitation_id), actor)


def _check_may_invite(person: UUID, now: datetime) -> None:
    if _of_inviter(person, now) is not None:
        raise WrongState("One of your invitations is still open. Withdraw it first.")
    rows = Invitation.select(Invitation.created_at).where(
        Invitation.inviter == person, Invitation.created_at > now - timedelta(days=90)
    )
    opens_at = pacing.invitation_opens_at([at for (at,) in db.rows(rows)], now)
    if opens_at > now:
        raise TooSoon("After three invitations it is quiet for a while.", opens_at)


def current(actor: Actor, now: datetime) -> Standing:
    """The actor's open invitation, as inviter or as accepter. Raises NotFound."""
    return _standing(_current(actor, now), actor)


def _current(actor: Actor, now: datetime) -> Invitation:
    """The one to look at: where somebody waits for the actor's word; else where the actor waits."""
    mine, theirs = _of_inviter(actor.id, now), _of_accepter(actor.id, now)
    found = mine if mine and mine.state == "accepted" else theirs or mine
    if found is None:
        raise NotFound
    return found


def look_up(actor: Actor, code: str, now: datetime) -> Look:
    """Who invites, before saying anything. Raises NotFound alike for wrong, used and expired codes."""
    found = open_by_code(actor, code, now)
    return Look(found.inviter_name, actor.display_name, codes.check_words(found.id, actor.id), found.expires_at)


def accept(actor: Actor, code: str, rhythm: str, now: datetime) -> Standing:
    """Say yes, with a privately chosen rhythm; the inviter then confirms. Repeating an own yes changes nothing.

    Raises NotFound as `look_up`, WrongState for somebody in a couple or with another yes open.
    """
    try:
        found = open_by_code(actor, code, now)
    except NotFound:
        mine = _own_yes(actor, code, now)
        if mine is None:
            raise
        return _standing(_choose_again(actor, mine, rhythm), actor)
    with db.write((Person, [actor.id, found.inviter_id])):
        accounts.check_here(actor.id)
        if blocks.stand_between(actor.id, found.inviter_id):
            raise NotFound(_NO_FIT)  # since the look, a moment ago
        mine = _of_accepter(actor.id, now)
        if mine and mine.id == found.id:
            return _standing(mine, actor)
        if mine and mine.state != "accepted" and mine.inviter_id == found.inviter_id:
            # Whoever hands over a second code has said themselves that the first is void.
            _forget_accepter(mine)
            mine = None
        if couples.pair_of(actor.id) or mine:
            raise WrongState("You are part of a couple, or have said yes to somebody already.")
        expires_at = now + pacing.INVITATION_LIFE
        _move(
            found, ["pending"], now, state="accepted", accepter=actor.id, accepter_name=actor.display_name,
            accepter_rhythm=rhythm, expires_at=expires_at,
        )  # fmt: skip
        inbox.plan(found.inviter_id, "invitation_accepted", found.id, now, expires_at)
        found = Invitation.get_by_id(found.id)
    return _standing(found, actor)


def _choose_again(actor: Actor, mine: Invitation, rhythm: str) -> Invitation:
    """Until the confirmation, the accepter may think again about how often; a choice is never dropped in silence."""
    with db.write((Person, [actor.id, mine.inviter_id])):
        query = Invitation.update(accepter_rhythm=rhythm).where(Invitation.state != "confirmed")
        query.where(Invitation.id == mine.id, Invitation.accepter == actor.id).execute()
        found: Invitation = Invitation.get_by_id(mine.id)
    if found.accepter_rhythm != rhythm:
        raise WrongState("You two are connected by now, at the rhythm that you chose before.")
    return found


def _own_yes(actor: Actor, code: str, now: datetime) -> Invitation | None:
    """What the actor has said yes to with this code: it waits, or the two are a couple by now."""
    mine = _of_accepter(actor.id, now)
    if mine is None and (pair := couples.pair_of(actor.id)):
        mine = _one(
            Invitation.accepter == actor.id, Invitation.inviter == pair.partner, Invitation.state == "confirmed"
        )
    return mine if mine and mine.code_hash == codes.hash_of(code) else None


def decline(actor: Actor, code: str, now: datetime) -> None:
    """Say no, or step back from an own yes. The inviter is not told. Raises NotFound as `look_up`."""
    mine = _of_accepter(actor.id, now)
    found = mine if mine and mine.code_hash == codes.hash_of(code) else open_by_code(actor, code, now)
    with db.write((Person, [actor.id, found.inviter_id])):
        if found is mine:
            step_back(found, now)
        elif not _undo(found, "pending", now):
            raise WrongState(_MOVED_ON)


def step_back(found: Invitation, now: datetime) -> None:
    """Take a yes back, inside the caller's transaction.

    The inviter's no may have come first, or come just now, and must not be felt.
    """
    if not _undo(found, "accepted", now) and not _forget_accepter(found):
        raise WrongState(_MOVED_ON)


def _undo(found: Invitation, expected: str, now: datetime) -> bool:
    # All is as if nobody had come, the end too; and nobody can read here who it was that said no.
    done = _moved(
        found, [expected], now, state="declined", expires_at=found.created_at + pacing.INVITATION_LIFE, **_NOBODY
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


def confirm(actor: Actor, invitation_id: UUID, rhythm: str, now: datetime) -> None:
    """The inviter's second yes: the two are a couple from now on. Repeated, it changes nothing.

    Raises NotFound when nothing of the actor's waits under that id, WrongState when it is too late.
    """
    found = _own(actor, invitation_id)
    if found.state == "confirmed":
        _check_same_rhythm(actor, rhythm)
        return
    if found.accepter_id is None:
        raise WrongState(_MOVED_ON)
    with db.write((Person, [actor.id, found.accepter_id])):
        if _own(actor, invitation_id).state == "confirmed":
            _check_same_rhythm(actor, rhythm)
            return
        if blocks.stand_between(actor.id, found.accepter_id):
            raise WrongState(_MOVED_ON)
        _move(found, ["accepted"], now, Invitation.accepter == found.accepter_id, state="confirmed")
        theirs = Yes(str(found.accepter_name), str(found.accepter_rhythm))
        couples.begin({actor.id: Yes(found.inviter_name, rhythm), found.accepter_id: theirs}, now)
        close_all_of([actor.id, found.accepter_id], now)
        inbox.withdraw(found.id, ["invitation_accepted"])
        inbox.plan(found.accepter_id, "couple_begun", found.id, now)


def _check_same_rhythm(actor: Actor, rhythm: str) -> None:
    if couples.rhythm_of(actor.id) != rhythm:
        raise WrongState("You two are connected already, at the rhythm that you chose before.")


def close_all_of(both: list[UUID], now: datetime) -> None:
    """Two have found, or left, each other: own invitations are void, a yes to somebody else becomes a silent no."""
    # A declined one, too: it would go on as "pending" and so tell its inviter that it is not.
    for one in list(Invitation.select().where(Invitation.inviter.in_(both), Invitation.state.in_(_SHOWN_TO_INVITER))):
        Invitation.update(state="withdrawn").where(Invitation.id == one.id).execute()
        inbox.withdraw(one.id, ["invitation_accepted"])
    around = Invitation.accepter.in_(both), Invitation.state.in_(_SHOWN_TO_ACCEPTER), Invitation.expires_at > now
    for one in list(Invitation.select().where(*around)):
        step_back(one, now)


def refuse(actor: Actor, invitation_id: UUID, now: datetime) -> None:
    """The inviter says no to who came, who is not told. Raises NotFound, or WrongState when nobody waits."""
    _end(actor, _own(actor, invitation_id), ("accepted",), "refused", now)


def withdraw(actor: Actor, now: datetime) -> None:
    """Take the actor's open invitation back, its code is void at once; or step back from the actor's own yes.

    Whoever waits is not told; somebody's no at the same moment is nothing that could be noticed. Raises NotFound
    when there is none.
    """
    found = _current(actor, now)
    if found.inviter_id != actor.id:
        with db.write((Person, [actor.id, found.inviter_id])):
            step_back(found, now)
        return
    expected = _SHOWN_TO_INVITER if found.state == "accepted" else _OPEN_TO_INVITER
    _end(actor, found, expected, "withdrawn", now)


def pairing(actor: Actor, now: datetime) -> str:
    """Where the actor stands: alone, inviting, awaiting_confirm, paired; or left, for a while after a couple ended."""
    if actor.couple:
        return "paired"
    if _of_accepter(actor.id, now):
        return "awaiting_confirm"
    mine = _of_inviter(actor.id, now)
    if mine is None:
        return "left" if actor.former else "alone"
    return "awaiting_confirm" if mine.state == "accepted" else "inviting"


def _end(actor: Actor, found: Invitation, expected: Collection[str], state: str, now: datetime) -> None:
    with db.write((Person, [one for one in (actor.id, found.accepter_id) if one])):
        if _own(actor, found.id).state == state:
            return
        _move(found, expected, now, state=state)
        inbox.withdraw(found.id, ["invitation_accepted"])


def _move(found: Invitation, expected: Collection[str], now: datetime, *where: Any, **values: Any) -> None:
    if not _moved(found, expected, now, *where, **values):
        raise WrongState(_MOVED_ON)


def _moved(found: Invitation, expected: Collection[str], now: datetime, *where: Any, **values: Any) -> bool:
    query = Invitation.update(**values).where(
        Invitation.id == found.id, Invitation.state.in_(list(expected)), Invitation.expires_at > now, *where
    )
    return bool(query.execute())


def _own(actor: Actor, invitation_id: UUID) -> Invitation:
    found = Invitation.get_or_none(Invitation.id == invitation_id, Invitation.inviter == actor.id)
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


def open_by_code(actor: Actor, code: str, now: datetime) -> Invitation:
    """The invitation that a code fits, for this actor. Raises NotFound as `look_up`."""
    found = _one(
        Invitation.code_hash == codes.hash_of(code), Invitation.state == "pending", Invitation.expires_at > now,
        Invitation.inviter != actor.id,
    )  # fmt: skip
    # Asked also where nothing was found: a code that fits nothing costs the same work as one kept from somebody.
    inviter = found.inviter_id if found else _NO_ONE
    kept_from, paired = blocks.stand_between(actor.id, inviter), couples.pair_of(inviter)
    # A code whose inviter has meanwhile found their partner is as good as used.
    if found is None or kept_from or paired:
        raise NotFound(_NO_FIT)
    return found


def _standing(found: Invitation, actor: Actor) -> Standing:
    if found.inviter_id != actor.id:
        return Standing(
            found.id,
            role="accepter",
            state="confirmed" if found.state == "confirmed" else "accepted",
            expires_at=found.expires_at,
            other_name=found.inviter_name,
            check_words=codes.check_words(found.id, actor.id),
            rhythm=found.accepter_rhythm,
        )
    came = found.state == "accepted"
    return Standing(
        found.id,
        role="inviter",
        state="accepted" if came else "pending",
        expires_at=found.expires_at,
        code=None if came else codes.code_of(found.id),
        other_name=found.accepter_name if came else None,
        check_words=codes.check_words(found.id, found.accepter_id) if came else (),
    )
