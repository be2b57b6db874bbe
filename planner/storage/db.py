"""The database of this process: SQLite (a file in WAL mode) or PostgreSQL, chosen by URL.

Reads need no transaction. Every write is inside `with write(...)`, which names the rows to lock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import peewee
from playhouse.db_url import parse

from planner.errors import Unavailable
from planner.storage import faults, joint_readings
from planner.storage.cached_queries import BindParam, CachedQuery, Reading, memory
from planner.storage.pool import PatientConnection, PooledPostgresql, PooledSqlite
from planner.storage.shared_commits import SharedCommits
from planner.storage.write_lock import WriteLock
from planner.storage.write_queue import WriteQueue

T = TypeVar("T")

proxy = peewee.DatabaseProxy()
_generation = 0
_commits = 0
_shared_commits: SharedCommits | None = None
_writes = WriteQueue(16)

# A worker that hangs inside a transaction, or that the network cut off there, must not keep its locks from all others.
# Each request has its answer within five seconds; our own side gives up after the server's side (see pool.py), which
# tells more. Only an erasure may leave its transaction alone for seconds: it waits for the database of its log.
_POSTGRESQL_OPTIONS = (
    "-c timezone=UTC -c lock_timeout=3s -c statement_timeout=4s -c idle_in_transaction_session_timeout=10s"
)
# A server that is gone does not say so: no packet comes back. libpq and the kernel would wait for many minutes.
_POSTGRESQL_PARAMETERS = {
    "application_name": "rekindle",  # a restore looks for the connections of servers
    "connect_timeout": 2,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
}

# Not FOR UPDATE, which would block other transactions that insert rows with a reference to the person.
_LOCK = "FOR NO KEY UPDATE"

_TIMEOUT_S = 4
"""Seconds to wait for other writes of ours and of other programs together."""
_CONNECTION_TIMEOUT_S = 4
"""Seconds to wait for a free connection."""

# synchronous=FULL: an answered write survives a power cut. In WAL mode it costs one fsync a commit.
_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "busy_timeout": _TIMEOUT_S * 1000,
    "cache_size": -1000,  # KiB for each connection; the operating system caches the file too
    "temp_store": "memory",
    "secure_delete": 1,  # overwrite what people delete; many builds do so anyway
}

LockTarget = tuple[type["Model"], Collection[UUID]]
"""Rows to lock: a table, and the ids in it."""


class Model(peewee.Model):
    """The base of all tables. The id is a random UUID from the client or from here."""

    id = peewee.UUIDField(primary_key=True, default=uuid4)

    class Meta:
        database = proxy
        legacy_table_names = False


def open_database(url: str, connections: int = 20, most_waiting: int = 16) -> peewee.Database:
    """Open the database at `url` for all tables, with a pool of at most `connections` connections.

    When it hangs, at most `most_waiting` threads wait to write, and one more to read. The others get Unavailable soon.
    """
    global _generation, _shared_commits, _writes
    _close_shared_commits()
    if url.startswith("sqlite:"):
        database: PooledSqlite | PooledPostgresql = _sqlite(url, connections)
    else:
        database = _postgresql(url, connections, most_waiting + 1)
    proxy.initialize(database)
    _writes = WriteQueue(most_waiting)
    if isinstance(database, PooledSqlite):
        _shared_commits = SharedCommits(database, WriteLock(Path(f"{database.database}.turns")))
    _generation += 1
    faults.forget()
    return database


def create_file() -> None:
    """Create the SQLite file if it does not exist. Nothing else does, so that a lost file is noticed."""
    if not proxy.for_update:
        # Other users of the machine must not read it.
        os.close(os.open(proxy.database, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def generation() -> int:
    """Return how many databases were opened. A cache of one database must not serve for the next one."""
    return _generation


def commits() -> int:
    """Return about how many writes this process has made. It changes with each write."""
    return _commits


def _sqlite(url: str, connections: int) -> PooledSqlite:
    path = url.removeprefix("sqlite:///")
    # Other users of the machine must not read it.
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # A pool, because connecting costs a hundred times as much as a write. IMMEDIATE, because a transaction that reads
    # and then writes would else find the file locked in the middle, where waiting cannot help.
    return PooledSqlite(
        path,
        connections=connections,
        wait_s=_CONNECTION_TIMEOUT_S,
        timeout=_TIMEOUT_S,
        pragmas=_PRAGMAS,
        lock_type="IMMEDIATE",
        returning_clause=True,
        check_same_thread=False,  # the pool hands a connection to one thread at a time
    )


def _postgresql(url: str, connections: int, most_stuck: int) -> PooledPostgresql:
    options = parse(url, unquote_password=True, unquote_user=True)
    return PooledPostgresql(
        options.pop("database"),
        connections=connections,
        wait_s=_CONNECTION_TIMEOUT_S,
        most_stuck=most_stuck,
        **{"options": _POSTGRESQL_OPTIONS, **_POSTGRESQL_PARAMETERS, **options},
    )


def close() -> None:
    """Return this thread's connection to the pool, if it has one."""
    if proxy.obj is not None and not proxy.is_closed():
        proxy.close()


