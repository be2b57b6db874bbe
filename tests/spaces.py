"""Helpers of tests that take and end space over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from planner.inbox import Item
from planner.storage import db
from tests.people import Person

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def going(date: dict[str, Any]) -> dict[str, Any]:
    """Return the answer "I will go" to a date."""
    return {"date_id": date["id"], "going": True}


def off(date: dict[str, Any], at: Any = None) -> dict[str, Any]:
    """Return the answer that a date is off: now, at an instant, or at the latest moment."""
    return {
        "date_id": date["id"],
        "going": False,
        "off_at": at if isinstance(at, str) or at is None else at.isoformat(),
    }


def take(person: Person, *answers: dict[str, Any], kind: str = "quiet", status: int = 200, **more: Any) -> Any:
    """Start a space, or change it."""
    return person.put("/me/space", {"kind": kind, "dates": list(answers), **more}, status)


def end(person: Person) -> None:
    """End a space."""
    person.delete("/me/space")


def held(person: Person) -> list[tuple[str, str, str]]:
    """Return the held things as (kind, id, why), newest first."""
    return [(thing["kind"], thing["id"], thing["held_by"]) for thing in person.get("/me/held?limit=100")["items"]]


def dates(person: Person, show: str = "all") -> list[str]:
    """Return the ids of the dates in a person's list."""
    return [date["id"] for date in person.get(f"/dates?show={show}&limit=100")["items"]]


def received(person: Person) -> list[tuple[str, str]]:
    """Return the notes of the partner as (id, body)."""
    return [(note["id"], note["body"]) for note in person.get("/notes?from=partner&limit=100")["items"]]


def ideas(person: Person) -> list[str]:
    """Return the titles of the partner's ideas."""
    activities = person.get("/activities?q=duck&limit=100")["items"]
    return [activity["title"] for activity in activities if activity["source"] == "partner"]


def share(author: Person, body: str = "You waited.") -> str:
    """Share a note with the partner, and return its id."""
    note: str = author.post("/notes", {"kind": "effort", "body": body}, 201)["id"]
    author.post(f"/notes/{note}/share", {"version": 1})
    return note


def idea(author: Person, title: str = "Feed the ducks") -> str:
    """Add an own idea, and return its id."""
    idea_id: str = author.post("/activities", {"title": title, "category": "outdoors", "pace": 2}, 201)["id"]
    return idea_id


def quieten(person: Person, pace: int | None = None, rhythm: str | None = None) -> None:
    """Lower the pace, the rhythm, or both, quietly."""
    if pace:
        person.put("/me/pace", {"pace": pace, "quietly": True})
    if rhythm:
        person.put("/me/rhythm", {"rhythm": rhythm, "quietly": True})


def unannounced(person: Person) -> list[str]:
    """Return the kinds of a person's items that may still cause a notification."""
    with db.connection():
        rows = db.fetch_all(Item.select(Item.kind).where(Item.person == UUID(person.id), Item.queued_at.is_null()))
    return sorted(kind for (kind,) in rows)


def state(person: Person, date: dict[str, Any]) -> str:
    """Return the state of a date as a person reads it."""
    return person.get(f"/dates/{date['id']}")["state"]
