"""Test that what a request reads grows with its answer, and not with all that a person has."""

from __future__ import annotations

import re
from typing import NamedTuple
from uuid import uuid4

import pytest
from time_machine import Traveller

from api.app import OPERATIONS
from api.busy_calendars import BusyCalendarFileIn
from api.core.openapi import example_of
from planner import clock, scheduler
from planner.dates.dates import Date
from planner.storage import db
from tests.api.test_many_rows import counted
from tests.copies import multiply
from tests.people import Cast, Person
from tests.photos import memory, read_none, upload
from tests.planner.privacy.test_data_inventory import live
from tests.self_care import choose

FEW, MANY = 30, 300
"""Copies of what the person owns: a few hundred rows, and some thousands, of most kinds."""
ALLOWANCE = 50_000
"""A millisecond: a step of SQLite's virtual machine takes about 20 ns."""
LISTS = {
    "activity_id": "/activities", "calendar_id": "/busy-calendars", "commitment_id": "/commitments",
    "date_id": "/memories", "day_id": "/important-days", "note_id": "/notes", "photo_id": "/photos",
    "plan_id": "/me/self-care-plans", "prompt_id": "/prompts", "question_id": "/questions",
    "reflection_id": "/reflections", "request_id": "/requests", "ritual_id": "/rituals",
}  # fmt: skip
QUERIES = (
    "/dates?show=upcoming", "/inbox?unseen=true", "/memories?month=2026-11", "/memories?hidden=true",
    "/activities?q=walk", "/notes?from=partner", "/notes?kind=memory", "/commitments?show=done", "/requests?show=sent",
)  # fmt: skip
LINEAR = ("/rituals", "/dates?from=2026-11-01&to=2026-11-30", "/memories?q=duck")
"""Requests that look at all dates of the couple: for the few that began a ritual, or for a word."""
STEPS_PER_DATE = 70


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def alice(cast: Cast, stopped_clock: Traveller) -> Person:
    """Return a person who has one or some of all that one can have."""
    live(cast, stopped_clock)
    card = cast.alice.get("/deck")["items"][0]["id"]
    cast.alice.put(f"/activities/{card}/vote", {"vote": "like"})
    cast.alice.post("/busy-calendars/files", example_of(BusyCalendarFileIn()), 201)
    cast.alice.put("/me/support-checklists", {"kind": "couples-counsellor", "criteria": ["fee"], "questions": []})
    with read_none():
        upload(cast.alice, note_id=memory(cast.alice)["id"])
    choose(cast.alice)
    return cast.alice


def paths(person: Person) -> list[str]:
    """Return the path of each GET, with the id of the first thing in the list of its kind."""
    ids = {name: next((item["id"] for item in person.get(path)["items"]), "none") for name, path in LISTS.items()}
    ids["talk_id"] = person.get("/talks/current")["talk"]["id"]
    reads = [operation.path for operation in OPERATIONS if operation.method == "GET"]
    return [re.sub(r"<uuid:(\w+)>", lambda found: ids[found[1]], path) for path in reads]


class Cost(NamedTuple):
    """The steps of SQLite for a request, and the bytes of its answer."""

    steps: int
    size: int


def cost(person: Person, path: str) -> Cost:
    """Return the cost of a request. The first one reads and makes some things once."""
    person.request("GET", path)
    with counted() as so_far:
        answer = person.request("GET", path)
        return Cost(so_far(), len(answer.data))


def test_what_a_request_reads_grows_with_its_answer(alice: Person) -> None:
    dates = multiply(1, FEW)["dates"]
    few = {path: cost(alice, path) for path in {*paths(alice), *QUERIES, *LINEAR}}
    assert sum(one.size > 200 for one in few.values()) > len(few) / 2, "most answers are full"
    dates = multiply(FEW, MANY)["dates"] - dates
    assert dates > 1_000
    many = {path: cost(alice, path) for path in few}
    surprises = {}
    for path, (steps, size) in few.items():
        bound = 1.3 * steps * max(1.0, many[path].size / size) + ALLOWANCE
        if many[path].steps > bound + STEPS_PER_DATE * dates * (path in LINEAR):
            surprises[path] = few[path], many[path]
    assert surprises == {}


def test_a_tick_with_nothing_due_reads_no_more_with_more_agreed_dates(alice: Person) -> None:
    few = _steps_of_a_tick()
    with db.connection(), db.write():
        agreed = Date.select().where(Date.state == "accepted", Date.start > clock.utcnow()).dicts().get()
        Date.insert_many([{**agreed, "id": uuid4()} for _ in range(1000)]).execute()
    assert _steps_of_a_tick() < few + 2_000  # reading them all takes about nine steps each


def _steps_of_a_tick() -> int:
    with counted() as so_far:
        for _ in range(4):  # one act of a tick may lead to another, and the first one reads the schema
            before = so_far()
            scheduler.tick(clock.utcnow())
            scheduler.next_due()
        return so_far() - before
