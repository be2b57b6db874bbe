"""The one database of this process: SQLite (a file in WAL) or PostgreSQL, by URL.

Reads need nothing. Every write stands in `with write(...)`, which names the rows that it may depend on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import peewee
from playhouse.db_url import parse
from playhouse.pool import MaxConnectionsExceeded, PooledPostgresqlDatabase, PooledSqliteDatabase

from planner.errors import Unavailable
from planner.storage.cached_queries import BindParam, CachedQuery
from planner.storage.write_lock import WriteLock

proxy = peewee.DatabaseProxy()
_generation = 0
_write_lock: WriteLock | None = None

# A file that stays locked, a server that is down, a pool that stays empty.
_UNAVAILABLE = (peewee.OperationalError, MaxConnectionsExceeded)

# A worker that hangs inside a transaction must not hang everybody who waits for its locks.
_POSTGRESQL_OPTIONS = "-c timezone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s"

_log = logging.getLogger("rekindle.storage")

# Not FOR UPDATE: rows that refer to a person can then still be inserted elsewhere.
_LOCK = "FOR NO KEY UPDATE"

_TIMEOUT_S = 10
"""Seconds to wait for a connection, or for the turn to write."""

# synchronous=FULL: a write that was answered survives a power cut. In WAL it costs one fsync a commit.
_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "busy_timeout": _TIMEOUT_S * 1000,
    "cache_size": -4000,  # KiB for each connection; behind it stands the cache of the operating system
    "temp_store": "memory",
    "secure_delete": 1,  # what people delete is overwritten, not only forgotten; many builds do so anyway
}

LockTarget = tuple[type["Model"], Collection[UUID]]
"""Rows to lock: a table, and the ids in it."""


class Model(peewee.Model):
    """The base of all tables: a random UUID as the id, made by the client or here."""

    id = peewee.UUIDField(primary_key=True, default=uuid4)

    class Meta:
        database = proxy
        legacy_table_names = False


def open_database(url: str, connections: int = 20) -> peewee.Database:
    """Open the database at `url` and make it the one that all tables use. Connections are pooled, at most that many."""
    global _generation, _write_lock
    _close_write_lock()
    database = _sqlite(url, connections) if url.startswith("sqlite:") else _postgresql(url, connections)
    proxy.initialize(database)
    if not database.for_update:
        _write_lock = WriteLock(Path(f"{database.database}.turns"), _TIMEOUT_S)
    _generation += 1
    return database


def generation() -> int:
    """Which database this is, counted by openings: what is kept in memory of one must not serve for another."""
    return _generation


def _sqlite(url: str, connections: int) -> peewee.Database:
    path = url.removeprefix("sqlite:///")
    # Nobody else on the machine has business in there.
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Connecting for each request costs a hundred times a pooled write. IMMEDIATE: a transaction that reads and then
    # writes would otherwise find the file locked in the middle, where waiting cannot help.
    database: peewee.Database = PooledSqliteDatabase(
        path,
        max_connections=connections,
        timeout=_TIMEOUT_S,
        pragmas=_PRAGMAS,
        lock_type="IMMEDIATE",
        returning_clause=True,
        check_same_thread=False,  # the pool hands a connection to one thread at a time
    )
    return database


def _postgresql(url: str, connections: int) -> peewee.Database:
    options = parse(url, unquote_password=True, unquote_user=True)
    # Without a wait for a free connection, a burst of requests fails instead of queueing.
    database: peewee.Database = PooledPostgresqlDatabase(
        options.pop("database"),
        max_connections=connections,
        timeout=_TIMEOUT_S,
        stale_timeout=600,
        prefer_psycopg3=True,
        **{"options": _POSTGRESQL_OPTIONS, **options},
    )
    return database


def close() -> None:
    """Hand this thread's connection back to the pool, if it holds one."""
    if proxy.obj is not None and not proxy.is_closed():
        proxy.close()


def dispose() -> None:
    """Close this thread's connection and all idle ones. One that another thread is using is left to that thread:
    closing a SQLite connection under somebody's statement ends the process.
    """
    if proxy.obj is not None:
        close()
        proxy.close_idle()
    _close_write_lock()


def _close_write_lock() -> None:
    global _write_lock
    if _write_lock is not None:
        _write_lock.close()
        _write_lock = None


