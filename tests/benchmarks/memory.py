"""Measure the memory of everything that `make run` starts, at rest and under a mixed load, and how fast it starts.

    python -m tests.benchmarks.memory                  two minutes of load
    python -m tests.benchmarks.memory --minutes 60

The database has a thousand couples. Eight connections read all routes, write, sign up, upload photos and export. Pages
that processes share count once. The start is that of a machine that has the files in memory.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from tests.benchmarks import filled, routes
from tests.benchmarks.load import Connections, Request, Run, Script, request
from tests.benchmarks.routes import Route
from tests.benchmarks.servers import Server, served
from tests.people import PASSWORD
from tests.photos import encoded, picture

_CONNECTIONS = 8
_COUPLES = 25
_AT_A_TIME = 20
_STARTS = 3
_PICTURE = base64.b64encode(encoded("JPEG", picture(1600, 1200))).decode()
_AIMS = {"at rest": 160.0, "after the load": 200.0, "start": 2.0}


def main() -> None:
    """Fill, serve, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.memory")
    parser.add_argument("--minutes", type=float, default=2.0, metavar="N", help="of mixed load")
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="rekindle-memory-") as name:
        folder, url = Path(name), f"sqlite:///{name}/rekindle.sqlite3"
        couples = filled.some(filled.fill(url, filled.today(), asking=_COUPLES), _COUPLES)
        print(f"{filled.USUAL}")
        starts = [_start(url, folder) for _ in range(_STARTS)]
        _say("start", "start to the first answer, s", min(starts), 2)
        with served(url, folder) as server:
            time.sleep(5)
            _say("at rest", "at rest, MiB", server.megabytes())
            known = routes.of(server.port, couples)
            tokens = [token for two in couples for token in two.tokens]
            _load(server, known, tokens, 60 * minutes)
            time.sleep(5)
            _say("after the load", "after the load, MiB", server.megabytes())
            for megabytes, what in server.processes():
                print(f"  {megabytes:>6.0f} MiB  {what}")


def _say(aim: str, what: str, value: float, digits: int = 0) -> None:
    most = _AIMS[aim]
    print(f"{what:34}{value:>8.{digits}f}   aim {most:g}: {'reached' if value <= most else 'MISSED'}", flush=True)


def _start(url: str, folder: Path) -> float:
    """Return the seconds from the command to the first answer."""
    began = time.perf_counter()
    with served(url, folder):
        return time.perf_counter() - began


def _load(server: Server, known: Sequence[Route], tokens: Sequence[str], seconds: float) -> None:
    """Play the mixed load, and print the memory each minute."""
    end, count, highest = time.monotonic() + seconds, 0, 0.0
    with Connections(server.port, _CONNECTIONS) as connections:
        while (left := end - time.monotonic()) > 0:
            run: Run = connections.run([_mix(known, tokens) for _ in range(_CONNECTIONS)], min(60, left), 10**9)
            count += run.count
            highest = max(highest, server.megabytes())
            print(f"  {count:>9,} requests, {run.rate:>6,.0f}/s: {server.megabytes():>5.0f} MiB", flush=True)
    print(f"{'highest, MiB':34}{highest:>8.0f}")


def _mix(known: Sequence[Route], tokens: Sequence[str]) -> Script:
    """Play a few requests of one route after another, for ever. Quotas may refuse some."""
    while True:
        chance = random.random()
        if chance < 0.01:
            script = _newcomer()
        elif chance < 0.03:
            script = _photo(random.choice(tokens))
        else:
            script = random.choice(known).script(random.randrange(20))
        body: bytes | None = None
        for _ in range(_AT_A_TIME):
            try:
                asked = next(script) if body is None else script.send(body)
            except (StopIteration, KeyError):  # a refusal has no version to go on with
                break
            body = yield asked._replace(status=0)


def _newcomer() -> Script:
    """Sign up, sign in and export. Each makes the hash of a password, or a key from it."""
    account = {"display_name": "Robin", "password": PASSWORD, "zone": "Europe/Lisbon"}
    answer = json.loads((yield Request(request("POST", "/v1/people", body=account))))
    token = answer["session"]["token"]
    names = {"sign_in_name": answer["sign_in_name"], "password": PASSWORD}
    yield Request(request("POST", "/v1/sign-ins", body=names))
    yield Request(request("POST", "/v1/sign-ins/current/confirm", token, {"password": PASSWORD}))
    yield Request(request("POST", "/v1/me/exports", token, {"password": PASSWORD, "part": "ordinary"}))
    yield Request(request("GET", "/v1/today", token))


def _photo(token: str) -> Script:
    """Write a note and add a photo."""
    note = {"id": str(uuid4()), "kind": "memory", "body": "The bench by the river."}
    yield Request(request("POST", "/v1/notes", token, note))
    yield Request(request("POST", "/v1/photos", token, {"note_id": note["id"], "data": _PICTURE}))


if __name__ == "__main__":
    main()
