"""Test large answers: they are sent in pieces, only as fast as the client reads, and closed in the end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api import large_answers
from api.rsgi import Adapter
from tests.api.test_rsgi import Exchange, run

PIECE = 300_000
PIECES = 40


class Pieces:
    """The body of an answer, which counts what was taken from it."""

    def __init__(self, broken_at: int | None = None) -> None:
        self.broken_at = broken_at
        self.taken = 0
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self.taken == PIECES:
            raise StopIteration
        if self.taken == self.broken_at:
            raise ZeroDivisionError
        self.taken += 1
        return bytes([self.taken]) * PIECE

    def close(self) -> None:
        self.closed += 1


class Reader(Exchange):
    """A client that reads the file of an answer. It hangs up after `patience` bytes, or reads no file at all."""

    patience: int | None = None
    opens = True
    received = b""

    def response_file(self, status: int, headers: list[tuple[str, str]], file: str) -> None:
        self.file_headers = dict(headers)
        if self.opens:
            self.reading = ThreadPoolExecutor(1).submit(self._read, file)

    def _read(self, file: str) -> None:
        with open(file, "rb") as body:
            self.received = body.read() if self.patience is None else body.read(self.patience)


def answer(pieces: Pieces, reader: Reader) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Length", str(PIECE * PIECES)), ("X-Request-Id", "1")])
        return [b"ok"] if environ["PATH_INFO"] == "/health" else pieces

    async def scenario() -> None:
        await Adapter(app, 1, str)(reader.scope(), reader)  # type: ignore[arg-type]

    run(scenario())
    if reader.opens and reader.method == "GET":
        reader.reading.result(10)


def test_a_large_answer_arrives_as_a_whole() -> None:
    pieces, reader = Pieces(), Reader()
    answer(pieces, reader)
    assert reader.received == b"".join(bytes([number + 1]) * PIECE for number in range(PIECES))
    assert reader.file_headers["Content-Length"] == str(PIECE * PIECES)
    assert pieces.closed == 1


def test_a_client_that_hangs_up_ends_the_work() -> None:
    pieces, reader = Pieces(), Reader()
    reader.patience = 3 * PIECE
    answer(pieces, reader)
    assert 3 <= pieces.taken < 10, "of a slow client, little is in memory"
    assert pieces.closed == 1


def test_a_client_that_left_before_the_answer_ends_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_answers, "_OPENING_TIMEOUT", 0.05)
    pieces, reader = Pieces(), Reader()
    reader.opens = False
    answer(pieces, reader)
    assert pieces.taken <= 1
    assert pieces.closed == 1


def test_an_answer_that_fails_on_the_way_is_shorter_than_it_claims(caplog: pytest.LogCaptureFixture) -> None:
    pieces, reader = Pieces(broken_at=5), Reader()
    answer(pieces, reader)
    assert len(reader.received) == 5 * PIECE
    assert pieces.closed == 1
    assert "ZeroDivisionError" in caplog.text


def test_a_question_for_the_headers_makes_no_pipe() -> None:
    pieces, reader = Pieces(), Reader(method="HEAD")
    answer(pieces, reader)
    assert reader.status == 200
    assert not hasattr(reader, "file_headers")
    assert pieces.closed == 1
