"""Slow clients: many connections that send or read nothing more. Other people must not notice them.

    python -m tests.campaigns.stalls [SECONDS]

The served product may open 256 files at first, as on a small machine. Strangers hold connections of each kind in turn,
and open a new one for each that the server ends. Meanwhile another person asks for /health and /v1/today.
"""

from __future__ import annotations

import contextlib
import select
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests import served
from tests.served import Served

FEW_FILES = "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (256, r.getrlimit(r.RLIMIT_NOFILE)[1]))"
"""What a process runs to have a soft limit of 256 files."""
NO_MORE_FILES = "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (256, 256))"
"""What a process runs to have a hard limit of 256 files."""

_POST = b"POST /v1/sign-ins HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
_LONG = next(Path(served.ROOT, "api", "static", "vendor", "scalar").glob("*.js")).name


class Kind(NamedTuple):
    """A kind of slow clients: how many there are, and what each of them sends."""

    count: int
    sent: bytes = b""


KINDS = {
    "no slow clients": Kind(0),
    "stalled bodies": Kind(64, _POST + b"Content-Length: 1000\r\n\r\n{"),
    "stalled chunked bodies": Kind(64, _POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"),
    "HTTP/2 streams": Kind(8, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"),
    "stalled readers": Kind(64, f"GET /static/vendor/scalar/{_LONG} HTTP/1.1\r\nHost: x\r\n\r\n".encode()),
    "half headers": Kind(200, b"GET /v1/today HTTP/1.1\r\nHost: x\r\n"),
    "idle connections": Kind(200, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"),
    "silent connections": Kind(600),
}


@dataclass
class Figures:
    """The seconds of each answer, and how many requests failed."""

    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def p99(self) -> float:
        """Return the time of the slowest answer but one in a hundred."""
        ordered = sorted(self.seconds)
        return ordered[max(0, len(ordered) * 99 // 100 - 1)]

    def __str__(self) -> str:
        """Return one line for a person to read."""
        middle = sorted(self.seconds)[len(self.seconds) // 2]
        return f"{len(self.seconds)} answers, {self.failed} failed, median {middle:.3f} s, p99 {self.p99:.3f} s"


class SlowClients:
    """The open connections of slow clients."""

    def __init__(self, port: int, kind: Kind) -> None:
        self._port = port
        self._kind = kind
        self.connections: list[socket.socket] = []
        self.renew()

    def renew(self) -> None:
        """Open a connection for each that is missing or has ended."""
        for connection in [one for one in self.connections if has_ended(one)]:
            connection.close()
            self.connections.remove(connection)
        while len(self.connections) < self._kind.count:
            self.connections.append(self._open())

    def _open(self) -> socket.socket:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(5)
        connection.connect(("127.0.0.1", self._port))
        connection.sendall(self._kind.sent)
        return connection

    def close(self) -> None:
        """Hang up."""
        for connection in self.connections:
            connection.close()


def has_ended(connection: socket.socket) -> bool:
    """Tell whether the server has ended a connection. Reads nothing."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


@contextlib.contextmanager
def slow_clients(port: int, *kinds: Kind) -> Iterator[list[SlowClients]]:
    """Hold the connections of slow clients for the time of a block."""
    with contextlib.ExitStack() as closing:
        yield [closing.enter_context(contextlib.closing(SlowClients(port, kind))) for kind in kinds]


def ask(server: Served, token: str, figures: Figures, times: int) -> None:
    """Ask for /health and /v1/today in turn."""
    for number in range(times):
        began = time.monotonic()
        try:
            status, _ = server.request("GET", ("/health", "/v1/today")[number % 2], token)
        except OSError:
            status = 0
        figures.seconds.append(time.monotonic() - began)
        figures.failed += status != 200


def sign_up(server: Served) -> str:
    """Return the token of a new person."""
    body = {"display_name": "Sam", "password": "correct horse battery", "zone": "Europe/Lisbon"}
    status, person = server.request("POST", "/v1/people", body=body)
    assert status == 201, person
    return str(person["session"]["token"])


def campaign(url: str, folder: Path, seconds: float) -> dict[str, Figures]:
    """Return the figures of each kind of slow clients."""
    server = served.start(url, folder, first=FEW_FILES)
    try:
        token = sign_up(server)
        return {name: _measure(server, token, kind, seconds) for name, kind in KINDS.items()}
    finally:
        server.kill()


def _measure(server: Served, token: str, kind: Kind, seconds: float) -> Figures:
    figures, last = Figures(), time.monotonic() + seconds
    with slow_clients(server.port, kind) as (clients,):
        while time.monotonic() < last:
            ask(server, token, figures, 20)
            clients.renew()
    return figures


def main() -> None:
    """Run the campaign, and print the figures of each kind."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else 20.0
    with tempfile.TemporaryDirectory(prefix="rekindle-stalls-") as name:
        folder = Path(name)
        for kind, figures in campaign(f"sqlite:///{folder / 'rekindle.sqlite3'}", folder, seconds).items():
            print(f"{kind}: {figures}", flush=True)


if __name__ == "__main__":
    main()
