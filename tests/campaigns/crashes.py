"""kill -9 in the middle of writes: no answered write is lost, and every write can be repeated.

    python -m tests.campaigns.crashes [ROUNDS]

In each round, clients create notes and own dates as fast as they can. Each create carries an id. A kill stops the whole
served product at a random moment after its first answer, and it starts again. Then every answered write must read as it
was sent. Every create is repeated with its id, and must exist exactly once.
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

from tests import postgresql, served
from tests.served import Served

CLIENTS = 6


@dataclass
class Figures:
    """The results. `lost` and `doubled` must be 0. An unanswered create may or may not be in the database."""

    rounds: int = 0
    sent: int = 0
    answered: int = 0
    unanswered_saved: int = 0
    lost: int = 0
    doubled: int = 0
    seconds_to_restart: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        """Return one line for a person to read."""
        return (
            f"{self.rounds} rounds: {self.sent} creates sent, {self.answered} answered, {self.lost} of them lost; "
            f"{self.sent - self.answered} unanswered, of which {self.unanswered_saved} had been kept; all repeated, "
            f"{self.doubled} doubled; back after {max(self.seconds_to_restart):.1f} s at the latest"
        )


@dataclass
class Create:
    """One create that was sent, and its answer, if there was one."""

    path: str
    body: dict[str, Any]
    status: int | None = None
    answer: Any = None


class Person:
    """A person with a token, and an activity to plan."""

    def __init__(self, server: Served) -> None:
        body = {"display_name": "Alice", "password": "correct horse battery", "zone": "UTC"}
        status, answer = server.request("POST", "/v1/people", None, body)
        assert status == 201, answer
        self.token: str = answer["session"]["token"]
        items = server.request("GET", "/v1/activities?limit=100", self.token)[1]["items"]
        self._activity = next(item["id"] for item in items if item["for"] == "one")

    def create(self, number: int) -> Create:
        """Return the next create: a note, then a date, which is several rows in one transaction."""
        if number % 2:
            return Create("/v1/notes", {"id": str(uuid4()), "kind": "kindness", "body": f"You helped, {number}."})
        wall = datetime.now(UTC) + timedelta(days=3)
        slot = {"local_time": wall.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC", "minutes": 60}
        body = {"id": str(uuid4()), "for": "one", "activity_id": self._activity, "slots": [slot]}
        return Create("/v1/dates", body)


def campaign(database_url: str, folder: Path, rounds: int, chance: random.Random, longest: float = 0.6) -> Figures:
    """Kill the product that many times over one database, and return the results.

    `longest` is the most seconds between the first answer and the kill.
    """
    figures, everything = Figures(), []
    server = served.start(database_url, folder, max_dates="10000")
    try:
        person = Person(server)
        for _ in range(rounds):
            creates = _write_until_killed(server, person, chance.uniform(0.02, longest))
            began = time.monotonic()
            server = served.start(database_url, folder, max_dates="10000")
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
    answered = threading.Event()
    clients = [threading.Thread(target=_write, args=(server, person, mine, begun, answered)) for mine in sent]
    for client in clients:
        client.start()
    begun.wait(20)
    answered.wait(20)  # a busy machine may need longer for its first answer than this round lasts
    time.sleep(after)
    server.kill()
    for client in clients:
        client.join(30)
        assert not client.is_alive(), "a client is still waiting for a dead server"
    return [create for mine in sent for create in mine]


def _write(
    server: Served, person: Person, sent: list[Create], begun: threading.Barrier, answered: threading.Event
) -> None:
    """Create things on one connection until the server is gone."""
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
            answered.set()


def _count(figures: Figures, server: Served, person: Person, creates: list[Create]) -> None:
    figures.rounds += 1
    figures.sent += len(creates)
    for create in creates:
        assert create.status in (None, 201), create.answer
        status, read = server.request("GET", f"{create.path}/{create.body['id']}", person.token)
        exists = status == 200
        if create.answer is not None:
            figures.answered += 1
            figures.lost += not exists or _lasting(read) != _lasting(create.answer)
        else:
            figures.unanswered_saved += exists
        status, repeated = server.request("POST", create.path, person.token, create.body)
        assert status == 201, repeated
        figures.doubled += exists and _lasting(repeated) != _lasting(read)


def _lasting(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what later creates change: the dates that overlap this one."""
    return {**answer, "slots": [{**slot, "overlaps": []} for slot in answer.get("slots", ())]}


def _doubled(server: Served, person: Person, creates: list[Create]) -> int:
    """Count the things that do not exist exactly once, or do not have exactly one slot."""
    doubled = 0
    for path in ("/v1/notes", "/v1/dates"):
        listed = list(_all(server, person, path))
        counted = Counter(item["id"] for item in listed)
        expected = Counter(create.body["id"] for create in creates if create.path == path)
        doubled += ((counted - expected) + (expected - counted)).total()
        doubled += sum(len(item.get("slots", [0])) != 1 for item in listed)
    return doubled


def _all(server: Served, person: Person, path: str) -> Iterator[dict[str, Any]]:
    after: str | None = ""
    while after is not None:
        page = server.request("GET", f"{path}?limit=100{after and '&after=' + after}", person.token)[1]
        yield from page["items"]
        after = page["next"]


def main(rounds: int) -> None:
    """Run it on both databases, and fail when a write was lost or doubled."""
    seed = random.randrange(10**6)
    results = {}
    with tempfile.TemporaryDirectory(prefix="rekindle-crashes-") as name, postgresql.running() as server:
        urls = {"sqlite": f"sqlite:///{name}/rekindle.sqlite3"}
        if server:
            postgresql.administer(server, "CREATE DATABASE crashes")
            urls["postgresql"] = server.format(database="crashes")
        for database, url in urls.items():
            results[database] = campaign(url, Path(name), rounds, random.Random(seed))
            print(f"{database} (seed {seed}): {results[database]}", flush=True)
    if any(figures.lost or figures.doubled for figures in results.values()):
        sys.exit("a write was lost or doubled")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
