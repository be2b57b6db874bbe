"""Faults of the database that are no bugs: it is away, hangs, is full, locked or damaged. A request answers 503."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time

import peewee
import psycopg

_log = logging.getLogger("rekindle.storage")

_DAMAGED = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))
_SQLITE_CODES = _DAMAGED | {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
# Damaged data or a damaged index.
_DAMAGED_STATES = frozenset(("XX001", "XX002"))
# A missing table, a server that became a standby, a session that the server ended.
_POSTGRESQL_STATES = _DAMAGED_STATES | {"42P01", "25006", "25P03"}

_MOST_CHARACTERS = 180
_PAUSE_S = 10.0
_MOST_PAUSE_S = 3600.0

_damaged = threading.Event()


class NoAnswer(Exception):
    """The database, or a lock, did not come in time. The message says which."""


class UnusableBackup(Exception):
    """A backup that cannot be made or restored. The message says why."""


def cause(error: BaseException) -> str | None:
    """Return the cause of a fault in one short line, or None if the error is a bug."""
    original = _fault_in(error)
    if original is None:
        return None
    if is_damage(original):
        _damaged.set()
    # The first line: a statement of PostgreSQL follows it.
    lines = str(original).strip().splitlines() or [type(original).__name__]
    return " ".join(lines[0].split())[:_MOST_CHARACTERS]


def _fault_in(error: BaseException) -> BaseException | None:
    # peewee wraps the errors of a driver, but not those of rows that are fetched later. After a full disk, SQLite rolls
    # back by itself, so the rollback of peewee fails, too: the cause is then the error before.
    while isinstance(error, NoAnswer | peewee.PeeweeException | sqlite3.Error | psycopg.Error):
        original: BaseException = getattr(error, "orig", error)
        if _is_fault(original):
            return original
        if error.__context__ is None:
            return None
        error = error.__context__
    return None


def _is_fault(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        # Only a file that was deleted or replaced lacks a table.
        return _code(error) in _SQLITE_CODES or str(error).startswith("no such table")
    if isinstance(error, psycopg.Error):
        return isinstance(error, psycopg.OperationalError) or error.sqlstate in _POSTGRESQL_STATES
    return isinstance(error, NoAnswer)


def is_damage(error: BaseException) -> bool:
    """Tell whether an error of a driver says that data are damaged."""
    if isinstance(error, sqlite3.Error):
        return _code(error) in _DAMAGED
    return isinstance(error, psycopg.Error) and error.sqlstate in _DAMAGED_STATES


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)) & 0xFF


def damage_was_seen() -> bool:
    """Return whether a statement met damaged data since the database was opened."""
    return _damaged.is_set()


class _Line:
    """A line of the log: when it was written last, and how often it was left out since."""

    def __init__(self, now: float) -> None:
        self.written_at = now
        self.seen_at = now
        self.pause_s = _PAUSE_S
        self.left_out = 0


class _SparingLog:
    """A log that repeats a line after ever longer pauses: a thousand refused requests must not fill the disk."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[str, _Line] = {}

    def warn(self, text: str) -> None:
        """Log a line, unless it was logged a moment ago."""
        now = time.monotonic()
        with self._lock:
            line = self._lines.get(text)
            if line is None or now - line.seen_at > line.pause_s:
                self._add(text, now)
                repeated = ""
            else:
                line.seen_at, line.left_out = now, line.left_out + 1
                if now - line.written_at < line.pause_s:
                    return
                repeated = f" ({line.left_out} times since)"
                line.written_at, line.left_out = now, 0
                line.pause_s = min(_MOST_PAUSE_S, line.pause_s * 6)
        _log.warning("%s%s", text, repeated)

    def clear(self) -> None:
        """Forget all lines."""
        with self._lock:
            self._lines.clear()

    def _add(self, text: str, now: float) -> None:
        if len(self._lines) > 100:
            self._lines.clear()
        self._lines[text] = _Line(now)


_sparing = _SparingLog()


def warn(line: str) -> None:
    """Tell the operator something in one line, and not too often."""
    _sparing.warn(line)


def report(cause_: str) -> None:
    """Tell the operator of a fault of the database."""
    warn(f"the database cannot be used: {cause_}")


def forget() -> None:
    """Begin anew, with another database."""
    _damaged.clear()
    _sparing.clear()
