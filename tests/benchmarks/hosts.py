"""Measure the requests a second over one PostgreSQL, with one, two and four workers, and with two hosts.

    python -m tests.benchmarks.hosts

PostgreSQL runs on this machine with fsync, and so does the load generator. A host is an installation with processes of
its own. Two hosts run with REKINDLE_CLOCK=off beside `flask --app wsgi clock`.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from tests.benchmarks import filled, plays, side_by_side
from tests.benchmarks.filled import Two
from tests.benchmarks.plays import DATE, NOTE_CREATED, PAGE, TODAY, Play
from tests.benchmarks.servers import Server, database, served

_PLAYS = (TODAY, PAGE, NOTE_CREATED, DATE)
_WORKERS = (1, 2, 4)
_CONNECTIONS = """
    SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rekindle' AND datname = current_database()
"""


def main() -> None:
    """Fill, serve, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.hosts")
    parser.add_argument("--sqlite", action="store_true", help="measure the workers over SQLite")
    parser.add_argument("--seconds", type=int, default=3, metavar="N", help="of each play, twice")
    arguments = parser.parse_args()
    on_postgresql = not arguments.sqlite
    with tempfile.TemporaryDirectory(prefix="rekindle-hosts-") as name, database(on_postgresql, name) as url:
        couples = filled.fill(url, filled.today(), asking=500)
        couples = filled.some(couples, 500)
        print(f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, {filled.USUAL}")
        print(f"{'requests a second':34}{''.join(f'{each:>32}' for each in _PLAYS)}{'connections':>13}{'MiB':>7}")
        for workers in _WORKERS:
            with served(url, Path(name), workers=str(workers)) as server:
                _line(f"{workers} worker{'s' * (workers > 1)}", url, [server], couples, arguments.seconds)
        if on_postgresql:
            with _two_hosts(url, Path(name)) as servers:
                _line("2 hosts of 1 worker, and a clock", url, servers, couples, arguments.seconds)


@contextmanager
def _two_hosts(url: str, folder: Path) -> Iterator[list[Server]]:
    environment = {**os.environ, "REKINDLE_DATABASE_URL": url, "REKINDLE_ERASURES": f"{folder}/erasures"}
    command = [str(Path(sys.executable).parent / "flask"), "--app", "wsgi", "clock"]
    with ExitStack() as stack, (folder / "clock").open("w") as log:
        clock = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield [
                stack.enter_context(served(url, folder, workers="1", clock="off", erasures=f"{folder}/erasures"))
                for _ in range(2)
            ]
        finally:
            clock.terminate()
            clock.wait(10)


def _line(name: str, url: str, servers: Sequence[Server], couples: Sequence[Two], seconds: int) -> None:
    shares = [couples[at :: len(servers)] for at in range(len(servers))]
    known = [side_by_side.own_plays(server.port, share) for server, share in zip(servers, shares, strict=True)]
    rates = [_rate(servers, [own[play] for own in known], seconds) for play in _PLAYS]
    memory = sum(server.megabytes() for server in servers)
    print(f"{name:34}{''.join(f'{rate:>32,.0f}' for rate in rates)}{_connections(url):>13}{memory:>7.0f}", flush=True)


def _rate(servers: Sequence[Server], same: Sequence[Play], seconds: int) -> float:
    """Return the visits per second of all servers together, the better of two runs."""
    with ThreadPoolExecutor(len(servers)) as threads:
        for server, play in zip(servers, same, strict=True):
            plays.run(play, server.port, 1)
        runs = [
            list(threads.map(lambda pair: plays.run(pair[0], pair[1].port, seconds), zip(same, servers, strict=True)))
            for _ in range(2)
        ]
    return max(sum(rate.visits for rate in run) for run in runs)


def _connections(url: str) -> int:
    """Return how many connections PostgreSQL has from the product."""
    if url.startswith("sqlite:"):
        return 0
    with psycopg.connect(url) as connection:
        row = connection.execute(_CONNECTIONS).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