def dispose() -> None:
    """Close this thread's connection and all idle ones.

    A connection in use stays open: closing it under a running statement of SQLite crashes the process.
    """
    if proxy.obj is not None:
        close()
        proxy.close_idle()
    _close_shared_commits()


def shut_down() -> None:
    """Close the database at the end of this process. Everything is then in the one file of SQLite."""
    if proxy.obj is None:
        return
    dispose()
    if not proxy.for_update:
        proxy.checkpoint()


def _close_shared_commits() -> None:
    global _shared_commits
    if _shared_commits is not None:
        _shared_commits.close()
        _shared_commits = None


@contextmanager
def connection() -> Iterator[None]:
    """Hold a connection during a request, a tick or a command.

    Raises Unavailable when the database has a fault, now or at any statement inside.
    """
    with _faults_as_unavailable():
        proxy.connect(reuse_if_open=True)
        memory.begin()
        try:
            yield
        finally:
            memory.end()
            close()


def once(read: Callable[[], T]) -> T:
    """Return the result of `read`, which runs once in each `connection()`, again after a write, and inside of writes.

    Use it only for what changes so rarely that a request may go on with what it read first.
    """
    results: dict[object, T] | None = memory.results
    if results is None or proxy.in_transaction():
        return read()
    if read not in results:
        results[read] = read()
    return results[read]


@contextmanager
def _faults_as_unavailable(may_be_committed: Callable[[], bool] = lambda: False) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        cause = faults.cause(error)
        if cause is None:
            raise
        faults.report(cause)
        raise (Unavailable("outcome_unknown") if may_be_committed() else Unavailable()) from error


def _connection() -> PatientConnection:
    """Return this thread's connection to PostgreSQL."""
    connection: PatientConnection = proxy.connection()
    return connection


@contextmanager
def without_timeouts() -> Iterator[None]:
    """Let the statements of this connection take as long as they need, for example in a migration."""
    if not proxy.for_update:  # SQLite has no timeouts but those for locks
        yield
        return
    connection = _connection()
    connection.execute("SET lock_timeout = 0")
    connection.execute("SET statement_timeout = 0")
    connection.execute("SET idle_in_transaction_session_timeout = 0")
    connection.patience_s = None
    try:
        yield
    finally:
        connection.close()  # not to the pool, where it would hang others


@contextmanager
def write(*locks: LockTarget, is_work: bool = True) -> Iterator[None]:
    """Run a write transaction. Decide in it only by what is read in it.

    `is_work` is False for a write that no backup needs (see `commits`).

    It takes `locks` in the given order, and the ids of one table in their own order. Two writers then cannot deadlock:
    name the persons first, then the couple. On SQLite, one write runs at a time, and several may share a commit.
    Raises RuntimeError inside another write, whose locks would come too late.
    """
    global _commits
    if proxy.in_transaction():
        raise RuntimeError("a write inside a write")
    committing = False
    with _faults_as_unavailable(lambda: committing), ExitStack() as stack:
        patience_s = stack.enter_context(_writes.place(_TIMEOUT_S))
        if _shared_commits is not None:
            stack.enter_context(_shared_commits.write(patience_s))
        elif proxy.for_update:
            _connection().spent_s = 0.0
            if patience_s < _TIMEOUT_S:
                stack.enter_context(_connection().hurry(patience_s))
            stack.enter_context(proxy.atomic())
            for model, ids in locks:
                _lock(model, ids)
        else:  # after `dispose`
            stack.enter_context(proxy.atomic())
        memory.forget()  # what was read before; inside, nothing is remembered
        yield
        committing = True
    _commits += is_work


