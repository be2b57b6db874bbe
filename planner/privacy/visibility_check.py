"""The safety check: where the viewer is signed in, and what other people can see of them now.

It only reads: nothing is written and no one is told. Each line has its own end, and none ends everything. A person who
may be watched decides line by line, and reads beforehand whether an end may be noticed.

A new room adds a probe to `PROBES`, and its tables name the probe in data_inventory.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from planner.accounts import email_addresses, passkeys, sessions
from planner.calendars import availability, feeds
from planner.catalogue.activities import Activity
from planner.clock import local_day
from planner.contact.viewer import Viewer
from planner.couples import former_couples, invitations
from planner.couples.couples import Member
from planner.dates import important_days, state_machine, views
from planner.errors import NotFound
from planner.notes import couple_questions, shown_photos
from planner.notes.notes import Note, Share
from planner.notes.requests import WITHDRAWN, Request
from planner.recommender import matches, someday_list
from planner.storage import db

_MOST = 100

KINDS = (
    "this_sign_in",
    "sign_in",
    "password",
    "passkey",
    "email_address",
    "calendar_feed",
    "display_name",
    "pace",
    "rhythm",
    "notes",
    "requests",
    "answers",
    "days",
    "idea",
    "photos",
    "matches",
    "someday_list",
    "free_times",
    "date",
    "offer",
    "invitation",
    "yes",
    "kept",
    "said_space",
    "quiet_space",
)
"""The kinds of all findings. Clients know them."""


class Finding(NamedTuple):
    """One finding. The request that ends it names `subject` and `version`.

    The catalogue of messages has a sentence for each `key`: it is the kind, or a form of it. `params` fill it in.
    `REMEDIES` has the end of each kind. A kind without one ends by itself, on the day in its params.
    """

    kind: str
    key: str
    params: dict[str, object]
    subject: UUID | None = None
    version: int | None = None


# Whether the partner may notice the end of each kind. The catalogue says what the end does, and the API how to do it.
REMEDIES = {
    "this_sign_in": False,
    "sign_in": True,
    "password": True,
    "passkey": True,
    "email_address": True,
    "calendar_feed": True,
    "display_name": True,
    "pace": True,
    "rhythm": True,
    "notes": True,
    "requests": True,
    "answers": True,
    "days": True,
    "idea": True,
    "photos": True,
    "matches": False,
    "someday_list": True,
    "free_times": True,
    "offer": True,
    "date": True,
    "invitation": True,
    "yes": True,
    "quiet_space": True,
    "said_space": True,
}


def check(viewer: Viewer, now: datetime) -> list[Finding]:
    """Return all findings in a fixed order. This writes nothing."""
    return [line for probe in PROBES.values() for line in probe(viewer, now)]


def _sign_ins(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    for session in sessions.list_sessions(viewer.identity):
        since = local_day(session.created_at, viewer.zone)
        kind = "this_sign_in" if session.current else "sign_in"
        yield _finding(kind, session.id, device=session.device, since=since, used_on=session.used_on)
    yield _finding("password")
    for passkey in passkeys.list_passkeys(viewer.id):
        yield _finding("passkey", passkey.id, name=passkey.name, since=local_day(passkey.created_at, viewer.zone))


def _email_address(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    own = email_addresses.get_own(viewer.id)
    if own.address:
        key = "email_address_resets" if own.resets_password else "email_address"
        yield Finding("email_address", key, {"address": own.address})


def _calendar_feed(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    if feed := feeds.find(viewer.id):
        key = "calendar_feed_with_titles" if feed.shows_titles else "calendar_feed"
        yield Finding("calendar_feed", key, {"since": local_day(feed.created_at, viewer.zone)})


def _couple(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    pair = viewer.pair
    if pair is None:
        return
    name, partner = _own_name(viewer.id, pair.couple)[0][0], viewer.partner_name
    yield _finding("display_name", partner=partner, name=name)
    pace: dict[str, object] = {"partner": partner, "pace": pair.pace}
    if pair.quiet_pace:
        yield Finding("pace", "pace_and_quiet", {**pace, "quiet": pair.quiet_pace})
    else:
        yield _finding("pace", **pace)
    rhythm: dict[str, object] = {"partner": partner, "rhythm": pair.rhythm}
    if pair.quiet_rhythm:
        yield Finding("rhythm", "rhythm_and_quiet", {**rhythm, "quiet": pair.quiet_rhythm})
    else:
        yield _finding("rhythm", **rhythm)


def _notes(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    if viewer.couple is None:
        return
    readable = [recalled_at is None for (recalled_at,) in _shares(viewer.id, viewer.couple)]
    if readable:
        yield _finding("notes", partner=viewer.partner_name, count=sum(readable))


def _requests(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    count = len(_sent_requests(viewer.id, viewer.couple)) if viewer.couple else 0
    if count:
        yield _finding("requests", partner=viewer.partner_name, count=count)


def _questions(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    count = couple_questions.count_open_answers(viewer)
    if count:
        yield _finding("answers", partner=viewer.partner_name, count=count)


def _important_days(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    count = important_days.count_shared(viewer)
    if count:
        yield _finding("days", partner=viewer.partner_name, count=count)


def _ideas(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    if viewer.couple is None:
        return
    for idea, content in _shown(viewer.id, viewer.couple, _MOST):
        yield _finding("idea", idea, partner=viewer.partner_name, title=json.loads(content)["title"])


def _photos(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    count = shown_photos.count_shown(viewer)
    if count:
        yield _finding("photos", partner=viewer.partner_name, count=count)


def _matches(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    count = len(matches.active(viewer, now)) if viewer.couple else 0
    if count:
        yield _finding("matches", partner=viewer.partner_name, count=count)


def _someday_list(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    count = len(someday_list.list_items(viewer))
    if count:
        yield _finding("someday_list", partner=viewer.partner_name, count=count)


def _free_times(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    if viewer.couple and availability.get_own(viewer).common:
        yield _finding("free_times", partner=viewer.partner_name)


def _dates(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    for plan in views.list_with_partner(viewer, now, _MOST):
        slot = plan.slots[0]
        day = slot.local_time.date()  # in its zone, as the text says
        params: dict[str, object] = {"title": plan.activity.content.title, "day": day, "zone": slot.zone}
        if plan.state == state_machine.ACCEPTED:
            yield Finding("date", "date", params, plan.id, plan.version)
        elif plan.sender_is_me:
            yield Finding("offer", "offer", params, plan.id, plan.version)


def _invitations(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    if viewer.couple:
        return  # pairing closed all open invitations
    try:
        invitation = invitations.current(viewer.identity, now)
    except NotFound:
        return
    until = local_day(invitation.expires_at, viewer.zone)
    if invitation.role == "inviter":
        yield _finding("invitation", until=until)
    else:
        yield _finding("yes", inviter=invitation.other_name, until=until)


def _kept(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    for former in former_couples.list_former_couples(viewer.id, now):
        if former.partner:
            yield _finding("kept", partner=former.partner_name, until=local_day(former.until, viewer.zone))


def _space(viewer: Viewer, now: datetime) -> Iterator[Finding]:
    if viewer.space_since is not None:
        kind = "said_space" if viewer.sentence else "quiet_space"
        yield _finding(kind, since=local_day(viewer.space_since, viewer.zone))


def _finding(kind: str, subject: UUID | None = None, /, **params: object) -> Finding:
    """Return a finding of a kind that has one sentence."""
    return Finding(kind, kind, params, subject)


# In the order of the answer. data_inventory.py names the probe that shows what others see of a table.
PROBES: dict[str, Callable[[Viewer, datetime], Iterator[Finding]]] = {
    "sessions": _sign_ins,
    "email_address": _email_address,
    "calendar_feed": _calendar_feed,
    "couple": _couple,
    "former_couple_access": _kept,
    "space": _space,
    "dates": _dates,
    "notes": _notes,
    "requests": _requests,
    "questions": _questions,
    "important_days": _important_days,
    "ideas": _ideas,
    "photos": _photos,
    "matches": _matches,
    "someday_list": _someday_list,
    "free_times": _free_times,
    "invitations": _invitations,
}


@db.cached_query
def _own_name(person: Any, couple: Any) -> Any:
    return Member.select(Member.name).where(Member.person == person, Member.couple == couple)


@db.cached_query
def _shares(author: Any, couple: Any) -> Any:
    mine = (Note.author == author) & (Share.couple == couple)
    return Share.select(Share.recalled_at).join(Note, on=(Share.note == Note.id)).where(mine)


@db.cached_query
def _sent_requests(sender: Any, couple: Any) -> Any:
    mine = (Request.sender == sender) & (Request.couple == couple)
    return Request.select(Request.id).where(mine, Request.state != WITHDRAWN)


@db.cached_query
def _shown(owner: Any, couple: Any, limit: Any) -> Any:
    mine = (Activity.owner == owner) & (Activity.shown_to == couple) & Activity.retired_at.is_null()
    query = Activity.select(Activity.id, Activity.content).where(mine)
    return query.order_by(Activity.changed_at, Activity.id).limit(limit)
