"""Measure the product beside PocketBase, on the same machine, with the same rows and the same load, in turns.

    python -m tests.benchmarks.side_by_side              if PocketBase is in build/pocketbase or on the path
    python -m tests.benchmarks.side_by_side --install    put it into build/pocketbase first

Each round plays each route here, then there, and the next round the other way round. The table has the median of the
rounds, and the median of the ratios of each pair. Writes are measured twice there: with the durability that PocketBase
has by default, and with ours. How often each server waits for the disk is counted with strace, one create at a time.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import filled, plays, pocketbase
from tests.benchmarks.filled import Two
from tests.benchmarks.plays import (
    BARE,
    BATCH,
    DATE,
    FOUND_ID,
    NEW_ID,
    NOTE,
    NOTE_CREATED,
    PAGE,
    TODAY,
    UNCHANGED,
    Play,
    Rate,
    mark,
    step,
)  # fmt: skip
from tests.benchmarks.servers import Server, get, in_group, light_activity, served

ROUNDS, SECONDS = 3, 2
_CREATES = 100
"""How many notes are made to count the waits for the disk."""
_PEOPLE = 1_000
_RELAXED, _FULL = "PocketBase", "PocketBase, FULL"


class Pair(NamedTuple):
    """A row of the table: a play of ours, one of theirs, and the name of their server."""

    name: str
    mine: Play
    theirs: Play
    at: str


class Figures(NamedTuple):
    """One round of a pair, with the processor milliseconds of the servers for each visit."""

    mine: Rate
    theirs: Rate
    my_cpu: float
    their_cpu: float


def main() -> None:
    """Install if asked, fill, serve, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.side_by_side")
    parser.add_argument("--install", action="store_true", help="install PocketBase into build/pocketbase first")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N")
    parser.add_argument("--seconds", type=int, default=SECONDS, metavar="N", help="of each play in each round")
    parser.add_argument("--only", default="", metavar="WORDS", help="only rows with these words in their name")
    arguments = parser.parse_args()
    if arguments.install:
        pocketbase.install()
    if not pocketbase.binary():
        sys.exit("There is no PocketBase: use --install.")
    with tempfile.TemporaryDirectory(prefix="rekindle-bench-") as name:
        file = Path(name) / "rekindle.sqlite3"
        couples = filled.fill(f"sqlite:///{file}", filled.today())
        compare(file, couples, Path(name), arguments.rounds, arguments.seconds, arguments.only)


def compare(
    file: Path, couples: Sequence[Two], folder: Path, rounds: int = ROUNDS, seconds: int = SECONDS, only: str = ""
) -> None:
    """Print the table for the product over a filled SQLite file."""
    with ExitStack() as stack:
        guests = {
            name: stack.enter_context(pocketbase.serving(folder / kind, file, _PEOPLE, is_full=is_full))
            for name, kind, is_full in ((_RELAXED, "relaxed", False), (_FULL, "full", True))
        }
        server = stack.enter_context(served(f"sqlite:///{file}", folder))
        others = {name: (guest.server, pocketbase.plays(guest)) for name, guest in guests.items()}
        mine = own_plays(server.port, couples)
        pairs = [pair for pair in _pairs(mine, others) if only in pair.name]
        servers = {name: guest.server for name, guest in guests.items()}
        figures = _measure(server, servers, pairs, rounds, seconds)
        _print(figures, rounds, seconds)
        print("\nwaits for the disk (fsync, fdatasync) for the create of a note, one at a time:")
        for name, (at, known) in {"ours": (server, mine), **others}.items():
            print(f"  {name:20}{_waits(at, known[NOTE_CREATED])}")
        print("memory of all processes after this, pages in common once:")
        for name, each in {"ours": server, **servers}.items():
            print(f"  {name:20}{each.megabytes():>8.0f} MiB")


def own_plays(port: int, couples: Sequence[Two]) -> dict[str, Play]:
    """Return what we play, by the name of what both servers do. Each person must have asked for suggestions."""
    people = [(token,) for two in couples for token in two.tokens]
    random.Random(2).shuffle(people)
    people = people[:_PEOPLE]
    note = {"id": NEW_ID, "kind": "kindness", "body": NOTE}
    day = filled.today().date() + timedelta(days=70)
    slots = [{"local_time": f"{day + timedelta(days=more)}T19:00", "zone": "Europe/Lisbon"} for more in range(2)]
    proposal = {"id": NEW_ID, "activity_id": light_activity(port, people[0][0]), "slots": slots}
    partner, etag = mark("2"), mark("2")
    together = [two.tokens for two in couples if two.rhythm == "together"]
    moves = [
        step("POST", "/v1/dates", proposal, 201, before_id='"slots":[{"id":"'),
        step("POST", f"/v1/dates/{NEW_ID}/accept", {"version": 1, "slot_id": FOUND_ID}, 200, token=partner),
    ]
    known = [(token, get(port, "/v1/today", token)[1]) for (token,) in people[:50]]
    return {
        BARE: Play("GET /join", [step("GET", "/join", status=302, token=None)], [()]),
        PAGE: Play("GET /v1/notes", [step("GET", "/v1/notes?limit=20")], people),
        NOTE_CREATED: Play("POST /v1/notes", [step("POST", "/v1/notes", note, 201)], people),
        TODAY: Play("GET /v1/today", [step("GET", "/v1/today")], people),
        UNCHANGED: Play("GET /v1/today: 304", [step("GET", "/v1/today", status=304, etag=etag)], known),
        DATE: Play("proposal, acceptance", moves, [*together, *(pair[::-1] for pair in together)]),
    }


