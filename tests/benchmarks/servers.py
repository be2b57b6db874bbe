"""The servers under test, and the databases that they have for one measurement."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import psycopg

from tests import postgresql


class Server(NamedTuple):
    """A server that runs in its own process group."""

    port: int
    pid: int

    def workers(self) -> list[Path]:
        """Return the folders of its workers in /proc; an empty list without /proc."""
        folders = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.pid and b"resource_tracker" not in (folder / "cmdline").read_bytes():
                    folders.append(folder)
        return folders

    def used(self) -> float:
        """Return the processor seconds that its workers have used; those of the server itself if it has no workers."""
        folders = self.workers() or [Path(f"/proc/{self.pid}")]
        fields = [(folder / "stat").read_text().rpartition(")")[2].split() for folder in folders]
        return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> list[int]:
        """Return the resident memory of each worker in MiB."""
        pages = [int((folder / "statm").read_text().split()[1]) for folder in self.workers()]
        return [count * os.sysconf("SC_PAGE_SIZE") // 2**20 for count in pages]

    def megabytes(self) -> float:
        """Return the memory of everything that it started."""
        return megabytes(self.pid)

    def processes(self) -> list[tuple[float, str]]:
        """Return the memory of each process that it started, the largest first, and the end of its command."""
        sizes = []
        for folder in in_group(self.pid):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                sizes.append((_kibibytes(folder) / 1024, words.strip()[-70:]))
        return sorted(sizes, reverse=True)


def megabytes(group: int) -> float:
    """Return the memory of a process group in MiB. Pages that several processes share count once."""
    total = 0
    for folder in in_group(group):
        with contextlib.suppress(OSError):  # a process that has just ended
            total += _kibibytes(folder)
    return total / 1024


def in_group(group: int) -> Iterator[Path]:
    """Yield the folders in /proc of the processes of a group."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # a process that has just ended
            if int((folder / "stat").read_text().rpartition(")")[2].split()[2]) == group:
                yield folder


def _kibibytes(folder: Path) -> int:
    lines = (folder / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


@contextlib.contextmanager
def database(on_postgresql: bool, folder: str) -> Iterator[str]:
    """Yield the URL of a new database: a file in the folder, or on a PostgreSQL with fsync."""
    if not on_postgresql:
        yield f"sqlite:///{folder}/rekindle.sqlite3"
        return
    with postgresql.running(fsync=True) as server:
        if server is None:
            sys.exit("There is no PostgreSQL here.")
        name = f"bench_{uuid4().hex}"
        with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
            try:
                yield server.format(database=name)
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def served(url: str, folder: Path, python: str = sys.executable, **settings: str) -> Iterator[Server]:
    """Run the product as `python wsgi.py` does, and stop its whole process group at the end.

    `settings` have no prefix REKINDLE_. `python` can be that of another environment.
    """
    port = free_port()
    more = {f"REKINDLE_{name.upper()}": value for name, value in settings.items()}
    own = {"DATABASE_URL": url, "PORT": str(port), "ERASURES": f"{folder}/erasures-{port}"}
    environment = {**os.environ, **{f"REKINDLE_{name}": value for name, value in own.items()}, **more}
    with running([python, "wsgi.py"], port, folder, "/health", environment) as server:
        yield server


@contextlib.contextmanager
def running(
    command: list[str], port: int, folder: Path, path: str, environment: dict[str, str] | None = None
) -> Iterator[Server]:
    """Run a command until the end of the block, which begins when `path` answers. Its log is in the folder."""
    with (folder / f"log-{port}").open("w+") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(f"http://127.0.0.1:{port}{path}", process)
            yield Server(port, process.pid)
        except BaseException:
            log.seek(0)
            # Leave out the deliveries: there are thousands.
            print("".join([line for line in log if "rekindle.deliveries" not in line][-50:]), file=sys.stderr)
            raise
        finally:
            _stop(process)


def get(port: int, path: str, token: str) -> tuple[bytes, str]:
    """Return the body and the ETag that a person gets."""
    message = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(message, timeout=10) as answer:  # noqa: S310  # loopback
        return answer.read(), answer.headers["ETag"] or ""


def light_activity(port: int, token: str) -> str:
    """Return the id of an activity for two that every couple may do."""
    items = json.loads(get(port, "/v1/activities?limit=100", token)[0])["items"]
    return str(next(one["id"] for one in items if one["for"] == "two" and one["pace"] <= 2))


def free_port() -> int:
    """Return a port that no program uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(3000):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  # loopback
            return
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise RuntimeError("the server did not come up")


def _stop(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
