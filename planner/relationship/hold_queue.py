"""What is held for a person: to read one by one, and, after a pause, to release or to dismiss as a whole.

Nothing here reaches the sender: whatever is read, released or dismissed, the sender's view stays as it is.
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
from planner.dates import views
from planner.dates.views import DateView
from planner.errors import Conflict
from planner.notes import notes
from planner.notes.notes import NoteView

REVIEW_PERIOD = timedelta(days=30)
"""How long what arrived in a pause waits for a decision after it; then it is dismissed."""


class HeldThing(NamedTuple):
    """One thing that is held, in its present state."""

    id: UUID
    kind: str
    at: datetime
    why: str
    date: DateView | None = None
    note: NoteView | None = None
    idea: ActivityEntry | None = None


def list_held(viewer: Viewer, now: datetime) -> list[HeldThing]:
    """Return all that is held for the viewer, newest first, without what the partner took back meanwhile."""
    queue = holds.queue(viewer.id)
    plans = {plan.id: plan for plan in views.get_many(viewer, _of_kind(queue, "date"), now)}
    pages = {page.id: page for page in notes.get_many(viewer, _of_kind(queue, "note"))}
    cards = {card.id: card for card in activities.get_many(viewer, _of_kind(queue, "idea"))}
    return [
        HeldThing(id_, kind, at, reason, plans.get(id_), pages.get(id_), cards.get(id_))
        for id_, kind, at, reason in queue
        if id_ in plans or id_ in pages or id_ in cards
    ]


def _of_kind(queue: list[HeldItem], kind: str) -> list[UUID]:
    return [item.subject for item in queue if item.kind == kind] or [UUID(int=0)]


def review_deadline(person: UUID) -> datetime | None:
    """Return until when what arrived in pauses that are over waits for a decision. None: nothing waits."""
    since = holds.waiting_since(person)
    return since + REVIEW_PERIOD if since else None


def release(viewer: Viewer, now: datetime) -> None:
    """Let in what arrived in pauses that are over, without a notification. Repeatable."""
    with couples.locked(viewer.id):
        visible_inbox.release(viewer.id, now)


def dismiss(viewer: Viewer, now: datetime) -> None:
    """Dismiss what arrived in pauses that are over: it stays out of view for good. Repeatable.

    The viewer's own record keeps the words.
    """
    with couples.locked(viewer.id):
        visible_inbox.dismiss(viewer.id, now)


def dismiss_old(now: datetime) -> int:
    """Dismiss what waited for a decision for 30 days: the clock's part. Return the number of persons."""
    persons = holds.waiting_longer(now - REVIEW_PERIOD)
    for person in persons:
        # If this couple changes at this very moment, the next round comes back to it.
        with suppress(Conflict), couples.locked(person):
            visible_inbox.dismiss(person, now, now - REVIEW_PERIOD)
    return len(persons)
