"""The RSGI side of the app, for granian: only a request that has arrived as a whole takes a thread.

Flask is WSGI. A WSGI server gives a thread to a request whose body is still to come, and a client that never sends it
holds the thread for ever. Here the event loop waits for bodies, and granian waits for clients that read slowly.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from io import BytesIO, RawIOBase
from queue import SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from weakref import WeakValueDictionary

from granian.rsgi import Headers, HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]  # not in the stub
from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout
from werkzeug.test import create_environ

from api.app import LARGE_BODIES, MAX_BODY
from api.core.request_log import ARRIVED, HEADER
from api.large_answers import Answer, Sender, closed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_log = logging.getLogger("rekindle.api")

BODY_TIMEOUT = 7.0
"""Seconds for the whole body of a request, and for the next piece of a large one."""
LARGE_BODY_TIMEOUT = 30.0
"""Seconds for the whole of one that may be larger than usual."""
_LARGE_BODIES_AT_ONCE = 4
"""Large bodies in memory at once. Further ones wait their turn, without a thread."""
_MOST_AT_ONCE = 1024 * 1024
"""Bytes of an answer that are sent as one. A larger one is sent in pieces."""
_LINGER = 2.0
"""Seconds in which to read the rest of a refused body. Without them, its sender may see a reset and no answer."""


class _Body(NamedTuple):
    """The body of a request, and its length as the app sees it."""

    stream: IO[bytes] | RawIOBase
    length: int | None = None
    is_whole: bool = True


class _Unreadable(RawIOBase):
    """A body that did not arrive. A view that does not read it is not concerned."""

    def __init__(self, error: type[HTTPException]) -> None:
        self._error = error

    def readinto(self, buffer: object) -> int:
        raise self._error


class _Request(NamedTuple):
    """A request that waits for a thread. `answered` is set when the thread is done, to what is left to send."""

    scope: Scope
    headers: Headers
    body: _Body
    arrived: float
    protocol: HTTPProtocol
    answered: asyncio.Future[Answer | None]


class Adapter:
    """An RSGI app that reads bodies in the event loop, and runs a WSGI app in threads."""

    def __init__(
        self,
        app: WSGIApplication,
        threads: int,
        find_person: Callable[[str], Hashable | None],
        end: Callable[[], None] = lambda: None,
    ) -> None:
        """Take the app. `find_person` returns whose sign-in an Authorization header holds, if any; it may block.

        `end` is called once all requests are answered, at the end of the process.
        """
        self._app = app
        self._find_person = find_person
        self._end = end
        self._health = _health(app)
        self._requests: SimpleQueue[_Request] = SimpleQueue()
        self._large = asyncio.Semaphore(_LARGE_BODIES_AT_ONCE)
        self._sender = Sender()
        self._turns: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()
        for number in range(threads):
            Thread(target=self._work, name=f"request-{number}", daemon=True).start()

    def __rsgi_del__(self, _loop: object) -> None:
        self._end()

    async def __call__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        if scope.path == "/health" and scope.method in ("GET", "HEAD"):
            # Without a thread, all of which may wait for a database that hangs.
            protocol.response_bytes(200, self._health[0], b"" if scope.method == "HEAD" else self._health[1])
            return
        headers = scope.headers  # each access copies them
        large = LARGE_BODIES.get((scope.method, scope.path))
        # Strangers could hold all places for large bodies, and one person could with several sign-ins.
        person = await asyncio.to_thread(self._find_person, headers.get("authorization", "")) if large else None
        if large is None or not person:
            await self._serve(scope, headers, protocol, MAX_BODY, BODY_TIMEOUT)
            return
        turn = self._turns.setdefault(person, asyncio.Lock())
        async with turn, self._large:
            await self._serve(scope, headers, protocol, large, LARGE_BODY_TIMEOUT)

    async def _serve(self, scope: Scope, headers: Headers, protocol: HTTPProtocol, most: int, seconds: float) -> None:
        body = await _read(headers, protocol, most, seconds)
        answered: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._requests.put(_Request(scope, headers, body, time.perf_counter(), protocol, answered))
        if large := await answered:
            await self._sender.send(large, protocol)
        if not body.is_whole:
            await _discard(protocol)

    def _work(self) -> None:
        while True:
            self._answer(self._requests.get())

    def _answer(self, request: _Request) -> None:
        # The thread itself sends the answer, which takes no time: the event loop may have to wait for other threads.
        large = None
        try:
            answer = _run(self._app, _environ(request))
            if not request.body.is_whole:
                answer.headers.append(("Connection", "close"))
            size = int(dict(answer.headers).get("Content-Length", 0))
            if request.scope.method != "HEAD" and size > _MOST_AT_ONCE:
                large = answer
                return
            with closed(answer.pieces):
                request.protocol.response_bytes(answer.status, answer.headers, b"".join(answer.pieces))
        except Exception:
            _log.exception("the app failed in a %s", request.scope.method)  # granian answers 500
        finally:
            request.answered.get_loop().call_soon_threadsafe(request.answered.set_result, large)


def _health(app: WSGIApplication) -> tuple[list[tuple[str, str]], bytes]:
    """Return the headers and the body of the health check. They are always the same."""
    answer = _run(app, create_environ("/health"))
    with closed(answer.pieces):
        return [header for header in answer.headers if header[0] != HEADER], b"".join(answer.pieces)


def _run(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Return the answer of a WSGI app that starts its answer before it returns, as Flask does."""
    status, headers = "", list[tuple[str, str]]()

    def start(its_status: str, its_headers: list[tuple[str, str]], fault: Any = None) -> Any:
        nonlocal status, headers
        status, headers = its_status, its_headers

    pieces = app(environ, start)
    return Answer(int(status[:3]), headers, pieces)


