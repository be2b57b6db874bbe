"""Closing a chapter: the steps of going, as one list to walk along. Each is its own decision, in any order.

Nothing here acts. Whoever looks sees what each step does, what the other may notice, and what is done already, as far
as their own rows tell. Beside leaving stands space, which keeps everything, and is shown no smaller.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from planner.people import blocks, couples, sign_ins
from planner.people.couples import Member
from planner.people.sign_ins import Actor
from planner.storage import db

EXPORT, LEAVE, BLOCK, SILENCE, SPACE = "export", "leave", "block", "silence", "space"

INTRODUCTION = (
    "Any order is right, any step may be left out, and you can stop after each of them.",
    "Nothing happens by looking, and nothing follows by itself.",
    "If you are afraid of what comes after a step, read the safety page first. It needs no sign-in.",
)


class Ask(NamedTuple):
    """One thing that somebody could ask for; how stands at the edge, by its name. `subject` is what it is about."""

    name: str
    text: str
    may_be_noticed: bool
    subject: UUID | None = None


class Step(NamedTuple):
    """One step. `done` is None where the actor's own rows do not tell, or where there is nothing to do."""

    step: str
    title: str
    does: str
    noticed: str
    done: bool | None
    asks: tuple[Ask, ...]
    beside: Step | None = None  # what stands next to it, no smaller

    @property
    def may_be_noticed(self) -> bool:
        """Whether any of it may be noticed."""
        return any(ask.may_be_noticed for ask in self.asks)


def steps(actor: Actor, now: datetime) -> list[Step]:
    """The steps as they stand for the actor. Writes nothing."""
    left = None if actor.couple is None and not _memberships(actor.id) else actor.couple is None
    return [_export(), _leave(actor, left), _block(actor), _silence(actor)]


def _export() -> Step:
    return Step(
        EXPORT,
        "Take along what is yours",
        "Makes a file of your dates, what you shared and what you received. Nothing is deleted.",
        "Nobody is told. The file lies on your device afterwards: mind who can open it.",
        None,
        (
            Ask("export_ordinary", "What you two shared, and what you received.", may_be_noticed=False),
            Ask("export_private", "What is yours alone.", may_be_noticed=False),
        ),
    )


def _leave(actor: Actor, left: bool | None) -> Step:
    return Step(
        LEAVE,
        "Leave",
        "Ends it for you two at once, from your side alone. What you wrote stays yours; dates ahead are off.",
        "They find one fixed sentence, and the dates that are off. No reason is asked or given.",
        left,
        (Ask("leave", "Leave now.", may_be_noticed=True),),
        beside=Step(
            SPACE,
            "Space keeps everything",
            "Pauses it for as long as you like, without a reason. Everything stays, and you can come back to it.",
            "The server gives no sign of a quiet one. Silence may still be noticed.",
            None if actor.couple is None else actor.space_since is not None,
            (Ask("space", "Take space now. You say for each date ahead whether you go.", may_be_noticed=True),),
        ),
    )


def _block(actor: Actor) -> Step:
    past = None if actor.couple else couples.last_partner(actor.id)
    closed = blocks.is_closed(actor.id)
    whom: tuple[Ask, ...] = ()
    if actor.couple:
        whom = (Ask("block_partner", "Say no to your partner for good. You leave with it.", may_be_noticed=True),)
    elif past:
        whom = (Ask("block_last_partner", f"Say no to {past.name} for good.", may_be_noticed=False),)
    blocked = past is not None and blocks.of(actor.id, past.person) is not None
    return Step(
        BLOCK,
        "Say no to more",
        "No invitation of theirs works for you any more, and none of yours for them. It lasts until you lift it.",
        "They are not told. A code looks like any wrong one.",
        closed or blocked if whom else closed or None,
        (*whom, Ask("block_everybody", "Be paired with nobody on this server.", may_be_noticed=False)),
    )


def _silence(actor: Actor) -> Step:
    """Other sign-ins, so far; pushes and mails plug in here."""
    elsewhere = [one for one in sign_ins.devices(actor) if not one.current]
    return Step(
        SILENCE,
        "Silence",
        "Ends your sign-ins on other devices, so that nothing from here lights up there.",
        "Whoever uses such a device finds it signed out.",
        not elsewhere,
        tuple(
            Ask("sign_out", f"Sign out on “{one.device}”.", may_be_noticed=True, subject=one.id) for one in elsewhere
        ),
    )


@db.prepared
def _memberships(person: Any) -> Any:
    return Member.select(Member.id).where(Member.person == person).limit(1)