def _pairs(mine: Mapping[str, Play], others: Mapping[str, tuple[Server, dict[str, Play]]]) -> list[Pair]:
    relaxed = others[_RELAXED][1]
    reads = [Pair(name, mine[name], relaxed[name], _RELAXED) for name in (BARE, PAGE, TODAY)]
    unchanged = [
        Pair(UNCHANGED, mine[UNCHANGED], relaxed[TODAY], _RELAXED),
        Pair(UNCHANGED, mine[UNCHANGED], mine[PAGE], "ours"),
    ]
    writes = [
        Pair(name, mine[DATE if name == BATCH else name], theirs[name], at)
        for name in (NOTE_CREATED, DATE, BATCH)
        for at, (_, theirs) in others.items()
    ]
    return [*reads, *unchanged, *writes]


def _measure(
    server: Server, others: Mapping[str, Server], pairs: Sequence[Pair], rounds: int, seconds: int
) -> list[tuple[Pair, list[Figures]]]:
    servers = {**others, "ours": server}
    for pair in pairs:
        plays.check(pair.mine, server.port)
        plays.check(pair.theirs, servers[pair.at].port)
        plays.run(pair.mine, server.port, 1)  # warm the caches of each process
        plays.run(pair.theirs, servers[pair.at].port, 1)
    figures: list[tuple[Pair, list[Figures]]] = [(pair, []) for pair in pairs]
    for number in range(rounds):
        for pair, rounds_ in figures:
            sides = [(pair.mine, server), (pair.theirs, servers[pair.at])]
            runs = [_run(*side, seconds) for side in (sides if number % 2 == 0 else sides[::-1])]
            (mine, my_cpu), (theirs, their_cpu) = runs if number % 2 == 0 else runs[::-1]
            rounds_.append(Figures(mine, theirs, my_cpu, their_cpu))
    return figures


def _run(play: Play, server: Server, seconds: int) -> tuple[Rate, float]:
    used = server.used()
    rate = plays.run(play, server.port, seconds)
    return rate, 1000 * (server.used() - used) / max(1, rate.visits * seconds)


def _print(figures: Sequence[tuple[Pair, Sequence[Figures]]], rounds: int, seconds: int) -> None:
    generator = "wrk" if plays.WRK else "load.py"
    print(
        f"\n{pocketbase.version()} beside us on {platform.machine()}, {os.cpu_count()} CPUs: {rounds} rounds of "
        f"{seconds} s each, in turns, {plays.CONNECTIONS} connections, {generator}"
    )
    heads = f"{'ours/s':>9}{'theirs/s':>10}{'ratio':>8}{'(least, most)':>16}{'CPU ms: ours, theirs':>23}"
    print(f"{'':32}{'there':>30}{heads}")
    for pair, rounds_ in figures:
        ratios = sorted(one.mine.visits / one.theirs.visits for one in rounds_)
        mine, theirs = (_median(rounds_, lambda one, at=at: one[at].visits) for at in (0, 1))
        costs = [_median(rounds_, lambda one, at=at: one[at]) for at in (2, 3)]
        there = pair.theirs.name + ("" if pair.at == _RELAXED else f", {pair.at.removeprefix('PocketBase, ')}")
        spread = f"({ratios[0]:.2f}, {ratios[-1]:.2f})"
        print(
            f"{pair.name:32}{there:>30}{mine:>9,.0f}{theirs:>10,.0f}{statistics.median(ratios):>8.2f}{spread:>16}"
            f"{costs[0]:>14.2f}{costs[1]:>9.2f}"
        )
    most = max(rate.client for _, rounds_ in figures for one in rounds_ for rate in (one.mine, one.theirs))
    print(f"the load generator used at most {most:.0%} of one core")


def _median(rounds: Sequence[Figures], value: Callable[[Figures], float]) -> float:
    return statistics.median(value(one) for one in rounds)


def _waits(server: Server, play: Play) -> str:
    """Return how often a server waits for the disk in each visit, counted by strace."""
    if not shutil.which("strace"):
        return "unknown without strace"
    group = [f"-p{path.name}" for path in in_group(server.pid)]
    words = ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync", *group]
    tracing = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    for _ in range(_CREATES):
        plays.check(play, server.port)
    tracing.terminate()
    assert tracing.stderr
    lines = [line.split() for line in tracing.stderr.read().splitlines()]
    calls = [words[3] for words in lines if words and words[-1] in ("fsync", "fdatasync")]
    return f"{sum(map(int, calls)) / _CREATES:.2f}"


if __name__ == "__main__":
    main()
