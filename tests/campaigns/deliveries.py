"""kill -9 of senders of push: no message is lost, and each kill repeats at most one.

    python -m tests.campaigns.deliveries [REMINDERS] [KILLS]

Four processes send reminders to devices at a push service on this machine, which decrypts them. A kill stops a random
one at a random moment, and another one starts. Without kills, no message may come twice.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from planner import clock, inbox, outbound, schema
from planner.accounts.accounts import Person
from planner.accounts.sessions import Session
from planner.notifications import deliveries, web_push
from planner.notifications.deliveries import Delivery
from planner.notifications.devices import Device
from planner.notifications.preferences import DEFAULTS, save
from planner.settings import Settings
from planner.storage import db
from tests import postgresql, push_services
from tests.push_services import PushService

SENDERS = 4
PEOPLE = 40
_LEASE = timedelta(seconds=10)
"""A short lease, so that the campaign need not wait long for the messages of a killed sender."""


@dataclass
class Figures:
    """The results. `lost` must be 0, and `repeated` at most `kills`."""

    messages: int
    kills: int
    lost: int
    repeated: int
    seconds: float

    def __str__(self) -> str:
        """Return one line for a person to read."""
        bad = f"{self.lost} lost, {self.repeated} repeated"
        return f"{self.messages} messages, {self.kills} kills: {bad}, {self.seconds:.0f} s"


def use(host: str) -> None:
    """Let this process send to the push service."""
    settings = Settings(
        public_url="https://rekindle.example.org", push_hosts=(host,), outbound_origins=(f"http://{host}",)
    )
    outbound.use(settings)
    web_push.use(settings)


def fill(service: PushService, reminders: int) -> None:
    """Make people with a device each, and reminders that are due now."""
    now = clock.utcnow()
    with db.connection():
        people = [_person(service) for _ in range(PEOPLE)]
        with db.write():
            for number in range(reminders):
                inbox.add(people[number % PEOPLE], "date_soon", uuid4(), now, now + timedelta(hours=2))


def _person(service: PushService) -> UUID:
    now, device = clock.utcnow(), service.add_device()
    with db.write():
        texts = {"display_name": "Robin", "password_hash": "-", "recovery_hash": "-", "zone": "UTC"}
        person = Person.create(sign_in_name=uuid4().hex, created_at=now, **texts).id
        session = Session.create(
            person=person, token_hash=uuid4().hex, device="phone", created_at=now, used_on=now.date()
        ).id
        fields = {"kind": "web_push", "endpoint": device.endpoint, **device.keys}
        Device.create(person=person, session=session, installation=uuid4(), created_at=now, confirmed_at=now, **fields)
    save(person, DEFAULTS._replace(quiet_from=None, quiet_until=None), now)
    return UUID(str(person))


def campaign(url: str, reminders: int, kills: int, chance: random.Random) -> Figures:
    """Send the reminders from several processes, kill some of them, and return the results."""
    db.open_database(url)
    schema.upgrade()
    began = time.monotonic()
    with push_services.running() as service, ExitStack() as stack:
        fill(service, reminders)
        senders = [_start(stack, url, service) for _ in range(SENDERS)]
        for _ in range(kills):
            time.sleep(chance.uniform(0.1, 0.6))
            position = chance.randrange(SENDERS)
            senders[position].kill()
            senders[position].wait()
            senders[position] = _start(stack, url, service)
        _wait(reminders)
        for sender in senders:
            sender.kill()
        received = Counter(each.headers["topic"] for each in service.received)
    db.dispose()
    repeated = received.total() - len(received)
    return Figures(reminders, kills, reminders - len(received), repeated, time.monotonic() - began)


def _start(stack: ExitStack, url: str, service: PushService) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.campaigns.deliveries", "send", url, service.host]
    return stack.enter_context(subprocess.Popen(command))


def _wait(reminders: int) -> None:
    """Wait until all deliveries are done."""
    until = time.monotonic() + 120 + reminders / 20
    while time.monotonic() < until:
        with db.connection():
            done = Delivery.select().where(Delivery.channel == "push", Delivery.done_at.is_null(False)).count()
        if done == reminders:
            return
        time.sleep(0.2)


def send(url: str, host: str) -> None:
    """Send what is due until this process is killed."""
    deliveries.LEASE = _LEASE
    db.open_database(url)
    use(host)
    while True:
        with db.connection():
            deliveries.deliver(clock.utcnow(), present=clock.utcnow)
        time.sleep(0.1)


def main(reminders: int, kills: int) -> None:
    """Run it on both databases with and without kills, and fail when a message was lost or repeated too often."""
    seed = random.randrange(10**6)
    results = []
    with tempfile.TemporaryDirectory(prefix="rekindle-deliveries-") as name, postgresql.running() as server:
        for count in (0, kills):
            urls = {"sqlite": f"sqlite:///{Path(name)}/rekindle-{count}.sqlite3"}
            if server:
                postgresql.administer(server, f"CREATE DATABASE deliveries_{count}")
                urls["postgresql"] = server.format(database=f"deliveries_{count}")
            for database, url in urls.items():
                results.append(campaign(url, reminders, count, random.Random(seed)))
                print(f"{database} (seed {seed}): {results[-1]}", flush=True)
    if any(figures.lost or figures.repeated > figures.kills for figures in results):
        sys.exit("a message was lost, or repeated too often")


if __name__ == "__main__":
    if sys.argv[1:2] == ["send"]:
        send(*sys.argv[2:])
    else:
        numbers = [int(each) for each in sys.argv[1:]] + [400, 8][len(sys.argv) - 1 :]
        main(numbers[0], numbers[1])
