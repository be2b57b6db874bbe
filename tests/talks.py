"""Helpers of tests that hold a talk over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.people import Person, activity_id

GUIDE = "something-was-forgotten"
"""A guide of pace 3 with six turns of two minutes. Its pauses take 20 minutes, and it can be resumed for a day."""
LAST_STEP = 7
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def open_talk(person: Person, status: int = 201, **more: Any) -> Any:
    """Open a talk that begins now."""
    return person.post("/talks", {"guide": GUIDE, **more}, status)


def start(first: Person, second: Person, talk: str) -> Any:
    """Let both be ready."""
    first.post(f"/talks/{talk}/ready")
    return second.post(f"/talks/{talk}/ready")


def begun(first: Person, second: Person) -> Any:
    """Return a running talk at its opening line."""
    return start(first, second, open_talk(first)["id"])


def move(person: Person, name: str, talk: dict[str, Any], status: int = 200, **body: Any) -> Any:
    """Make a move of a talk. `next` names the version that the person saw."""
    if name == "next":
        body["version"] = talk["version"]
    return person.post(f"/talks/{talk['id']}/{name}", body, status)


def current(person: Person) -> Any:
    """Return the open talk as a person reads it, or None."""
    return person.get("/talks/current")["talk"]


def agreed_talk(first: Person, second: Person, at: datetime, guide: str = GUIDE) -> Any:
    """Return an agreed date with a guide."""
    slot = {"local_time": at.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC", "minutes": 60}
    body = {"activity_id": activity_id(party="two", pace=2), "slots": [slot], "guide": guide}
    date = first.post("/dates", body, 201)
    return second.post(f"/dates/{date['id']}/accept", {"version": 1, "slot_id": date["slots"][0]["id"]})


def news(person: Person) -> list[str]:
    """Return the kinds of the visible inbox items about talks."""
    return [kind for kind in person.inbox() if kind.startswith("talk_")]
