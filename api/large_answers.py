"""Large answers, sent in pieces as fast as their client reads them, without a thread.

Granian takes a streamed answer as fast as the app makes it, and holds all of it for a slow client. It reads a file only
as fast as the client does. So a large answer goes through a named pipe, which holds 64 KiB.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from errno import ENXIO
from tempfile import TemporaryDirectory
from typing import NamedTuple

from granian.rsgi import HTTPProtocol  # type: ignore[attr-defined]  # not in the stub

_log = logging.getLogger("rekindle.api")

_OPENING_TIMEOUT = 5.0
"""Seconds in which granian must open the pipe. It does not if the client has left."""
_PAUSE = 0.002


class Answer(NamedTuple):
    """An answer of the app. The pieces of a large one are made one by one. They are closed at the end."""

    status: int
    headers: list[tuple[str, str]]
    pieces: Iterable[bytes]


class Sender:
    """Sends large answers. At a time one piece of all of them is made: it takes a thread and perhaps a connection."""

    def __init__(self) -> None:
        self._making = asyncio.Semaphore(1)

    async def send(self, answer: Answer, protocol: HTTPProtocol) -> None:
        """Send an answer. If a piece fails, the client misses bytes of the length that it was told."""
        try:
            with closed(answer.pieces):
                async with _pipe_to(protocol, answer) as writer:
                    pieces = iter(answer.pieces)
                    while (piece := await self._next(pieces)) is not None:
                        writer.write(piece)
                        await writer.drain()
        except (ConnectionError, TimeoutError):
            pass  # the client has left
        except Exception:
            _log.exception("a large answer was sent in part")

    async def _next(self, pieces: Iterator[bytes]) -> bytes | None:
        async with self._making:
            return await asyncio.to_thread(next, pieces, None)


@contextmanager
def closed(pieces: Iterable[bytes]) -> Iterator[None]:
    """Close an answer of a WSGI app at the end of a block, as its server must."""
    try:
        yield
    finally:
        if close := getattr(pieces, "close", None):
            close()


@asynccontextmanager
async def _pipe_to(protocol: HTTPProtocol, answer: Answer) -> AsyncIterator[asyncio.StreamWriter]:
    """Yield the end of a pipe whose other end is the body of the answer."""
    with TemporaryDirectory(prefix="rekindle-") as folder:
        path = f"{folder}/answer"
        os.mkfifo(path, 0o600)
        protocol.response_file(answer.status, answer.headers, path)
        async with asyncio.timeout(_OPENING_TIMEOUT):
            while (pipe := _open(path)) is None:
                await asyncio.sleep(_PAUSE)
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    flow = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_write_pipe(lambda: flow, os.fdopen(pipe, "wb", 0))
    writer = asyncio.StreamWriter(transport, flow, None, loop)
    try:
        yield writer
    finally:
        writer.close()


def _open(path: str) -> int | None:
    """Return the end of a pipe to write to, or None while nothing reads it."""
    try:
        return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno != ENXIO:
            raise
        return None
