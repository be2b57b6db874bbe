"""Processes for tests of several: copies of one process that has imported the product. A new Python takes a second."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Any, NamedTuple

_PATIENCE_S = 60


class _Failed(NamedTuple):
    """The traceback of a function that failed."""

    traceback: str


def context() -> ForkServerContext:
    """Return the context whose processes are copies of the one that has imported the product."""
    forkserver = multiprocessing.get_context("forkserver")
    forkserver.set_forkserver_preload(["pytest", "tests.conftest", "planner.scheduler", "tests.campaigns.deliveries"])
    return forkserver


class Process:
    """Another process. Its function gets one end of a pipe, and the arguments."""

    def __init__(self, function: Callable[..., None], *arguments: Any) -> None:
        self._pipe, far = multiprocessing.Pipe()
        # Not a daemon: those may have no children, such as the readers of photos.
        self._process = context().Process(target=_run, args=(far, function, arguments))
        self._process.start()
        far.close()

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        assert self._process.pid
        return self._process.pid

    def tell(self, value: Any = None) -> None:
        """Send a value to the function."""
        self._pipe.send(value)

    def hear(self) -> Any:
        """Return the next value from the function, and fail if the function failed."""
        assert self._pipe.poll(_PATIENCE_S), "the process says nothing"
        value = self._pipe.recv()
        assert not isinstance(value, _Failed), value.traceback
        return value

    def kill(self) -> None:
        """Kill the process, and wait for its end."""
        self._process.kill()
        self.wait()

    def wait(self) -> int:
        """Wait for the end of the process, and return its exit code."""
        self._process.join(_PATIENCE_S)
        assert self._process.exitcode is not None, "the process does not end"
        return self._process.exitcode

    def close(self) -> None:
        """Kill the process if it runs, and close the pipe."""
        self.kill()
        self._process.close()
        self._pipe.close()


@contextmanager
def running(function: Callable[..., None], *arguments: Any) -> Iterator[Process]:
    """Yield a process that runs a function, and end it after the block."""
    process = Process(function, *arguments)
    try:
        yield process
    finally:
        process.close()


def _run(pipe: Connection, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    try:
        function(pipe, *arguments)
    except Exception:
        pipe.send(_Failed(traceback.format_exc()))
        raise
