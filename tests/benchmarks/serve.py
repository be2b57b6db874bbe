"""Measure the product as it is served: `python wsgi.py`, two workers, their schedulers, and a filled database.

    python -m tests.benchmarks.serve                 on SQLite
    python -m tests.benchmarks.serve --postgresql    on the PostgreSQL of the tests, with fsync on
    python -m tests.benchmarks.serve --pocketbase    beside PocketBase too, which it installs into build/pocketbase

Without --only, it also prints where the time goes (hot_spots.py). If PocketBase is installed, a table beside it comes
last (side_by_side.py).

A database of 1,000 couples, 100,000 notes and 20,000 dates is filled in a temporary folder. The server runs in its own
process group. This process sends requests over loopback, with 16 connections kept alive (see load.py).

Requests per second say little about another machine. So each route also has its ratio to the bare route, GET /join,
which needs no sign-in and no database. For writes there is also a ratio to the appends with fsync
per second of this disk in the same folder. Each round measures the bare route or the disk just before the route, over
the same connections; the report shows the median of the rounds.

Reads are those of a person who has made the same request earlier that day. "CPU ms" is the processor time of the
workers per answer, which other work on the machine distorts least. Time and number of requests are bounded: two
minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from json import loads
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from tests.benchmarks import filled, hot_spots, pocketbase, side_by_side
from tests.benchmarks.filled import Two
from tests.benchmarks.load import Connections, Request, Run, Script, request
from tests.benchmarks.plays import NOTE
from tests.benchmarks.servers import Server, database, light_activity, served

CONNECTIONS = 16
ROUNDS = 7
SECONDS = 1.2
"""How long each route is requested in each round."""
MAX_REQUESTS = 20_000
"""Maximum number of requests of one route in one round."""
_FEW = 50
"""How many people read again what they have. The warm-up reads for all of them."""
BARE = "GET /join"
PROPOSAL, ACCEPTANCE = "POST /v1/dates", "POST /v1/dates/{id}/accept"

Make = Callable[[], Script]


class Route(NamedTuple):
    """A route to measure: the script of a connection, and the ratios that it should reach."""

    name: str
    make: Make
    of_bare: float
    of_fsync: float | None = None  # for a write: reaching either this or `of_bare` is enough


class Figures(NamedTuple):
    """The figures of a route in one round."""

    run: Run
    of_bare: float
    of_fsync: float


def main() -> None:
    """Fill, serve, measure and print."""
    arguments = _arguments()
    now = filled.today()
    with tempfile.TemporaryDirectory(prefix="rekindle-bench-") as name, database(arguments.postgresql, name) as url:
        began = time.perf_counter()
        couples = filled.fill(url, now)
        took = time.perf_counter() - began
        version = filled.database_version(url)
        _introduce(version, took)
        with served(url, Path(name)) as server:
            chosen = [route for route in routes(server.port, couples) if arguments.only in route.name]
            if not chosen:
                sys.exit(f"no route with these words in its name: {arguments.only}")
            figures, bare, disk = measure(server, chosen, Path(name), arguments.rounds)
            workers, everything = server.memory(), server.megabytes()
        report(figures, bare, disk, workers)
        print(f"memory of everything that was started, pages in common once: {everything:.0f} MiB", flush=True)
        if not arguments.only:
            hot_spots.show(url, couples)
            _compare(url, couples, Path(name), arguments)


def _compare(url: str, couples: Sequence[Two], folder: Path, arguments: argparse.Namespace) -> None:
    if arguments.pocketbase:
        pocketbase.install()
    if arguments.postgresql or not pocketbase.binary():
        print("\nNot beside PocketBase: that is for SQLite, and `make bench ARGS=--pocketbase` installs it.")
    else:
        side_by_side.compare(Path(url.removeprefix("sqlite:///")), couples, folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.serve")
    parser.add_argument("--postgresql", action="store_true", help="measure on PostgreSQL")
    parser.add_argument("--pocketbase", action="store_true", help="install PocketBase, and measure beside it")
    parser.add_argument("--rounds", type=int, default=ROUNDS, choices=range(1, 31), metavar="1..30")
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="measure only routes with these words in their name"
    )
    return parser.parse_args()


def routes(port: int, couples: Sequence[Two]) -> list[Route]:
    """Return the routes to measure."""
    people = [(person, token) for two in couples for person, token in zip(two.persons, two.tokens, strict=True)]
    random.Random(2).shuffle(people)
    tokens = [token for _, token in people]
    return [
        Route("GET /v1/today", _reading("/v1/today", tokens), 0.15),
        Route("GET /v1/today, unchanged", _rereading("/v1/today", tokens[:_FEW]), 0.15),
        Route("GET /v1/suggestions", _reading("/v1/suggestions", tokens), 0.15),
        Route("a day's first suggestions", _asking(tokens), 0.015),
        Route("GET /v1/notes", _reading("/v1/notes?limit=20", tokens), 0.25),
        Route("POST /v1/notes", _writing(tokens), 0.2, 0.5),
        Route("a proposal, then its acceptance", _proposing(couples, light_activity(port, tokens[0])), 0.2, 0.5),
    ]


def measure(
    server: Server, routes_: Sequence[Route], folder: Path, rounds: int
) -> tuple[dict[Route, list[Figures]], list[Run], list[float]]:
    """Return the figures of each route and of the bare route, and the disk's fsyncs per second, by round."""
    figures: dict[Route, list[Figures]] = {route: [] for route in routes_}
    bare, disk = [], []
    _play(server, [*(route.make for route in routes_), _bare], SECONDS / 2)  # warm the caches of each process
    for _ in range(rounds):
        for route in routes_:
            if route.of_fsync:
                disk.append(_fsyncs(folder))
            bare_run, run = _play(server, [_bare, route.make], SECONDS)
            bare.append(bare_run)
            rate = disk[-1] if route.of_fsync else float("inf")
            figures[route].append(Figures(run, run.rate / bare_run.rate, run.rate / rate))
    return figures, bare, disk


