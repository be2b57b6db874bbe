"""The RSGI adapter: what the app sees of a request, what a client gets, and who holds a thread meanwhile."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from flask import request
from granian.rsgi import ProtocolClosed
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from api import rsgi
from api.app import MAX_BODY, create_app
from api.busy_calendars import MAX_FILE_BODY
from api.core import routing
from api.rsgi import Adapter
from tests.calendars import calendar, event
from tests.conftest import SETTINGS
from tests.people import Person

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
JSON = ("content-type", "application/json")
CHUNKED = ("transfer-encoding", "chunked")


@dataclass
class Exchange:
    """One request in pieces, and its answer, as granian's protocol. A client that stalls sends no further piece."""

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    pieces: tuple[bytes, ...] = ()
    stalls: bool = False
    hangs_up: bool = False
    version: str = "1.1"
    client: str = "203.0.113.9:50123"
    read: int = 0
    read_before_answer: int = 0
    ends: int = 0
    answers: list[tuple[int, Headers, bytes]] = field(default_factory=list)

    def scope(self) -> Any:
        return SimpleNamespace(
            proto="http", http_version=self.version, method=self.method, scheme="http", path=self.path,
            query_string=self.query, headers=_Headers(self.headers), client=self.client,
            server="127.0.0.1:8000", authority=None,
        )  # fmt: skip

    async def __call__(self) -> bytes:
        if self.stalls:
            await asyncio.Event().wait()
        if self.hangs_up:
            raise ProtocolClosed
        self.read = len(self.pieces)
        return b"".join(self.pieces)

    def __aiter__(self) -> Exchange:
        return self

    async def __anext__(self) -> bytes:
        if self.read < len(self.pieces):
            self.read += 1
            return self.pieces[self.read - 1]
        if self.stalls:
            await asyncio.Event().wait()
        self.ends += 1
        if self.ends > (2 if self.hangs_up else 1):
            raise StopAsyncIteration
        return b""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.read_before_answer = self.read
        self.answers.append((status, Headers(headers), body))

    @property
    def status(self) -> int:
        return self.answers[0][0]

    @property
    def sent(self) -> Headers:
        return self.answers[0][1]

    @property
    def body(self) -> bytes:
        return self.answers[0][2]


