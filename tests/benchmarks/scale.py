"""Measure whether answers and ticks take longer with more couples.

    python -m tests.benchmarks.scale                       100, 10,000 and 100,000 couples on SQLite
    python -m tests.benchmarks.scale --postgresql          on the PostgreSQL of the tests
    python -m tests.benchmarks.scale --couples 100 10000   other numbers of couples, the smallest first
    python -m tests.benchmarks.scale --rounds 10           1,000 requests of each route: a steadier p99

A server runs over each database. One connection asks each reading route for a hundred people, with ids of their own in
the path. The main writes follow. The sizes take turns. The ratios compare with the smallest database. A tick runs in
this process when nothing is due. 100,000 couples take some minutes and 5 GiB to fill. With --folder, the files of
SQLite stay there for the next run of the same day.
"""

from __future__ import annotations

import argparse
import math
import pickle
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import NamedTuple

import psycopg

from planner import clock, scheduler
from planner.storage import db
from tests import postgresql
from tests.benchmarks import filled, routes
from tests.benchmarks.filled import Two
from tests.benchmarks.load import Connections
from tests.benchmarks.servers import served

COUPLES = (100, 10_000, 100_000)
_PEOPLE = 100
_MANY = 1_000_000
_TICKS = 15
_LIMIT = 1.5
_PATIENCE = 600.0


class World(NamedTuple):
    """One database."""

    couples: int
    url: str
    asking: Sequence[Two]
    """The couples who ask."""


class Times(NamedTuple):
    """Milliseconds of one route over one database."""

    p50: float
    p99: float


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scale")
    parser.add_argument("--postgresql", action="store_true", help="measure on PostgreSQL")
    parser.add_argument("--couples", type=int, nargs="+", default=list(COUPLES), metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of 100 requests of each route")
    parser.add_argument("--folder", type=Path, help="where the files of SQLite stay")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rekindle-scale-")))
        server = stack.enter_context(_postgresql()) if arguments.postgresql else ""
        worlds = [_fill(couples, folder, server) for couples in arguments.couples]
        _print(_measure(worlds, folder, arguments.rounds), worlds, arguments.rounds)
        _print_ticks(worlds)


@contextmanager
def _postgresql() -> Iterator[str]:
    with postgresql.running(fsync=True) as server:
        if server is None:
            raise SystemExit("There is no PostgreSQL here.")
        yield server


def _fill(couples: int, folder: Path, server: str) -> World:
    """Fill a database, unless the folder has it from an earlier run of this day."""
    now, size = filled.today(), filled.of_many(couples)
    file = folder / f"{couples}.sqlite3"
    known = folder / f"{couples}-{now:%Y-%m-%d}.pickle"
    if known.exists():
        return World(couples, f"sqlite:///{file}", [Two(*two) for two in pickle.loads(known.read_bytes())])  # noqa: S301  # ours
    began = time.perf_counter()
    url = _new_database(server, couples) if server else f"sqlite:///{file}"
    asking = filled.some(filled.fill(url, now, size, _PEOPLE // 2), _PEOPLE // 2)
    print(f"{size}: filled in {time.perf_counter() - began:.0f} s, {_megabytes(url):,.0f} MB", flush=True)
    if not server:
        known.write_bytes(pickle.dumps([tuple(two) for two in asking]))
    return World(couples, url, asking)


def _new_database(server: str, couples: int) -> str:
    name = f"scale_{couples}"
    with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return server.format(database=name)


def _megabytes(url: str) -> float:
    if url.startswith("sqlite:"):
        return Path(url.removeprefix("sqlite:///")).stat().st_size / 1e6
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row
    return float(row[0]) / 1e6


def _measure(worlds: Sequence[World], folder: Path, rounds: int) -> dict[str, list[Times]]:
    """Return the times of each route, in the order of the worlds."""
    with ExitStack() as stack:
        servers = [stack.enter_context(served(world.url, folder)) for world in worlds]
        known = [routes.of(server.port, world.asking) for server, world in zip(servers, worlds, strict=True)]
        figures: dict[str, list[Times]] = {}
        for same in zip(*known, strict=True):
            seconds: dict[str, list[list[float]]] = {}
            for number, at in product(range(rounds), range(len(worlds))):
                with Connections(servers[at].port, 1) as connection:  # a new one: the server closes idle ones
                    run = connection.run([same[at].script(number)], _PATIENCE, _MANY)
                for name, times in run.seconds.items():
                    seconds.setdefault(name, [[] for _ in worlds])[at] += times
            figures |= {name: [_times(each) for each in lists] for name, lists in seconds.items()}
    return figures


def _times(seconds: Sequence[float]) -> Times:
    in_order = sorted(1000 * one for one in seconds) or [math.nan]
    return Times(in_order[len(in_order) // 2], in_order[len(in_order) * 99 // 100])


def _print(figures: Mapping[str, Sequence[Times]], worlds: Sequence[World], rounds: int) -> None:
    sizes = "".join(f"{world.couples:>10,}" for world in worlds)
    more = "".join(f"{world.couples:>9,}" for world in worlds[1:])
    print(f"\n{'p50 in ms with so many couples':50}{sizes}   ratio of p50{more}   ratio of p99{more}")
    slower: dict[str, list[str]] = {part: [] for part in Times._fields}
    for name, times in figures.items():
        line = f"{name:50}{''.join(f'{each.p50:>10.2f}' for each in times)}"
        for part, names in slower.items():
            ratios = [getattr(each, part) / getattr(times[0], part) for each in times[1:]]
            line += " " * 15 + "".join(f"{ratio:>9.2f}" for ratio in ratios)
            names += [name] * any(ratio > _LIMIT for ratio in ratios)
        print(f"{line}{' *' if name in slower['p50'] else ''}")
    for part, names in slower.items():
        print(f"{part} of more than {_LIMIT} times that of the smallest: {', '.join(names) or 'none'}")
    print(f"{len(figures)} routes, {_PEOPLE * rounds} requests each: other work on the machine shows in the p99")


def _print_ticks(worlds: Sequence[World]) -> None:
    """Print how long a tick takes when nothing is due, and the housekeeping of each hour."""
    print(f"\n{'':50}{''.join(f'{world.couples:>10,}' for world in worlds)}")
    ticks, hours = [], []
    for world in worlds:
        db.open_database(world.url)
        scheduler.tick(clock.utcnow())
        ticks.append(statistics.median(_milliseconds(_tick) for _ in range(_TICKS)))
        hours.append(_milliseconds(lambda: scheduler.run_housekeeping(clock.utcnow())))
        db.dispose()
    print(f"{'a tick with nothing due, ms':50}{''.join(f'{one:>10.1f}' for one in ticks)}")
    print(f"{'the housekeeping of an hour, ms':50}{''.join(f'{one:>10.1f}' for one in hours)}")


def _tick() -> None:
    scheduler.tick(clock.utcnow())
    scheduler.next_due()


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
