"""The connections of this process to its database. A database that hangs cannot hold all threads of the process.

peewee has a pool, too. It opens and checks connections under one lock, so that one silent socket stops every thread.
"""

from __future__ import annotations

import math
import os
import select
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, TypeVar
from urllib.parse import quote

import peewee
import psycopg
from psycopg.abc import PQGen

from planner.storage.faults import NoAnswer

T = TypeVar("T")

_STUCK_S = 0.5
"""A statement that has no answer after this time is stuck, perhaps for long."""
_OPENING_S = 1.0
"""When another thread takes longer to open a connection, the others do not wait for it."""
_LOOK_S = 0.05
_ANSWER_S = 4.5
"""Seconds to wait for the answer to a statement, and in a write for all that were stuck. PostgreSQL gives up sooner."""
_MAX_AGE_S = 600.0


class _PooledDatabase(peewee.Database):
    """A database with at most `connections` connections. No lock is held while one is checked or closed.

    A thread waits up to `wait_s` seconds for a free connection, and then raises NoAnswer.
    """

    def __init__(self, database: str, *, connections: int, wait_s: float, **options: Any) -> None:
        self._free = threading.BoundedSemaphore(connections)
        self._wait_s = wait_s
        self._idle: deque[Any] = deque()
        self._is_closing = False
        self._opening = threading.Lock()
        self._opening_since = math.inf
        super().__init__(database, **options)
        # peewee holds this lock while it connects. It protects nothing: each thread has its own state.
        self._lock = nullcontext()

    def _connect(self) -> Any:
        self._is_closing = False
        if not self._free.acquire(timeout=self._wait_s):
            raise NoAnswer("all connections are in use")
        try:
            return self._pop_idle() or self._open()
        except BaseException:
            self._free.release()
            raise

    def _close(self, connection: Any) -> None:
        try:
            if not self._is_closing and self._can_reuse(connection):
                self._idle.append(connection)
            else:
                # The server went away: the idle connections may hang, too.
                self._close_raw(connection)
                self.close_idle()
        finally:
            self._free.release()

    def close_idle(self) -> None:
        """Close all connections that no thread uses, and those that threads return before the next one is needed."""
        self._is_closing = True
        while self._idle:
            try:
                self._close_raw(self._idle.pop())
            except IndexError:  # another thread took the last one
                return

    def _pop_idle(self) -> Any:
        while self._idle:
            try:
                connection = self._idle.pop()  # the last one used, so that the others grow old
            except IndexError:  # another thread took the last one
                return None
            if self._is_usable(connection):
                return connection
            self._close_raw(connection)
        return None

    def _open(self) -> Any:
        # One at a time: when new connections hang, one thread hangs, and the others have their answer soon.
        deadline = time.monotonic() + self._wait_s
        while not self._opening.acquire(timeout=_LOOK_S):
            connection = self._pop_idle()
            if connection:
                return connection
            now = time.monotonic()
            if now - self._opening_since > _OPENING_S or now > deadline:
                raise NoAnswer("the database does not accept a connection")
        try:
            self._opening_since = time.monotonic()
            return self._pop_idle() or self._open_raw()
        finally:
            self._opening_since = math.inf
            self._opening.release()

    def _open_raw(self) -> Any:
        return super()._connect()  # type: ignore[misc]  # the stubs lack it

    def _close_raw(self, connection: Any) -> None:
        connection.close()

    def _is_usable(self, connection: Any) -> bool:
        """Check an idle connection without a round trip."""
        raise NotImplementedError

    def _can_reuse(self, connection: Any) -> bool:
        """Tell whether a used connection is in order. Roll back what a thread left open."""
        raise NotImplementedError


