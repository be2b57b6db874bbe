"""Measure the memory of the served product while it sends an export with many photos."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from planner.photos import photos
from planner.photos.photo_readings import PhotoFiles
from planner.photos.photos import NOTE, Subject
from planner.storage import db
from tests import served
from tests.campaigns.stalls import sign_up
from tests.people import PASSWORD
from tests.served import Served
from tests.test_served import workers

pytestmark = pytest.mark.real_time

PHOTOS = 100
"""Of one megabyte each."""
MOST_GROWTH = 45
"""Megabytes by which the memory of a worker may grow, with the caches of its connections to the database."""


def megabytes(process: int, kind: str) -> float:
    """Return the memory of a process: VmRSS now, or VmHWM at its peak."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(kind))


@contextmanager
def asking(server: Served, token: str, receive_buffer: int = 0) -> Iterator[socket.socket]:
    """Ask for the private part, and yield the connection, from which nothing is read yet."""
    with socket.socket() as client:
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(60)
        client.connect((server.address, server.port))
        body = json.dumps({"password": PASSWORD, "part": "private"}).encode()
        head = [
            "POST /v1/me/exports HTTP/1.1", "Host: localhost", "Connection: close", "Content-Type: application/json",
            f"Authorization: Bearer {token}", f"Content-Length: {len(body)}",
        ]  # fmt: skip
        client.sendall("\r\n".join([*head, "", ""]).encode() + body)
        yield client


def read(client: socket.socket, most: int = 1 << 40) -> int:
    """Read bytes until the answer ends, or there are enough of them. Return their number."""
    count = 0
    while count < most and (data := client.recv(65536)):
        count += len(data)
    return count


def fill(person: str) -> None:
    with db.connection():
        for _ in range(PHOTOS):
            files = PhotoFiles(os.urandom(1_000_000), b"small", 2048, 1536)
            with db.write():
                photos.insert(UUID(person), uuid4(), Subject(NOTE, uuid4()), "", files, str(uuid4()), datetime.now(UTC))


def test_a_large_export_takes_little_memory_of_a_worker(sqlite_url: str) -> None:
    db.open_database(sqlite_url)
    with served.running(sqlite_url, workers="1") as server:
        token = sign_up(server)
        with asking(server, token) as client:
            assert read(client) > 1000  # so that all modules and schemas are in memory
        fill(server.request("GET", "/v1/me", token)[1]["id"])
        (worker,) = workers(server.process.pid)
        before = megabytes(worker, "VmRSS")
        with asking(server, token, receive_buffer=65536) as slow:
            assert read(slow, most=1_000_000) > 0
            with asking(server, token) as second:
                assert b" 409 " in second.recv(100)
            assert server.request("GET", "/v1/me", token)[0] == 200
            assert read(slow) > (PHOTOS - 2) * 1_000_000
        with asking(server, token) as client:
            assert read(client) > PHOTOS * 1_000_000
        assert megabytes(worker, "VmHWM") - before < MOST_GROWTH
    db.dispose()
