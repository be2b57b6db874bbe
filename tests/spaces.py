"""Space in tests: taken, answered and ended over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from planner.inbox import Item
from planner.storage import db
from tests.people import Person

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def going(date: dict[str, Any]) -> dict[str, Any]:
    """I will go."""
    return {"date_id": date["id"], "going": True}


def off(date: dict[str, Any], at: Any = None) -> dict[str, Any]:
    """Off: now, at an instant, or at the latest moment."""
    return {
        "date_id": date["id"],
        "going": False,
        "off_at": at if isinstance(at, str) or at is None else at.isoformat(),
    }


def take(person: Person, *words: dict[str, Any], kind: str = "quiet", status: int = 200, **more: Any) -> Any:
    """Start a space, or change it."""
    return person.put("/me/space", {"kind": kind, "dates": list(words), **more}, status)


def end(person: Person) -> None:
    """Come back."""
    person.delete("/me/space")


def held(person: Person) -> list[tuple[str, str, str]]:
    """What is held: (kind, id, why), newest first."""
    return [(one["kind"], one["id"], one["held_by"]) for one in person.get("/me/held?limit=100")["items"]]


def dates(person: Person, show: str = "all") -> list[str]:
    """The ids of the dates in a list."""
    return [one["id"] for one in person.get(f"/dates?show={show}&limit=100")["items"]]


def received(person: Person) -> list[tuple[str, str]]:
    """The notes of the partner: (id, body)."""
    return [(one["id"], one["body"]) for one in person.get("/notes?from=partner&limit=100")["items"]]


def ideas(person: Person) -> list[str]:
    """The titles of the partner's ideas."""
    found = person.get("/activities?q=duck&limit=100")["items"]
    return [one["title"] for one in found if one["source"] == "partner"]


def share(author: Person, body: str = "You waited.") -> str:
    """A note put before the partner; its id."""
    note: str = author.post("/notes", {"kind": "effort", "body": body}, 201)["id"]
    author.post(f"/notes/{note}/share", {"version": 1})
    return note


def idea(author: Person, title: str = "Feed the ducks") -> str:
    """An own idea; its id."""
    found: str = author.post("/activities", {"title": title, "category": "outdoors", "pace": 2}, 201)["id"]
    return found


def quieten(person: Person, pace: int | None = None, rhythm: str | None = None) -> None:
    """A calmer pace, a calmer rhythm, or both, for oneself alone."""
    if pace:
        person.put("/me/pace", {"pace": pace, "quietly": True})
    if rhythm:
        person.put("/me/rhythm", {"rhythm": rhythm, "quietly": True})


def unannounced(person: Person) -> list[str]:
    """The kinds of items of which word may still go outside."""
    with db.connection():
        rows = db.fetch_all(Item.select(Item.kind).where(Item.person == UUID(person.id), Item.queued_at.is_null()))
    return sorted(kind for (kind,) in rows)