def _play(server: Server, makes: Sequence[Make], seconds: float) -> list[Run]:
    # Use fresh connections each time: their distribution over the workers is random and should differ by round.
    runs = []
    with Connections(server.port, CONNECTIONS) as connections:
        for make in makes:
            used = server.used()
            runs.append(connections.run([make() for _ in range(CONNECTIONS)], seconds, MAX_REQUESTS))
            runs[-1].served = server.used() - used
    return runs


def _fsyncs(folder: Path) -> float:
    """Return how often per second this disk can append a page and fsync it."""
    page, count, began = b"x" * 4096, 0, time.perf_counter()
    with (folder / "fsync-probe").open("ab", buffering=0) as file:
        while (lasted := time.perf_counter() - began) < SECONDS / 2:
            file.write(page)
            os.fsync(file.fileno())
            count += 1
    return count / lasted


def _bare() -> Script:
    bare = Request(request("GET", "/join"), 302, BARE)
    while True:
        yield bare


def _reading(path: str, tokens: Sequence[str]) -> Make:
    requests = [Request(request("GET", path, token)) for token in tokens]

    def play() -> Script:
        at = random.randrange(len(requests))
        for number in itertools.count(at):
            yield requests[number % len(requests)]

    return play


def _rereading(path: str, tokens: Sequence[str]) -> Make:
    """Play reads by people who have the answer already. Each person's first read is a whole one."""
    known: dict[str, Request] = {}

    def play() -> Script:
        while True:
            token = random.choice(tokens)
            if token in known:
                yield known[token]
            else:
                body = yield Request(request("GET", path, token))
                tag = f'"0.{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
                known[token] = Request(request("GET", path, token, etag=tag), 304)

    return play


