"""What is held for somebody: to look at one by one, and, after a pause, to let in as a whole or to set aside.

Nothing here reaches the other: whatever is looked at, let in or set aside, their side stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from planner.catalogue import activities
from planner.catalogue.activities import ActivityEntry
from planner.contact import holds, pauses, visible_inbox
from planner.contact.hold_rules import HeldEdit, HeldItem
from planner.contact.pauses import Dismissal, Pause
from planner.contact.viewer import Viewer
from planner.couples import couples
from planner.dates import views
from planner.dates.views import DateView
from planner.errors import Conflict
from planner.notes import notes
from planner.notes.notes import NoteView
from planner.storage import db

REVIEW_PERIOD = timedelta(days=30)
"""How long what came in a pause waits for a word after it; then it is set aside."""
RELEASED, DISMISSED = "looked", "discarded"


class HeldThing(NamedTuple):
    """One thing that is held, as it stands now. `changed`: it was seen before, and has other words since."""

    id: UUID
    kind: str
    at: datetime
    why: str
    changed: bool
    date: DateView | None = None
    note: NoteView | None = None
    idea: ActivityEntry | None = None


def list_held(viewer: Viewer, now: datetime) -> list[HeldThing]:
    """All that is held for the viewer, newest first. What the other took back meanwhile is missing, and what the viewer
    set aside, whatever else would hold it back.
    """
    if viewer.held is None:
        return []
    gone = pauses.dismissed_ids(viewer.id)
    things = {one: thing for one, thing in viewer.held.things.items() if one not in gone}
    found: dict[UUID, HeldItem | HeldEdit] = {**things, **viewer.held.changes}
    plans = {plan.id: plan for plan in views.get_many(viewer, _of_kind(found, "date"), now)}
    pages = {page.id: page for page in notes.get_many(viewer, _of_kind(found, "note"))}
    cards = {card.id: card for card in activities.get_many(viewer, _of_kind(found, "idea"))}
    kept = [
        HeldThing(
            one,
            thing.kind,
            thing.at,
            thing.why,
            isinstance(thing, HeldEdit),
            plans.get(one),
            pages.get(one),
            cards.get(one),
        )
        for one, thing in found.items()
        if thing.why and (one in plans or one in pages or one in cards)
    ]
    return sorted(kept, key=lambda one: (one.at, one.id), reverse=True)


def _of_kind(found: dict[UUID, HeldItem | HeldEdit], kind: str) -> list[UUID]:
    return [one for one, thing in found.items() if thing.kind == kind] or [UUID(int=0)]


def review_deadline(person: UUID) -> datetime | None:
    """Until when what came in pauses that are over waits for a word; None when nothing does."""
    query = Pause.select(Pause.ended_at).where(*_over(person)).order_by(Pause.ended_at)
    found = db.fetch_one(query)
    return found[0] + REVIEW_PERIOD if found else None


def release(viewer: Viewer, now: datetime) -> None:
    """Let in what came in pauses that are over: it is simply there, and no word of it goes outside. Repeatable."""
    with couples.locked(viewer.id):
        pauses = _pauses(viewer.id)
        visible_inbox.suppress_notifications(viewer.id, now, pauses)
        _settle(pauses, RELEASED, now)


def dismiss(viewer: Viewer, now: datetime) -> None:
    """Set aside what came in pauses that are over: it stays out of view for good. Repeatable.

    The viewer's own record keeps the words.
    """
    with couples.locked(viewer.id):
        _discard(viewer.id, _pauses(viewer.id), now)


def dismiss_expired(now: datetime) -> int:
    """The clock's part: set aside what waited for a word for 30 days; the number of persons."""
    old = Pause.select(Pause.person).where(Pause.settled_at.is_null(), Pause.ended_at <= now - REVIEW_PERIOD).distinct()
    persons = [person for (person,) in db.fetch_all(old)]
    for person in persons:
        # Whoever's couple changes at this very moment comes with the next round, and keeps nobody else waiting.
        with suppress(Conflict), couples.locked(person):
            _discard(person, _pauses(person, now - REVIEW_PERIOD), now)
    return len(persons)


def close_if_empty(person: UUID, pause: UUID, now: datetime) -> None:
    """Ask nothing about a pause in which nothing came; inside the caller's transaction."""
    came = holds.held_during(person, [pause])
    if not (came.things or came.changes or visible_inbox.received_anything_during(person, [pause])):
        _settle([pause], RELEASED, now)


def _discard(person: UUID, pauses: list[UUID], now: datetime) -> None:
    came = holds.held_during(person, pauses)
    for subject, thing in came.things.items():
        db.insert_if_absent(Dismissal, person=person, kind="thing", subject=subject, since=thing.at, until=now)
    spans = db.fetch_all(Pause.select(Pause.started_at, Pause.ended_at).where(Pause.id.in_(pauses)))
    for subject in (one for one, change in came.changes.items() if change.why):
        for since, until in spans:
            db.insert_if_absent(Dismissal, person=person, kind="change", subject=subject, since=since, until=until)
    visible_inbox.delete_received_during(person, pauses)
    _settle(pauses, DISMISSED, now)


def _pauses(person: UUID, before: datetime | None = None) -> list[UUID]:
    query = Pause.select(Pause.id).where(*_over(person))
    return [one for (one,) in db.fetch_all(query.where(Pause.ended_at <= before) if before else query)]


def _over(person: UUID) -> Iterable[object]:
    return Pause.person == person, Pause.ended_at.is_null(False), Pause.settled_at.is_null()


def _settle(pauses: list[UUID], how: str, now: datetime) -> None:
    # Of "look" and "discard" on two phones the first counts.
    Pause.update(settled_at=now, settled_as=how).where(Pause.id.in_(pauses), Pause.settled_at.is_null()).execute()
