"""The databases of the campaigns: make them, empty them, copy their rows, and put the rows back.

A campaign lives through thousands of worlds. A new database for each would take longer than the worlds. So all use one
database, which is emptied in between.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
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
from planner.storage import db
from tests import postgresql
from tests.channels import Calling
from tests.conftest import NOON, SETTINGS, fill

# All tables except the content and the server keys, which are there before the first person.
_TABLES = [table for table in schema.TABLES if table._meta.table_name not in ("prompts", "server_keys")]

Rows = dict[type[db.Model], list[tuple[Any, ...]]]


@contextmanager
def urls() -> Iterator[dict[str, str]]:
    """Yield the URL of a new, filled database of each kind. Without a PostgreSQL server there is only SQLite."""
    with tempfile.TemporaryDirectory(prefix="rekindle-campaign-") as name, postgresql.running() as server:
        urls = {"sqlite": f"sqlite:///{Path(name) / 'rekindle.sqlite3'}"}
        if server:
            postgresql.administer(server, "CREATE DATABASE campaign")
            urls["postgresql"] = server.format(database="campaign")
        for url in urls.values():
            fill(url)
        try:
            yield urls
        finally:
            if server:
                postgresql.administer(server, "DROP DATABASE campaign WITH (FORCE)")


@contextmanager
def standing_on(url: str) -> Iterator[tuple[Flask, Traveller]]:
    """Yield the app over that database, and a clock stopped at NOON."""
    db.open_database(url)
    passwords.set_cost(SETTINGS.password_cost)
    try:
        with time_machine.travel(NOON, tick=False) as clock:
            yield create_app(SETTINGS), clock
    finally:
        db.dispose()


def on_both(campaign: Callable[[str, Flask, Traveller], None]) -> None:
    """Run a campaign on each kind of database. It gets the name of the database, the app and the clock."""
    with urls() as by_name:
        for name, url in by_name.items():
            with standing_on(url) as (app, clock):
                campaign(name, app, clock)


def empty() -> None:
    """Delete all people and all that they did."""
    put_back({})


def keep() -> Rows:
    """Return all rows that people made. `put_back` restores them, so that two worlds can begin alike."""
    with db.connection():
        return {table: _execute(f"SELECT {_columns(table)} FROM {_made(table)}").fetchall() for table in _filled()}


def put_back(copy: Rows) -> None:
    """Replace all rows that people made with these."""
    with db.connection(), db.write():
        for table in reversed(_filled()):
            _execute(f"DELETE FROM {_made(table)}")
        for table, rows in copy.items():
            if rows:
                marks = f"({', '.join([db.proxy.param] * len(rows[0]))})"
                insert = f"INSERT INTO {table._meta.table_name} ({_columns(table)}) VALUES "
                _execute(insert + ", ".join([marks] * len(rows)), list(chain.from_iterable(rows)))


def _filled() -> list[type[db.Model]]:
    """Return the tables with rows that people made. Most have none, and one statement tells which."""
    numbers = {number for (number,) in _execute(_FILLED).fetchall()}
    return [table for number, table in enumerate(_TABLES) if number in numbers]


def _execute(statement: str, values: Sequence[Any] = ()) -> Any:
    """Run a statement as text. peewee would take longer to render it and to convert the rows than it takes to run."""
    return db.proxy.execute_sql(statement, values)


def _columns(table: type[db.Model]) -> str:
    return ", ".join(f'"{column.column_name}"' for column in table._meta.sorted_fields)


def _made(table: type[db.Model]) -> str:
    """Return the table for a FROM, and the condition of the rows that people made: own ideas, and no others."""
    name: str = table._meta.table_name
    return f"{name} WHERE owner_id IS NOT NULL" if table is Activity else name


_FILLED = " UNION ALL ".join(
    f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {_made(table)})" for number, table in enumerate(_TABLES)
)


def tick(now: datetime) -> None:
    """Do what the clock does at that moment."""
    scheduler.tick(now)
    scheduler.run_housekeeping(now)


@contextmanager
def phones(ring: Callable[[str, str], object]) -> Iterator[None]:
    """Inside the block, send every notification and every push to `ring`, with the person's id and the sentence."""
    channels = dict(CHANNELS)
    CHANNELS.clear()
    CHANNELS["phone"] = Calling(lambda delivery, person, text: ring(str(person), text))
    # Push obeys what the person chose. A partner's private act must not change what rings, nor when.
    CHANNELS["push"] = Calling(lambda delivery, person, text: ring(str(person), f"push: {text}"))
    try:
        yield
    finally:
        CHANNELS.clear()
        CHANNELS.update(channels)
