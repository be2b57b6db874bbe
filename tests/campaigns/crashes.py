"""kill -9 in the middle of writes: what was answered must be there, what was not must be repeatable.

    python -m tests.campaigns.crashes [ROUNDS]

In each round, clients create notes and own dates with ids of their own, as fast as they can, until the whole served
product is killed at a random moment. It is started again; then every write that was answered must read as it was sent,
and every create, answered or not, is repeated with its id and must stand there exactly once.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from tests import postgresql, served
from tests.served import Served

CLIENTS = 6


@dataclass
class Figures:
    """What came of it. `lost` and `doubled` must be 0; `unanswered` creates may or may not have been kept."""

    rounds: int = 0
    sent: int = 0
    answered: int = 0
    unanswered_kept: int = 0
    lost: int = 0
    doubled: int = 0
    seconds_to_restart: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        """One line for a person to read."""
        return (
            f"{self.rounds} rounds: {self.sent} creates sent, {self.answered} answered, {self.lost} of them lost; "
            f"{self.sent - self.answered} unanswered, of which {self.unanswered_kept} had been kept; all repeated, "
            f"{self.doubled} doubled; back after {max(self.seconds_to_restart):.1f} s at the latest"
        )


@dataclass
class Create:
    """One create that was sent; `status` and `answer` are what came back, if anything did."""

    path: str
    body: dict[str, Any]
    status: int | None = None
    answer: Any = None


class Person:
    """Somebody with a token, and an activity to plan."""

    def __init__(self, server: Served) -> None:
        body = {"display_name": "Alice", "password": "correct horse battery", "zone": "UTC"}
        status, made = server.request("POST", "/v1/people", None, body)
        assert status == 201, made
        self.token: str = made["session"]["token"]
        found = server.request("GET", "/v1/activities?limit=100", self.token)[1]["items"]
        self._activity = next(one["id"] for one in found if one["for"] == "one")

    def create(self, number: int) -> Create:
        """The next thing to create: a note, and then a date, which is several rows in one transaction."""
        if number % 2:
            return Create("/v1/notes", {"id": str(uuid4()), "kind": "kindness", "body": f"You helped, {number}."})
        wall = datetime.now(UTC) + timedelta(days=3)
        slot = {"local_time": wall.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC", "minutes": 60}
        body = {"id": str(uuid4()), "for": "one", "activity_id": self._activity, "slots": [slot]}
        return Create("/v1/dates", body)


def campaign(database_url: str, folder: Path, rounds: int, chance: random.Random) -> Figures:
    """Kill the product that many times over one database."""
    figures, everything = Figures(), []
    server = served.start(database_url, folder)
    try:
        person = Person(server)
        for _ in range(rounds):
            creates = _write_until_killed(server, person, chance.uniform(0.02, 0.6))
            began = time.monotonic()
            server = served.start(database_url, folder)
            figures.seconds_to_restart.append(time.monotonic() - began)
            everything += creates
            _count(figures, server, person, creates)
        figures.doubled += _doubled(server, person, everything)
    finally:
        server.kill()
    return figures


def _write_until_killed(server: Served, person: Person, after: float) -> list[Create]:
    sent: list[list[Create]] = [[] for _ in range(CLIENTS)]
    begun = threading.Barrier(CLIENTS + 1)
    clients = [threading.Thread(target=_write, args=(server, person, mine, begun)) for mine in sent]
    for client in clients:
        client.start()
    begun.wait(20)
    time.sleep(after)
    server.kill()
    for client in clients:
        client.join(30)
        assert not client.is_alive(), "a client is still waiting for a dead server"
    return [create for mine in sent for create in mine]


def _write(server: Served, person: Person, sent: list[Create], begun: threading.Barrier) -> None:
    """Create one thing after the other on one connection, until the server is gone."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {person.token}"}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    begun.wait(20)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        while True:
            create = person.create(len(sent))
            sent.append(create)
            connection.request("POST", create.path, json.dumps(create.body), headers)
            answer = connection.getresponse()
            data = answer.read()
            create.status, create.answer = answer.status, json.loads(data)


def _count(figures: Figures, server: Served, person: Person, creates: list[Create]) -> None:
    figures.rounds += 1
    figures.sent += len(creates)
    for create in creates:
        assert create.status in (None, 201), create.answer
        status, read = server.request("GET", f"{create.path}/{create.body['id']}", person.token)
        found = status == 200
        if create.answer is not None:
            figures.answered += 1
            figures.lost += not found or read != create.answer
        else:
            figures.unanswered_kept += found
        status, repeated = server.request("POST", create.path, person.token, create.body)
        assert status == 201, repeated
        figures.doubled += found and repeated != read


def _doubled(server: Served, person: Person, creates: list[Create]) -> int:
    """How many stand there more or less than once, or with more or less than their one slot."""
    doubled = 0
    for path in ("/v1/notes", "/v1/dates"):
        listed = list(_all(server, person, path))
        counted = Counter(one["id"] for one in listed)
        expected = Counter(create.body["id"] for create in creates if create.path == path)
        doubled += ((counted - expected) + (expected - counted)).total()
        doubled += sum(len(one.get("slots", [0])) != 1 for one in listed)
    return doubled


def _all(server: Served, person: Person, path: str) -> Iterator[dict[str, Any]]:
    after: str | None = ""
    while after is not None:
        page = server.request("GET", f"{path}?limit=100{after and '&after=' + after}", person.token)[1]
        yield from page["items"]
        after = page["next"]


def main(rounds: int) -> None:
    """Run it over both databases, and fail when anything was lost or doubled."""
    seed = random.randrange(10**6)
    found = {}
    with tempfile.TemporaryDirectory(prefix="rekindle-crashes-") as name, postgresql.running() as server:
        urls = {"sqlite": f"sqlite:///{name}/rekindle.sqlite3"}
        if server:
            with psycopg.connect(server.format(database="postgres"), autocommit=True) as connection:
                connection.execute("CREATE DATABASE crashes")
            urls["postgresql"] = server.format(database="crashes")
        for database, url in urls.items():
            found[database] = campaign(url, Path(name), rounds, random.Random(seed))
            print(f"{database} (seed {seed}): {found[database]}", flush=True)
    if any(one.lost or one.doubled for one in found.values()):
        sys.exit("a write was lost or doubled")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