def run(scenario):
    """Run a coroutine in a thread of its own: a browser may have an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, scenario).result()


class _Headers(list[tuple[str, str]]):
    """The headers of a request, as granian offers them."""

    def items(self) -> list[tuple[str, str]]:
        return self

    def get(self, name: str, default: Any = None) -> Any:
        return dict(self).get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in dict(self)


def play(app: Any, exchange: Exchange) -> Exchange:
    run(Adapter(app, 1, routing.find_person)(exchange.scope(), exchange))  # type: ignore[arg-type]
    assert len(exchange.answers) <= 1
    return exchange


@Request.application
def echo(request: Request) -> Response:
    seen = {
        "method": request.method, "path": request.path, "query": request.query_string.decode(),
        "address": request.remote_addr, "protocol": request.environ["SERVER_PROTOCOL"], "host": request.host,
        "port": request.environ["SERVER_PORT"], "headers": dict(request.headers), "length": request.content_length,
        "body": request.get_data(as_text=True),
    }  # fmt: skip
    return Response(json.dumps(seen), mimetype="application/json")


def seen(**sent: Any) -> dict[str, Any]:
    seen_: dict[str, Any] = json.loads(play(echo, Exchange(**sent)).body)
    return seen_


def test_the_health_check_needs_no_thread(app):
    """Block the only thread, as a database that hangs does."""
    entered, go_on = Event(), Event()

    def blocked(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/slow":
            entered.set()
            go_on.wait(10)
        return app(environ, start_response)

    adapter, slow = Adapter(blocked, 1, str), Exchange(path="/slow")
    checks = [Exchange(path="/health"), Exchange(method="HEAD", path="/health")]

    async def scenario() -> None:
        hanging = asyncio.create_task(adapter(slow.scope(), slow))
        await asyncio.to_thread(entered.wait, 10)
        for check in checks:
            await adapter(check.scope(), check)
        assert not slow.answers
        go_on.set()
        await hanging

    run(scenario())
    plain = app.test_client().get("/health")
    for check, body in zip(checks, (plain.data, b""), strict=True):
        assert (check.status, check.body) == (200, body)
        assert set(check.sent) == {header for header in plain.headers if header[0] != "X-Request-Id"}
    other = play(app, Exchange(method="POST", path="/health"))
    assert other.status == 405


def test_the_app_sees_the_request_as_it_was_sent():
    got = seen(method="DELETE", path="/a/bé\ufffd", query="x=%C3%A9&y=a+b", headers=(("host", "example.org"),))
    assert (got["method"], got["path"], got["query"]) == ("DELETE", "/a/bé\ufffd", "x=%C3%A9&y=a+b")
    assert (got["address"], got["port"], got["protocol"]) == ("203.0.113.9", "8000", "HTTP/1.1")
    assert (got["host"], got["length"], got["body"]) == ("example.org", None, "")
    assert seen(version="1")["protocol"] == "HTTP/1.0"
    assert seen(client="[2001:db8::7]:50123")["address"] == "2001:db8::7"


def test_repeated_headers_are_joined_and_names_with_underscores_are_dropped():
    sent = (
        ("accept", "text/html"), ("accept", "*/*"), ("cookie", "a=1"), ("cookie", "b=2"),
        ("x-forwarded-for", "192.0.2.1"), ("x_forwarded_for", "198.51.100.1"),
    )  # fmt: skip
    headers = seen(headers=sent)["headers"]
    assert headers["Accept"] == "text/html,*/*"
    assert headers["Cookie"] == "a=1; b=2"
    assert headers["X-Forwarded-For"] == "192.0.2.1"


def test_a_trusted_proxy_names_the_client():
    app = create_app(replace(SETTINGS, trusted_proxies=1))
    app.add_url_rule("/address", view_func=lambda: f"{request.remote_addr} {request.scheme}")
    headers = (("x-forwarded-for", "192.0.2.7, 192.0.2.8"), ("x-forwarded-proto", "https"))
    assert play(app, Exchange(path="/address", headers=headers)).body == b"192.0.2.8 https"


@pytest.mark.parametrize("framing", [("content-length", "6"), CHUNKED])
def test_a_body_in_pieces_reaches_the_app_as_a_whole(framing):
    got = seen(method="POST", headers=(framing,), pieces=(b"ab", b"c", b"def"))
    assert (got["body"], got["length"]) == ("abcdef", 6)
    assert "Transfer-Encoding" not in got["headers"]


@pytest.mark.parametrize("headers", [(), (("content-length", "0"),)])
def test_a_request_without_a_body_does_not_wait_for_one(headers):
    exchange = play(echo, Exchange(headers=headers, stalls=True))
    assert exchange.status == 200
    assert "Connection" not in exchange.sent


def test_answers_keep_their_status_and_their_repeated_headers():
    @Request.application
    def app(_: Request) -> Response:
        answer = Response(iter([b"in ", b"parts"]), 404)
        answer.headers.add("Link", "</a>")
        answer.headers.add("Link", "</b>")
        return answer

    exchange = play(app, Exchange())
    assert (exchange.status, exchange.sent.getlist("Link"), exchange.body) == (404, ["</a>", "</b>"], b"in parts")


def test_a_failing_app_is_logged_and_its_thread_goes_on(caplog):
    def app(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/fails":
            raise ZeroDivisionError
        return echo(environ, start_response)

    async def scenario() -> list[Exchange]:
        adapter, exchanges = Adapter(app, 1, str), [Exchange(path="/fails"), Exchange(path="/works")]
        for exchange in exchanges:
            await adapter(exchange.scope(), exchange)  # type: ignore[arg-type]
        return exchanges

    failed, worked = run(scenario())
    assert failed.answers == []  # then granian answers 500
    assert worked.status == 200
    assert "ZeroDivisionError" in caplog.text


NOTE = json.dumps({"kind": "kindness", "body": "You made tea."}).encode()


def note(sam: Person, *headers: tuple[str, str], **sent: Any) -> Exchange:
    return Exchange(
        "POST", "/v1/notes", headers=(JSON, ("authorization", f"Bearer {sam.token}"), *headers), **sent
    )  # fmt: skip


def reason(sam: Person, exchange: Exchange, status: int) -> str:
    """Return the reason of a refusal that changed nothing."""
    assert exchange.status == status
    assert exchange.sent["Content-Type"] == "application/problem+json"
    assert exchange.sent["X-Content-Type-Options"] == "nosniff"
    assert exchange.sent["Connection"] == "close"
    assert sam.get("/notes")["items"] == []
    return str(json.loads(exchange.body)["reason"])


@ON_SQLITE
@pytest.mark.parametrize("framing", [("content-length", str(MAX_BODY)), CHUNKED])
def test_a_body_of_the_full_size_is_read(sam, framing):
    body = NOTE.ljust(MAX_BODY)
    assert play(sam.app, note(sam, framing, pieces=(body[:5], body[5:]))).status == 201


@ON_SQLITE
def test_a_declared_body_that_is_too_large_is_refused_before_it_is_read(sam):
    exchange = note(sam, ("content-length", "1000000000"), pieces=(b"x" * 1000,) * 9)
    assert reason(sam, play(sam.app, exchange), 413) == "too_large"
    assert exchange.read_before_answer == 0
    assert exchange.read == 9, "its sender may see a reset before the answer"


@ON_SQLITE
def test_a_chunked_body_is_read_to_the_limit_only(sam):
    exchange = note(sam, CHUNKED, pieces=(b" " * (MAX_BODY // 4),) * 4 + (NOTE,) + (b" ",) * 9)
    assert reason(sam, play(sam.app, exchange), 413) == "too_large"
    assert exchange.read_before_answer == 5


@ON_SQLITE
@pytest.mark.parametrize("framing", ["content-length", "transfer-encoding"])
def test_a_calendar_file_may_be_larger_than_other_bodies(sam, framing):
    text = calendar("X-FILL:" + "x" * 4 * MAX_BODY + "\r\n", event())
    body = json.dumps({"name": "Work", "text": text}).encode()
    headers = (JSON, ("authorization", f"Bearer {sam.token}"), CHUNKED)
    if framing == "content-length":
        headers = (*headers[:2], (framing, str(len(body))))
    path = "/v1/busy-calendars/files"
    assert play(sam.app, Exchange("POST", path, headers=headers, pieces=(body[:9], body[9:]))).status == 201
    huge = (*headers[:2], ("content-length", str(MAX_FILE_BODY + 1)))
    assert play(sam.app, Exchange("POST", path, headers=huge, pieces=(body,))).status == 413


def last_word(authorization: str) -> str:
    return authorization.rpartition(" ")[2]


@ON_SQLITE
def test_all_sign_ins_of_a_person_take_one_place(sam: Person) -> None:
    first = sam.token
    sam.sign_in_again()
    headers = (f"Bearer {first}", f"bearer  {first}", f"Bearer {sam.token}")
    assert {str(routing.find_person(header)) for header in headers} == {sam.id}
    assert routing.find_person("Bearer of-no-one") is None


def upload(token: str, **more: Any) -> Exchange:
    headers = (CHUNKED, *([("authorization", token)] if token else []))
    return Exchange("POST", "/v1/busy-calendars/files", headers=headers, **more)


@pytest.mark.parametrize(
    ("tokens", "read"),
    [
        ([str(number) for number in range(9)], 4),
        (["Bearer robin", "bearer robin", "Bearer  robin"] * 3, 1),
        ([""] * 9, 9),
    ],
    ids=["nine people", "one person", "strangers"],
)
def test_few_large_bodies_are_in_memory_at_once_and_the_others_hold_no_thread(tokens: list[str], read: int) -> None:
    """Of nine uploads that stall, some are read. Strangers get a body of the usual size only, so they take no place."""

    async def scenario() -> None:
        adapter, other = Adapter(echo, 1, last_word), Exchange()
        large = [upload(token, pieces=(b"{",), stalls=True) for token in tokens]
        waiting = [asyncio.ensure_future(adapter(one.scope(), one)) for one in large]  # type: ignore[arg-type]
        while sum(one.read for one in large) < read:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        await asyncio.wait_for(adapter(other.scope(), other), 5)  # type: ignore[arg-type]
        assert other.status == 200
        assert sum(one.read for one in large) == read
        if read != 4:  # there is a place for another person
            whole = upload("kim", pieces=(b"{}",))
            await asyncio.wait_for(adapter(whole.scope(), whole), 5)  # type: ignore[arg-type]
            assert whole.status == 200
        for task in waiting:
            task.cancel()

    run(scenario())


@ON_SQLITE
@pytest.mark.parametrize("framing", [("content-length", "500"), CHUNKED])
def test_a_body_that_stalls_is_408(sam, framing, monkeypatch):
    monkeypatch.setattr(rsgi, "BODY_TIMEOUT", 0.05)
    monkeypatch.setattr(rsgi, "_LINGER", 0.01)
    exchange = play(sam.app, note(sam, framing, pieces=(NOTE,), stalls=True))
    assert reason(sam, exchange, 408) == "too_slow"


@pytest.mark.parametrize("framing", [("content-length", "500000"), CHUNKED])
def test_a_large_body_that_stalls_gives_its_place_back_soon(framing, monkeypatch):
    monkeypatch.setattr(rsgi, "BODY_TIMEOUT", 0.05)
    monkeypatch.setattr(rsgi, "_LINGER", 0.01)
    headers = (framing, ("authorization", "robin"))
    stalled = Exchange("POST", "/v1/photos", headers=headers, pieces=(b"x" * 400_000,), stalls=True)
    began = time.monotonic()
    run(Adapter(echo, 1, last_word)(stalled.scope(), stalled))  # type: ignore[arg-type]
    assert (stalled.status, stalled.read) == (408, 1)
    assert time.monotonic() - began < rsgi.LARGE_BODY_TIMEOUT / 4


def test_a_large_body_that_ends_early_is_400():
    headers = (("content-length", "500000"), ("authorization", "robin"))
    cut = Exchange("POST", "/v1/photos", headers=headers, pieces=(b"x" * 400_000,))
    run(Adapter(echo, 1, last_word)(cut.scope(), cut))  # type: ignore[arg-type]
    assert cut.status == 400


@ON_SQLITE
@pytest.mark.parametrize("framing", [("content-length", "500"), CHUNKED])
def test_a_body_whose_sender_hangs_up_is_not_taken_for_a_whole_one(sam, framing):
    exchange = play(sam.app, note(sam, framing, pieces=(NOTE,), hangs_up=True))
    assert reason(sam, exchange, 400) == "bad_request"


@pytest.mark.parametrize("framing", [("content-length", "5"), CHUNKED])
def test_bodies_that_stall_hold_no_thread(framing):
    async def scenario() -> None:
        adapter, other = Adapter(echo, 1, last_word), Exchange()
        slow = [Exchange("POST", headers=(framing,), pieces=(b"{",), stalls=True) for _ in range(5)]
        waiting = [asyncio.ensure_future(adapter(one.scope(), one)) for one in slow]  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        await asyncio.wait_for(adapter(other.scope(), other), 5)  # type: ignore[arg-type]
        assert other.status == 200
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()

    run(scenario())
