"""Helpers of the tests of memories: dates that took place, and what was written about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from time_machine import Traveller

from tests.dates import agreed, move, own, slot
from tests.people import Person


def took_place(clock: Traveller, start: datetime, sender: Person, partner: Person | None = None, **more: Any) -> str:
    """Plan a date two days before its start, complete it then, and return its id. The clock stays there."""
    clock.move_to(start - timedelta(days=2))
    for person in (sender, partner):
        if person:
            person.sign_in_again()  # a sign-in ends after half a year
    date = agreed(sender, partner, slots=[slot(start)], **more) if partner else own(sender, start, **more)
    clock.move_to(start)
    return str(move(sender, "complete", date)["id"])


def note_about(author: Person, date_id: str, body: str, shared: bool = False) -> str:
    """Write a note about a date, share it if asked, and return its id."""
    note: str = author.post("/notes", {"kind": "memory", "body": body, "date_id": date_id}, 201)["id"]
    if shared:
        author.post(f"/notes/{note}/share", {"version": 1})
    return note


def ids(person: Person, query: str = "") -> list[str]:
    """Return the ids of a page of memories."""
    return [memory["id"] for memory in person.get(f"/memories{query}")["items"]]


def bodies(memory: dict[str, Any]) -> list[str]:
    """Return the texts of the notes of a memory."""
    return [note["body"] for note in memory["notes"]]
