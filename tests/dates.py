"""Helpers of tests that propose, move and read dates over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from planner.contact.contact_log import ContactEvent
from planner.dates.dates import Date
from planner.inbox import REMINDERS, Item
from planner.storage import db
from tests.conftest import NOON
from tests.people import Person, activity_id

START = NOON + timedelta(days=2, hours=7)
"""The start of the first slot, unless a test gives another."""


def slot(start: datetime, zone: str = "UTC", minutes: int = 60) -> dict[str, Any]:
    """Return a slot with its wall time. The zone of an instant is UTC."""
    return {"local_time": start.strftime("%Y-%m-%dT%H:%M"), "zone": zone, "minutes": minutes}


def whole_days(first_day: str, days: int, zone: str = "Europe/Lisbon") -> dict[str, Any]:
    """Return a slot of whole days."""
    return {"first_day": first_day, "days": days, "zone": zone}


def on_wall(text: str) -> datetime:
    """Return a wall time without a zone from text like 2027-03-28T01:30."""
    return datetime.fromisoformat(text)


def light() -> str:
    """Return the id of an activity for two in public."""
    return activity_id(party="two", pace=2)


def offer(sender: Person, activity: str | None = None, status: int = 201, **more: Any) -> Any:
    """Propose an activity at START and a day later."""
    slots = [slot(START), slot(START + timedelta(days=1))]
    return sender.post("/dates", {"activity_id": activity or light(), "slots": slots, **more}, status)


def own(person: Person, start: datetime = START, status: int = 201, activity: str | None = None, **more: Any) -> Any:
    """Plan a date alone."""
    activity = activity or activity_id(party="one")
    return person.post("/dates", {"activity_id": activity, "for": "one", "slots": [slot(start)], **more}, status)


def body_of(move: str, date: dict[str, Any]) -> dict[str, Any]:
    """Return the body that a move of the date needs, with its version."""
    body: dict[str, Any] = {"version": date["version"]}
    if move == "accept":
        body["slot_id"] = date["slots"][0]["id"]
    if move in ("counter", "move"):
        body["slots"] = [slot(START + timedelta(days=4))]
    return {"feeling": "lighter"} if move == "feedback" else body


def move(person: Person, name: str, date: dict[str, Any], status: int = 200, **more: Any) -> Any:
    """Make a move with a body that fits it."""
    body = {**body_of(name, date), **more}
    if name == "feedback":
        return person.put(f"/dates/{date['id']}/feedback", body, status)
    return person.post(f"/dates/{date['id']}/{name.replace('_', '-')}", body, status)


def agreed(sender: Person, answerer: Person, **more: Any) -> Any:
    """Propose a date and accept it, and return it as its sender reads it."""
    date = offer(sender, **more)
    move(answerer, "accept", date)
    return sender.get(f"/dates/{date['id']}")


def completed(sender: Person, answerer: Person, clock: Any) -> Any:
    """Agree on a date and complete it at its start. The clock stays there."""
    date = agreed(sender, answerer)
    clock.move_to(START)
    return move(sender, "complete", date)


def date_on(person: Person, day: str) -> Any:
    """Return the one date of a person on a day."""
    (date,) = person.get(f"/dates?from={day}&to={day}")["items"]
    return date


def instant(text: str) -> datetime:
    """Return an instant from an answer."""
    return datetime.fromisoformat(text).astimezone(UTC)


def ledger(date: dict[str, Any]) -> list[str | None]:
    """Return the outcomes of the proposals of a date, in alphabetical order; None for an open one."""
    with db.connection():
        rows = db.fetch_all(ContactEvent.select(ContactEvent.outcome).where(ContactEvent.subject == UUID(date["id"])))
    return sorted((row[0] for row in rows), key=lambda outcome: outcome or "")


def clear_ledger() -> None:
    """Clear the contact budgets and the waits, for tests that make many proposals."""
    with db.connection(), db.write():
        ContactEvent.delete().execute()
        Date.update(moved_at=NOON - timedelta(days=60)).where(Date.state == "declined").execute()


def items(date: dict[str, Any], *people: Person) -> dict[str, list[str]]:
    """Return the kinds of the inbox items about a date for each person, also of future items.

    The quiet reminder that an offer waits is left out: each open offer has one.
    """
    with db.connection():
        rows = db.fetch_all(Item.select(Item.person, Item.kind).where(Item.subject == UUID(date["id"])))
    return {
        person.name: sorted(kind for owner, kind in rows if owner == UUID(person.id) and kind != "date_waits")
        for person in people
    }


ALL_REMINDERS = sorted(REMINDERS)
