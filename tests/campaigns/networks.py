"""Networks that lose packets: hosts of one PostgreSQL, each in a network of its own, cut off and back.

    python -m tests.campaigns.networks [SECONDS]

Linux gives each host a network namespace with two cables: one to the database, one to its clients. While the cable to
the database is cut, its packets vanish, as in a broken switch: no connection is refused, and none ends. It needs root.

First one host is cut off, while people read and write. Then one of two hosts is cut off while reminders become due.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from planner import inbox
from planner.storage import db
from tests import postgresql, served, tcp_proxy
from tests.campaigns.crowd import Outage, People, count_reminders, status_of
from tests.campaigns.stalls import sign_up
from tests.served import Served

_DELIVERY = re.compile(r"delivery ([0-9a-f-]{36})")
LONGEST = 1.0
"""Seconds in which a health check must be answered, also by a machine that is busy."""
_REMINDERS = 600
_LOST = "02:00:00:00:00:01"
"""An Ethernet address that no one has."""


class Network(NamedTuple):
    """The namespace of a host, and the addresses of its two cables. This end of each is `.1`, the host's `.2`."""

    name: str
    number: int

    @property
    def database(self) -> str:
        """Return the address at which the host finds the database."""
        return f"10.77.{self.number}.1"

    @property
    def address(self) -> str:
        """Return the address at which clients find the host."""
        return f"10.78.{self.number}.2"

    @property
    def within(self) -> tuple[str, ...]:
        """Return the command that runs another one on the host."""
        return ("ip", "netns", "exec", self.name)

    def cut(self) -> None:
        """Let the packets to and from the database vanish."""
        _run(
            "ip", "neigh", "replace", f"10.77.{self.number}.2", "lladdr", _LOST, "dev", self._cable, "nud", "permanent"
        )

    def mend(self) -> None:
        """Let packets pass again."""
        _run("ip", "neigh", "del", f"10.77.{self.number}.2", "dev", self._cable)

    @property
    def _cable(self) -> str:
        return f"rkd{self.number}"


def why_not() -> str | None:
    """Return why this machine cannot make networks, or None."""
    if os.getuid() != 0 or not shutil.which("ip"):
        return "Networks of their own need root, and the program ip."
    made = subprocess.run(["ip", "netns", "add", "rk-try"], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", "rk-try"], capture_output=True, check=False)
    return None if made.returncode == 0 else "This machine makes no network namespaces."


@contextlib.contextmanager
def network(number: int) -> Iterator[Network]:
    """Make the network of a host for the time of a block."""
    made = Network(f"rk-host-{number}", number)
    _run("ip", "netns", "add", made.name)
    try:
        for kind, subnet in (("d", 77), ("c", 78)):
            here, there = f"rk{kind}{number}", f"rk{kind}{number}-far"
            _run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", made.name)
            _run("ip", "addr", "add", f"10.{subnet}.{number}.1/30", "dev", here)
            _run("ip", "link", "set", here, "up")
            _run(*made.within, "ip", "addr", "add", f"10.{subnet}.{number}.2/30", "dev", there)
            _run(*made.within, "ip", "link", "set", there, "up")
        _run(*made.within, "ip", "link", "set", "lo", "up")
        yield made
    finally:
        # The end of a namespace takes the cables with it, but some time later: the next network would find them.
        for kind in "dc":
            subprocess.run(["ip", "link", "del", f"rk{kind}{number}"], capture_output=True, check=False)
        _run("ip", "netns", "del", made.name)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextlib.contextmanager
def host(url: str, folder: Path, number: int, **settings: str) -> Iterator[tuple[Network, Served]]:
    """Run the product on a host of its own, with a database at `url`."""
    folder.mkdir(exist_ok=True)
    with network(number) as made, tcp_proxy.proxied(url, made.database) as database:
        server = served.start(
            database.url(),
            folder,
            within=made.within,
            address=made.address,
            host=made.address,
            **settings,
        )
        try:
            yield made, server
        finally:
            server.kill()


def cut_off(url: str, folder: Path, seconds: float, readers: int = 8) -> Outage:
    """Cut a host off for a while, and return what people found."""
    found = Outage()
    with host(url, folder, 1) as (network, server), People(server, found, readers) as people:
        assert served.wait_until(people.have_answers)
        network.cut()
        time.sleep(seconds)
        network.mend()
        mended = time.monotonic()
        while status_of(people.first_screen) != 200:
            time.sleep(0.05)
        found.recovery = time.monotonic() - mended
        before = people.count_written()
        assert served.wait_until(lambda: people.count_written() > before)
        found.kept = people.stop()
    return found


class Split(NamedTuple):
    """How many reminders were in the inbox, and how often each was sent by either host."""

    found: int
    sent: Counter[int]


def split(url: str, folder: Path, seconds: float, reminders: int) -> Split:
    """Run two hosts, cut one off while reminders become due, and return what came and was sent.

    The second host sends what the first had claimed, after the end of its lease.
    """
    with contextlib.ExitStack() as running:
        cut, first = running.enter_context(host(url, folder / "a", 1, log_level="debug"))
        _, second = running.enter_context(host(url, folder / "b", 2, log_level="debug"))
        token = sign_up(first)
        person = UUID(second.request("GET", "/v1/me", token)[1]["id"])
        _plan(url, person, reminders, seconds * 2)
        time.sleep(seconds / 2)
        cut.cut()
        time.sleep(seconds)
        cut.mend()
        sent, deadline = Counter[str](), time.monotonic() + seconds + 180
        while len(sent) < reminders and time.monotonic() < deadline:
            time.sleep(0.5)
            sent = Counter(_DELIVERY.findall(first.log() + second.log()))
        return Split(count_reminders(second, token), Counter(sent.values()))


def _plan(url: str, person: UUID, count: int, seconds: float) -> None:
    """Let so many reminders become due, spread over some seconds."""
    now = datetime.now(UTC)
    db.open_database(url)
    with db.connection(), db.write():
        for number in range(count):
            at = now + timedelta(seconds=seconds * number / count)
            inbox.add(person, "date_soon", uuid4(), at, now + timedelta(days=1))
    db.dispose()


def main() -> None:
    """Run both, and fail if something was lost, a reminder came twice, or a health check waited."""
    if reason := why_not():
        sys.exit(reason)
    seconds = float(sys.argv[1]) if sys.argv[1:] else 60.0
    with postgresql.running() as place, tempfile.TemporaryDirectory(prefix="rekindle-networks-") as name:
        if place is None:
            sys.exit("There is no PostgreSQL.")
        postgresql.administer(place, "CREATE DATABASE one")
        postgresql.administer(place, "CREATE DATABASE two")
        outage = cut_off(place.format(database="one"), Path(name, "one"), seconds)
        print(outage, flush=True)
        found = split(place.format(database="two"), Path(name), seconds, _REMINDERS)
        print(f"{_REMINDERS} reminders and two hosts, found: {found.found}, times sent: {found.sent}", flush=True)
    # A host that is cut off after it sent something cannot say so: the other host may send that again.
    all_came = found.found == sum(found.sent.values()) == _REMINDERS
    if not outage.kept or outage.health.p99 > LONGEST or not all_came:
        sys.exit("something was lost, came twice, or hung")


if __name__ == "__main__":
    main()
