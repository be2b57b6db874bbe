"""The ground that campaigns stand on: both databases, and what is in them emptied, kept and put back.

A campaign lives through thousands of worlds. A database for each would take longer than the worlds: they follow each
other in one, which is emptied in between.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import time_machine
from flask import Flask
from time_machine import Traveller

from api.app import create_app
from planner import scheduler, schema
from planner.accounts import passwords
from planner.catalogue.activities import Activity
from planner.notifications.channels import CHANNELS
from planner.settings import Settings
from planner.storage import db
from tests import postgresql
from tests.conftest import NOON, administer, fill

SETTINGS = Settings(password_cost="cheapest", operator_name="The test club", operator_contact="club@example.org")

# All tables but those that were full before anybody came: the content, and the server's own keys.
_MADE = [table for table in schema.TABLES if table._meta.table_name not in ("prompts", "server_keys")]

Kept = dict[type[db.Model], list[tuple[Any, ...]]]


@contextmanager
def urls() -> Iterator[dict[str, str]]:
    """The URL of a new database of each kind with all tables and the catalogue; SQLite only where there is no other."""
    with tempfile.TemporaryDirectory(prefix="rekindle-campaign-") as name, postgresql.running() as server:
        found = {"sqlite": f"sqlite:///{Path(name) / 'rekindle.sqlite3'}"}
        if server:
            administer(server, "CREATE DATABASE campaign")
            found["postgresql"] = server.format(database="campaign")
        for url in found.values():
            fill(url)
        try:
            yield found
        finally:
            if server:
                administer(server, "DROP DATABASE campaign WITH (FORCE)")


@contextmanager
def standing_on(url: str) -> Iterator[tuple[Flask, Traveller]]:
    """The app over that database, and a clock that stands at NOON."""
    db.open_database(url)
    passwords.set_cost(SETTINGS.password_cost)
    try:
        with time_machine.travel(NOON, tick=False) as clock:
            yield create_app(SETTINGS), clock
    finally:
        db.dispose()


def on_both(campaign: Callable[[str, Flask, Traveller], None]) -> None:
    """Run a campaign (the name of the database, the app over it, the clock) over each kind of database."""
    with urls() as found:
        for name, url in found.items():
            with standing_on(url) as (app, clock):
                campaign(name, app, clock)


def empty() -> None:
    """Take away all people and all they did."""
    with db.connection(), db.write():
        _empty()


def _empty() -> None:
    for table in reversed(_MADE):
        table.delete().where(_made(table)).execute()


def _made(table: type[db.Model]) -> Any:
    """The rows that people made: of the activities their own ideas, elsewhere all."""
    return Activity.owner.is_null(False) if table is Activity else table.id.is_null(False)


def keep() -> Kept:
    """All rows that people made, to be put back: the same world can so be lived on from here twice."""
    with db.connection():
        return {table: db.fetch_all(table.select().where(_made(table))) for table in _MADE}


def put_back(kept: Kept) -> None:
    """Let the database hold just what was kept."""
    with db.connection(), db.write():
        _empty()
        for table, rows in kept.items():
            if rows:
                table.insert_many(rows, fields=table._meta.sorted_fields).execute()


def tick(now: datetime) -> None:
    """What the clock does at that moment."""
    scheduler.tick(now)
    scheduler.run_housekeeping(now)


@contextmanager
def phones(ring: Callable[[str, str], object]) -> Iterator[None]:
    """Meanwhile, the one way out of the server is `ring`, called with the person's id and the sentence."""
    kept = dict(CHANNELS)
    CHANNELS.clear()
    CHANNELS["phone"] = lambda delivery, person, text: ring(str(person), text)
    try:
        yield
    finally:
        CHANNELS.clear()
        CHANNELS.update(kept)