def locks_rows() -> bool:
    """Return whether a write locks the rows that it names. SQLite has one writer at a time, and locks everything."""
    return bool(proxy.for_update)


@contextmanager
def snapshot() -> Iterator[None]:
    """Run reads that all see the database at the same moment. Keep it short: render outside.

    Raises RuntimeError inside a write, whose reads do so anyway.
    """
    if proxy.in_transaction():
        raise RuntimeError("a snapshot inside a write")
    # On SQLite, a deferred transaction takes no write lock, so writers do not wait for it.
    with proxy.atomic("REPEATABLE READ, READ ONLY" if proxy.for_update else "DEFERRED"):
        yield


def _lock(model: type[Model], ids: Collection[UUID]) -> None:
    fetch_all(model.select(model.id).where(model.id.in_(sorted(ids))).order_by(model.id).for_update(_LOCK))  # type: ignore[arg-type]  # the stub lacks lock strengths


def lock_table(model: type[Model]) -> None:
    """Block other writers of a table, but no readers, until the transaction ends. SQLite has one writer anyway."""
    if proxy.for_update:
        proxy.execute_sql(f'LOCK TABLE "{model._meta.table_name}" IN SHARE ROW EXCLUSIVE MODE')


def fetch_all(query: Any) -> list[tuple[Any, ...]]:
    """Return all rows of a query, as tuples of Python values.

    Reading them all at once avoids writes during an open SELECT, and a half-read RETURNING that holds a lock.
    """
    return list(query.tuples())


def fetch_one(query: Any) -> tuple[Any, ...] | None:
    """Return the first row of a query, or None."""
    rows = fetch_all(query.limit(1))
    return rows[0] if rows else None


def cached_query(build: Callable[..., Any]) -> CachedQuery:
    """Turn a function that builds a SELECT into one that runs it and returns the rows.

    The function runs once for each kind of database and each length of a list among its arguments. It gets
    placeholders instead of values. It may compare columns with them and limit by them, but it cannot read them.
    """
    return CachedQuery(proxy, build)


def read_together(*readings: Reading) -> None:
    """Read several different cached queries in one statement, outside of writes. Their next calls return these rows.

    So a request can read at once what its verbs need, and each verb goes on to ask for its own rows.
    """
    if memory.rows is not None and not proxy.in_transaction():
        joint_readings.read(proxy.obj, readings)


def cached_update(build: Callable[..., Any]) -> Callable[..., int]:
    """Turn a function that builds an UPDATE or DELETE into one that runs it and returns the number of rows."""
    return CachedQuery(proxy, build).count


def insert_if_absent(model: type[Model], **values: Any) -> bool:
    """Insert a row unless one with the same key exists, and return whether it was inserted.

    A duplicate is no error here, because an error would abort the whole transaction on PostgreSQL.
    `on_conflict_ignore` would also hide a missing value or a failed CHECK on SQLite.
    """
    return bool(insert_all_if_absent(model, [values]))


def insert_all_if_absent(model: type[Model], rows: Sequence[dict[str, Any]]) -> int:
    """Insert rows that all name the same columns, as `insert_if_absent` does, and return how many were inserted."""
    if not rows:
        return 0
    rows = [{**model._meta.get_default_dict(), **row} for row in rows]  # type: ignore[no-untyped-call]
    insert = _insertion(model, tuple(rows[0]), len(rows))
    return insert(*[value for row in rows for value in row.values()])


@cache
def _insertion(model: type[Model], columns: tuple[str, ...], count: int) -> Callable[..., int]:
    fields = [model._meta.combined[column] for column in columns] * count

    def build(*parameters: BindParam) -> Any:
        values = [parameter.typed_as(field) for field, parameter in zip(fields, parameters, strict=True)]
        rows = [values[start : start + len(columns)] for start in range(0, len(values), len(columns))]
        return model.insert_many(rows, fields[: len(columns)]).on_conflict(action="nothing").returning()

    return CachedQuery(proxy, build).count
