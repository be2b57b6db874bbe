"""Helpers of tests that propose, accept and read rituals over HTTP."""

from __future__ import annotations

from typing import Any

from planner import clock, scheduler
from tests.dates import light, move, on_wall, slot
from tests.people import Person, activity_id

FRIDAY = "2026-12-04T19:00"
FIRST_EIGHT = [f"2026-{day}T19:00" for day in ("12-04", "12-11", "12-18", "12-25")] + [
    f"2027-01-{day}T19:00" for day in ("01", "08", "15")
]
"""The Fridays within eight weeks after NOON, from the first one on."""


def tick() -> None:
    """Let the clock do what is due."""
    scheduler.tick(clock.utcnow())


def offer_ritual(sender: Person, start: str = FRIDAY, zone: str = "UTC", status: int = 201, **repeat: Any) -> Any:
    """Propose a ritual, weekly unless `repeat` says otherwise."""
    body = {"activity_id": light(), "slots": [slot(on_wall(start), zone)], "repeat": {"every": "week", **repeat}}
    return sender.post("/dates", body, status)


def agreed_ritual(sender: Person, answerer: Person, start: str = FRIDAY, zone: str = "UTC", **repeat: Any) -> Any:
    """Propose a ritual and accept it, let the clock make its dates, and return it."""
    date = offer_ritual(sender, start, zone, **repeat)
    move(answerer, "accept", date)
    tick()
    return sender.get(f"/rituals/{date['ritual']['id']}")


def own_ritual(person: Person, start: str = FRIDAY, zone: str = "UTC", status: int = 201, **repeat: Any) -> Any:
    """Plan a ritual alone."""
    body = {"activity_id": activity_id(party="one"), "for": "one", "slots": [slot(on_wall(start), zone)]}
    return person.post("/dates", {**body, "repeat": {"every": "week", **repeat}}, status)


def stopped(person: Person, ritual: dict[str, Any], status: int = 200) -> Any:
    """Stop a ritual, and return it."""
    return person.post(f"/rituals/{ritual['id']}/stop", None, status)


def changed(person: Person, ritual: dict[str, Any], start: str, status: int = 201, **more: Any) -> Any:
    """Offer another start for the dates of a ritual, and return the offer."""
    return person.post(f"/rituals/{ritual['id']}/change", {"slots": [slot(on_wall(start))], **more}, status)


def ahead(person: Person) -> list[str]:
    """Return the starts of the agreed dates ahead, without seconds."""
    dates = person.get("/dates?show=upcoming&state=accepted&limit=100")["items"]
    return [date["slots"][0]["start"][:16] for date in dates]


def month(person: Person, first: str, last: str) -> list[str]:
    """Return the starts of dates and later times of rituals on these days, as a month view does."""
    page = person.get(f"/dates?from={first}&to={last}&state=accepted&limit=100")
    starts = [date["slots"][0]["start"] for date in page["items"]] + [time["start"] for time in page["ritual_times"]]
    return sorted(start[:16] for start in starts)
