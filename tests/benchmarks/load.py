"""A small client that keeps many connections busy: one request at a time on each, kept alive, from one process.

Requests are bytes made beforehand, answers are read only as far as their length, and one epoll loop serves all
connections: that takes about 30 µs a request, where http.client takes 150 and would itself be the bottleneck on two
cores. What share of a core the client used stands in its results.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PATIENCE = 15.0
"""Seconds without any answer after which a run is given up."""


class Request(NamedTuple):
    """One request, ready to be sent, the status that must come back, and the name under which it is counted."""

    data: bytes
    status: int = 200
    name: str = ""


Script = Generator[Request, bytes, None]
"""What one connection does: it yields requests and is sent the body of each answer."""


@dataclass
class Run:
    """What came of one run: seconds for each answer by the name of its request, and how long it all took."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    lasted: float = 0.0
    client: float = 0.0  # the share of one core that the client itself used
    served: float = 0.0  # the processor seconds that the server used

    @property
    def count(self) -> int:
        """Answers."""
        return sum(len(found) for found in self.seconds.values())

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.lasted


def request(method: str, path: str, token: str | None = None, body: Any = None) -> bytes:
    """The bytes of a request."""
    data = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
    return "\r\n".join([*lines, "", ""]).encode() + data


class Connections:
    """Connections to the server under test, open for several runs."""

    def __init__(self, port: int, count: int) -> None:
        self._sockets = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(count)]
        for one in self._sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Connections:
        return self

    def __exit__(self, *error: object) -> None:
        for one in self._sockets:
            one.close()

    def run(self, scripts: Sequence[Script], seconds: float, most: int) -> Run:
        """Play one script on each connection until the time is over or `most` requests were sent.

        What is under way then is waited for. Raises RuntimeError for an unexpected answer.
        """
        run, lanes = Run(), [_Lane(*pair) for pair in zip(self._sockets, scripts, strict=True)]
        began, used = time.perf_counter(), time.process_time()
        left, until = most, began + seconds
        with selectors.DefaultSelector() as waiting:
            for lane in lanes:
                waiting.register(lane.socket, selectors.EVENT_READ, lane)
                lane.send(None)
            busy = len(lanes)
            while busy:
                ready = waiting.select(PATIENCE)
                if not ready:
                    raise RuntimeError(f"no answer in {PATIENCE} seconds")
                for key, _ in ready:
                    body = key.data.receive(run)
                    if body is None:
                        continue
                    left -= 1
                    if left < busy or time.perf_counter() >= until or not key.data.send(body):
                        busy -= 1
        run.lasted = time.perf_counter() - began
        run.client = (time.process_time() - used) / run.lasted
        return run


class _Lane:
    """One connection and its script."""

    def __init__(self, connection: socket.socket, script: Script) -> None:
        self.socket = connection
        self._script = script
        self._got = bytearray()
        self._asked = Request(b"")
        self._at = 0.0

    def send(self, body: bytes | None) -> bool:
        """Send the script's next request; False when it has no more."""
        try:
            self._asked = next(self._script) if body is None else self._script.send(body)
        except StopIteration:
            return False
        self._at = time.perf_counter()
        self.socket.sendall(self._asked.data)
        return True

    def receive(self, run: Run) -> bytes | None:
        """Read what has come; the body once the answer is whole."""
        data = self.socket.recv(65536)
        if not data:
            raise RuntimeError("the server closed the connection")
        self._got += data
        head = self._got.find(b"\r\n\r\n")
        if head < 0:
            return None
        start = self._got.lower().find(b"content-length:", 0, head)
        length = int(self._got[start + 15 : self._got.index(b"\r\n", start)])
        if len(self._got) < head + 4 + length:
            return None
        run.seconds.setdefault(self._asked.name, []).append(time.perf_counter() - self._at)
        status, body = int(self._got[9:12]), bytes(self._got[head + 4 :])
        self._got.clear()
        if status != self._asked.status:
            raise RuntimeError(f"{self._asked.data[:60]!r} came to {status}: {body[:500]!r}")
        return body
