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

from planner.catalogue.activities import Activity
from planner.clock import local_day
from planner.dates import agenda, moves
from planner.errors import NotFound
from planner.notes.notes import Note, Share
from planner.people import invitations, kept, sign_ins
from planner.people.couples import Member
from planner.people.sign_ins import Actor
from planner.picking import matches
from planner.storage import db

_MOST = 100


class End(NamedTuple):
    """The end of one kind of line, in words, and whether the partner may notice it. The API adds the request."""

    text: str
    may_be_noticed: bool


class Line(NamedTuple):
    """One finding. The request that ends it names `subject` and `version`.

    `ENDS` has the end of each kind. A kind without one ends by itself, on the day in its text.
    """

    kind: str
    text: str
    subject: UUID | None = None
    version: int | None = None


ENDS = {
    "this_sign_in": End("Sign out here. Your other sign-ins stay.", may_be_noticed=False),
    "sign_in": End("Sign out there. A person who uses that device finds it signed out.", may_be_noticed=True),
    "password": End(
        "Choose another one. Sign-ins elsewhere end with it, and a person who used them finds out.", may_be_noticed=True
    ),
    "name": End("It goes when you leave. Your partner sees that you left.", may_be_noticed=True),
    "pace": End(
        "Lower it quietly: their view stays as it is. What goes beyond it lapses, which may be noticed in time.",
        may_be_noticed=True,
    ),
    "rhythm": End(
        "Calm it quietly: their view stays as it is. What you leave unanswered may be noticed in time.",
        may_be_noticed=True,
    ),
    "notes": End("Take one out of their view. You cannot unsay it.", may_be_noticed=True),
    "idea": End("Take it out of use. Dates that are about it keep its name.", may_be_noticed=True),
    "matches": End(
        "Take a like back: it leaves your list at once, and theirs on the day on which it would have faded.",
        may_be_noticed=False,
    ),
    "offer": End("Withdraw it. They see that it is no longer open.", may_be_noticed=True),
    "date": End("Call it off. They find that this date is off.", may_be_noticed=True),
    "invitation": End("Take it back. Its code stops working.", may_be_noticed=True),
    "yes": End("Step back from it. They are not told.", may_be_noticed=True),
    "quiet_space": End("End it. They are not told; what was held waits for your choice.", may_be_noticed=True),
    "said_space": End("End it. They no longer read your sentence.", may_be_noticed=True),
}


def look(actor: Actor, now: datetime) -> list[Line]:
    """Return all findings in a fixed order. This writes nothing."""
    return [line for probe in LOOKS.values() for line in probe(actor, now)]


def _sign_ins(actor: Actor, now: datetime) -> Iterator[Line]:
    for device in sign_ins.devices(actor):
        since = _day(local_day(device.created_at, actor.zone))
        where = f"“{device.device}”, since {since}, last used on {_day(device.used_on)}."
        if device.current:
            yield Line("this_sign_in", f"You are signed in here as {where}", device.id)
        else:
            yield Line("sign_in", f"You are signed in elsewhere as {where}", device.id)
    yield Line("password", "A person who knows your password can sign in as you, and you find that in your inbox.")


def _couple(actor: Actor, now: datetime) -> Iterator[Line]:
    if actor.couple is None:
        return
    name, partner = _own_name(actor.id, actor.couple)[0][0], actor.partner_name
    yield Line("name", f"{partner} sees you as “{name}”, and keeps the list of dates that you two have had.")
    quiet = f" Quietly you keep to {actor.quiet_pace}, which only you see." if actor.quiet_pace else ""
    yield Line("pace", f"{partner} sees pace {actor.pace}: the lower of two ceilings, yours and theirs.{quiet}")
    quiet = f" Quietly you keep to “{actor.quiet_rhythm}”, which only you see." if actor.quiet_rhythm else ""
    yield Line("rhythm", f"{partner} sees the rhythm “{actor.rhythm}”: the calmer of two choices.{quiet}")


