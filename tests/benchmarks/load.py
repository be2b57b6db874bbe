"""A small HTTP client that keeps many connections busy from one process, with one request at a time on each.

Requests are prepared bytes, answers are read only as far as their length, and one epoll loop serves all connections.
That takes about 30 µs per request. http.client takes 150 µs and would itself be the bottleneck on two cores. The
results include the client's share of a core.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.people import split_version

PATIENCE = 15.0
"""Seconds without an answer after which a run is aborted."""


class Request(NamedTuple):
    """One request ready to be sent, its expected status, and the name under which it is counted.

    Without a status (0), any answer will do that does not tell of a fault of the server.
    """

    data: bytes
    status: int = 200
    name: str = ""


Script = Generator[Request, bytes, None]
"""The work of one connection: it yields requests and receives the body of each answer."""


@dataclass
class Run:
    """The results of one run: seconds of each answer by request name, and the total time."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    lasted: float = 0.0
    client: float = 0.0  # the share of one core that the client itself used
    served: float = 0.0  # the processor seconds that the server used

    @property
    def count(self) -> int:
        """Return the number of answers."""
        return sum(len(seconds) for seconds in self.seconds.values())

    @property
    def rate(self) -> float:
        """Return the answers per second."""
        return self.count / self.lasted


def request(method: str, path: str, token: str | None = None, body: Any = None, etag: str | None = None) -> bytes:
    """Return the bytes of a request. A "version" in the body is sent as If-Match, and an `etag` as If-None-Match."""
    body, if_match = split_version(body)
    data = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if etag:
        lines.append(f"If-None-Match: {etag}")
    lines += [f"{name}: {value}" for name, value in if_match.items()]
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

    def run(self, scripts: Sequence[Script], seconds: float, max_requests: int) -> Run:
        """Play one script on each connection until the time is over or `max_requests` requests were sent.

        Wait for the open requests. Raises RuntimeError for an unexpected answer.
        """
        run, lanes = Run(), [_Lane(*pair) for pair in zip(self._sockets, scripts, strict=True)]
        began, used = time.perf_counter(), time.process_time()
        remaining, deadline = max_requests, began + seconds
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
                    remaining -= 1
                    if remaining < busy or time.perf_counter() >= deadline or not key.data.send(body):
                        busy -= 1
        run.lasted = time.perf_counter() - began
        run.client = (time.process_time() - used) / run.lasted
        return run


class _Lane:
    """One connection and its script."""

    def __init__(self, connection: socket.socket, script: Script) -> None:
        self.socket = connection
        self._script = script
        self._buffer = bytearray()
        self._request = Request(b"")
        self._sent_at = 0.0

    def send(self, body: bytes | None) -> bool:
        """Send the script's next request; return False if it has no more."""
        try:
            self._request = next(self._script) if body is None else self._script.send(body)
        except StopIteration:
            return False
        self._sent_at = time.perf_counter()
        self.socket.sendall(self._request.data)
        return True

    def receive(self, run: Run) -> bytes | None:
        """Read what has arrived, and return the body once the answer is complete."""
        data = self.socket.recv(65536)
        if not data:
            raise RuntimeError("the server closed the connection")
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return None
        if not self._is_complete(head):
            return None
        run.seconds.setdefault(self._request.name, []).append(time.perf_counter() - self._sent_at)
        status, body = int(self._buffer[9:12]), bytes(self._buffer[head + 4 :])
        self._buffer.clear()
        # Without a status, a busy server may refuse: it is asked for all that it can do.
        if status != self._request.status if self._request.status else status >= 500 and status != 503:
            raise RuntimeError(f"{self._request.data[:60]!r} returned {status}: {body[:500]!r}")
        return body

    def _is_complete(self, head: int) -> bool:
        headers = bytes(self._buffer[:head]).lower()
        start = headers.find(b"content-length:")
        if start >= 0:
            length = int(self._buffer[start + 15 : self._buffer.index(b"\r\n", start)])
            return len(self._buffer) >= head + 4 + length
        # Other servers send large answers in chunks. The body that a script receives is then not put together.
        is_chunked = b"transfer-encoding: chunked" in headers
        return not is_chunked or self._buffer.endswith(b"\r\n0\r\n\r\n")
