"""The hold queue: held items, which their receiver can read one by one.

After a pause, the receiver releases or dismisses them all. None of this reaches the sender: the sender's view stays
as it is.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from planner.catalogue import activities
from planner.catalogue.activities import ActivityEntry
from planner.contact import holds, visible_inbox
from planner.contact.holds import HeldItem
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.dates import important_days, reschedules, views
from planner.dates.important_days import DayView
from planner.dates.views import DateView
from planner.errors import Conflict
from planner.notes import couple_questions, notes, reactions, requests
from planner.notes.couple_questions import QuestionView
from planner.notes.notes import NoteView
from planner.notes.requests import RequestView
from planner.recommender import someday_list

REVIEW_PERIOD = timedelta(days=30)
"""How long held items wait for a decision after a pause. Then they are dismissed."""


class HeldThing(NamedTuple):
    """One held item in its present state."""

    id: UUID
    kind: str
    at: datetime
    why: str
    date: DateView | None = None
    note: NoteView | None = None
    idea: ActivityEntry | None = None
    request: RequestView | None = None
    question: QuestionView | None = None
    day: DayView | None = None


def list_held(viewer: Viewer, now: datetime) -> list[HeldThing]:
    """Return the items held for the viewer, newest first, without those that the partner has withdrawn."""
    queue = holds.queue(viewer.id)
    date_ids = reschedules.dates_of(_of_kind(queue, "date"))
    dates = {date.id: date for date in views.get_many(viewer, list(date_ids.values()), now)}
    received = notes.get_many(viewer, _of_kind(queue, "note"))
    notes_by_id = {note.id: note for note in reactions.show(viewer, received)}
    asked = [item.subject for item in queue if item.kind == "request"]
    requests_by_id = {request.id: request for request in requests.get_many(viewer, asked, now)} if asked else {}
    answered = [item.subject for item in queue if item.kind == "answer"]
    answers = couple_questions.get_many(viewer, answered) if answered else []
    questions = {question.id: question for question in answers}
    offered = [item.subject for item in queue if item.kind == "day"]
    days = {day.id: day for day in (important_days.get_many(viewer, offered, now) if offered else [])}
    ideas = someday_list.find_ideas(viewer, _of_kind(queue, "idea"))
    ideas |= {idea.id: idea for idea in activities.get_many(viewer, _of_kind(queue, "idea"))}
    things = [
        HeldThing(
            subject,
            kind,
            at,
            reason,
            dates.get(subject),
            notes_by_id.get(subject),
            ideas.get(subject),
            requests_by_id.get(subject),
            questions.get(subject),
            days.get(subject),
        )
        for subject, kind, at, reason in ((date_ids.get(item.subject, item.subject), *item[1:]) for item in queue)
        if any(subject in known for known in (dates, notes_by_id, ideas, requests_by_id, questions, days))
    ]
    return _without_repeats(things)


def _without_repeats(things: list[HeldThing]) -> list[HeldThing]:
    """Return the things without later ones about the same: an idea listed again, or two changes of a date."""
    first = {(thing.idea.id if thing.idea else thing.id): (thing.id, thing.at) for thing in reversed(things)}
    return [thing for thing in things if first[thing.idea.id if thing.idea else thing.id] == (thing.id, thing.at)]


def _of_kind(queue: list[HeldItem], kind: str) -> list[UUID]:
    return [item.subject for item in queue if item.kind == kind] or [UUID(int=0)]


def review_deadline(person: UUID) -> datetime | None:
    """Return when the items held in past pauses are dismissed, or None when no item waits."""
    since = holds.waiting_since(person)
    return since + REVIEW_PERIOD if since else None


def release(viewer: Viewer, now: datetime) -> None:
    """Release the items held in past pauses, without a notification. A repeat changes nothing."""
    with couples.locked(viewer.id):
        visible_inbox.release(viewer.id, now)


def dismiss(viewer: Viewer, now: datetime) -> None:
    """Dismiss the items held in past pauses: they stay out of view for good. A repeat changes nothing.

    The viewer's own record keeps the texts.
    """
    with couples.locked(viewer.id):
        visible_inbox.dismiss(viewer.id, now)


def dismiss_old(now: datetime) -> int:
    """Dismiss items that waited for a decision for 30 days, and return the number of receivers."""
    persons = holds.waiting_longer(now - REVIEW_PERIOD)
    for person in persons:
        # If the couple changes at this moment, the next round tries again.
        with suppress(Conflict), couples.locked(person):
            visible_inbox.dismiss(person, now, now - REVIEW_PERIOD)
    return len(persons)
