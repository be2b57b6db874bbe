"""Backups of a PostgreSQL database, with its own programs: pg_dump, pg_restore and psql.

They must not be older than the server. The password reaches them through the environment: other users of the machine
can see the words of a command.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg.conninfo import make_conninfo

from planner.errors import StartFault
from planner.storage import db
from planner.storage.faults import UnusableBackup

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND application_name = %s"
)
_DATA = re.compile(r"^\d+; \d+ \d+ TABLE DATA public (\S+) ", re.MULTILINE)
_MIGRATIONS = re.compile(r"^COPY public\.schema_migration \((.*?)\) FROM stdin;\n(.*?)^\\\.$", re.MULTILINE | re.DOTALL)
_HEAD = 65_536
_OF_LATER_SERVERS = b"SET transaction_timeout"
"""Programs from version 17 on write it at the beginning for all servers, and older servers do not know it."""
_PLAIN = ("--no-owner", "--no-privileges")  # the user of another server may have another name


def dump(target: Path) -> int:
    """Dump the database into an empty file, and return the number of tables. Raises UnusableBackup."""
    _run("pg_dump", "--format=custom", *_PLAIN, f"--file={target}", f"--dbname={_conninfo()}")
    dumped = _tables_of(target)
    with db.connection():
        missing = {name for (name,) in db.proxy.execute_sql(_TABLES).fetchall()} - dumped
    if missing:
        raise UnusableBackup(f"the dump lacks tables: {', '.join(sorted(missing))}")
    _run("pg_restore", "--file=/dev/null", target)  # reads all of it
    return len(dumped)


def check(backup: Path) -> list[str]:
    """Check a dump, and return the names of its migrations. Raises UnusableBackup."""
    if "schema_migration" not in _tables_of(backup):
        raise UnusableBackup("it is no backup of Rekindle")
    _run("pg_restore", "--file=/dev/null", backup)
    script = _run("pg_restore", "--data-only", "--table=schema_migration", "--file=-", backup)
    copied = _MIGRATIONS.search(script)
    if copied is None:
        raise UnusableBackup("it does not say which version it is")
    column = copied[1].split(", ").index("name")
    return [line.split("\t")[column] for line in copied[2].splitlines()]


def restore(backup: Path) -> None:
    """Replace all tables by those of a dump, in one transaction. A failure changes nothing.

    Raises StartFault while a server uses the database, and UnusableBackup if a program fails.
    """
    with db.connection():
        others = db.proxy.execute_sql(_OTHERS, (_parameters()["application_name"],)).fetchone()[0]
        tables = [name for (name,) in db.proxy.execute_sql(_TABLES).fetchall()]
    if others:
        raise StartFault(f"the server still uses the database ({others} connections): stop it on all hosts first")
    names = ", ".join(f'public."{name}"' for name in tables)
    drop = f"DROP TABLE {names} CASCADE;\n" if tables else ""
    with tempfile.TemporaryFile("w+b") as script:
        script.write(f"BEGIN;\nSET lock_timeout = '10s';\n{drop}".encode())
        script.flush()
        _run("pg_restore", *_PLAIN, "--file=-", backup, output=script)
        _comment_out(_OF_LATER_SERVERS, script)
        script.seek(0, os.SEEK_END)
        script.write(b"\nCOMMIT;\n")
        script.flush()
        script.seek(0)
        _run("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={_conninfo()}", given=script)


def _comment_out(line: bytes, script: IO[bytes]) -> None:
    script.seek(0)
    at = script.read(_HEAD).find(b"\n" + line)
    if at >= 0:
        script.seek(at + 1)
        script.write(b"--")


def size() -> int:
    """Return the number of bytes of the database."""
    with db.connection():
        return int(db.proxy.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0])


def _tables_of(backup: Path) -> set[str]:
    return set(_DATA.findall(_run("pg_restore", "--list", backup)))


def _run(program: str, *words: object, given: IO[Any] | None = None, output: IO[Any] | None = None) -> str:
    """Run a program of PostgreSQL, and return its output. Raises UnusableBackup."""
    path = shutil.which(program)
    if path is None:
        raise UnusableBackup(f"{program} is missing: install the programs of PostgreSQL, such as postgresql-client")
    done = subprocess.run(  # noqa: S603  # the words are ours, and no shell reads them
        [path, *map(str, words)],
        env=_environment(),
        stdin=given or subprocess.DEVNULL,
        stdout=output or subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise UnusableBackup(_first_line(done.stderr.decode(errors="replace")) or f"{program} failed")
    return "" if output else done.stdout.decode(errors="replace")


def _first_line(text: str) -> str:
    lines: Sequence[str] = [line for line in text.splitlines() if line.strip()] or [""]
    return " ".join(lines[0].split())[:300]


def _parameters() -> dict[str, Any]:
    """Return what libpq knows of the parameters of the connection."""
    known = {option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()}
    return {name: value for name, value in db.proxy.connect_params.items() if name in known}


def _conninfo() -> str:
    parameters = {name: value for name, value in _parameters().items() if name != "password"}
    return make_conninfo(dbname=db.proxy.database, **parameters)


def _environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}
    password = _parameters().get("password")
    return environment | ({"PGPASSWORD": str(password)} if password else {})
