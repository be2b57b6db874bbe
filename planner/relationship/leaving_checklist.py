"""Closing a chapter: the steps of going, as one list to walk along. Each is its own decision, in any order.

Nothing here acts. Whoever looks sees what each step does, what the other may notice, and what is done already, as far
as their own rows tell. Beside leaving stands space, which keeps everything, and is shown no smaller.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from planner.accounts import sessions
from planner.contact.viewer import Viewer
from planner.couples import blocks, couples
from planner.couples.couples import Member
from planner.storage import db

EXPORT, LEAVE, BLOCK, SILENCE, SPACE = "export", "leave", "block", "silence", "space"

INTRODUCTION = (
    "Any order is right, any step may be left out, and you can stop after each of them.",
    "Nothing happens by looking, and nothing follows by itself.",
    "If you are afraid of what comes after a step, read the safety page first. It needs no sign-in.",
)


class Action(NamedTuple):
    """One thing that somebody could ask for; how stands at the edge, by its name. `subject` is what it is about."""

    name: str
    text: str
    may_be_noticed: bool
    subject: UUID | None = None


class Step(NamedTuple):
    """One step. `done` is None where the viewer's own rows do not tell, or where there is nothing to do."""

    step: str
    title: str
    does: str
    noticed: str
    done: bool | None
    actions: tuple[Action, ...]
    beside: Step | None = None  # what stands next to it, no smaller

    @property
    def may_be_noticed(self) -> bool:
        """Whether any of it may be noticed."""
        return any(ask.may_be_noticed for ask in self.actions)


def steps(viewer: Viewer, now: datetime) -> list[Step]:
    """The steps as they stand for the viewer. Writes nothing."""
    left = None if viewer.couple is None and not _memberships(viewer.id) else viewer.couple is None
    return [_export(), _leave(viewer, left), _block(viewer), _silence(viewer)]


def _export() -> Step:
    return Step(
        EXPORT,
        "Take along what is yours",
        "Makes a file of your dates, what you shared and what you received. Nothing is deleted.",
        "Nobody is told. The file lies on your device afterwards: mind who can open it.",
        None,
        (
            Action("export_ordinary", "What you two shared, and what you received.", may_be_noticed=False),
            Action("export_private", "What is yours alone.", may_be_noticed=False),
        ),
    )


def _leave(viewer: Viewer, left: bool | None) -> Step:
    return Step(
        LEAVE,
        "Leave",
        "Ends it for you two at once, from your side alone. What you wrote stays yours; dates ahead are off.",
        "They find one fixed sentence, and the dates that are off. No reason is asked or given.",
        left,
        (Action("leave", "Leave now.", may_be_noticed=True),),
        beside=Step(
            SPACE,
            "Space keeps everything",
            "Pauses it for as long as you like, without a reason. Everything stays, and you can come back to it.",
            "The server gives no sign of a quiet one. Silence may still be noticed.",
            None if viewer.couple is None else viewer.space_since is not None,
            (Action("space", "Take space now. You say for each date ahead whether you go.", may_be_noticed=True),),
        ),
    )


def _block(viewer: Viewer) -> Step:
    past = None if viewer.couple else couples.find_last_partner(viewer.id)
    closed = blocks.blocks_everyone(viewer.id)
    whom: tuple[Action, ...] = ()
    if viewer.couple:
        whom = (Action("block_partner", "Say no to your partner for good. You leave with it.", may_be_noticed=True),)
    elif past:
        whom = (Action("block_last_partner", f"Say no to {past.name} for good.", may_be_noticed=False),)
    blocked = past is not None and blocks.get(viewer.id, past.person) is not None
    return Step(
        BLOCK,
        "Say no to more",
        "No invitation of theirs works for you any more, and none of yours for them. It lasts until you lift it.",
        "They are not told. A code looks like any wrong one.",
        closed or blocked if whom else closed or None,
        (*whom, Action("block_everybody", "Be paired with nobody on this server.", may_be_noticed=False)),
    )


def _silence(viewer: Viewer) -> Step:
    """Other sign-ins, so far; pushes and mails plug in here."""
    elsewhere = [one for one in sessions.list_sessions(viewer.identity) if not one.current]
    return Step(
        SILENCE,
        "Silence",
        "Ends your sign-ins on other devices, so that nothing from here lights up there.",
        "Whoever uses such a device finds it signed out.",
        not elsewhere,
        tuple(
            Action("sign_out", f"Sign out on “{one.device}”.", may_be_noticed=True, subject=one.id) for one in elsewhere
        ),
    )


@db.cached_query
def _memberships(person: Any) -> Any:
    return Member.select(Member.id).where(Member.person == person).limit(1)
