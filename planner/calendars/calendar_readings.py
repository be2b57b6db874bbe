"""Readings of calendars: a file is given to a child process, and its busy times come back.

At most one file is read at a time in this process, so that a small server has time for everything else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any, NamedTuple

from planner.errors import Unavailable

MOST_BYTES = 2_000_000
_MOST_SECONDS = 15.0
"""Seconds in which the child must answer. Its CPU time is limited to two, but the machine can be busy."""
_MOST_SECONDS_TO_WAIT = 5.0
_PATIENCE_SECONDS = 60.0
_MOST_WAITING = 2
"""Files at once, with the one that is being read. Further ones are refused, so that they hold no thread."""
_ROOT = Path(__file__).parents[2]
_COMMAND = (sys.executable, "-m", "planner.calendars.calendar_reader")

_reading = Lock()
_waiting = BoundedSemaphore(_MOST_WAITING)


class ReadingFault(Exception):
    """A file that could not be read. `reason` is a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Reading(NamedTuple):
    """The busy times of a calendar by kind (see calendar_reader.py), and how many events could not be read."""

    times: Mapping[str, Sequence[tuple[datetime, datetime]]]
    skipped: int


def read(
    data: bytes, begins: datetime, ends: datetime, owner: Collection[str] = (), is_patient: bool = False
) -> Reading:
    """Return the busy times of a calendar file. `owner` are mail addresses whose refusals count.

    A request must not wait long, so it gets Unavailable when too many files wait; the clock is patient. Raises
    ReadingFault, too.
    """
    if len(data) > MOST_BYTES:
        raise ReadingFault("too_large")
    asked = {"begins": begins.timestamp(), "ends": ends.timestamp(), "owner": list(owner)}
    with _lock(_PATIENCE_SECONDS) if is_patient else _turn():
        answer = _answer(json.dumps(asked).encode() + b"\n" + data)
    if "fault" in answer:
        raise ReadingFault(answer["fault"])
    times = {
        kind: [(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)) for start, end in spans]
        for kind, spans in answer["busy"].items()
    }
    return Reading(times, answer["skipped"])


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until no other file is read. Raises Unavailable if many wait already, or for too long."""
    if not _waiting.acquire(blocking=False):
        raise Unavailable
    try:
        with _lock(_MOST_SECONDS_TO_WAIT):
            yield
    finally:
        _waiting.release()


@contextmanager
def _lock(seconds: float) -> Iterator[None]:
    if not _reading.acquire(timeout=seconds):
        raise Unavailable
    try:
        yield
    finally:
        _reading.release()


def _answer(asked: bytes) -> dict[str, Any]:
    try:
        # An empty environment: the child needs none of our secrets.
        done = subprocess.run(  # noqa: S603  # our own interpreter, with our own file
            _COMMAND, input=asked, cwd=_ROOT, env={}, capture_output=True, timeout=_MOST_SECONDS, check=True
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError, OSError):
        raise ReadingFault("too_hard") from None
    return answer
