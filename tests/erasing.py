"""Helpers of tests that erase people: mark every text of Alice, erase her, find the marks, restore a backup."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import peewee

from planner import scheduler, schema
from planner.accounts.accounts import UNDO_PERIOD
from planner.privacy import erasure_log
from planner.privacy.erasure_log import FileStore
from planner.storage import db
from tests.api.answers import contents
from tests.conftest import NOON, is_postgresql
from tests.dates import completed, offer, own
from tests.people import PASSWORD, Cast, Person, expect
from tests.reflections import write as write_reflection

CANARY = "canary"
"""The mark in every text that Alice writes."""
GONE = NOON + UNDO_PERIOD
HOUR = timedelta(hours=1)


def log_file() -> Path:
    """Return the file that holds the erasures of this test."""
    store = erasure_log.store()
    assert isinstance(store, FileStore)
    return store.path


def delete(person: Person) -> None:
    """Delete an account."""
    expect(person.request("DELETE", "/me", {"password": PASSWORD}), 200)


def erase(person: Person, clock: Any) -> None:
    """Delete an account, and let the clock erase it."""
    delete(person)
    clock.move_to(GONE)
    scheduler.tick(GONE)


def life_of(cast: Cast, clock: Any) -> str:
    """Fill the lives of Alice and Bob, with every text of Alice marked. Return the id of their completed date."""
    alice, bob = cast.alice, cast.bob
    date = completed(alice, bob, clock)
    for person in (alice, bob):
        person.put(f"/dates/{date['id']}/feedback", {"feeling": "lighter", "rating": 4})
    clock.move_to(NOON)
    chosen = alice.get("/me/preferences")
    alice.put("/me/preferences", {**chosen, "cue": f"{CANARY} cue"})
    for shared in (True, False):
        note = alice.post("/notes", {"kind": "effort", "body": f"{CANARY} note"}, 201)["id"]
        if shared:
            alice.post(f"/notes/{note}/share", {"version": 1})
    texts = {"title": f"{CANARY} ducks", "summary": f"{CANARY} summary", "steps": [f"{CANARY} step"]}
    idea = alice.post("/activities", {**texts, "category": "outdoors", "for": "either", "pace": 1}, 201)["id"]
    offer(alice, activity=idea, message=f"{CANARY} line")
    own(alice, message=f"{CANARY} own line")
    write_reflection(alice, f"{CANARY} reflection")
    alice.get("/reflections/suggestion")
    alice.put("/me/profile", {"interests": ["nature"], "causes": []})
    alice.get("/prompts/today")
    alice.post("/calendar-feed")
    offer(bob, message="from Bob")
    theirs = bob.post("/notes", {"kind": "effort", "body": "from Bob"}, 201)["id"]
    bob.post(f"/notes/{theirs}/share", {"version": 1})
    alice.put(f"/notes/{theirs}/reaction", {"reaction": "touched"})
    alice.post("/requests", {"body": f"{CANARY} request"}, 201)
    promise = alice.post("/commitments", {"body": f"{CANARY} promise"}, 201)
    alice.put(f"/commitments/{promise['id']}/days/{promise['first_day']}", None)
    return str(date["id"])


def rows_with(word: str) -> dict[str, int]:
    """Count the rows of each table that contain a word."""
    return {table: count for table, rows in contents().items() if (count := sum(word in str(row) for row in rows))}


def back_up(url: str, folder: Path) -> Callable[[], None]:
    """Copy the database as api/docs/running-a-server.md does; return the function that restores the copy."""
    if is_postgresql(url):
        return _postgresql_copy()
    path, copy = Path(url.removeprefix("sqlite:///")), folder / "backup.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"VACUUM INTO '{copy}'")

    def restore() -> None:
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
        shutil.copy(copy, path)

    return restore


def _postgresql_copy() -> Callable[[], None]:
    """Copy all rows, and return the function that puts them back, as pg_restore does without its programs."""
    with db.connection():
        # A copy of an idea refers to its original, so it comes after it.
        rows_of = {
            table: sorted(table.select().dicts(), key=lambda row: row.get("copy_of") is not None)
            for table in schema.TABLES
        }
    database = db.proxy.obj

    def restore() -> None:
        with database.connection_context(), database.atomic():
            names = ", ".join(f'"{table._meta.table_name}"' for table in schema.TABLES)
            database.execute_sql(f"TRUNCATE {names}")
            for table, rows in rows_of.items():
                for chunk in peewee.chunked(rows, 100):
                    table.insert_many(chunk).execute()
        database.close_idle()

    return restore
