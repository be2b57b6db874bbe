"""The erasures: a file beside the database and outside its backups, with one line for each person who was erased.

A backup holds people who were erased after it was made. When it is restored, this file says who they are, and they
are erased again before anybody is served (see erasure.py). A line is a random id that means nothing by itself, and the
moment of the erasure. What the file says is on the disk before the erasing is committed: whatever stops the server in
between, the file never knows less than the database.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple
from uuid import UUID

from planner.storage import db

_log = logging.getLogger("rekindle.erasures")

_ELSEWHERE = Path("data/rekindle.erasures")
_chosen: Path | None = None


class Erasure(NamedTuple):
    """Who was erased, and when."""

    person: UUID
    at: datetime


def keep_in(path: Path | None) -> None:
    """Choose the file. None: beside a SQLite file, under its name; for PostgreSQL data/rekindle.erasures."""
    global _chosen
    _chosen = path


def path() -> Path:
    """Where the erasures of the open database stand."""
    if _chosen is not None:
        return _chosen
    return _ELSEWHERE if db.proxy.for_update else Path(f"{db.proxy.database}.erasures")


def append(erasure: Erasure) -> None:
    """Note an erasure, unless it is noted; on the disk when this returns. Raises OSError when it cannot be kept.

    Any number of processes may append: one at a time holds the file's lock.
    """
    with _locked() as file:
        text = file.read()
        if erasure.person in {one.person for one in _parsed(text)}:
            return
        # A line that a power cut tore ends where the next one begins.
        file.write("" if not text or text.endswith("\n") else "\n")
        file.write(f"{erasure.person} {erasure.at.isoformat()}\n")
        file.flush()
        os.fsync(file.fileno())


def read() -> list[Erasure]:
    """All that is noted, in the order in which it came; nothing when there is no file yet."""
    try:
        text = path().read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return []
    return list(_parsed(text))


def names(person: UUID) -> bool:
    """Whether a person was erased, or was about to be when the server stopped."""
    return any(one.person == person for one in read())


@contextmanager
def _locked() -> Iterator[IO[str]]:
    found = path()
    found.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = not found.exists()
    with os.fdopen(os.open(found, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if fresh:
            _sync_folder(found.parent)
        yield file


def _sync_folder(folder: Path) -> None:
    """The name of a new file stands in its folder, and must survive a power cut as well."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parsed(text: str) -> Iterator[Erasure]:
    for number, line in enumerate(text.splitlines(), 1):
        person, _, at = line.partition(" ")
        try:
            yield Erasure(UUID(person), datetime.fromisoformat(at))
        except ValueError:
            _log.warning("line %s of %s cannot be read and is left out", number, path())
