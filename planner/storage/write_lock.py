"""A write lock for one SQLite file, across the threads and processes of this machine.

SQLite has one writer at a time. Its waiting writers retry after pauses of up to a tenth of a second. With two processes
of eight busy threads, some writes took two seconds, and the disk was idle most of the time. With this lock, no write
takes a tenth of that. SQLite's own lock still decides, so a program without this lock (a shell, a backup) does no harm.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from planner.storage.faults import NoAnswer

# A write takes about as long. A blocking flock would wait better, but without a timeout: one process that hangs in a
# write would hang all others.
_PAUSE = 0.0003


class WriteLock:
    """The lock. Threads of this process wait for each other; then one waits for other processes."""

    def __init__(self, path: Path) -> None:
        self._thread_lock = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    @contextmanager
    def acquire(self, timeout_s: float) -> Iterator[float]:
        """Hold the lock, and yield the seconds that are left. Raises NoAnswer when it is not free in that time."""
        began = time.monotonic()
        if not self._thread_lock.acquire(timeout=timeout_s):
            raise NoAnswer("other writes take too long")
        try:
            self._lock_file(began + timeout_s)
            try:
                yield max(0.0, began + timeout_s - time.monotonic())
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._thread_lock.release()

    def _lock_file(self, deadline: float) -> None:
        while not self._try_lock_file():
            if time.monotonic() > deadline:
                raise NoAnswer("another process writes for too long")
            time.sleep(_PAUSE)

    def _try_lock_file(self) -> bool:
        try:
            # The kernel releases it when a process dies.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Close the file of the lock."""
        os.close(self._file)
