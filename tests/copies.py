"""Copies of all that people own, as after many years: each copy is as rich as the original."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from planner import clock, schema
from planner.storage import db

# A person has one of each of these, or few.
_SINGLE = {
    "server_keys", "leases", "instance_flags", "restore_marks", "persons", "sessions", "email_addresses", "passkeys",
    "device_marks", "data_keys", "couples", "members", "pauses", "rate_limit_counters", "former_couple_access",
    "global_blocks", "notification_preferences", "devices", "prompts", "availability", "calendar_feeds", "profiles",
    "help_cards", "photo_files", "busy_calendars", "rituals", "ritual_dates",
    "holds",  # they end after some weeks
    "reflections",  # the encryption refuses the text of another id
}  # fmt: skip
_TABLES = [name for table in schema.TABLES if (name := table._meta.table_name) not in _SINGLE]
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NAMES = {"slug", "code_hash"}
_SEEN = "UPDATE inbox_items SET seen_at = visible_at WHERE seen_at IS NULL AND visible_at < ?"


def multiply(first: int, last: int) -> dict[str, int]:
    """Add the copies of these numbers, and return how many rows each table has then.

    Each copy is a day further in the past. Rows of which there can be one only have no copies. Old items of the inbox
    are seen. Only on SQLite.
    """
    with db.connection():
        connection = db.proxy.connection()
        connection.execute("PRAGMA foreign_keys = off")
        names, rows = {}, {}
        for table in _TABLES:
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            names[table] = [column[0] for column in cursor.description]
            rows[table] = [row for row in cursor if _is_original(table, names[table], row)]
        ids = {row[names[table].index("id")] for table in _TABLES for row in rows[table]}
        connection.execute("BEGIN")
        for table in _TABLES:
            marks = ", ".join("?" * len(names[table]))
            connection.executemany(
                f'INSERT OR IGNORE INTO "{table}" VALUES ({marks})',
                _copies(names[table], rows[table], ids, first, last),
            )
        while lost := connection.execute("PRAGMA foreign_key_check").fetchall():
            for table, row, *_ in lost:
                connection.execute(f'DELETE FROM "{table}" WHERE rowid = ?', [row])
        connection.execute(_SEEN, [f"{clock.utcnow() - timedelta(days=7):%Y-%m-%d}"])
        connection.execute("COMMIT")
        connection.execute("PRAGMA foreign_keys = on")
        return {table: connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0] for table in _TABLES}


def _is_original(table: str, names: list[str], row: tuple[Any, ...]) -> bool:
    if table == "activities" and row[names.index("owner_id")] is None:
        return False  # the catalogue
    return UUID(row[names.index("id")]).version != 5


def _copies(names: list[str], rows: list[tuple[Any, ...]], ids: set[str], first: int, last: int) -> Iterator[list[Any]]:
    for number in range(first, last):
        for row in rows:
            yield [_copied(name, value, ids, number) for name, value in zip(names, row, strict=True)]


def _copied(name: str, value: Any, ids: set[str], number: int) -> Any:
    if not isinstance(value, str):
        return value
    if value in ids:
        return uuid5(UUID(value), str(number)).hex
    if name in _NAMES:
        return f"{value}-{number}"
    if _INSTANT.fullmatch(value):
        return f"{datetime.fromisoformat(value) - timedelta(days=number):%Y-%m-%dT%H:%M:%S.%fZ}"
    return str(date.fromisoformat(value) - timedelta(days=number)) if _DAY.fullmatch(value) else value
