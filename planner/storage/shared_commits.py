"""Commits that several writes of this process share, on SQLite.

A commit waits for the disk, and the next write waits for the commit. So a write may end while others wait for their
turn. It then leaves the transaction open for the next of them, and the last one commits for all. If a write fails, only
its own changes are undone. No write returns before the commit that it is in.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Condition, Event

from planner.storage import faults
from planner.storage.faults import NoAnswer
from planner.storage.pool import PooledSqlite
from planner.storage.write_lock import WriteLock

_MOST_S = 0.02
"""Seconds after which a transaction is not left open for another write: its first one waits for the last one."""
_LEAST_S = 1.0
"""Seconds for a commit, at the least, after a long wait for the turn."""
_NO_WAIT_S = 0.2
"""A shorter wait for other writes of ours does not shorten the wait for other programs."""


class _Transaction:
    """An open transaction. `lock` ends with it. `error` is why its commit failed."""

    def __init__(self, connection: sqlite3.Connection, lock: ExitStack) -> None:
        self.connection, self.lock = connection, lock
        self.began = time.monotonic()
        self.is_new = True
        self.ended = Event()
        self.error: BaseException | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Undo the changes of this write alone, if it fails."""
        begin, undo, end = _FIRST if self.is_new else _LATER
        self.is_new = False
        try:
            self._execute(begin)
            yield
        except BaseException:
            try:
                self._execute(undo)
            except sqlite3.Error:
                # After a fault of the disk, SQLite has undone the whole transaction by itself: its commit will fail.
                self.connection.rollback()
                raise
            raise
        self._execute(end)

    def _execute(self, statements: Sequence[str]) -> None:
        for statement in statements:
            self.connection.execute(statement)


# Without a savepoint, a large write needs no memory for the pages as they were.
_FIRST = (), ("ROLLBACK", "BEGIN IMMEDIATE"), ()
_LATER = ("SAVEPOINT write",), ("ROLLBACK TO write", "RELEASE write"), ("RELEASE write",)


class SharedCommits:
    """The writes of this process to one SQLite file. They take turns with each other and with other processes."""

    def __init__(self, database: PooledSqlite, lock: WriteLock) -> None:
        self._database, self._lock = database, lock
        self._turns = Condition()
        self._has_turn = False
        self._waiting = 0
        self._open: _Transaction | None = None

    @contextmanager
    def write(self, timeout_s: float) -> Iterator[None]:
        """Run one write, and wait for its commit. Raises NoAnswer when its turn or the commit takes too long."""
        deadline = time.monotonic() + timeout_s
        transaction = self._take_turn(deadline)
        try:
            with self._database.lend(transaction.connection), transaction.alone():
                yield
        finally:
            # Also after a refusal: it may rest on what an earlier write in this transaction changed.
            self._end_turn(transaction, deadline)

    def close(self) -> None:
        """Close the file of the lock."""
        self._lock.close()

    def _take_turn(self, deadline: float) -> _Transaction:
        with self._turns:
            self._waiting += 1
            try:
                if not self._turns.wait_for(lambda: not self._has_turn, deadline - time.monotonic()):
                    raise NoAnswer("other writes take too long")
            finally:
                self._waiting -= 1
            self._has_turn = True
            transaction, self._open = self._open, None
        try:
            return transaction or self._begin(deadline)
        except BaseException:
            self._give_turn()
            raise

    def _begin(self, deadline: float) -> _Transaction:
        with ExitStack() as stack:
            left_s = stack.enter_context(self._lock.acquire(max(0.0, deadline - time.monotonic())))
            self._check_file()
            connection = self._database.connection()  # type: ignore[no-untyped-call]  # as below
            with self._database.hurry(left_s if left_s < self._database.timeout_s - _NO_WAIT_S else None):
                connection.execute("BEGIN IMMEDIATE")
            return _Transaction(connection, stack.pop_all())

    def _check_file(self) -> None:
        """Raise NoAnswer if the file is lost or damaged. A backup will replace it, without later writes."""
        self._database.check_file()
        if faults.damage_was_seen():
            name = self._database.database
            raise NoAnswer(f"{name} is damaged: stop the server, put a backup in its place, start again")

    def _end_turn(self, transaction: _Transaction, deadline: float) -> None:
        """Leave the transaction to a write that waits, or else commit. Return when it is committed."""
        with self._turns:
            is_last = not self._waiting or time.monotonic() - transaction.began > _MOST_S
            if not is_last:
                self._open = transaction
                self._give_turn()
        if is_last:
            self._commit(transaction)
        # The connection belongs to the first write, which so must wait as long as the disk hangs.
        is_first = transaction.connection is self._database.connection()  # type: ignore[no-untyped-call]  # the stub lacks it
        patience_s = None if is_first else max(_LEAST_S, deadline - time.monotonic())
        if not transaction.ended.wait(patience_s):
            raise NoAnswer("a commit takes too long")
        if transaction.error is not None:
            raise NoAnswer(f"the commit failed: {faults.cause(transaction.error)}") from transaction.error

    def _commit(self, transaction: _Transaction) -> None:
        try:
            transaction.connection.execute("COMMIT")
        except BaseException as error:
            transaction.error = error
            transaction.connection.rollback()
            raise
        finally:
            transaction.lock.close()
            transaction.ended.set()
            self._give_turn()

    def _give_turn(self) -> None:
        with self._turns:
            self._has_turn = False
            self._turns.notify()
