"""Backups of a SQLite file: copy a file that is in use, check a copy, and restore one."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from planner.errors import StartFault
from planner.storage import folders
from planner.storage.faults import UnusableBackup

_SIDE_FILES = ("", "-wal", "-shm")
_MIGRATIONS = "schema_migration"


def copy(database: Path, target: Path) -> dict[str, int]:
    """Copy a database into an empty file, and return the number of rows of each table. Writers go on.

    Raises UnusableBackup when the copy is not like the database.
    """
    with _faults_as_unusable(), closing(_open(database)) as source, closing(_open(target)) as made:
        source.execute("BEGIN")  # the numbers and the copy are of the same moment
        rows = _count_rows(source)
        source.backup(made)
        made.execute("PRAGMA journal_mode = delete")  # one file, without a log beside it
        _check(made)
        if _count_rows(made) != rows:
            raise UnusableBackup("the copy has other rows than the database")
    return rows


def check(backup: Path) -> list[str]:
    """Check a backup, and return the names of its migrations. Raises UnusableBackup."""
    log = Path(f"{backup}-wal")
    if log.exists() and log.stat().st_size:
        raise UnusableBackup(f"{log} has a part of it: open and close the file with sqlite3 first")
    with _faults_as_unusable(), closing(_open(backup, "mode=ro&immutable=1")) as opened:
        _check(opened)
        if _MIGRATIONS not in _tables(opened):
            raise UnusableBackup("it is no backup of Rekindle")
        return [name for (name,) in opened.execute(f"SELECT name FROM {_MIGRATIONS} ORDER BY name")]


def restore(backup: Path, database: Path, now: datetime) -> Path | None:
    """Put a copy of a backup in the place of a database. Return the new name of the old one, if there was one.

    Raises StartFault while a server uses the database.
    """
    with alone(database):
        new, old = Path(f"{database}.restored"), Path(f"{database}.before-{now:%Y%m%d-%H%M%S}")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with backup.open("rb") as source:
                shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        had_one = database.exists()
        # The log of the old file must not come to the new one.
        for end in reversed(_SIDE_FILES):
            with suppress(FileNotFoundError):
                Path(f"{database}{end}").rename(f"{old}{end}")
        new.rename(database)
        folders.sync(database.parent)
    return old if had_one else None


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Hold a database for this process. Raises StartFault while a server uses it."""
    with _lock_file(database).open("w") as file:
        _lock(file.fileno(), fcntl.LOCK_EX, f"the server still uses {database}: stop it first")
        yield


_shared: int | None = None


def share(database: Path) -> None:
    """Note until the end of this process, and of the workers that it forks, that a server uses a database.

    Raises StartFault while a backup is restored.
    """
    global _shared
    if _shared is not None:
        os.close(_shared)
    _shared = os.open(_lock_file(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _lock(_shared, fcntl.LOCK_SH, f"a backup of {database} is being restored: start the server after it")


def _lock_file(database: Path) -> Path:
    return Path(f"{database}.served")


def _lock(descriptor: int, kind: int, refusal: str) -> None:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StartFault(refusal) from None


def _open(path: Path, option: str = "mode=rw") -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{option}", uri=True, isolation_level=None)


@contextmanager
def _faults_as_unusable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise UnusableBackup(str(error)) from error


def _check(connection: sqlite3.Connection) -> None:
    fault = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if fault != "ok":
        raise UnusableBackup(" ".join(fault.split()))


def _tables(connection: sqlite3.Connection) -> list[str]:
    named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in named]


def _count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    return {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in _tables(connection)}
