"""The log of erasures, outside the database and its backups: one entry for each person who was erased.

A restored backup holds people who were erased after it was made. This log names them, and each start erases them again
before it serves anyone (see erasure.py). An entry is a random id, which means nothing by itself, and the moment of the
erasure. It is durable before the erasing is committed: however the server stops, the log never knows less than the
database.

The log also has the highest mark of each database, by which a start notices a restore (see restores.py).

There are two stores. A file serves one host. Several hosts on one PostgreSQL need a second database that all of them
reach: otherwise host B cannot know whom host A erased.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict

from planner.clock import UTC
from planner.errors import Unavailable
from planner.storage import db, faults, folders

_log = logging.getLogger("rekindle.erasures")

URL_SCHEME = "postgresql://"
_DEFAULT_FILE_ON_POSTGRESQL = Path("data/rekindle.erasures")


class Erasure(NamedTuple):
    """Who was erased, and when."""

    person: UUID
    at: datetime


class LogUnavailable(Exception):
    """The log cannot be read or written. The message names the place and the reason, never a password."""

    def __init__(self, place: object, reason: object) -> None:
        super().__init__(f"{place} cannot be used ({reason})")


class Store(Protocol):
    """A place for the log that any number of processes share. All methods raise LogUnavailable."""

    def append(self, erasure: Erasure) -> None:
        """Add an erasure unless its person has one. It is durable when this returns."""

    def read(self) -> list[Erasure]:
        """Return all erasures in the order in which they came."""

    def raise_mark(self, database: UUID, mark: int) -> None:
        """Note the mark of a database (see restores.py), unless a higher one is known. It is durable at the return."""

    def read_marks(self) -> dict[UUID, int]:
        """Return the highest mark of each database."""


class FileStore:
    """A file of lines, and a second one for the marks. They serve the processes of one host, one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.marks_path = path.with_name(f"{path.name}.marks")

    def append(self, erasure: Erasure) -> None:
        """See Store."""
        try:
            with self._locked() as file:
                self._append(file, erasure)
        except OSError as error:
            raise LogUnavailable(self.path, error.strerror) from error

    def read(self) -> list[Erasure]:
        """See Store. A file that does not exist yet is empty."""
        try:
            text = self.path.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LogUnavailable(self.path, error.strerror) from error
        return list(self._parsed(text))

    def raise_mark(self, database: UUID, mark: int) -> None:
        """See Store."""
        try:
            with self._locked():
                marks = self.read_marks()
                if mark > marks.get(database, -1):
                    self._replace_marks({**marks, database: mark})
        except OSError as error:
            raise LogUnavailable(self.marks_path, error.strerror) from error

    def read_marks(self) -> dict[UUID, int]:
        """See Store. A file that does not exist yet is empty."""
        try:
            lines = self.marks_path.read_text(encoding="ascii").splitlines()
            return {UUID(database): int(mark) for database, mark in (line.split() for line in lines)}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise LogUnavailable(self.marks_path, error.strerror) from error
        except ValueError as error:
            raise LogUnavailable(self.marks_path, "it cannot be read; remove it, and revoke stolen sign-ins") from error

    def _replace_marks(self, marks: dict[UUID, int]) -> None:
        new = self.marks_path.with_name(f"{self.marks_path.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w") as file:
            file.writelines(f"{database} {mark}\n" for database, mark in marks.items())
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.marks_path)
        folders.sync(self.marks_path.parent)

    def _append(self, file: IO[str], erasure: Erasure) -> None:
        text = file.read()
        if erasure.person in {entry.person for entry in self._parsed(text)}:
            return
        # A line that a power cut tore ends where the next one begins.
        file.write("" if not text or text.endswith("\n") else "\n")
        file.write(f"{erasure.person} {erasure.at.isoformat()}\n")
        file.flush()
        os.fsync(file.fileno())

    @contextmanager
    def _locked(self) -> Iterator[IO[str]]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_new = not self.path.exists()
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_new:
                folders.sync(self.path.parent)
            yield file

    def _parsed(self, text: str) -> Iterator[Erasure]:
        for number, line in enumerate(text.splitlines(), 1):
            person, _, at = line.partition(" ")
            try:
                yield Erasure(UUID(person), datetime.fromisoformat(at))
            except ValueError:
                _log.warning("line %s of %s cannot be read and is left out", number, self.path)


