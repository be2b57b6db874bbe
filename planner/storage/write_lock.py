"""Whose turn it is to write to a SQLite file, over all threads and processes of this machine.

SQLite has one writer at a time, and lets the others ask again after pauses that grow to a tenth of a second: with two
processes of eight busy threads each, some writes took two seconds, and on a busy machine most of the disk's time went
by unused. Standing in line gives the same or several times the writes, and none takes a tenth of that. SQLite's own
lock still decides; this is only the line before it, so a program that does not know of it (a shell, a backup) does no
harm.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from planner.errors import Unavailable

# A write takes about as long. flock itself would wait better, but has no time-out: one process that hangs in the
# middle of a write would hang all others, where they can say Busy.
_PAUSE = 0.0003


class WriteLock:
    """The line: the threads of this process wait for each other, and the first of them for those of other processes."""

    def __init__(self, path: Path, patience: float) -> None:
        self._patience = patience
        self._first = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Have the turn. Raises Busy when it does not come within about `patience` seconds."""
        if not self._first.acquire(timeout=self._patience):
            raise Unavailable
        try:
            self._lock()
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._first.release()

    def _lock(self) -> None:
        for _ in range(int(self._patience / _PAUSE)):
            if self._locked():
                return
            time.sleep(_PAUSE)
        raise Unavailable

    def _locked(self) -> bool:
        try:
            # The kernel gives it back when a process dies, however it dies.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Leave the line for good."""
        os.close(self._file)
