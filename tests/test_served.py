"""The life of the served product: slow clients, stops, a killed master, and several starts on one port."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import sqlite3
import stat
import threading
import time
from http.client import HTTPConnection, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from tests import forking, served
from tests.campaigns.stalls import (
    FEW_FILES,
    KINDS,
    NO_MORE_FILES,
    Figures,
    SlowClients,
    ask,
    has_ended,
    sign_up,
    slow_clients,
)
from tests.forking import Program
from tests.served import Served

pytestmark = pytest.mark.real_time

HASTY = (
    "from api import rsgi, processes as p; p.SILENCE_TIMEOUT = 1;"
    " rsgi.BODY_TIMEOUT = p.HEADER_TIMEOUT = p.READER_TIMEOUT = 0.5"
)


def workers(master: int) -> list[int]:
    children = Path(f"/proc/{master}/task/{master}/children")
    return [int(child) for child in children.read_text().split()]


def is_running(process: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return "(zombie)" not in Path(f"/proc/{process}/status").read_text()
    return False


def holds_connections(server: Served) -> bool:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[1].endswith(f":{server.port:04X}") and row[3] == "01" for row in rows)


def test_slow_clients_of_all_kinds_do_not_delay_another_person(sqlite_url):
    with served.running(sqlite_url, first=FEW_FILES) as server:
        token, rounds = sign_up(server), [Figures() for _ in range(3)]
        with slow_clients(server.port, *KINDS.values()) as clients:
            ask(server, token, rounds[0], 20)
            held = [one for slow in clients for one in slow.connections if not has_ended(one)]
            for figures in rounds:
                ask(server, token, figures, 100)
                if figures.p99 < 0.25:  # other tests may take the processor for a moment; slow clients stay
                    break
        assert sum(figures.failed for figures in rounds) == 0
        assert figures.p99 < 0.25, str(figures)
        assert len(held) == sum(kind.count for kind in KINDS.values()) - KINDS["HTTP/2 streams"].count


def test_silent_connections_take_no_files(sqlite_url):
    with served.running(sqlite_url, first=NO_MORE_FILES) as server:
        assert "raise the limit to 4192" in server.log()
        token, figures = sign_up(server), Figures()
        with slow_clients(server.port, KINDS["silent connections"]):
            ask(server, token, figures, 20)
        assert (figures.failed, max(figures.seconds) < 5) == (0, True), str(figures)


def test_slow_clients_are_disconnected(sqlite_url):
    with served.running(sqlite_url, first=HASTY) as server, contextlib.ExitStack() as closing:
        slow = {name: SlowClients(server.port, kind._replace(count=1)) for name, kind in KINDS.items() if kind.count}
        for one in slow.values():
            closing.callback(one.close)
        reader = slow.pop("stalled readers").connections[0]
        assert reader.recv(1, socket.MSG_PEEK) == b"H"  # it reads nothing of its answer, and cannot see that it ends
        for name, one in slow.items():
            assert served.wait_until(lambda one=one: has_ended(one.connections[0])), name
        assert served.wait_until(lambda: not holds_connections(server)), "the server still holds the stalled reader"
        for name in ("stalled bodies", "stalled chunked bodies"):
            answer = HTTPResponse(slow[name].connections[0])
            answer.begin()
            assert (answer.status, json.load(answer)["reason"]) == (408, "too_slow"), name
        assert server.request("GET", "/health")[0] == 200


def test_the_served_product_speaks_http_1(sqlite_url):
    with served.running(sqlite_url) as server:
        use_one_connection(server)
        head = b"POST /v1/sign-ins HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(head + b"Content-Length: 2\r\n\r\n")
            assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.sendall(b"{}")
            assert client.recv(12) == b"HTTP/1.1 422"
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(head + b"Content-Length: 200000\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.1 413", "it asks for a body that it refuses"
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(4096), b""))
            assert answer.startswith(b"HTTP/1.0 200")
            assert answer.endswith(b'{"status":"ok"}')


def send_import(server: Served, token: str, framing: str, whole: bool) -> int:
    """Send a large body in pieces, all of them or half, and return the status of the answer."""
    body = json.dumps({"format": "rekindle-export", "version": 1, "more": "x" * 500_000}).encode()
    pieces = [body[at : at + 50_000] for at in range(0, len(body), 50_000)]
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("POST", "/v1/me/imports")
    length = ("Transfer-Encoding", "chunked") if framing == "chunks" else ("Content-Length", str(len(body)))
    for name, value in (("Authorization", f"Bearer {token}"), ("Content-Type", "application/json"), length):
        connection.putheader(name, value)
    connection.endheaders()
    for piece in pieces if whole else pieces[:5]:
        connection.send(b"%x\r\n%b\r\n" % (len(piece), piece) if framing == "chunks" else piece)
    if whole and framing == "chunks":
        connection.send(b"0\r\n\r\n")
    status = connection.getresponse().status
    connection.close()
    return status


def test_large_bodies_arrive_in_pieces_and_stalled_ones_end(sqlite_url):
    """Granian hands over the pieces itself, which no double of it does in the same way."""
    with served.running(sqlite_url, first=HASTY) as server:
        token = sign_up(server)
        for framing in ("chunks", "length"):
            assert send_import(server, token, framing, whole=True) == 200
            assert send_import(server, token, framing, whole=False) == 408
        assert server.request("GET", "/v1/me", token)[0] == 200


def test_the_log_of_a_server_is_json_and_health_answers_while_all_threads_hang(sqlite_url):
    with served.running(sqlite_url, workers="1", threads="2", log_format="json", access_log="on") as server:
        token = sign_up(server)
        with contextlib.closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # each write waits for this lock
            body = {"kind": "kindness", "body": "You made tea."}
            hanging = [
                threading.Thread(target=server.request, args=("POST", "/v1/notes", token, body)) for _ in range(2)
            ]
            for one in hanging:
                one.start()
            took = []
            for _ in range(20):
                began = time.monotonic()
                assert server.request("GET", "/health") == (200, {"status": "ok"})
                took.append(time.monotonic() - began)
            other.execute("ROLLBACK")
        for one in hanging:
            one.join(10)
        assert min(took) < 0.05, "other tests may take the processor for a moment"
        assert served.wait_until(lambda: server.request("GET", "/ready")[0] == 200)
        server.process.terminate()
        server.process.wait(5)
        log = server.log()
    lines = [json.loads(line) for line in log.splitlines()]
    assert {"rekindle", "rekindle.access", "_granian"} <= {line["logger"] for line in lines}
    requests = {(line["method"], line["route"], line["status"]) for line in lines if "ms" in line}
    assert {("POST", "/v1/people", 201), ("GET", "/ready", 200)} <= requests
    assert token not in log


def use_one_connection(server: Served) -> None:
    """Check reads, a 304, a HEAD, a chunked body and a refused body over one connection."""
    token = {"Authorization": f"Bearer {sign_up(server)}"}

    def send(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, HTTPMessage, bytes]:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        connection.request(method, path, body, sent | token)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    with contextlib.closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        _, headers, body = send("GET", "/v1/me")
        assert int(headers["Content-Length"]) == len(body)
        first = connection.sock
        assert send("GET", "/v1/me", If_None_Match=headers["ETag"])[::2] == (304, b"")
        status, of_head, nothing = send("HEAD", "/v1/me")
        assert (status, of_head["Content-Length"], nothing) == (200, headers["Content-Length"], b"")
        note = b'{"kind": "kindness", "body": "You made tea \xc3\xa0 la menthe."}'
        status, _, body = send("POST", "/v1/notes", iter([note[:9], note[9:]]), Content_Type="application/json")
        assert (status, json.loads(body)["body"]) == (201, "You made tea à la menthe.")
        status, _, body = send("GET", "/v1/notes?caf%C3%A9=1")
        assert (status, json.loads(body)["errors"][0]["field"]) == (422, "café")
        assert connection.sock is first, "a connection serves several requests"
        status, headers, _ = send("POST", "/v1/notes", b" " * 5_000_000, Content_Type="application/json")
        assert (status, headers["Connection"]) == (413, "close")


def is_writing(url):
    """Tell whether a process of the product writes, or waits for a program that does."""
    with open(url.removeprefix("sqlite:///") + ".turns") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.mark.parametrize("stop", ["SIGTERM to the master", "Ctrl-C"])
def test_a_server_that_stops_finishes_its_requests(sqlite_url, stop):
    with served.running(sqlite_url) as server:
        token, answers = sign_up(server), []
        with contextlib.closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # the server waits for this lock
            note = {"kind": "kindness", "body": "You made tea."}
            asking = threading.Thread(target=lambda: answers.append(server.request("POST", "/v1/notes", token, note)))
            asking.start()
            assert served.wait_until(lambda: is_writing(sqlite_url))
            if stop == "Ctrl-C":
                os.killpg(server.process.pid, signal.SIGINT)
            else:
                server.process.terminate()
            assert served.wait_until(lambda: "Stopping worker" in server.log())
            other.execute("ROLLBACK")
        asking.join(5)
        assert [status for status, _ in answers] == [201]
        assert server.process.wait(5) == 0
        assert "refused to gracefully stop" not in server.log()


def test_one_of_three_starts_serves_and_a_new_start_follows_a_killed_master(sqlite_url, tmp_path):
    port = served.free_port()
    starts = [start_product(sqlite_url, port, tmp_path / f"{number}.log", patience=0.1) for number in range(3)]
    try:
        assert served.wait_until(lambda: sum(start.poll() is None for start in starts) == 1, 20)
        (winner,) = [number for number, start in enumerate(starts) if start.poll() is None]
        for number in {0, 1, 2} - {winner}:
            assert starts[number].returncode == 1
            assert f"REKINDLE_PORT={port} cannot be used" in (tmp_path / f"{number}.log").read_text()
        log = tmp_path / f"{winner}.log"
        assert served.wait_until(lambda: log.read_text().count("Started worker") >= 2, 20)
        orphans = workers(starts[winner].pid)
        assert len(orphans) == 2
        starts[winner].kill()
        starts[winner].wait()
        starts.append(start_product(sqlite_url, port, tmp_path / "again.log"))
        assert served.wait_until(lambda: "Started worker" in (tmp_path / "again.log").read_text(), 20)
        assert not any(is_running(orphan) for orphan in orphans)
    finally:
        for start in starts:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(start.pid, signal.SIGKILL)
            start.wait()


def start_product(url: str, port: int, log: Path, patience: float = 4) -> Program:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}
    environment |= {"REKINDLE_DATABASE_URL": url, "REKINDLE_PORT": str(port)}
    code = f"import wsgi; from api import processes; processes.PORT_TIMEOUT = {patience}; wsgi.serve()"
    return forking.start(code, environment, log)


def test_the_files_of_a_server_are_private(tmp_path):
    tmp_path.chmod(0o755)
    with served.running(f"sqlite:///{tmp_path / 'new.sqlite3'}", erasures=str(tmp_path / "erasures")) as server:
        sign_up(server)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert {"new.sqlite3", "new.sqlite3-wal", "new.sqlite3.turns"} <= modes.keys()
    assert set(modes.values()) == {0o600}, modes