@contextmanager
def connection() -> Iterator[None]:
    """Around all work with the database (a request, a tick, a command): connect now, give back at the end.

    Raises Busy when there is no connection to be had.
    """
    try:
        proxy.connect(reuse_if_open=True)
    except _UNAVAILABLE as error:
        raise Unavailable from error
    try:
        yield
    finally:
        close()


@contextmanager
def write(*locks: LockTarget) -> Iterator[None]:
    """One write transaction, in which nothing that was read before decides.

    `locks` are taken in the order given, the ids of one table in their own order, so that two writers never wait for
    each other in a ring: persons first, then the couple. SQLite has one writer at a time (BEGIN IMMEDIATE), which
    locks everything. Raises RuntimeError inside another write: its locks would come too late.
    """
    if proxy.in_transaction():
        raise RuntimeError("a write inside a write")
    committing = False
    try:
        with ExitStack() as stack:
            if _write_lock is not None:
                stack.enter_context(_write_lock.acquire())
            stack.enter_context(proxy.atomic())
            if proxy.for_update:
                for model, ids in locks:
                    _lock(model, ids)
            yield
            committing = True
    except _UNAVAILABLE as error:
        # A server that went down, a lock that did not come free, a full disk: the operator has to see which.
        _log.warning("a write was given up", exc_info=True)
        raise Unavailable(kept=None if committing else False) from error


@contextmanager
def snapshot() -> Iterator[None]:
    """Reads that all see one and the same moment, whatever is written meanwhile. Keep it short: no rendering inside.

    Raises RuntimeError inside a write, which sees one moment anyway.
    """
    if proxy.in_transaction():
        raise RuntimeError("a snapshot inside a write")
    # On SQLite a deferred transaction: it takes no lock to write, and so holds nobody up.
    with proxy.atomic("REPEATABLE READ, READ ONLY" if proxy.for_update else "DEFERRED"):
        yield


def _lock(model: type[Model], ids: Collection[UUID]) -> None:
    fetch_all(model.select(model.id).where(model.id.in_(sorted(ids))).order_by(model.id).for_update(_LOCK))  # type: ignore[arg-type]  # the stub knows no strengths


def lock_table(model: type[Model]) -> None:
    """Keep other writers from a table until this transaction ends; readers go on. SQLite has one writer anyway."""
    if proxy.for_update:
        proxy.execute_sql(f'LOCK TABLE "{model._meta.table_name}" IN SHARE ROW EXCLUSIVE MODE')


def fetch_all(query: Any) -> list[tuple[Any, ...]]:
    """The rows of a query as tuples: the selected columns, converted to Python. All are read before it returns.

    Nobody iterates over an open SELECT while writing, and a RETURNING that is left half-read cannot hold a lock.
    """
    return list(query.tuples())


def fetch_one(query: Any) -> tuple[Any, ...] | None:
    """The first row of a query, or None."""
    found = fetch_all(query.limit(1))
    return found[0] if found else None


def cached_query(build: Callable[..., Any]) -> Callable[..., list[tuple[Any, ...]]]:
    """Decorate a function that returns a SELECT: it becomes one that runs it, written once, and returns the rows.

    The function is handed places instead of values. It may compare columns with them and limit by them, and must not
    look at them: it runs once for each kind of database and for each length of a list among its arguments.
    """
    return CachedQuery(proxy, build).rows


def cached_update(build: Callable[..., Any]) -> Callable[..., int]:
    """As `prepared`, for an UPDATE or DELETE: it becomes one that returns the number of rows it touched."""
    return CachedQuery(proxy, build).count


def insert_if_absent(model: type[Model], **values: Any) -> bool:
    """Insert a row unless one with the same key stands there; True when it was inserted.

    The error of a duplicate would abort the whole transaction on PostgreSQL, so the database is asked to do nothing.
    (`on_conflict_ignore` would also swallow a missing value or a failed CHECK on SQLite.)
    """
    defaults: dict[str, Any] = model._meta.get_default_dict()  # type: ignore[no-untyped-call]
    values = {**defaults, **values}
    return bool(_insertion(model, tuple(values))(*values.values()))


@cache
def _insertion(model: type[Model], columns: tuple[str, ...]) -> Callable[..., int]:
    fields = [model._meta.combined[column] for column in columns]

    def build(*places: BindParam) -> Any:
        values = {field: place.typed_as(field) for field, place in zip(fields, places, strict=True)}
        return model.insert(values).on_conflict(action="nothing").returning()

    return CachedQuery(proxy, build).count
