"""Backups of the open database, of either kind, and the daily ones in a folder.

A backup is a new file that only its owner can read. It has its name when it is whole and checked, not before.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from planner.errors import Unavailable
from planner.storage import db, folders, leases, postgresql_backups, sqlite_backups
from planner.storage.faults import UnusableBackup

_SPARE = 64 * 1024 * 1024
_DAY = timedelta(days=1)
_EARLY = timedelta(minutes=15)  # a daily backup must not come later each day
_TRY_AGAIN = timedelta(hours=1)
_STAMP = "%Y%m%d-%H%M%S"
_NAME = re.compile(r"rekindle-(\d{8}-\d{6})\.(sqlite3|dump)")
_PARTIAL = ".rekindle-part-"


class Backup(NamedTuple):
    """A backup that was made. The rows are unknown for a dump of PostgreSQL."""

    path: Path
    tables: int
    rows: int | None
    size: int


class Daily(NamedTuple):
    """The folder of the daily backups, and how many of them to keep."""

    folder: Path
    keep: int


def make(path: Path) -> Backup:
    """Write a backup to a new file, while the database is in use.

    Raises UnusableBackup, also for a file that exists.
    """
    with _faults_as_unusable(), _claimed(path):
        _check_room(path.parent)
        part = path.with_name(f"{_PARTIAL}{os.getpid()}-{path.name}")
        part.unlink(missing_ok=True)
        try:
            # The mask of the process may allow other users to read it, so state the mode.
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            tables, rows = _write(part)
            _sync(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        folders.sync(path.parent)
    return Backup(path, tables, rows, path.stat().st_size)


def check(path: Path) -> list[str]:
    """Check a backup, and return the names of its migrations. Raises UnusableBackup."""
    if not path.is_file():
        raise UnusableBackup(f"{path} is no file")
    with _faults_as_unusable(), path.open("rb") as file:
        is_dump = file.read(5) == b"PGDMP"
    if is_dump != bool(db.proxy.for_update):
        kind = "PostgreSQL" if is_dump else "SQLite"
        raise UnusableBackup(f"it is no backup of the database in REKINDLE_DATABASE_URL, perhaps one of {kind}")
    return postgresql_backups.check(path) if is_dump else sqlite_backups.check(path)


def restore(path: Path, now: datetime) -> Path | None:
    """Replace the database by a checked backup. Return the new name of the old SQLite file.

    Raises StartFault while a server uses the database, and UnusableBackup.
    """
    with _faults_as_unusable():
        if db.proxy.for_update:
            postgresql_backups.restore(path)
            return None
        db.dispose()
        return sqlite_backups.restore(path, Path(db.proxy.database), now)


def make_daily(daily: Daily, now: datetime) -> Backup | None:
    """Make the backup of the day, unless it is there, and delete the oldest ones. Raises UnusableBackup."""
    with _faults_as_unusable():
        daily.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        newest = max(stamped(daily.folder).values(), default=None)
        # A backup of the future is too old as well: the clock of the machine may have been wrong.
        if newest is not None and abs(now - newest) < _DAY - _EARLY:
            return None
    # After a failure, on a full disk for example, the next try comes when the lease ends.
    with db.connection():
        if not leases.acquire("backup", _TRY_AGAIN):
            return None
    _remove_remains(daily.folder, now)  # before: they may be why there is no room
    made = make(daily.folder / f"rekindle-{now:{_STAMP}}.{'dump' if db.proxy.for_update else 'sqlite3'}")
    _rotate(daily)
    return made


def _rotate(daily: Daily) -> None:
    with _faults_as_unusable():
        for path in list(stamped(daily.folder))[: -daily.keep]:
            path.unlink(missing_ok=True)


def _remove_remains(folder: Path, now: datetime) -> None:
    """Delete what processes left that were killed. A backup that is being made is written all the time."""
    oldest = (now - _TRY_AGAIN).timestamp()
    with _faults_as_unusable():
        for path in folder.iterdir():
            with suppress(FileNotFoundError):  # it was finished at this moment
                is_claim = _NAME.fullmatch(path.name) and not path.stat().st_size
                if (is_claim or path.name.startswith(_PARTIAL)) and path.stat().st_mtime < oldest:
                    path.unlink()


def stamped(folder: Path) -> dict[Path, datetime]:
    """Return the whole backups in a folder with their times, oldest first. Other files are not ours."""
    stamped = {}
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        if match and path.stat().st_size:
            with suppress(ValueError):
                stamped[path] = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
    return stamped


@contextmanager
def _claimed(path: Path) -> Iterator[None]:
    """Take the name of a new file, and give it back if no backup comes of it."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise UnusableBackup(f"{path} exists already: name a new file") from None
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(part: Path) -> tuple[int, int | None]:
    if db.proxy.for_update:
        return postgresql_backups.dump(part), None
    rows = sqlite_backups.copy(Path(db.proxy.database), part)
    return len(rows), sum(rows.values())


def _check_room(folder: Path) -> None:
    """Raise UnusableBackup rather than fill the disk, on which the database may be."""
    size = postgresql_backups.size() if db.proxy.for_update else Path(db.proxy.database).stat().st_size
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        raise UnusableBackup(f"{folder} has room for {free >> 20} MB only, and the database has {size >> 20} MB")


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _faults_as_unusable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnusableBackup(f"{error.filename or 'the file'} cannot be used ({error.strerror})") from error
    except Unavailable as error:
        raise UnusableBackup(f"the database cannot be used ({error.__cause__ or error})") from error
