"""Demo data: a couple with some weeks of dates and notes.

The demo calls the same functions as requests do, with earlier times. So it shows only states that real use can reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from planner import clock
from planner.accounts import accounts, sessions
from planner.catalogue import activities
from planner.contact.viewer import Viewer, authenticate
from planner.couples import invitations
from planner.dates import feedback, lifecycle, proposals
from planner.dates.feedback import Feedback
from planner.dates.proposals import DateRequest
from planner.dates.slots import SlotRequest
from planner.dates.views import DateView
from planner.notes import notes, reactions, requests
from planner.notes.notes import Draft

PASSWORD = "only for the demo"  # noqa: S105  # printed on purpose
_ZONES = {"Robin": "Europe/Lisbon", "Kim": "Europe/Athens"}

# (weeks ago, activity, how it felt to Robin, how it felt to Kim)
_DONE = (
    (5, "market-stall-lunch", "lighter", "lighter"),
    (4, "jigsaw-race-against-the-clock", "same", "lighter"),
    (2, "park-loop-phones-away", "lighter", "same"),
)
_NOTES = (
    ("Robin", 30, "kindness", "You waited with me at the bus stop, although it rained.", True),
    ("Kim", 29, "effort", "You asked how my exam went before you told me about your day.", True),
    ("Robin", 15, "quality", "You can make a stranger laugh in a queue. I like standing next to that.", False),
    ("Kim", 13, "memory", "The duck that followed us all the way round the park, and your speech to it.", True),
    ("Robin", 2, "good_news", "The garden plot is ours from spring on. I wanted to tell you first.", False),
)


class Login(NamedTuple):
    """The sign-in of one demo person."""

    display_name: str
    sign_in_name: str


class NotEmpty(Exception):
    """The database has people in it already. Demo people must not be mixed with real ones."""


def fill(now: datetime) -> list[Login]:
    """Create a couple with dates and notes, and return the two sign-ins. Raise NotEmpty if there are people."""
    if accounts.Person.select().exists():
        raise NotEmpty("This database has people in it already. Name an empty one in REKINDLE_DATABASE_URL.")
    start = now - timedelta(days=42)
    logins, tokens = [], {}
    for name, zone in _ZONES.items():
        account = accounts.sign_up(name, PASSWORD, zone, None, start)
        tokens[name] = sessions.sign_in_after_sign_up(account.person, "demo", start).token
        logins.append(Login(name, account.sign_in_name))
    _pair(tokens["Robin"], tokens["Kim"], start)
    robin, kim = (authenticate(tokens[name], start) for name in _ZONES)
    for weeks, activity, *feelings in _DONE:
        _complete_date(robin, kim, activity, now - timedelta(weeks=weeks), feelings)
    _agree(kim, robin, "three-pictures-each-at-the-gallery", now - timedelta(days=3), now + timedelta(days=2))
    picnic = DateRequest(_activity_id("living-room-picnic-after-bedtime"), list(_slots(robin, now, 5)))
    proposals.propose(robin, picnic, None, now)
    for author, days, kind, body, shared in _NOTES:
        at = now - timedelta(days=days)
        note = notes.write(robin if author == "Robin" else kim, Draft(kind, body), None, at)
        if shared:
            notes.share(robin if author == "Robin" else kim, note.id, {1}, at)
            reader, reaction = (kim, "touched") if author == "Robin" else (robin, "smiled")
            reactions.put(reader, note.id, reaction, at + timedelta(hours=1))
    requests.ask(kim, requests.Draft("Could you bring the blanket on Sunday?"), None, now - timedelta(hours=3))
    return logins


def _pair(inviter_token: str, invitee_token: str, now: datetime) -> None:
    inviter, invitee = (authenticate(token, now).identity for token in (inviter_token, invitee_token))
    invitation = invitations.create(inviter, None, now)
    invitations.accept(invitee, str(invitation.code), "together", now)
    invitations.confirm(inviter, invitation.id, "together", now)


def _complete_date(robin: Viewer, kim: Viewer, activity: str, day: datetime, feelings: list[str]) -> None:
    date = _agree(robin, kim, activity, day - timedelta(days=3), day)
    completed_at = day + timedelta(days=1)
    lifecycle.complete(kim, date.id, {date.version}, completed_at)
    for viewer, feeling in zip((robin, kim), feelings, strict=True):
        feedback.put(viewer, date.id, Feedback(feeling, 4), completed_at)


def _agree(sender: Viewer, receiver: Viewer, activity: str, proposed_at: datetime, day: datetime) -> DateView:
    request = DateRequest(_activity_id(activity), list(_slots(sender, proposed_at, (day - proposed_at).days)))
    date = proposals.propose(sender, request, None, proposed_at)
    return lifecycle.accept(receiver, date.id, {date.version}, date.slots[0].id, proposed_at + timedelta(hours=5))


def _slots(viewer: Viewer, now: datetime, days: int) -> Iterator[SlotRequest]:
    """Yield an evening and the next morning, in local time."""
    day = clock.to_zone(now, viewer.zone).replace(tzinfo=None, minute=0, second=0, microsecond=0) + timedelta(days=days)
    yield SlotRequest(day.replace(hour=19), viewer.zone, 90)
    yield SlotRequest(day.replace(hour=11) + timedelta(days=1), viewer.zone, 90)


def _activity_id(slug: str) -> UUID:
    return next(activity.id for activity in activities.snapshot().active if activity.content.slug == slug)