def _asking(tokens: Sequence[str]) -> Make:
    """Play requests that the viewer has not made today."""

    def play() -> Script:
        while True:
            minutes = random.randint(200, 20_000)
            yield Request(request("GET", f"/v1/suggestions?minutes={minutes}", random.choice(tokens)))

    return play


def _writing(tokens: Sequence[str]) -> Make:
    def play() -> Script:
        while True:
            note = {"id": str(uuid4()), "kind": "kindness", "body": NOTE}
            yield Request(request("POST", "/v1/notes", random.choice(tokens), note), 201)

    return play


def _proposing(couples: Sequence[Two], activity: str) -> Make:
    """Play proposals by one couple after another, so that no quota is used up. Either partner proposes."""
    waiting = itertools.cycle([two for two in couples if two.rhythm == "together"])
    day = filled.today().date() + timedelta(days=70)

    def play() -> Script:
        for two in waiting:
            sender, receiver = random.sample(two.tokens, 2)
            slots = [
                {"local_time": f"{day + timedelta(days=more)}T19:00", "zone": "Europe/Lisbon"} for more in range(2)
            ]
            proposal = {"id": str(uuid4()), "activity_id": activity, "slots": slots}
            date = loads((yield Request(request("POST", "/v1/dates", sender, proposal), 201, PROPOSAL)))
            accept = {"version": date["version"], "slot_id": date["slots"][0]["id"]}
            yield Request(request("POST", f"/v1/dates/{date['id']}/accept", receiver, accept), 200, ACCEPTANCE)

    return play


def _introduce(version: str, took: float) -> None:
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, {version}")
    print(f"{filled.USUAL}, filled in {took:.0f} s; {CONNECTIONS} connections")


def report(
    figures: dict[Route, list[Figures]], bare: Sequence[Run], disk: Sequence[float], memory: Sequence[int]
) -> None:
    """Print the table."""
    print(f"\n{'':34}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'of bare':>9}{'of fsync':>10}   aim")
    _line(BARE, bare, _times(bare))
    for route, rounds in figures.items():
        runs = [one.run for one in rounds]
        of_bare = statistics.median(one.of_bare for one in rounds)
        of_fsync = statistics.median(one.of_fsync for one in rounds) if route.of_fsync else None
        reached = of_bare >= route.of_bare or bool(of_fsync and route.of_fsync and of_fsync >= route.of_fsync)
        aim = f"{route.of_bare}" + (f" or {route.of_fsync} of fsync" if route.of_fsync else "")
        _line(route.name, runs, _times(runs), of_bare, of_fsync, f"{aim}: {_verdict(reached)}")
        for part in (PROPOSAL, ACCEPTANCE):
            if times := _times(runs, part):
                _line(f"  {part}", [], times)
    if disk:
        print(f"\nfsyncs a second in the same folder: {statistics.median(disk):,.0f}")
    if memory:
        print(f"memory a worker: {', '.join(f'{one} MiB' for one in memory)}")
    everything = [*bare, *(one.run for rounds in figures.values() for one in rounds)]
    print(f"the client used at most {max(run.client for run in everything):.0%} of one core")


def _verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"


def _times(runs: Sequence[Run], part: str | None = None) -> list[float]:
    return sorted(
        seconds for run in runs for name, times in run.seconds.items() if part in (None, name) for seconds in times
    )


def _line(
    name: str, runs: Sequence[Run], times: Sequence[float], of_bare: float | None = None,
    of_fsync: float | None = None, aim: str = "",
) -> None:  # fmt: skip
    rate = f"{statistics.median(run.rate for run in runs):,.0f}" if runs else ""
    used = sum(run.served for run in runs) / max(1, sum(run.count for run in runs)) * 1000
    p50, p99 = times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000
    cells = [f"{one:.2f}" if one else "" for one in (used, of_bare, of_fsync)]
    print(f"{name:34}{rate:>8}{p50:>9.1f}{p99:>9.1f}{cells[0]:>9}{cells[1]:>9}{cells[2]:>10}   {aim}".rstrip())


if __name__ == "__main__":
    main()
