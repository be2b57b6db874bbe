"""Outages of the database and jumps of the clock, while people read and write and reminders go to a phone.

    python -m tests.campaigns.outages [SECONDS]

Each fault is tried on a served product of its own. What was acknowledged must be there afterwards, each answer must be
200, 201 or 503, and each reminder must reach the phone once. A full disk needs root.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import psycopg

from planner import inbox
from planner.notifications import deliveries
from planner.storage import db
from tests import postgresql, push_services, served, tcp_proxy
from tests.campaigns.crowd import Outage, People, count_reminders, status_of
from tests.campaigns.stalls import sign_up
from tests.push_services import PushService
from tests.served import Served
from tests.tcp_proxy import Proxy

LONGEST = 6.0
"""Seconds in which each answer must come: five, and one for a busy machine."""
_OVERDUE, _SPREAD = 500, 60
_NAME = "campaign"
_NO_QUIET_HOURS = {"quiet_from": None, "quiet_until": None}


class Place(NamedTuple):
    """What a fault can touch: the served product, its database, and the proxy before a PostgreSQL."""

    server: Served
    url: str
    folder: Path
    proxy: Proxy | None


Fault = Callable[[Place], contextlib.AbstractContextManager[None]]


@contextlib.contextmanager
def lock(place: Place) -> Iterator[None]:
    """Hold the lock of the SQLite file, as a program that copies it could."""
    with contextlib.closing(sqlite3.connect(place.url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextlib.contextmanager
def fill_disk(place: Place) -> Iterator[None]:
    """Leave no space on the disk of the database."""
    filler = place.folder / "disk" / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(65536))
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def hang(place: Place) -> Iterator[None]:
    """Let the packets to and from PostgreSQL wait."""
    assert place.proxy is not None
    place.proxy.hang()
    yield
    place.proxy.go_on()


@contextlib.contextmanager
def restart(place: Place) -> Iterator[None]:
    """End all connections to PostgreSQL, and refuse new ones."""
    assert place.proxy is not None
    place.proxy.close()
    yield
    place.proxy.listen()


@contextlib.contextmanager
def take_all_connections(place: Place) -> Iterator[None]:
    """End the connections of the server, and open all that PostgreSQL allows."""
    with ExitStack() as taken:
        first = taken.enter_context(psycopg.connect(place.url, autocommit=True, application_name=_NAME))
        _take_free(place.url, taken)
        first.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name != %s",
            [_NAME],
        )
        _take_free(place.url, taken)
        yield


def _take_free(url: str, taken: ExitStack) -> None:
    with contextlib.suppress(psycopg.OperationalError):
        while True:
            taken.enter_context(psycopg.connect(url, application_name=_NAME))


def jump(hours: float) -> Fault:
    """Set the clock of the server forward for good."""

    @contextlib.contextmanager
    def fault(place: Place) -> Iterator[None]:
        place.server.jump_to(datetime.now(UTC) + timedelta(hours=hours))
        yield

    return fault


@contextlib.contextmanager
def freeze(place: Place) -> Iterator[None]:
    """Stop one worker, which may be sending."""
    found = subprocess.run(["pgrep", "-P", str(place.server.process.pid)], capture_output=True, text=True, check=True)
    worker = int(found.stdout.split()[0])
    os.kill(worker, signal.SIGSTOP)
    yield
    os.kill(worker, signal.SIGCONT)


SQLITE: dict[str, Fault] = {"locked": lock, "disk full": fill_disk}
POSTGRESQL: dict[str, Fault] = {"hangs": hang, "restarted": restart}
CLOCKS: dict[str, Fault] = {"an hour": jump(1), "a day": jump(24)}


@dataclass
class Reminders:
    """How many reminders were due, how many are in the inbox, and how often each reached the phone.

    `late` tells whether they came so late that one message replaces several.
    """

    due: int = 0
    found: int = 0
    came: Counter[str] = field(default_factory=Counter)
    late: bool = False

    @property
    def lost(self) -> int:
        """Return how many did not come."""
        return self.due - (self.found if self.late and self.came else min(self.found, len(self.came)))

    @property
    def repeated(self) -> int:
        """Return how many came more than once."""
        return self.came.total() - len(self.came)


def suffer(
    url: str, folder: Path, fault: Fault, seconds: float, reminders: int = _SPREAD, readers: int = 8
) -> tuple[Outage, Reminders]:
    """Run the product with a fault for some seconds, and return what people found, and which reminders came."""
    found, sent = Outage(), Reminders(reminders)
    with ExitStack() as stack:
        proxy = None if url.startswith("sqlite") else stack.enter_context(tcp_proxy.proxied(url))
        service = stack.enter_context(push_services.running())
        server = stack.enter_context(served.running(proxy.url() if proxy else url, **sending_to(service)))
        people = stack.enter_context(People(server, found, readers))
        person = add_phone(server, people.token, service)
        assert served.wait_until(people.have_answers)
        _plan(url, person, reminders, seconds + 1)
        with fault(Place(server, url, folder, proxy)):
            time.sleep(seconds)
        ended = time.monotonic()
        served.wait_until(lambda: status_of(people.first_screen) == 200, 60)
        found.recovery = time.monotonic() - ended
        sent.late = server.now() > datetime.now(UTC) + deliveries.LATE
        served.wait_until(lambda: len(topics(service)) >= (1 if sent.late else reminders), 200)
        sent.came, sent.found = topics(service), count_reminders(server, people.token)
        found.kept = people.stop()
    return found, sent


def start_late(url: str, folder: Path, reminders: int = _OVERDUE) -> Reminders:
    """Start the product again after reminders became due, and return which came."""
    with push_services.running() as service:
        settings = sending_to(service)
        server = served.start(url, folder, **settings)
        token = sign_up(server)
        person = add_phone(server, token, service)
        server.kill()
        _plan(url, person, reminders, 0)
        server = served.start(url, folder, **settings)
        served.wait_until(lambda: len(topics(service)) >= reminders, 60)
        time.sleep(3)
        sent = Reminders(reminders, count_reminders(server, token), topics(service))
        server.kill()
    return sent


def sending_to(service: PushService) -> dict[str, str]:
    """Return the settings of a product that sends to a push service of the tests."""
    origin = f"http://{service.host}"
    return {"public_url": "https://rekindle.example.org", "push_hosts": service.host, "outbound_origins": origin}


def add_phone(server: Served, token: str, service: PushService) -> UUID:
    """Add a phone of a person, which may ring at any hour, and return the id of the person."""
    assert server.request("PUT", f"/v1/devices/{uuid4()}", token, service.add_device().subscription)[0] < 300
    chosen = {**server.request("GET", "/v1/me/preferences", token)[1], **_NO_QUIET_HOURS}
    assert server.request("PUT", "/v1/me/preferences", token, chosen)[0] == 200
    return UUID(server.request("GET", "/v1/me", token)[1]["id"])


def _plan(url: str, person: UUID, count: int, seconds: float) -> None:
    """Let so many reminders become due, spread over some seconds."""
    now = datetime.now(UTC)
    db.open_database(url)
    with db.connection(), db.write():
        for number in range(count):
            at = now + timedelta(seconds=seconds * number / count)
            inbox.add(person, "date_tomorrow", uuid4(), at, now + timedelta(days=3))
    db.dispose()


def topics(service: PushService) -> Counter[str]:
    """Return how often each message came to the phone."""
    return Counter(each.headers["topic"] for each in list(service.received))


@contextlib.contextmanager
def disk(folder: Path) -> Iterator[str]:
    """Yield the URL of a SQLite file on a small disk of its own, where this machine can make one."""
    mounted = folder / "disk"
    mounted.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", mounted], capture_output=True, check=False
    )
    try:
        yield f"sqlite:///{mounted}/rekindle.sqlite3"
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", "--lazy", mounted], check=True)


def faults_of(found: Outage, sent: Reminders) -> list[str]:
    """Return what is wrong with the result."""
    slowest = max(*found.reads.seconds, *found.writes.seconds)
    checks = {
        "an acknowledged note is lost": not found.kept,
        f"statuses {dict(found.statuses)}": not found.statuses.keys() <= {200, 503},
        f"an answer took {slowest:.1f} s": slowest > LONGEST,
        f"{sent.lost} reminders lost": sent.lost > 0,
        f"{sent.repeated} reminders repeated": sent.repeated > 0,
    }
    return [fault for fault, is_so in checks.items() if is_so]


def main(seconds: float) -> None:
    """Try each fault, and fail if one left something wrong."""
    wrong = False
    with tempfile.TemporaryDirectory(prefix="rekindle-outages-") as name, postgresql.running() as place:
        if place is None:
            sys.exit("There is no PostgreSQL.")
        for number, (database, title, fault) in enumerate(_all()):
            folder = Path(name, str(number))
            folder.mkdir()
            with ExitStack() as stack:
                if database == "sqlite":
                    url = stack.enter_context(disk(folder))
                else:
                    postgresql.administer(place, f"CREATE DATABASE outage_{number}")
                    url = place.format(database=f"outage_{number}")
                found, sent = suffer(url, folder, fault, seconds)
            faults = faults_of(found, sent)
            wrong = wrong or bool(faults)
            print(f"{database}, {title}, {seconds:.0f} s: {', '.join(faults) or 'nothing lost'}\n{found}", flush=True)
            print(f"reminders: {sent.due} due, {sent.lost} lost, {sent.repeated} repeated", flush=True)
        for database in ("sqlite", "postgresql"):
            folder = Path(name, database)
            folder.mkdir()
            url = f"sqlite:///{folder}/late.sqlite3"
            if database == "postgresql":
                postgresql.administer(place, "CREATE DATABASE late")
                url = place.format(database="late")
            sent = start_late(url, folder)
            wrong = wrong or bool(sent.lost or sent.repeated)
            print(
                f"{database}, started with {_OVERDUE} overdue: {sent.lost} lost, {sent.repeated} repeated", flush=True
            )
    if wrong:
        sys.exit("an outage left something wrong")


def _all() -> Iterator[tuple[str, str, Fault]]:
    for title, fault in {**SQLITE, **CLOCKS}.items():
        yield "sqlite", title, fault
    for title, fault in {**POSTGRESQL, "out of connections": take_all_connections, **CLOCKS}.items():
        yield "postgresql", title, fault


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 60.0)
