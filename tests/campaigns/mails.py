"""kill -9 in the middle of mails: none is lost, and at most one comes twice for each kill.

    python -m tests.campaigns.mails [MAILS] [KILLS]

Four processes send the mails to a real mail server. Kills stop a process at random moments, and another one takes its
place. The leases of killed processes end when the clock of the senders jumps at last. Each mail has the id of its
delivery, so the mail server sees what came twice.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from planner import clock, inbox, mail, scheduler, schema
from planner.accounts import accounts, passwords
from planner.accounts.email_addresses import EmailAddress
from planner.notifications import deliveries
from planner.notifications.deliveries import LEASE, Delivery
from planner.settings import Settings
from planner.storage import db
from tests import mailboxes, postgresql, processes
from tests.mailboxes import Mailboxes
from tests.processes import Process

SENDERS = 4
_PATIENCE = 60  # seconds without a mail
_STALL = 3  # seconds, in which a living process sends at least one mail


class Figures(NamedTuple):
    """The results. `lost` must be 0, and `repeated` at most `kills`."""

    mails: int
    kills: int
    lost: int
    repeated: int
    seconds: float

    def __str__(self) -> str:
        """Return one line for a person to read."""
        return (
            f"{self.mails} mails by {SENDERS} processes in {self.seconds:.0f} s, {self.kills} kills:"
            f" {self.lost} lost, {self.repeated} came twice"
        )


def run(url: str, count: int, kills: int, seed: int = 0) -> Figures:
    """Send mails from an empty or migrated database while processes are killed."""
    rng, began = random.Random(seed), time.monotonic()
    with mailboxes.running() as boxes, tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        _plan(url, count)
        shift = Path(folder) / "shift"
        senders_clock = _Clock(boxes, shift)
        senders = [stack.enter_context(_sender(url, boxes, shift)) for _ in range(SENDERS)]
        for kill in range(kills):
            while len(boxes.mails) < (kill + 1) * count // (kills + 1):
                senders_clock.wait()
            killed = rng.randrange(SENDERS)
            time.sleep(rng.random() / 50)
            senders[killed].kill()
            senders[killed] = stack.enter_context(_sender(url, boxes, shift))
        while not _is_sent(count):
            senders_clock.wait()
    ids = Counter(letter["Message-ID"] for letter in boxes.mails)
    repeated = sum(ids.values()) - len(ids)
    return Figures(count, kills, count - len(ids), repeated, time.monotonic() - began)


def _plan(url: str, count: int) -> None:
    """Make a person with an address, and as many items as there will be mails."""
    passwords.set_cost("cheapest")
    db.open_database(url)
    schema.upgrade()
    now = clock.utcnow()
    with db.connection():
        person = accounts.sign_up("Robin", "a long enough password", "UTC", None, now).person
        with db.write():
            EmailAddress.create(
                person=person, address="robin@example.org", set_at=now, confirmed_at=now, resets_password=False,
                notifies=True,
            )  # fmt: skip
            for _ in range(count):
                inbox.add(person, "note_shared", uuid4(), now)


def _sender(url: str, boxes: Mailboxes, shift: Path) -> AbstractContextManager[Process]:
    return processes.running(send, url, boxes.port, shift)


class _Clock:
    """The clock of the senders. It jumps over a lease when no mail has come for a while: then a dead process has it."""

    def __init__(self, boxes: Mailboxes, file: Path) -> None:
        self._boxes, self._file, self._jumps = boxes, file, 0
        self._seen, self._since, self._came_at = 0, time.monotonic(), time.monotonic()
        file.write_text("0")

    def wait(self) -> None:
        """Wait for a moment, and jump if nothing moves."""
        assert time.monotonic() - self._came_at < _PATIENCE, f"{len(self._boxes.mails)} mails have come"
        time.sleep(0.01)
        if len(self._boxes.mails) > self._seen:
            self._seen, self._since, self._came_at = len(self._boxes.mails), time.monotonic(), time.monotonic()
        elif time.monotonic() - self._since > _STALL:
            self._jumps, self._since = self._jumps + 1, time.monotonic()
            self._file.write_text(str(self._jumps * (LEASE + timedelta(seconds=1)).total_seconds()))


def _is_sent(count: int) -> bool:
    with db.connection():
        open_rows = Delivery.select().where(Delivery.next_at.is_null(False)).count()
        return open_rows == 0 and Delivery.select().count() == count


def send(_: Connection, url: str, port: int, shift: Path) -> None:
    """Send what is due until the process is killed."""
    db.open_database(url)
    settings = Mailboxes(port).settings(Settings())
    mail.use(settings)
    channels = {"mail": scheduler.CHANNELS["mail"]}
    real = clock.utcnow

    def present() -> datetime:
        return real() + timedelta(seconds=float(shift.read_text() or 0))

    while True:
        with db.connection():
            deliveries.deliver(present(), channels, present)
        time.sleep(0.02)


def main(mails: str = "2000", kills: str = "20") -> None:
    """Print the figures of each kind of database, and fail if they are wrong."""
    with tempfile.TemporaryDirectory() as folder, postgresql.running() as server:
        urls = [f"sqlite:///{folder}/mails.sqlite3"]
        if server:
            urls.append(_database(server))
        for url in urls:
            figures = run(url, int(mails), int(kills))
            print(f"{url.partition(':')[0]}: {figures}", flush=True)
            assert (figures.lost, figures.repeated <= figures.kills) == (0, True)
            db.dispose()


def _database(server: str) -> str:
    name = f"mails_{uuid4().hex}"
    postgresql.administer(server, f"CREATE DATABASE {name}")
    return server.format(database=name)


if __name__ == "__main__":
    main(*sys.argv[1:])