def _notes(actor: Actor, now: datetime) -> Iterator[Line]:
    if actor.couple is None:
        return
    readable = [recalled_at is None for (recalled_at,) in _shares(actor.id, actor.couple)]
    if readable:
        text = f"Notes of yours that {actor.partner_name} can read: {sum(readable)}."
        copy = "What you shared in the last twelve months is in their own copy too, even if you took it back."
        yield Line("notes", f"{text} {copy}")


def _ideas(actor: Actor, now: datetime) -> Iterator[Line]:
    if actor.couple is None:
        return
    for idea, content in _shown(actor.id, actor.couple, _MOST):
        yield Line("idea", f"{actor.partner_name} sees your idea “{json.loads(content)['title']}”.", idea)


def _matches(actor: Actor, now: datetime) -> Iterator[Line]:
    count = len(matches.live(actor, now)) if actor.couple else 0
    if count:
        text = f"Ideas that {actor.partner_name} may find as “both curious”: {count}. Nothing else of your likes shows."
        yield Line("matches", text)


def _dates(actor: Actor, now: datetime) -> Iterator[Line]:
    for plan in agenda.upcoming(actor, now, _MOST):
        slot = plan.slots[0]
        what = f"“{plan.activity.content.title}” on {_day(local_day(slot.start, actor.zone))}"
        if plan.with_partner and plan.state == moves.ACCEPTED:
            yield Line("date", f"You two agreed on {what}, in the time zone {slot.zone}.", plan.id, plan.version)
        elif plan.with_partner and plan.sender_is_me:
            yield Line("offer", f"You offered {what}, in the time zone {slot.zone}.", plan.id, plan.version)


def _invitations(actor: Actor, now: datetime) -> Iterator[Line]:
    if actor.couple:
        return  # pairing closed all open invitations
    try:
        invitation = invitations.current(actor, now)
    except NotFound:
        return
    until = _day(local_day(invitation.expires_at, actor.zone))
    if invitation.role == "inviter":
        yield Line("invitation", f"An invitation of yours is open until {until}. Its code shows your name.")
    else:
        yield Line(
            "yes", f"You said yes to an invitation of {invitation.other_name}'s, who sees your name until {until}."
        )


def _kept(actor: Actor, now: datetime) -> Iterator[Line]:
    for former in kept.couples(actor.id, now):
        if former.partner:
            until = _day(local_day(former.until, actor.zone))
            text = f"Until {until} {former.partner_name} can look back on your dates, and keep what you had shared."
            yield Line("kept", f"{text} Nothing ends that sooner; nothing new reaches them.")


def _space(actor: Actor, now: datetime) -> Iterator[Line]:
    if actor.space_since is None:
        return
    since = _day(local_day(actor.space_since, actor.zone))
    if actor.sentence:
        yield Line("said_space", f"You are in space since {since}, and your partner reads the sentence you chose.")
    else:
        text = f"You are in space since {since}. The server gives no sign; silence may still be noticed."
        yield Line("quiet_space", text)


# In the order of the answer. data_inventory.py names the probe that shows what others see of a table.
LOOKS: dict[str, Callable[[Actor, datetime], Iterator[Line]]] = {
    "sign_ins": _sign_ins,
    "couple": _couple,
    "kept": _kept,
    "space": _space,
    "dates": _dates,
    "notes": _notes,
    "ideas": _ideas,
    "matches": _matches,
    "invitations": _invitations,
}


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


@db.prepared
def _own_name(person: Any, couple: Any) -> Any:
    return Member.select(Member.name).where(Member.person == person, Member.couple == couple)


@db.prepared
def _shares(author: Any, couple: Any) -> Any:
    mine = (Note.author == author) & (Share.couple == couple)
    return Share.select(Share.recalled_at).join(Note, on=(Share.note == Note.id)).where(mine)


@db.prepared
def _shown(owner: Any, couple: Any, limit: Any) -> Any:
    mine = (Activity.owner == owner) & (Activity.shown_to == couple) & Activity.retired_at.is_null()
    return Activity.select(Activity.id, Activity.content).where(mine).order_by(Activity.slug, Activity.id).limit(limit)