class PooledSqlite(_PooledDatabase, peewee.SqliteDatabase):
    """A SQLite file with a pool. The file must exist: a new one must not take the place of a lost one unnoticed."""

    _file: tuple[int, int] | None = None

    def check_file(self) -> None:
        """Raise NoAnswer if the file is not the one that was opened first.

        A file that was deleted goes on to take writes until all its connections end. Then they are lost.
        """
        if self._file not in (None, _identity(self.database)):
            raise NoAnswer(f"{self.database} was deleted or replaced: stop the server, restore the file, start again")

    def checkpoint(self) -> None:
        """Move all writes from the write-ahead log to the file, unless another process uses it or it has a fault."""
        with suppress(NoAnswer, sqlite3.Error):
            self.check_file()
            connection = self._open_raw()
            connection.execute("PRAGMA busy_timeout = 500")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()

    @contextmanager
    def hurry(self, patience_s: float | None) -> Iterator[None]:
        """Wait only so long for other programs inside the block. None waits as usual."""
        if patience_s is None:
            yield
            return
        connection: Any = self.connection()  # type: ignore[no-untyped-call]
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * patience_s)}")
        try:
            yield
        finally:
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * self.timeout_s)}")

    @contextmanager
    def lend(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Let this thread use a connection with an open transaction inside the block, in place of its own."""
        own: Any = self.connection()  # type: ignore[no-untyped-call]
        state: Any = self._state  # type: ignore[attr-defined]  # the stub lacks it
        state.conn = connection
        state.transactions.append(connection)
        try:
            yield
        finally:
            state.transactions.pop()
            state.conn = own

    @property
    def timeout_s(self) -> float:
        """Return how long a statement waits for other programs."""
        return float(self._timeout)  # type: ignore[attr-defined]  # the stub lacks it

    def _connect(self) -> Any:
        self.check_file()
        return super()._connect()

    def _open_raw(self) -> Any:
        uri, timeout_s = f"file:{quote(self.database)}?mode=rw", self._timeout  # type: ignore[attr-defined]  # the stubs lack it
        connection = sqlite3.connect(uri, uri=True, timeout=timeout_s, isolation_level=None, **self.connect_params)
        try:
            self._add_conn_hooks(connection)  # type: ignore[attr-defined]  # the stubs lack it
        except BaseException:
            connection.close()
            raise
        self._file = self._file or _identity(self.database)
        return connection

    def _is_usable(self, _connection: Any) -> bool:
        return True

    def _can_reuse(self, connection: Any) -> bool:
        try:
            if connection.in_transaction:
                connection.rollback()
        except Exception:  # such a connection is closed, whatever its fault is
            return False
        return True


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


class PooledPostgresql(_PooledDatabase, peewee.PostgresqlDatabase):
    """A PostgreSQL database with a pool. At most `most_stuck` threads wait for statements that hang."""

    def __init__(self, database: str, *, most_stuck: int, **options: Any) -> None:
        self._most_stuck = most_stuck
        self._stuck: set[int] = set()
        super().__init__(database, prefer_psycopg3=True, **options)

    def _connect(self) -> Any:
        if len(self._stuck) >= self._most_stuck:
            raise NoAnswer("the database does not answer")
        return super()._connect()

    def check_patience(self, connection: PatientConnection, waited_s: float) -> None:
        """Raise NoAnswer if a statement has waited too long. Otherwise, note that it is stuck."""
        if connection.patience_s is None or waited_s < _STUCK_S:
            return
        self._stuck.add(id(connection))
        if waited_s + connection.spent_s > connection.patience_s or len(self._stuck) > self._most_stuck:
            connection.close()
            raise psycopg.OperationalError(f"the database did not answer within {waited_s:.1f} s")

    def end_patience(self, connection: PatientConnection) -> None:
        """Note that a connection has its answer, or waits no longer."""
        self._stuck.discard(id(connection))

    def _is_usable(self, connection: PatientConnection) -> bool:
        young = time.monotonic() - connection.opened_at < _MAX_AGE_S
        return young and not connection.closed and not _has_input(connection)

    def _can_reuse(self, connection: PatientConnection) -> bool:
        connection.spent_s = 0.0
        try:
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                connection.rollback()
        except psycopg.Error:
            return False
        return not connection.closed


def _has_input(connection: psycopg.Connection) -> bool:
    """Tell whether there is something to read: an idle server only speaks to say goodbye."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


class PatientConnection(psycopg.Connection):
    """A connection that waits for an answer only as long as its pool allows."""

    pool: PooledPostgresql | None = None
    opened_at = 0.0
    patience_s: float | None = _ANSWER_S
    """None waits for ever."""
    spent_s = 0.0
    """Seconds for which statements of the present write were stuck. One can wait for a lock after another."""

    @contextmanager
    def hurry(self, patience_s: float) -> Iterator[None]:
        """Wait only so long for each answer inside the block."""
        usual, self.patience_s = self.patience_s, patience_s
        try:
            yield
        finally:
            self.patience_s = usual

    def wait(self, gen: PQGen[T], *rest: Any, **options: Any) -> T:
        """Wait as psycopg does, with patience."""
        return super().wait(self._patiently(gen) if self.pool else gen, *rest, **options)

    def _patiently(self, gen: PQGen[T]) -> Generator[Any, Any, T]:
        """Pass everything on. psycopg sends no readiness ten times a second while the socket is silent."""
        assert self.pool
        began = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready:
                    self.pool.check_patience(self, time.monotonic() - began)
                wanted = gen.send(ready)
        except StopIteration as end:
            answer: T = end.value
            return answer
        finally:
            waited_s = time.monotonic() - began
            self.spent_s += waited_s if waited_s > _STUCK_S else 0
            self.pool.end_patience(self)


class _Adapter(peewee.Psycopg3Adapter):
    def connect(self, db: PooledPostgresql, **params: Any) -> PatientConnection:
        connection = PatientConnection.connect(dbname=db.database, **params)
        connection.pool, connection.opened_at = db, time.monotonic()
        return connection


PooledPostgresql.psycopg3_adapter = _Adapter
