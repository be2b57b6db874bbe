"""Test that a person with ten thousand rows waits little longer than one with a hundred or with twenty.

It counts the steps of SQLite's virtual machine, and calls of Python. Unlike time, they are the same on each machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from api.app import create_app
from planner import scheduler
from planner.accounts import caps
from planner.dates.dates import Date
from planner.notes import looking_back
from planner.settings import Settings
from planner.storage import db
from tests.conftest import NOON, SETTINGS
from tests.dates import own
from tests.people import Person, sign_up
from tests.spaces import DAY

FEW, MANY = 100, 10_000
READS = (
    "/today", "/today?idea=false", "/notes?limit=20", "/notes?kind=effort&limit=20", "/dates?limit=20",
    "/dates?show=upcoming&limit=20", "/inbox?limit=20", "/inbox?unseen=true&limit=20", "/suggestions?for=one",
    "/activities?limit=20", "/activities?q=walk", "/deck", "/matches", "/prompts/today", "/me", "/me/space",
    "/me/safety", "/me/help", "/me/held", "/availability", "/free-times",
    "/suggestions?for=one&when=2026-12-05T10:00/2026-12-05T22:00",
)  # fmt: skip
CALLS = 4_000
"""Functions that one may call for the history of a person: it has up to 200 dates."""
ALLOWANCE = 50_000
"""A millisecond: a step takes about 20 ns. The rest of a request takes two or more."""


# SQL for a new row: an id, an instant twenty minutes before that of the last row, and the end of a feedback request.
ID = "lower(hex(randomblob(16)))"
BEFORE = f"strftime('%Y-%m-%dT%H:%M:%S.000000Z', '{NOON:%Y-%m-%d}', '-' || (20 * n.i) || ' minutes')"
AFTER = BEFORE.replace(" minutes'", " minutes', '+14 days'")
AHEAD = BEFORE.replace("'-' ||", "'+5 days', '+' ||")


@pytest.fixture
def app(sqlite_url: str) -> Iterator[Flask]:
    db.open_database(sqlite_url)
    caps.use(SETTINGS)
    yield create_app(SETTINGS)
    db.dispose()


def add(person: Person, first: int, last: int, start: str = BEFORE) -> None:
    """Add notes, retired ideas, dates alone, and items about them, as copies of the person's first ones."""
    owner = UUID(person.id).hex
    numbers = f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last - 1})"
    copies = {
        "notes": ("author_id", {"created_at": BEFORE}),
        "activities": ("owner_id", {"slug": "'own-' || n.i", "retired_at": BEFORE}),
        "dates": (
            "proposer_id",
            {
                "created_at": BEFORE,
                "start": start,
                "end": f"strftime('%Y-%m-%dT%H:%M:%S.000000Z', {start}, '+15 minutes')",
            },
        ),
        "inbox_items": ("person", {"visible_at": BEFORE, "expires_at": AFTER, "seen_at": BEFORE, "subject": ID}),
    }
    with db.connection(), db.write():
        for table, (column, changes) in copies.items():
            names = [row[1] for row in db.proxy.execute_sql(f"PRAGMA table_info({table})").fetchall()]
            values = {name: f't."{name}"' for name in names} | {"id": ID} | changes
            source = f"(SELECT * FROM {table} WHERE {column} = '{owner}' ORDER BY rowid LIMIT 1) t, n"
            listed = ", ".join(f'"{name}"' for name in names)
            selected = ", ".join(values[name] for name in names)
            db.proxy.execute_sql(
                f"INSERT INTO {table} ({listed}) {numbers} SELECT {selected} FROM {source}"
                f" WHERE n.i < {Settings().max_ideas if table == 'activities' else MANY}"
            )
        db.proxy.execute_sql(
            "INSERT INTO slots (id, date_id, start, end, local_time, zone, for_move)"
            f" SELECT {ID}, d.id, d.start, d.end, s.local_time, s.zone, 0 FROM dates d, (SELECT * FROM slots LIMIT 1) s"
            " WHERE d.id NOT IN (SELECT date_id FROM slots)"
        )


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Yield a function that returns the steps so far, in hundreds."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 100
        return 0

    db.proxy.connect(reuse_if_open=True)
    connection = db.proxy.connection()
    connection.set_progress_handler(step, 100)
    yield lambda: steps
    connection.set_progress_handler(None, 0)


