"""Dates in tests: made, moved and looked at over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from planner.contact.contact_log import ContactEvent
from planner.dates.views import Date
from planner.inbox import REMINDERS, Item
from planner.storage import db
from tests.conftest import NOON
from tests.people import Person, activity_id

START = NOON + timedelta(days=2, hours=7)
"""When the first slot of an offer starts, unless the test says otherwise."""


def slot(start: datetime, zone: str = "UTC", minutes: int = 60) -> dict[str, Any]:
    """A slot by its wall time; an instant is read off a wall in UTC."""
    return {"local_time": start.strftime("%Y-%m-%dT%H:%M"), "zone": zone, "minutes": minutes}


def on_wall(text: str) -> datetime:
    """A time as it stands on a wall: 2027-03-28T01:30, in no zone yet."""
    return datetime.fromisoformat(text)


def light() -> str:
    """Return the id of an activity for two in public."""
    return activity_id(party="two", pace=2)


def offer(sender: Person, activity: str | None = None, status: int = 201, **more: Any) -> Any:
    """Propose at START and a day later."""
    slots = [slot(START), slot(START + timedelta(days=1))]
    return sender.post("/dates", {"activity_id": activity or light(), "slots": slots, **more}, status)


def own(person: Person, start: datetime = START, status: int = 201, activity: str | None = None, **more: Any) -> Any:
    """Plan a date of one's own."""
    return person.post(
        "/dates",
        {"activity_id": activity or activity_id(party="one"), "for": "one", "slots": [slot(start)], **more},
        status,
    )


def body_of(move: str, date: dict[str, Any]) -> dict[str, Any]:
    """What a move of that date asks for, from its current version."""
    body: dict[str, Any] = {"version": date["version"]}
    if move == "accept":
        body["slot_id"] = date["slots"][0]["id"]
    if move == "counter":
        body["slots"] = [slot(START + timedelta(days=4))]
    return {"feeling": "lighter"} if move == "feedback" else body


def move(person: Person, name: str, date: dict[str, Any], status: int = 200, **more: Any) -> Any:
    """Make a move with a body that fits it."""
    body = {**body_of(name, date), **more}
    if name == "feedback":
        return person.put(f"/dates/{date['id']}/feedback", body, status)
    return person.post(f"/dates/{date['id']}/{name}", body, status)


def agreed(sender: Person, answerer: Person, **more: Any) -> Any:
    """A date that was proposed and accepted, as its sender sees it."""
    date = offer(sender, **more)
    move(answerer, "accept", date)
    return sender.get(f"/dates/{date['id']}")


def completed(sender: Person, answerer: Person, clock: Any) -> Any:
    """A date that took place and was said to; the clock stands at its start afterwards."""
    date = agreed(sender, answerer)
    clock.move_to(START)
    return move(sender, "complete", date)


def instant(text: str) -> datetime:
    """An instant from an answer."""
    return datetime.fromisoformat(text).astimezone(UTC)


def ledger(date: dict[str, Any]) -> list[str | None]:
    """How the offers of a date ended, in the order of the alphabet; None for an open one."""
    with db.connection():
        rows = db.fetch_all(ContactEvent.select(ContactEvent.outcome).where(ContactEvent.subject == UUID(date["id"])))
    return sorted((row[0] for row in rows), key=lambda outcome: outcome or "")


def clear_ledger() -> None:
    """A new season for everybody: a test of many proposals is not a test of the budget, nor of what rests."""
    with db.connection(), db.write():
        ContactEvent.delete().execute()
        Date.update(moved_at=NOON - timedelta(days=60)).where(Date.state == "declined").execute()


def items(date: dict[str, Any], *people: Person) -> dict[str, list[str]]:
    """The kinds of the items about a date for each of these people, also those that lie ahead."""
    with db.connection():
        rows = db.fetch_all(Item.select(Item.person, Item.kind).where(Item.subject == UUID(date["id"])))
    return {who.name: sorted(kind for person, kind in rows if person == UUID(who.id)) for who in people}


ALL_REMINDERS = sorted(REMINDERS)
