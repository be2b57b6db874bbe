"""The faults of a database at the start, in words that tell the operator what to do. They never hold a password."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peewee

from planner.errors import StartFault, Unavailable
from planner.storage import db, faults

_PATIENCE_S = 30.0
_PAUSE_S = 0.5
_URL = "REKINDLE_DATABASE_URL"

# What PostgreSQL or PgBouncer says, and what the operator has to do. Waiting cannot help.
_POSTGRESQL_ADVICE = (
    (
        r"password authentication failed|no password supplied|role .* does not exist",
        f"PostgreSQL refuses the user or the password in {_URL}",
    ),
    (r"database .* does not exist", f"create the database, or correct its name in {_URL}"),
    (r"pg_hba\.conf", "let this host and user in, in pg_hba.conf of PostgreSQL"),
    (
        r"unsupported startup parameter",
        "set ignore_startup_parameters = options and pool_mode = session in PgBouncer, or name PostgreSQL itself in"
        f" {_URL}",
    ),
    (r"permission denied", f"make the user in {_URL} the owner of the database"),
    (r"invalid connection option|invalid .*value|invalid port", f"correct what follows the ? in {_URL}"),
)
_SQLITE_ADVICE = {
    sqlite3.SQLITE_NOTADB: f"this file is no SQLite database: restore a backup, or name another file in {_URL}",
    sqlite3.SQLITE_CORRUPT: "this file is damaged: put a backup in its place",
    sqlite3.SQLITE_READONLY: "let the user of the server write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "let the user of the server read and write the file and its folder",
    sqlite3.SQLITE_FULL: "the disk is full: make room",
    sqlite3.SQLITE_BUSY: "another program holds the file: end it",
}


@contextmanager
def explained() -> Iterator[None]:
    """Turn each fault of the database inside the block into a StartFault, which says what to do."""
    try:
        yield
    except Unavailable as error:
        raise StartFault(explain(error)) from None
    except OSError as error:
        where = f"{error.filename} cannot be used ({error.strerror})"
        raise StartFault(f"{where}: let the user of the server write there, or change {_URL}") from None
    except peewee.ProgrammingError as error:  # PostgreSQL calls missing rights so
        advice = _advice_for(error)
        if advice is None:
            raise
        raise StartFault(f"{_first_line(error)}: {advice}") from None


def explain(unavailable: Unavailable) -> str:
    """Return the cause of a fault, and what the operator has to do, in one line."""
    cause = unavailable.__cause__ or unavailable
    if not db.proxy.for_update and not Path(db.proxy.database).exists():
        return f"{db.proxy.database} is missing: run `flask --app wsgi db upgrade`, or correct {_URL}"
    path = "" if db.proxy.for_update else f"{db.proxy.database}: "
    return f"{path}{_first_line(cause)}: {_advice_for(cause) or f'start the database, or correct {_URL}'}"


def wait_for_database() -> None:
    """Wait for a PostgreSQL that starts at the same time as this server. Raises Unavailable when it does not answer."""
    deadline, is_told = time.monotonic() + _PATIENCE_S, False
    while db.proxy.for_update:
        try:
            with db.connection():
                return
        except Unavailable as error:
            if _advice_for(error.__cause__ or error) or time.monotonic() > deadline:
                raise
        if not is_told:
            faults.warn(f"waiting up to {_PATIENCE_S:.0f} s for the database")
            is_told = True
        time.sleep(_PAUSE_S)


def _advice_for(error: BaseException) -> str | None:
    original = getattr(error, "orig", error)
    if isinstance(original, sqlite3.Error):
        return _SQLITE_ADVICE.get(getattr(original, "sqlite_errorcode", 0) & 0xFF)
    text = str(original)
    return next((advice for pattern, advice in _POSTGRESQL_ADVICE if re.search(pattern, text, re.IGNORECASE)), None)


def _first_line(error: BaseException) -> str:
    return faults.cause(error) or str(error).strip().partition("\n")[0]
