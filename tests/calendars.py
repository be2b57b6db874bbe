"""Calendars of the tests: their text, and a host on this machine that serves them, or misbehaves."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

from planner.calendars import calendar_refresh
from tests.api.test_suggestions import suggested
from tests.conftest import NOON
from tests.people import Person

EVENING = "when=2026-11-28T18:00/2026-11-28T23:00"
Reply = tuple[int, dict[str, str], bytes]


def event(uid: str = "1", start: str = "20261128T190000Z", end: str = "20261128T210000Z", *lines: str) -> str:
    """Return an event with a title. `start` is a value, or a property with parameters after a semicolon or colon."""
    times = [
        name + (value if value[0] in ":;" else f":{value}")
        for name, value in (("DTSTART", start), ("DTEND", end))
        if value
    ]
    return "\r\n".join(
        [
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "DTSTAMP:20261101T080000Z",
            *times,
            *lines,
            "SUMMARY:Secret meeting",
            "END:VEVENT",
            "",
        ]
    )


def calendar(*components: str) -> str:
    """Return a calendar file."""
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n" + "".join(components) + "END:VCALENDAR\r\n"


@dataclass
class Host:
    """A host of calendars. `replies` says what it answers by path: a reply, or a function that writes anything."""

    replies: dict[str, Reply | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stopping: Event = field(default_factory=Event)
    port: int = 0

    @property
    def origin(self) -> str:
        """Return its origin, which the settings must allow: it is on this machine."""
        return f"http://127.0.0.1:{self.port}"

    def serve(self, path: str, text: str | bytes, status: int = 200, **headers: str) -> str:
        """Answer a path with a text from now on, and return its address."""
        body = text if isinstance(text, bytes) else text.encode()
        self.replies[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)
        return self.origin + path

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        self.asked.append((request.path, {name.lower(): value for name, value in request.headers.items()}))
        reply = self.replies.get(request.path, (404, {}, b""))
        if callable(reply):
            reply(request)
            return
        status, headers, body = reply
        if headers.get("ETag") and request.headers.get("If-None-Match") == headers["ETag"]:
            status, body = 304, b""
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        with suppress(OSError):  # the other side may have hung up
            request.end_headers()
            request.wfile.write(body)


@contextmanager
def running(certificate: Path | None = None) -> Iterator[Host]:
    """Serve calendars on this machine for the time of a block; over TLS with a certificate."""
    host = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    host.port = server.server_port
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield host
    finally:
        host.stopping.set()
        server.shutdown()
        server.server_close()


def add(person: Person, address: str, status: int = 201, **more: object) -> dict:
    return person.post("/busy-calendars", {"name": "Work", "address": address, **more}, status)


def refresh(now: datetime = NOON) -> int:
    return calendar_refresh.refresh_due(lambda: now)


def only(person: Person) -> dict:
    (item,) = person.get("/busy-calendars")["items"]
    return item


def offered(person: Person, query: str = EVENING) -> list[str]:
    """Return the local times that a person is offered, each with its end."""
    slots = [slot for item in suggested(person, query) for slot in item["slots"]]
    return sorted({f"{slot['local_time'][11:]}+{slot['minutes']}" for slot in slots})


def overlaps(slots: list[str], first: str, last: str) -> list[str]:
    def ends(slot: str) -> str:
        start, _, minutes = slot.partition("+")
        return f"{datetime.fromisoformat(f'2026-11-28T{start}') + timedelta(minutes=int(minutes)):%H:%M}"

    return [slot for slot in slots if slot < last and ends(slot) > first]