class DatabaseStore:
    """A table in a second PostgreSQL database. It serves the processes of many hosts.

    Each use connects anew: erasures are rare, and an idle connection would be one more thing to lose.
    """

    # A hanging server must not hold up the erasing transaction, nor the start. Commits are durable, even if the
    # server is set otherwise.
    _OPTIONS = "-c synchronous_commit=on -c statement_timeout=5s -c lock_timeout=5s -c timezone=UTC"
    _ADVISORY_LOCK = 0x45524153  # "ERAS": two hosts that create the table at once would fail

    def __init__(self, url: str) -> None:
        given = _parsed_url(url)
        options = f"{given.get('options', '')} {self._OPTIONS}".strip()
        self._options: dict[str, Any] = {"connect_timeout": 5, **given, "options": options}
        self._place = f"the database {self._options.get('dbname')} on {self._options.get('host', 'this machine')}"

    def append(self, erasure: Erasure) -> None:
        """See Store."""
        with self._connected() as connection:
            connection.execute(
                "INSERT INTO erasures (person, at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (erasure.person, erasure.at),
            )

    def read(self) -> list[Erasure]:
        """See Store."""
        with self._connected() as connection:
            rows = connection.execute("SELECT person, at FROM erasures ORDER BY number").fetchall()
        return [Erasure(person, at.astimezone(UTC)) for person, at in rows]

    def raise_mark(self, database: UUID, mark: int) -> None:
        """See Store."""
        with self._connected() as connection:
            connection.execute(
                "INSERT INTO marks (database, mark) VALUES (%s, %s)"
                " ON CONFLICT (database) DO UPDATE SET mark = greatest(marks.mark, excluded.mark)",
                (database, mark),
            )

    def read_marks(self) -> dict[UUID, int]:
        """See Store."""
        with self._connected() as connection:
            return dict(connection.execute("SELECT database, mark FROM marks").fetchall())

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        try:
            with psycopg.connect(autocommit=True, **self._options) as connection:
                self._ensure_tables(connection)
                yield connection
        except psycopg.Error as error:
            raise LogUnavailable(self._place, " ".join(str(error).split())) from error

    def _ensure_tables(self, connection: psycopg.Connection) -> None:
        if _has_table(connection, "persons"):
            raise LogUnavailable(self._place, "it holds Rekindle's data: a restored backup would replace the erasures")
        if _has_table(connection, "marks"):  # the newer one
            return
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (self._ADVISORY_LOCK,))
            connection.execute(
                "CREATE TABLE IF NOT EXISTS erasures (person uuid PRIMARY KEY, at timestamptz NOT NULL,"
                " number bigint GENERATED ALWAYS AS IDENTITY)"
            )
            connection.execute("CREATE TABLE IF NOT EXISTS marks (database uuid PRIMARY KEY, mark bigint NOT NULL)")


def _parsed_url(url: str) -> dict[str, Any]:
    """Return the parts of a URL. Raise LogUnavailable if a later message could show a part of a mistyped password."""
    broken = LogUnavailable("its URL", "it cannot be read; percent-encode special characters in the password")
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise broken from None  # the driver's message repeats parts of the URL
    # In "me:a@b@host" the host is "b@host", in "me:secret/1@host" the port is "secret": `%` has to escape them.
    if "@" in str(parts.get("host", "")) or re.search("[^0-9,]", str(parts.get("port", ""))):
        raise broken
    return parts


def _has_table(connection: psycopg.Connection, name: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone()
    return bool(row and row[0])


_chosen: Store | None = None


def keep_in(place: str | None) -> None:
    """Choose the store: a PostgreSQL URL, or the path of a file. Raises LogUnavailable for a broken URL.

    None is the default: a file beside a SQLite database, and data/rekindle.erasures for PostgreSQL.
    """
    global _chosen
    if place is None:
        _chosen = None
    else:
        _chosen = DatabaseStore(place) if place.startswith(URL_SCHEME) else FileStore(Path(place))


def store() -> Store:
    """Return the chosen store, or the default of the open database."""
    if _chosen is not None:
        return _chosen
    return FileStore(_DEFAULT_FILE_ON_POSTGRESQL if db.proxy.for_update else Path(f"{db.proxy.database}.erasures"))


def marks_beside_database() -> Path | None:
    """Return the file of marks beside the SQLite file, or None if the operator chose another place."""
    chosen = store()
    return chosen.marks_path if _chosen is None and not db.proxy.for_update and isinstance(chosen, FileStore) else None


def raise_mark(database: UUID, mark: int) -> None:
    """Note the mark of a database, unless a higher one is known. Raises LogUnavailable."""
    store().raise_mark(database, mark)


def read_marks() -> dict[UUID, int]:
    """Return the highest mark of each database. Raises LogUnavailable."""
    return store().read_marks()


def append(erasure: Erasure) -> None:
    """Add an erasure to the log, unless its person is in it. Raises LogUnavailable."""
    store().append(erasure)


def read() -> list[Erasure]:
    """Return all erasures in the order in which they came. Raises LogUnavailable."""
    return store().read()


def names(person: UUID) -> bool:
    """Return whether a person was erased, or was about to be when the server stopped. Raises Busy."""
    try:
        return any(erasure.person == person for erasure in read())
    except LogUnavailable as error:
        faults.warn(str(error))
        raise Unavailable from error
