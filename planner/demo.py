"""Demo data: a couple with some weeks of dates and notes.

The demo calls the same functions as requests do, with earlier times. So it shows only states that real use can reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from planner import clock, demo_pictures
from planner.accounts import accounts, sessions
from planner.catalogue import activities
from planner.contact.viewer import Viewer, authenticate
from planner.couples import invitations
from planner.dates import feedback, important_days, lifecycle, proposals
from planner.dates.feedback import Feedback
from planner.dates.proposals import DateRequest
from planner.dates.slots import SlotRequest
from planner.dates.views import DateView
from planner.notes import commitments, couple_questions, notes, reactions, requests, shown_photos
from planner.notes.notes import Draft
from planner.photos.photos import DATE, NOTE, Subject
from planner.support import action_times, self_care_plans
from planner.support.self_care_plans import PlanRequest

PASSWORD = "only for the demo"  # noqa: S105  # printed on purpose
_ZONES = {"Robin": "Europe/Lisbon", "Kim": "Europe/Athens"}

_PARK = "park-loop-phones-away"

# (weeks ago, activity, how it felt to Robin, how it felt to Kim)
_DONE = (
    (5, "market-stall-lunch", "lighter", "lighter"),
    (4, "jigsaw-race-against-the-clock", "same", "lighter"),
    (2, _PARK, "lighter", "same"),
)
# (author, days ago, kind, words, whether it is shared)
_NOTES = (
    ("Robin", 30, "kindness", "You waited with me at the bus stop, although it rained.", True),
    ("Kim", 29, "effort", "You asked how my exam went before you told me about your day.", True),
    ("Kim", 20, "memory", "Rain on the tram window, and your shoulder.", True),
    ("Robin", 15, "quality", "You can make a stranger laugh in a queue. I like standing next to that.", False),
    ("Robin", 2, "good_news", "The garden plot is ours from spring on. I wanted to tell you first.", False),
)
_DUCK = "The duck that followed us all the way round the park, and your speech to it."


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
    dates = {
        activity: _complete_date(robin, kim, activity, now - timedelta(weeks=weeks), feelings)
        for weeks, activity, *feelings in _DONE
    }
    _agree(kim, robin, "three-pictures-each-at-the-gallery", now - timedelta(days=3), now + timedelta(days=2))
    picnic = DateRequest(_activity_id("living-room-picnic-after-bedtime"), list(_slots(robin, now, 5)))
    proposals.propose(robin, picnic, None, now)
    _write_notes(robin, kim, now)
    _remember(robin, kim, dates[_PARK], now - timedelta(days=13))
    _answer_questions(robin, kim, now)
    _share_important_day(robin, kim, now)
    _ask_and_promise(robin, kim, now)
    _choose_plan(kim, now - timedelta(days=6))
    return logins


def _write_notes(robin: Viewer, kim: Viewer, now: datetime) -> None:
    for author, days, kind, body, shared in _NOTES:
        at = now - timedelta(days=days)
        note = notes.write(robin if author == "Robin" else kim, Draft(kind, body), None, at)
        if shared:
            notes.share(robin if author == "Robin" else kim, note.id, {1}, at)
            reader, reaction = (kim, "touched") if author == "Robin" else (robin, "smiled")
            reactions.put(reader, note.id, reaction, at + timedelta(hours=1))


def _remember(robin: Viewer, kim: Viewer, date: UUID, at: datetime) -> None:
    """Add photos of both to a memory, and a shared note with a photo."""
    path, duck = demo_pictures.path_through_park(), demo_pictures.duck_on_pond()
    shown_photos.add(robin, Subject(DATE, date), "The path, without phones", path, None, at)
    note = notes.write(kim, Draft("memory", _DUCK, date=date), None, at)
    shown_photos.add(kim, Subject(NOTE, note.id), "The duck", duck, None, at)
    notes.share(kim, note.id, {notes.find(kim, note.id).version or 1}, at)
    reactions.put(robin, note.id, "smiled", at + timedelta(hours=1))


def _answer_questions(robin: Viewer, kim: Viewer, now: datetime) -> None:
    """Let both answer the question of the week before, and one of them the present one."""
    before = now - timedelta(days=robin.today(now).weekday() + 4)  # a Thursday: in both zones, it is the same week
    (last, *_) = couple_questions.list_current(robin, before)
    couple_questions.answer(robin, last.id, "A small thing, on an ordinary day.", before)
    couple_questions.answer(kim, last.id, "I had to think about it on the tram. Ask me at dinner.", before)
    (current, *_) = couple_questions.list_current(robin, now)
    couple_questions.answer(robin, current.id, "I know the answer, and I would like to hear yours first.", now)


def _share_important_day(robin: Viewer, kim: Viewer, now: datetime) -> None:
    """Show a birthday to both, and add an anniversary that one of them sees."""
    day, offered_at = robin.today(now) + timedelta(days=11), now - timedelta(days=4)
    birthday = important_days.Draft("birthday", None, "me", day.month, min(day.day, 28), None)
    birthday_id = important_days.add(kim, birthday, None, offered_at).id
    for viewer in (kim, robin):
        important_days.show_to_both(viewer, birthday_id, offered_at)
    anniversary = important_days.Draft("anniversary", "Our first walk", None, 5, 14, 2019)
    important_days.add(robin, anniversary, None, offered_at)


def _ask_and_promise(robin: Viewer, kim: Viewer, now: datetime) -> None:
    """Ask for two things, of which one is accepted and becomes a promise."""
    asked_at = now - timedelta(days=6)
    request = requests.ask(robin, requests.Draft("Could you call your sister on Thursdays?"), None, asked_at)
    requests.accept(kim, request.id, asked_at + timedelta(hours=2))
    promise = commitments.make(kim, commitments.Draft("I call my sister on Thursdays.", request.id), None, asked_at)
    phone = commitments.make(robin, commitments.Draft("At dinner, my phone stays in the hall."), None, asked_at)
    commitments.log(kim, promise.id, kim.today(now) - timedelta(days=2), now)
    for days in (1, 2, 4, 5):
        commitments.log(robin, phone.id, robin.today(now) - timedelta(days=days), now)
    requests.ask(kim, requests.Draft("Could you bring the blanket on Sunday?"), None, now - timedelta(hours=3))


def _choose_plan(viewer: Viewer, at: datetime) -> None:
    """Choose a self-care plan with a time for each of its actions."""
    plan = self_care_plans.find_plan("two-weeks-of-daylight")
    first_day = viewer.today(at) + timedelta(days=1)
    times = {}
    for number, action in enumerate(plan.actions):
        day = action_times.days_of_week(plan, first_day, action.week)[number % 5 + 1]
        times[number] = datetime.combine(day, time(8, 30))  # a wall time
    self_care_plans.choose(viewer, PlanRequest(plan.slug, first_day, times), None, at)


def _pair(inviter_token: str, invitee_token: str, now: datetime) -> None:
    inviter, invitee = (authenticate(token, now).identity for token in (inviter_token, invitee_token))
    invitation = invitations.create(inviter, None, now)
    invitations.accept(invitee, str(invitation.code), "together", now)
    invitations.confirm(inviter, invitation.id, "together", now)


def _complete_date(robin: Viewer, kim: Viewer, activity: str, day: datetime, feelings: list[str]) -> UUID:
    date = _agree(robin, kim, activity, day - timedelta(days=3), day)
    completed_at = day + timedelta(days=1)
    lifecycle.complete(kim, date.id, {date.version}, completed_at)
    for viewer, feeling in zip((robin, kim), feelings, strict=True):
        feedback.put(viewer, date.id, Feedback(feeling, 4), completed_at)
    return date.id


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
