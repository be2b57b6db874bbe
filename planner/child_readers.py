"""Child readers: processes of their own that read files from anywhere, which can take all time and memory.

The child limits itself before it reads anything (`limit_process`). It has no settings and no secrets. At most one file
of a kind is read at a time in this process, so that a small server has time for everything else.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Lock

from planner.errors import Unavailable

_MOST_SECONDS_TO_WAIT = 5.0
_PATIENCE_SECONDS = 60.0
_ROOT = Path(__file__).parents[1]


class ReadingFault(Exception):
    """A file that could not be read. `reason` is a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChildReader:
    """Reads files of one kind, each with a new process of the module."""

    def __init__(self, module: str, most_waiting: int) -> None:
        """Take the module of the child. More files than `most_waiting` at once are refused: they would hold threads."""
        self.command: tuple[str, ...] = (sys.executable, "-m", module)
        self.most_seconds = 15.0
        """Seconds in which the child must answer. Its CPU time is limited, but the machine can be busy."""
        self._reading = Lock()
        self.waiting = BoundedSemaphore(most_waiting)

    def answer(self, asked: bytes, is_patient: bool = False) -> bytes:
        """Return what the child answers to this input.

        A request must not wait long, so it gets Unavailable when too many files wait; the clock is patient. Raises
        ReadingFault for a file that takes too much.
        """
        with self._lock(_PATIENCE_SECONDS) if is_patient else self._turn():
            try:
                # An empty environment: the child needs none of our secrets.
                done = subprocess.run(  # noqa: S603  # our own interpreter, with our own file
                    self.command,
                    input=asked,
                    cwd=_ROOT,
                    env={},
                    capture_output=True,
                    timeout=self.most_seconds,
                    check=True,
                )
            except (subprocess.SubprocessError, OSError):
                raise ReadingFault("too_hard") from None
        return done.stdout

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until no other file is read. Raises Unavailable if many wait already, or for too long."""
        if not self.waiting.acquire(blocking=False):
            raise Unavailable
        try:
            with self._lock(_MOST_SECONDS_TO_WAIT):
                yield
        finally:
            self.waiting.release()

    @contextmanager
    def _lock(self, seconds: float) -> Iterator[None]:
        if not self._reading.acquire(timeout=seconds):
            raise Unavailable
        try:
            yield
        finally:
            self._reading.release()


def limit_process(cpu_seconds: int, memory_bytes: int) -> None:
    """Limit this process, a child, before it reads anything."""
    os.nice(10)  # those who use the app come first
    used = round(time.process_time())  # by the start, on a slow machine
    for kind, most in (
        (resource.RLIMIT_CPU, used + cpu_seconds),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
