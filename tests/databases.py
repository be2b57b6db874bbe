"""The databases of the tests. A PostgreSQL database is filled once for each worker, and restored before each test."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import cycle
from typing import Any, NamedTuple
from zlib import crc32

import psycopg
import pytest
from psycopg import sql

from planner.storage import db
from planner.storage.pool import PatientConnection, PooledPostgresql

KINDS = ("sqlite", "postgresql")
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND pid <> %s"
)
_OTHER_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^(public|information_schema)$'"

# The number of rows and the sum of their transactions. Any insert, update or delete changes one of them.
_Trace = tuple[int, int]


class _Table(NamedTuple):
    rows: bytes
    trace: _Trace


class PostgresqlContents:
    """All rows of a PostgreSQL database, to restore it after a test.

    It writes only the tables that changed. This takes a quarter of the time of a TRUNCATE of all tables, which makes
    about a hundred new files. It stays connected: a new process of the server takes longer to read the catalogue of
    its tables than to restore them.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = self._connect()
        with self._connection.transaction():
            names = [name for (name,) in self._connection.execute(_TABLES)]
            rows = {name: _copy_out(self._connection, name) for name in names}
            traces = _traces(self._connection, names)
        self._tables = {name: _Table(rows[name], traces[name]) for name in names}
        self._lent: PatientConnection | None = None

    def _connect(self) -> psycopg.Connection:
        # The name tells it from the connections of the product. The foreign keys were right when the rows were read:
        # without their triggers, tables can come in any order. To switch them off later would end all prepared plans.
        options = "-c session_replication_role=replica"
        return psycopg.connect(self._url, autocommit=True, application_name="contents", options=options)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()
        self.end_lent()

    def end_lent(self) -> None:
        """Close the connection that passes from test to test."""
        if self._lent:
            self._lent.close()
        self._lent = None

    def lend(self, database: PooledPostgresql) -> None:
        """Give the pool of a test the connection of the test before: a new one takes longer than most tests."""
        if self._lent:
            self._lent.pool = database
            self._lent.prepared_max = 1000  # the statements of all tests: with 100, each throws others out
            database._idle.append(self._lent)
        self._lent = None

    def take_back(self, database: PooledPostgresql) -> None:
        """Take an idle connection from the pool of a test, with the settings of a new one. Close the other ones."""
        self._lent = database._pop_idle()
        database.close_idle()
        try:
            if self._lent:
                self._lent.execute("RESET ALL")
                self._lent.execute("SELECT pg_advisory_unlock_all()")
                self._lent.rollback()
        except psycopg.Error:  # the test ended it
            self.end_lent()

    def restore(self) -> None:
        """Restore the rows, and end the connections that a test left open."""
        connection = self._usable_connection()
        _end_others(connection, self._lent.info.backend_pid if self._lent else 0)
        with connection.transaction():
            _drop_new(connection, self._tables)
            traces = _traces(connection, self._tables)
            changed = [name for name, table in self._tables.items() if traces[name] != table.trace]
            for name in changed:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
                _copy_in(connection, name, self._tables[name].rows)
            for name, trace in _traces(connection, changed).items():
                self._tables[name] = self._tables[name]._replace(trace=trace)

    def _usable_connection(self) -> psycopg.Connection:
        try:
            self._connection.execute("SELECT 1")
        except psycopg.OperationalError:  # the test before ended all connections
            self._connection.close()
            self._connection = self._connect()
        return self._connection


def _end_others(connection: psycopg.Connection, spared: int) -> None:
    """End the other connections to this database but one, and wait until they have ended."""
    while connection.execute(_END_OTHERS, [spared]).fetchall():
        # PostgreSQL could wait itself, but it looks only ten times a second.
        time.sleep(0.001)


def _drop_new(connection: psycopg.Connection, known: Collection[str]) -> None:
    for (name,) in connection.execute(_TABLES).fetchall():
        if name not in known:
            connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(name)))
    for (name,) in connection.execute(_OTHER_SCHEMAS).fetchall():
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


def _traces(connection: psycopg.Connection, names: Iterable[str]) -> dict[str, _Trace]:
    counts = _counting(tuple(names))
    return {name: (count, total) for name, count, total in connection.execute(counts)} if counts else {}


@cache
def _counting(names: tuple[str, ...]) -> bytes:
    """Return the statement that counts the rows of some tables. Its text takes longer to write than to run."""
    counts = [
        sql.SQL("SELECT {}, count(*), coalesce(sum(xmin::text::bigint), 0)::bigint FROM {}").format(
            sql.Literal(name), sql.Identifier(name)
        )
        for name in names
    ]
    return sql.SQL(" UNION ALL ").join(counts).as_bytes(None)


def _copy_out(connection: psycopg.Connection, name: str) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as copy:
        return b"".join(bytes(block) for block in copy)


def _copy_in(connection: psycopg.Connection, name: str, rows: bytes) -> None:
    if rows:
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
            copy.write(rows)


@contextmanager
def without_table(table: str) -> Iterator[None]:
    """Rename a table for the time of a block, so that each statement about it fails."""
    with db.connection(), db.write():
        db.proxy.execute_sql(f"ALTER TABLE {table} RENAME TO away")
    try:
        yield
    finally:
        with db.connection(), db.write():
            db.proxy.execute_sql(f"ALTER TABLE away RENAME TO {table}")


def in_turn(name: str, scenarios: Mapping[str, Any]) -> pytest.MarkDecorator:
    """Parametrize a test by scenarios, in turn on SQLite and on PostgreSQL.

    For long scenarios that all prove one thing. The twin worlds of `make campaign` run on both databases.
    """
    kinds = cycle(("sqlite", "postgresql"))
    values = [
        pytest.param(kind, scenario, id=f"{kind}-{title}")
        for kind, (title, scenario) in zip(kinds, scenarios.items(), strict=False)
    ]
    return pytest.mark.parametrize(("database_url", name), values, indirect=["database_url"])


def choose_one(items: list[pytest.Item], seed: int) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Return the tests to run, and those to leave out.

    Of each test of the API, the variant for one database is left out, and of each test marked `one_database`.

    Such a test proves a rule of the product, not of a database, and the rooms below have their tests on both. The seed
    of the order chooses. So runs differ in it, one run can be repeated, and each statement meets both databases in
    each run, through other tests.
    """
    chosen, left_out = [], []
    variants = Counter(_rule(item) for item in items)
    for item in items:
        rule, kind = _rule(item), _database_of(item)
        is_other = kind != KINDS[crc32(rule.encode(), seed) % 2]
        is_double = kind is not None and variants[rule] == 2
        skips = is_double and is_other and _needs_one_database(item)
        (left_out if skips else chosen).append(item)
    return chosen, left_out


def _needs_one_database(item: pytest.Item) -> bool:
    if item.path.parent.name == "api":
        return item.get_closest_marker("both_databases") is None
    return item.get_closest_marker("one_database") is not None


def _database_of(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    kind = callspec.params.get("database_url") if callspec else None
    return kind if kind in KINDS else None


def _rule(item: pytest.Item) -> str:
    """Return the id of a test without its database."""
    kind = _database_of(item)
    return re.sub(rf"\b{kind}\b", "*", item.nodeid) if kind else item.nodeid
