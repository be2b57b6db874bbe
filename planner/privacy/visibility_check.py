"""The safety check: where the viewer is signed in, and what other people can see of them now.

It only reads: nothing is written and no one is told. Each line has its own end, and none ends everything. A person who
may be watched decides line by line, and reads beforehand whether an end may be noticed.

A new room adds a probe to `LOOKS`, and its tables name the probe in data_inventory.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from planner.accounts import sessions
from planner.catalogue.activities import Activity
from planner.clock import local_day
from planner.contact.viewer import Viewer
from planner.couples import former_couples, invitations
from planner.couples.couples import Member
from planner.dates import state_machine, views
from planner.errors import NotFound
from planner.notes.notes import Note, Share
from planner.recommender import matches
from planner.storage import db

_MOST = 100

KINDS = (
    "this_sign_in",
    "sign_in",
    "password",
    "display_name",
    "pace",
    "rhythm",
    "notes",
    "idea",
    "matches",
    "date",
    "offer",
    "invitation",
    "yes",
    "kept",
    "said_space",
    "quiet_space",
)
"""The kinds of all findings. Clients know them."""


class Remedy(NamedTuple):
    """The end of one kind of line, in words, and whether the partner may notice it. The API adds the request."""

    text: str
    may_be_noticed: bool


class Finding(NamedTuple):
    """One finding. The request that ends it names `subject` and `version`.

    `ENDS` has the end of each kind. A kind without one ends by itself, on the day in its text.
    """

    kind: str
    text: str
    subject: UUID | None = None
    version: int | None = None


REMEDIES = {
    "this_sign_in": Remedy("Sign out here. Your other sign-ins stay.", may_be_noticed=False),
    "sign_in": Remedy("Sign out there. A person who uses that device finds it signed out.", may_be_noticed=True),
    "password": Remedy(
        "Choose another one. Sign-ins elsewhere end with it, and a person who used them finds out.", may_be_noticed=True
    ),
    "display_name": Remedy("It goes when you leave. Your partner sees that you left.", may_be_noticed=True),
    "pace": Remedy(
        "Lower it quietly: their view stays as it is. What goes beyond it lapses, which may be noticed in time.",
        may_be_noticed=True,
    ),
    "rhythm": Remedy(
        "Calm it quietly: their view stays as it is. What you leave unanswered may be noticed in time.",
        may_be_noticed=True,
    ),
    "notes": Remedy("Take one out of their view. You cannot unsay it.", may_be_noticed=True),
    "idea": Remedy("Take it out of use. Dates that are about it keep its name.", may_be_noticed=True),
    "matches": Remedy(
        "Take a like back: it leaves your list at once, and theirs on the day on which it would have faded.",
        may_be_noticed=False,
    ),
    "offer": Remedy("Withdraw it. They see that it is no longer open.", may_be_noticed=True),
    "date": Remedy("Call it off. They find that this date is off.", may_be_noticed=True),
    "invitation": Remedy("Take it back. Its code stops working.", may_be_noticed=True),
    "yes": Remedy("Step back from it. They are not told.", may_be_noticed=True),
    "quiet_space": Remedy("End it. They are not told; what was held waits for your choice.", may_be_noticed=True),
    "said_space": Remedy("End it. They no longer read your sentence.", may_be_noticed=True),
}


def check(viewer: Viewer, now: datetime) -> list[Finding]:
    """Return all findings in a fixed order. This writes nothing."""
    return [line for probe in PROBES.values() for line in probe(viewer, now)]


def _sign_ins(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    for device in sessions.list_sessions(viewer.identity):
        since = _day(local_day(device.created_at, viewer.zone))
        where = f"“{device.device}”, since {since}, last used on {_day(device.used_on)}."
        if device.current:
            yield Finding("this_sign_in", f"You are signed in here as {where}", device.id)
        else:
            yield Finding("sign_in", f"You are signed in elsewhere as {where}", device.id)
    yield Finding("password", "A person who knows your password can sign in as you, and you find that in your inbox.")


def _couple(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    pair = viewer.pair
    if pair is None:
        return
    name, partner = _own_name(viewer.id, pair.couple)[0][0], viewer.partner_name
    yield Finding("display_name", f"{partner} sees you as “{name}”, and keeps the list of dates that you two have had.")
    quiet = f" Quietly you keep to {pair.quiet_pace}, which only you see." if pair.quiet_pace else ""
    yield Finding("pace", f"{partner} sees pace {pair.pace}: the lower of two ceilings, yours and theirs.{quiet}")
    quiet = f" Quietly you keep to “{pair.quiet_rhythm}”, which only you see." if pair.quiet_rhythm else ""
    yield Finding("rhythm", f"{partner} sees the rhythm “{pair.rhythm}”: the calmer of two choices.{quiet}")


def _notes(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    if viewer.couple is None:
        return
    readable = [recalled_at is None for (recalled_at,) in _shares(viewer.id, viewer.couple)]
    if readable:
        text = f"Notes of yours that {viewer.partner_name} can read: {sum(readable)}."
        copy = "What you shared in the last twelve months is in their own copy too, even if you took it back."
        yield Finding("notes", f"{text} {copy}")


def _ideas(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    if viewer.couple is None:
        return
    for idea, content in _shown(viewer.id, viewer.couple, _MOST):
        yield Finding("idea", f"{viewer.partner_name} sees your idea “{json.loads(content)['title']}”.", idea)


def _matches(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    count = len(matches.active(viewer, now)) if viewer.couple else 0
    if count:
        text = (
            f"Ideas that {viewer.partner_name} may find as “both curious”: {count}. Nothing else of your likes shows."
        )
        yield Finding("matches", text)


def _dates(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    for plan in views.list_upcoming(viewer, now, _MOST):
        slot = plan.slots[0]
        what = f"“{plan.activity.content.title}” on {_day(local_day(slot.start, viewer.zone))}"
        if plan.with_partner and plan.state == state_machine.ACCEPTED:
            yield Finding("date", f"You two agreed on {what}, in the time zone {slot.zone}.", plan.id, plan.version)
        elif plan.with_partner and plan.sender_is_me:
            yield Finding("offer", f"You offered {what}, in the time zone {slot.zone}.", plan.id, plan.version)


def _invitations(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    if viewer.couple:
        return  # pairing closed all open invitations
    try:
        invitation = invitations.current(viewer.identity, now)
    except NotFound:
        return
    until = _day(local_day(invitation.expires_at, viewer.zone))
    if invitation.role == "inviter":
        yield Finding("invitation", f"An invitation of yours is open until {until}. Its code shows your name.")
    else:
        yield Finding(
            "yes", f"You said yes to an invitation of {invitation.other_name}'s, who sees your name until {until}."
        )


def _kept(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    for former in former_couples.list_former_couples(viewer.id, now):
        if former.partner:
            until = _day(local_day(former.until, viewer.zone))
            text = f"Until {until} {former.partner_name} can look back on your dates, and keep what you had shared."
            yield Finding("kept", f"{text} Nothing ends that sooner; nothing new reaches them.")


def _space(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    if viewer.space_since is None:
        return
    since = _day(local_day(viewer.space_since, viewer.zone))
    if viewer.sentence:
        yield Finding("said_space", f"You are in space since {since}, and your partner reads the sentence you chose.")
    else:
        text = f"You are in space since {since}. The server gives no sign; silence may still be noticed."
        yield Finding("quiet_space", text)


# In the order of the answer. data_inventory.py names the probe that shows what others see of a table.
PROBES: dict[str, Callable[[Viewer, datetime], Iterator[Finding]]] = {
    "sessions": _sign_ins,
    "couple": _couple,
    "former_couple_access": _kept,
    "space": _space,
    "dates": _dates,
    "notes": _notes,
    "ideas": _ideas,
    "matches": _matches,
    "invitations": _invitations,
}


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


@db.cached_query
def _own_name(person: Any, couple: Any) -> Any:
    return Member.select(Member.name).where(Member.person == person, Member.couple == couple)


@db.cached_query
def _shares(author: Any, couple: Any) -> Any:
    mine = (Note.author == author) & (Share.couple == couple)
    return Share.select(Share.recalled_at).join(Note, on=(Share.note == Note.id)).where(mine)


@db.cached_query
def _shown(owner: Any, couple: Any, limit: Any) -> Any:
    mine = (Activity.owner == owner) & (Activity.shown_to == couple) & Activity.retired_at.is_null()
    query = Activity.select(Activity.id, Activity.content).where(mine)
    return query.order_by(Activity.changed_at, Activity.id).limit(limit)