async def _read(headers: Headers, protocol: HTTPProtocol, most: int, seconds: float) -> _Body:
    """Return the body. One that is too large is not read, or only a little beyond the limit."""
    is_chunked = "transfer-encoding" in headers
    length = None if is_chunked else int(headers.get("content-length", 0))
    if length == 0:
        return _Body(BytesIO())
    if length and length > most:
        aiter(protocol)
        return _Body(BytesIO(), length, is_whole=False)
    try:
        async with asyncio.timeout(seconds):
            data = await (_read_chunks(protocol, most) if is_chunked or most > MAX_BODY else protocol())
            if length is not None and len(data) < length:
                raise ProtocolClosed
    except TimeoutError:
        return _Body(_Unreadable(RequestTimeout), length, is_whole=False)
    except ProtocolClosed:
        return _Body(_Unreadable(BadRequest), length, is_whole=False)
    return _Body(BytesIO(data), len(data), len(data) <= most)


async def _read_chunks(protocol: HTTPProtocol, most: int) -> bytes:
    """Return the body up to the first chunk beyond the limit.

    Raises ProtocolClosed if it has no proper end, and TimeoutError if nothing more comes for a while.
    """
    data, empty = bytearray(), 0
    chunks = aiter(protocol)
    while True:
        try:
            async with asyncio.timeout(BODY_TIMEOUT):
                chunk = await anext(chunks)  # without a default: granian's awaitable is no coroutine
        except StopAsyncIteration:
            break
        data += chunk
        empty += not chunk
        if len(data) > most:
            break
    if empty > 1:  # one for the end, and one for an error
        raise ProtocolClosed
    return bytes(data)


async def _discard(protocol: HTTPProtocol) -> None:
    with suppress(TimeoutError, StopAsyncIteration):
        async with asyncio.timeout(_LINGER):
            while True:
                await anext(protocol)  # type: ignore[call-overload]  # nor is this


def _environ(request: _Request) -> WSGIEnvironment:
    """Return the WSGI environment of a request."""
    scope, body = request.scope, request.body
    server, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _as_wsgi(scope.path),
        "QUERY_STRING": _as_wsgi(scope.query_string),
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.0" if scope.http_version == "1" else f"HTTP/{scope.http_version}",
        ARRIVED: request.arrived,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body.stream,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        _add_header(environ, name, value)
    if body.length is not None:
        environ["CONTENT_LENGTH"] = str(body.length)
    return environ


def _as_wsgi(text: str) -> str:
    return text.encode().decode("latin-1")


def _add_header(environ: WSGIEnvironment, name: str, value: str) -> None:
    if "_" in name or name in ("transfer-encoding", "content-length"):
        return  # X_Forwarded_For would pass for X-Forwarded-For; the body has no chunks any more
    key = name.replace("-", "_").upper()
    if key != "CONTENT_TYPE":
        key = f"HTTP_{key}"
    separator = "; " if key == "HTTP_COOKIE" else ","
    environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
