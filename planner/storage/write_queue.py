"""The writes of this process that run or wait. When they make no progress, some threads stay free for reads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from planner.storage import faults
from planner.storage.faults import NoAnswer

_STALL_S = 0.5
"""If no write ends for so long, something holds them all up, such as a lock or a disk."""


class WriteQueue:
    """A queue of writes. While they make progress it has no limit; when they stall, it has `most` places."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._count = 0
        self._progress_at = 0.0

    @contextmanager
    def place(self, patience_s: float) -> Iterator[float]:
        """Take a place for one write, and yield the seconds that it may wait: fewer beyond the limit.

        Raises NoAnswer when the queue stalls and is full.
        """
        with self._lock:
            if not self._count:
                self._progress_at = time.monotonic()
            if self._count >= self._most:
                patience_s = min(patience_s, _STALL_S - (time.monotonic() - self._progress_at))
            if patience_s <= 0:
                raise NoAnswer("no write ends, and many wait")
            self._count += 1
        progress = False
        try:
            yield patience_s
            progress = True
        except Exception as error:
            progress = faults.cause(error) is None  # for example a refusal, which ends a write well
            raise
        finally:
            with self._lock:
                self._count -= 1
                if progress:
                    self._progress_at = time.monotonic()