def steps_of(acts: dict[str, Callable[[], Any]]) -> dict[str, int]:
    steps = {}
    for name, act in acts.items():
        act()  # the first request reads and makes some things once
        with counted() as so_far:
            act()
            steps[name] = so_far()
    return steps


def test_ten_thousand_rows_make_no_request_slow(app: Flask) -> None:
    sam = sign_up(app, "Sam", "UTC")
    sam.post("/notes", {"kind": "effort", "body": "You waited."}, 201)
    idea = sam.post("/activities", {"title": "Feed the ducks", "category": "outdoors", "for": "one", "pace": 1}, 201)
    own(sam)
    sam.delete(f"/activities/{idea['id']}")
    acts = {path: lambda path=path: sam.get(path) for path in READS} | {
        "write a note": lambda: sam.post("/notes", {"kind": "effort", "body": "You waited."}, 201),
        "plan a date": lambda: own(sam, NOON + 9 * DAY),
        "mark as seen": lambda: sam.post("/inbox/seen", {"until": "2020-01-01T00:00:00Z"}),
    }
    add(sam, 1, FEW)
    few = steps_of(acts)
    add(sam, FEW, MANY)
    scheduler.run_housekeeping(NOON)
    many = steps_of(acts)
    slow = {name: (few[name], many[name]) for name in acts if many[name] > 2 * few[name] + ALLOWANCE}
    assert slow == {}


def test_ten_thousand_memories_make_no_request_slow(app: Flask) -> None:
    sam = sign_up(app, "Sam", "UTC")
    sam.post("/notes", {"kind": "effort", "body": "You waited."}, 201)
    idea = sam.post("/activities", {"title": "Feed the ducks", "category": "outdoors", "for": "one", "pace": 1}, 201)
    date = own(sam)
    sam.delete(f"/activities/{idea['id']}")
    paths = (
        "/memories?limit=20", "/memories?category=solo&limit=20", f"/memories?month={NOON:%Y-%m}&limit=20",
        "/memories?q=nothing+like+it", "/memories/places", "/memories/on-this-day", "/us",
    )  # fmt: skip
    acts = {path: lambda path=path: sam.get(path) for path in paths}
    add(sam, 1, looking_back.MOST)
    with db.connection(), db.write():
        Date.update(state="completed").execute()
    assert len(sam.get("/memories?limit=100")["items"]) == 100
    few = steps_of(acts)
    add(sam, looking_back.MOST, MANY)
    with db.connection(), db.write():
        Date.update(state="completed").execute()
    many = steps_of(acts)
    assert {name: (few[name], many[name]) for name in acts if many[name] > 1.2 * few[name] + 10_000} == {}
    assert sam.get("/us")["memories"] == looking_back.MOST
    sam.get(f"/memories/{date['id']}")


def calls_of(act: Callable[[], Any]) -> int:
    """Return how many functions an act calls, of Python and of C. Its second run counts."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    act()
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize(("start", "most"), [(BEFORE, MANY), (AHEAD, Settings().max_dates - 1)], ids=["past", "ahead"])
def test_many_dates_make_no_request_do_twice_the_work(app: Flask, start: str, most: int) -> None:
    sam = sign_up(app, "Sam", "UTC")
    sam.post("/notes", {"kind": "effort", "body": "You waited."}, 201)
    idea = sam.post("/activities", {"title": "Feed the ducks", "category": "outdoors", "for": "one", "pace": 1}, 201)
    date = own(sam)
    sam.delete(f"/activities/{idea['id']}")
    window = "/suggestions?for=one&when=2027-01-01T08:00/2027-01-14T22:00"
    acts = {path: lambda path=path: sam.get(path) for path in (*READS, window, f"/dates/{date['id']}")}
    add(sam, 1, 20, start)
    few = {name: calls_of(act) for name, act in acts.items()}
    add(sam, 20, most, start)
    scheduler.run_housekeeping(NOON)
    many = {name: calls_of(act) for name, act in acts.items()}
    assert {name: (few[name], many[name]) for name in acts if many[name] > 2 * few[name] + CALLS} == {}
