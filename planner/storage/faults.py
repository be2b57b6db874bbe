"""Faults of the database that are no bugs: it is away, hangs, is full, locked or damaged. A request answers 503."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time

import psycopg

_log = logging.getLogger("rekindle.storage")

_SQLITE_CODES = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    )
)
# A missing table, a server that became a standby, a session that the server ended, damaged data.
_POSTGRESQL_STATES = frozenset(("42P01", "25006", "25P03", "XX001", "XX002"))

_MOST_CHARACTERS = 180
_PAUSE_S = 10.0
"""Seconds before the log names the same fault again."""


class NoAnswer(Exception):
    """The database, or a lock, did not come in time. The message says which."""


def cause(error: BaseException) -> str | None:
    """Return the cause of a fault in one short line, or None if the error is a bug."""
    # peewee wraps the errors of a driver, but not those of rows that are fetched later.
    original = getattr(error, "orig", error)
    if not _is_fault(original):
        return None
    return " ".join(str(original).split())[:_MOST_CHARACTERS] or type(original).__name__


def _is_fault(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        # Only a file that was deleted or replaced lacks a table.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        return code in _SQLITE_CODES or str(error).startswith("no such table")
    if isinstance(error, psycopg.Error):
        return isinstance(error, psycopg.OperationalError) or error.sqlstate in _POSTGRESQL_STATES
    return isinstance(error, NoAnswer)


class _Sparing:
    """A log that names a fault once in a while: a thousand refused requests must not fill the disk."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, int]] = {}

    def warn(self, line: str) -> None:
        """Log a line, unless the same one was logged a moment ago."""
        now = time.monotonic()
        with self._lock:
            said_at, unsaid = self._known.get(line, (-_PAUSE_S, 0))
            if now - said_at < _PAUSE_S:
                self._known[line] = (said_at, unsaid + 1)
                return
            if len(self._known) > 100:
                self._known.clear()
            self._known[line] = (now, 0)
        _log.warning("the database cannot be used: %s%s", line, f" (and {unsaid} times since)" if unsaid else "")


_sparing = _Sparing()


def report(line: str) -> None:
    """Tell the operator of a fault, in one line and not too often."""
    _sparing.warn(line)
