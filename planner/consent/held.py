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
from planner.catalogue.activities import ActivityCard
from planner.dates import agenda
from planner.dates.agenda import Plan
from planner.errors import WrongState
from planner.notes import notes
from planner.notes.notes import Page
from planner.people import couples, holds, letterbox, spaces
from planner.people.sieve import Change, Thing
from planner.people.sign_ins import Actor
from planner.people.spaces import Discard, Space
from planner.storage import db

KEPT = timedelta(days=30)
"""How long what came in a pause waits for a word after it; then it is set aside."""
LOOKED, DISCARDED = "looked", "discarded"


class HeldThing(NamedTuple):
    """One thing that is held, as it stands now. `changed`: it was seen before, and has other words since."""

    id: UUID
    kind: str
    at: datetime
    why: str
    changed: bool
    date: Plan | None = None
    note: Page | None = None
    idea: ActivityCard | None = None


def listed(actor: Actor, now: datetime) -> list[HeldThing]:
    """All that is held for the actor, newest first. What the other took back meanwhile is missing, and what the actor
    set aside, whatever else would hold it back.
    """
    if actor.held is None:
        return []
    gone = spaces.set_aside(actor.id)
    things = {one: thing for one, thing in actor.held.things.items() if one not in gone}
    found: dict[UUID, Thing | Change] = {**things, **actor.held.changes}
    plans = {plan.id: plan for plan in agenda.these(actor, _of_kind(found, "date"), now)}
    pages = {page.id: page for page in notes.these(actor, _of_kind(found, "note"))}
    cards = {card.id: card for card in activities.these(actor, _of_kind(found, "idea"))}
    kept = [
        HeldThing(
            one, thing.kind, thing.at, thing.why, isinstance(thing, Change),
            plans.get(one), pages.get(one), cards.get(one),
        )
        for one, thing in found.items()
        if thing.why and (one in plans or one in pages or one in cards)
    ]  # fmt: skip
    return sorted(kept, key=lambda one: (one.at, one.id), reverse=True)


def _of_kind(found: dict[UUID, Thing | Change], kind: str) -> list[UUID]:
    return [one for one, thing in found.items() if thing.kind == kind] or [UUID(int=0)]


def open_until(person: UUID) -> datetime | None:
    """Until when what came in pauses that are over waits for a word; None when nothing does."""
    query = Space.select(Space.ended_at).where(*_over(person)).order_by(Space.ended_at)
    found = db.row(query)
    return found[0] + KEPT if found else None


def look(actor: Actor, now: datetime) -> None:
    """Let in what came in pauses that are over: it is simply there, and no word of it goes outside. Repeatable."""
    with couples.writing(actor.id):
        pauses = _pauses(actor.id)
        letterbox.hush(actor.id, now, pauses)
        _settle(pauses, LOOKED, now)


def discard(actor: Actor, now: datetime) -> None:
    """Set aside what came in pauses that are over: it stays out of view for good. Repeatable.

    The actor's own record keeps the words.
    """
    with couples.writing(actor.id):
        _discard(actor.id, _pauses(actor.id), now)


def discard_old(now: datetime) -> int:
    """The clock's part: set aside what waited for a word for 30 days; the number of persons."""
    old = Space.select(Space.person).where(Space.settled_at.is_null(), Space.ended_at <= now - KEPT).distinct()
    persons = [person for (person,) in db.rows(old)]
    for person in persons:
        # Whoever's couple changes at this very moment comes with the next round, and keeps nobody else waiting.
        with suppress(WrongState), couples.writing(person):
            _discard(person, _pauses(person, now - KEPT), now)
    return len(persons)


def settle_if_empty(person: UUID, pause: UUID, now: datetime) -> None:
    """Ask nothing about a pause in which nothing came; inside the caller's transaction."""
    came = holds.come_back_to(person, [pause])
    if not (came.things or came.changes or letterbox.came(person, [pause])):
        _settle([pause], LOOKED, now)


def _discard(person: UUID, pauses: list[UUID], now: datetime) -> None:
    came = holds.come_back_to(person, pauses)
    for subject, thing in came.things.items():
        db.insert(Discard, person=person, kind="thing", subject=subject, since=thing.at, until=now)
    spans = db.rows(Space.select(Space.started_at, Space.ended_at).where(Space.id.in_(pauses)))
    for subject in (one for one, change in came.changes.items() if change.why):
        for since, until in spans:
            db.insert(Discard, person=person, kind="change", subject=subject, since=since, until=until)
    letterbox.discard(person, pauses)
    _settle(pauses, DISCARDED, now)


def _pauses(person: UUID, before: datetime | None = None) -> list[UUID]:
    query = Space.select(Space.id).where(*_over(person))
    return [one for (one,) in db.rows(query.where(Space.ended_at <= before) if before else query)]


def _over(person: UUID) -> Iterable[object]:
    return Space.person == person, Space.ended_at.is_null(False), Space.settled_at.is_null()


def _settle(pauses: list[UUID], how: str, now: datetime) -> None:
    # Of "look" and "discard" on two phones the first counts.
    Space.update(settled_at=now, settled_as=how).where(Space.id.in_(pauses), Space.settled_at.is_null()).execute()
