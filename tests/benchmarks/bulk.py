"""Inserts of many rows in batches, and what SQLite needs for millions of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import peewee

from planner.storage import db

_CACHE_KIB = 6 * 2**20
_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"


class Tables:
    """Rows for each table, written in batches."""

    def __init__(self) -> None:
        self._rows: dict[type[db.Model], list[dict[str, Any]]] = {}

    def add(self, table: type[db.Model], **values: Any) -> None:
        """Add a row. A column that it omits has its default, or is null."""
        self._rows.setdefault(table, []).append(values)

    def write(self) -> None:
        """Insert all rows, the tables in the order of their first rows."""
        for table, rows in self._rows.items():
            defaults = table._meta.get_default_dict()
            names = list(dict.fromkeys(name for row in (defaults, *rows) for name in row))
            fields = [table._meta.combined[name] for name in names]
            values = zip(*(_column(table._meta.combined[name], name, rows, defaults) for name in names), strict=True)
            # Build the statement once: peewee takes far longer for each row than the database.
            columns = ", ".join(f'"{field.column_name}"' for field in fields)
            if db.proxy.for_update:
                with db.proxy.cursor().copy(f'COPY "{table._meta.table_name}" ({columns}) FROM STDIN') as copy:
                    for row in values:
                        copy.write_row(row)
            else:
                marks = ", ".join("?" for _ in fields)
                statement = f'INSERT INTO "{table._meta.table_name}" ({columns}) VALUES ({marks})'
                db.proxy.cursor().executemany(statement, values)
        self._rows.clear()


def _column(field: Any, name: str, rows: Sequence[dict[str, Any]], defaults: dict[str, Any]) -> list[Any]:
    """Return the values of a column for the driver. peewee converts texts and numbers too, which takes long."""
    default = defaults.get(name)
    if isinstance(field, peewee.TextField | peewee.IntegerField | peewee.BooleanField):
        return [row.get(name, default) for row in rows]
    convert = (field.rel_field if isinstance(field, peewee.ForeignKeyField) else field).db_value
    return [convert(row.get(name, default)) for row in rows]


@contextmanager
def quickly() -> Iterator[None]:
    """Let SQLite hold all in memory until the end of the block, and make the indexes then.

    Rows with random ids touch each page of an index often. 100,000 couples take 5 GiB.
    """
    if db.proxy.for_update:
        yield
        return
    for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = {-_CACHE_KIB}"):
        db.proxy.execute_sql(f"PRAGMA {pragma}").fetchall()
    indexes = db.proxy.execute_sql(_INDEXES).fetchall()
    for name, _ in indexes:
        db.proxy.execute_sql(f'DROP INDEX "{name}"')
    yield
    for _, statement in indexes:
        db.proxy.execute_sql(statement)
    with open(db.proxy.database, "rb") as file:  # else the writes of a server would wait for all these
        os.fsync(file.fileno())
    db.proxy.execute_sql("PRAGMA journal_mode = WAL").fetchall()
