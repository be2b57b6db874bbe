"""The leaving checklist: the steps of leaving, each a decision of its own, in any order.

This module only reads. The viewer sees what each step does, what the partner may notice, and what is done already, as
far as the viewer's own rows tell. Next to leaving, the list shows space as an equal choice, because space keeps
everything.
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
STEPS = (EXPORT, LEAVE, BLOCK, SILENCE, SPACE)


class Action(NamedTuple):
    """One action that the viewer could take. The API maps `name` to a request; `subject` is the id of its target."""

    name: str
    text: str
    may_be_noticed: bool
    subject: UUID | None = None


class Step(NamedTuple):
    """One step. `done` is None when the viewer's own rows do not tell, or when there is nothing to do."""

    step: str
    title: str
    does: str
    noticed: str
    done: bool | None
    actions: tuple[Action, ...]
    beside: Step | None = None  # an equal choice, shown next to this step

    @property
    def may_be_noticed(self) -> bool:
        """Return whether the partner may notice any of its actions."""
        return any(action.may_be_noticed for action in self.actions)


def steps(viewer: Viewer, now: datetime) -> list[Step]:
    """Return the steps in their present state for the viewer. This writes nothing."""
    left = None if viewer.couple is None and not _memberships(viewer.id) else viewer.couple is None
    return [_export(), _leave(viewer, left), _block(viewer), _silence(viewer)]


def _export() -> Step:
    return Step(
        EXPORT,
        "Take along what is yours",
        "Makes a file of your dates, what you shared and what you received. Nothing is deleted.",
        "No one is told. The file stays on your device, so mind who can open it.",
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
            "The server gives no sign of a quiet space. Your silence may still be noticed.",
            None if viewer.couple is None else viewer.space_since is not None,
            (Action("space", "Take space now. For each date ahead, you decide whether you go.", may_be_noticed=True),),
        ),
    )


def _block(viewer: Viewer) -> Step:
    past = None if viewer.couple else couples.find_last_partner(viewer.id)
    blocks_everyone = blocks.blocks_everyone(viewer.id)
    actions: tuple[Action, ...] = ()
    if viewer.couple:
        actions = (Action("block_partner", "Say no to your partner for good. You leave with it.", may_be_noticed=True),)
    elif past:
        actions = (Action("block_last_partner", f"Say no to {past.name} for good.", may_be_noticed=False),)
    blocked = past is not None and blocks.get(viewer.id, past.person) is not None
    return Step(
        BLOCK,
        "Say no to more",
        "No invitation of theirs works for you any more, and none of yours for them. It lasts until you lift it.",
        "They are not told. A code looks like any wrong one.",
        blocks_everyone or blocked if actions else blocks_everyone or None,
        (*actions, Action("block_everybody", "Block everyone on this server.", may_be_noticed=False)),
    )


def _silence(viewer: Viewer) -> Step:
    """Return the step about other sign-ins. Push and mail notifications will belong here, too."""
    other_sessions = [session for session in sessions.list_sessions(viewer.identity) if not session.current]
    return Step(
        SILENCE,
        "Silence",
        "Ends your sign-ins on other devices, so that nothing from here lights up there.",
        "A person who uses such a device finds it signed out.",
        not other_sessions,
        tuple(
            Action("sign_out", f"Sign out on “{session.device}”.", may_be_noticed=True, subject=session.id)
            for session in other_sessions
        ),
    )


@db.cached_query
def _memberships(person: Any) -> Any:
    return Member.select(Member.id).where(Member.person == person).limit(1)
