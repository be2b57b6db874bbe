"""The processes of a server: one socket, one master, and workers that take connections from the socket.

The master opens the socket before anything else, so two servers never share a port. The files that a server writes
are readable for its user only.
"""

from __future__ import annotations

import ctypes
import logging
import math
import resource
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from errno import EADDRINUSE
from functools import partial
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]  # it is not in the stub
from granian.server.mp import MPServer, WorkerProcess

from api import preloading
from api.preloading import STOP_TIMEOUT, NotStarted, Process
from planner.settings import Settings

_log = logging.getLogger("rekindle")

HEADER_TIMEOUT = 10.0
"""Seconds for the headers of a request, and for an idle connection."""
SILENCE_TIMEOUT = 30
"""Seconds for which Linux itself holds a new connection that sends nothing. It takes no open file until then."""
READER_TIMEOUT = 30.0
"""Seconds for which a client may leave an answer unread."""
_KILL_TIMEOUT = 1
"""The last of these seconds, for which Granian waits before it kills a worker."""
PORT_TIMEOUT = 4.0
"""Seconds for which a start waits for the port. The workers of a killed master need some to stop."""
_LARGE_BLOCK = 128 << 10
"""Bytes from which a block of memory goes back to the system as soon as it is free. Photos and long answers do."""
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_MAX_CONNECTIONS = 4096
_FEW_CONNECTIONS = 500
_BACKLOG = 1024
_PAUSE = 0.2
_SHORT_PAUSE = 0.1
_JSON_LINES: dict[str, Any] = {"formatters": {name: {"()": "api.logs.JsonLines"} for name in ("generic", "access")}}

Load = Callable[[bool], None]


class PortUnavailable(Exception):
    """The socket cannot be opened. The message says why."""


def give_back_memory() -> None:
    """Make the C library give large blocks back to the system when they are free, here and in all workers.

    By default glibc keeps for later what one hash of a password took: 19 MiB in each process, and in each thread that
    has hashed one. It also has a heap for each thread, with free blocks that the others cannot use. Python runs one
    thread at a time, most of the time, so one heap is enough.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and keeps nothing
    if set_option:
        set_option(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        set_option(_M_ARENA_MAX, 1)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises PortUnavailable if another program still uses the port after a while."""
    tries = round(PORT_TIMEOUT / _PAUSE)
    while True:
        try:
            return _open(host, port)
        except OSError as error:
            if error.errno != EADDRINUSE or not tries:
                raise PortUnavailable(error.strerror) from None
        tries -= 1
        time.sleep(_PAUSE)


def _open(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(READER_TIMEOUT * 1000))
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENCE_TIMEOUT)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


class Master(MPServer):
    """Granian over a socket that is open already, with workers that share what one process has loaded.

    Granian itself would open one socket for each worker with SO_REUSEPORT, and a second server could join them.

    `load` loads the program, and takes whether this is the start of the server, or that of a worker in the place of
    another. `finish` does what a worker does at its end, for workers that were killed. The others start and end with
    the server, and are not watched.
    """

    def __init__(
        self,
        target: str,
        listener: socket.socket,
        settings: Settings,
        load: Load,
        finish: Callable[[], None],
        others: Sequence[Process] = (),
    ) -> None:
        super().__init__(
            target,
            factory=True,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.RSGI,
            workers=settings.workers,
            # Cleartext HTTP/2 has no time limits.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=int(HEADER_TIMEOUT * 1000)),
            backlog=_BACKLOG,
            backpressure=_count_connections(settings.threads),
            log_level=LogLevels(settings.log_level),
            log_dictconfig=_JSON_LINES if settings.log_format == "json" else None,
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=_KILL_TIMEOUT,
        )
        self._listener = listener
        self._load = load
        self._finish = finish
        self._others = others
        self.main_loop_interrupt: Any = _Interrupt(lambda: self.interrupt_signal)

    def _init_shared_socket(self: Any) -> None:
        backlog = (_BACKLOG,) if sys.platform == "linux" else ()
        self._ssp, self._sso = None, self._listener
        self._shd = SocketHolder(self._listener.fileno(), False, *backlog)  # type: ignore[call-arg]  # the stub has none

    def _spawn_worker(self: Any, *args: Any, **kwargs: Any) -> WorkerProcess:
        worker: WorkerProcess = super()._spawn_worker(*args, **kwargs)
        worker.inner = _Worker(worker.inner.run, partial(self._replace, worker))
        return worker

    def _replace(self: Any, worker: WorkerProcess, process: Process) -> None:
        """Start a worker in the place of another. If that fails, Granian ends the server."""
        try:
            preloading.start_all(partial(self._load, False), [process], lambda: self.interrupt_signal)
        except (NotStarted, OSError) as error:
            worker.interrupt_by_parent = self.interrupt_signal
            if not self.interrupt_signal:
                _log.error("a lost worker cannot be replaced: %s", error)
                self.respawned_wrks[worker.idx] = math.inf
        else:  # Granian does not replace one that ends soon after this
            self.respawned_wrks[worker.idx] = time.monotonic()

    def _respawn_workers(self: Any, workers: Sequence[int], *args: Any, **kwargs: Any) -> None:
        for idx in workers:
            if not self.interrupt_signal:
                super()._respawn_workers([idx], *args, **kwargs)

    def shutdown(self: Any, exit_code: int = 0) -> None:
        """Stop everything. Raises SystemExit with another code than 0, unless the operator stops the server."""
        if self.interrupt_signal:
            self.interrupt_children.clear()
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]

    def _spawn_workers(self: Any, spawn_target: Any, target_loader: Any) -> None:
        workers = [self._spawn_worker(idx, spawn_target, target_loader) for idx in range(self.workers)]
        processes = [*self._others, *(worker.inner for worker in workers)]
        try:
            preloading.start_all(partial(self._load, True), processes, lambda: self.interrupt_signal)
        except NotStarted as error:
            sys.exit(error.code)
        for worker in workers:
            worker.start()
            self.wrks.append(worker)

    def _stop_workers(self: Any) -> None:
        """Wait until the workers have ended, and leave to Granian those that have not in time: it kills them.

        If Granian waited alone, it would sometimes warn that a worker refuses to stop that has ended already.
        """
        for worker in self.wrks:
            worker.terminate()
        for _ in range(100 * (STOP_TIMEOUT - _KILL_TIMEOUT)):
            if not any(worker.is_alive() for worker in self.wrks):
                break
            time.sleep(0.01)
        processes = [worker.inner for worker in self.wrks]
        super()._stop_workers()  # type: ignore[no-untyped-call]
        for other in self._others:
            other.kill()
        if not all(process.has_ended_well for process in processes):
            with suppress(NotStarted, OSError):
                preloading.start_all(self._finish, [], lambda: False)


class _Interrupt:
    """What Granian waits for. With its event, two signals at one instant could both go unnoticed."""

    def __init__(self, is_stopped: Callable[[], bool]) -> None:
        self._is_stopped = is_stopped
        self._is_set = False

    def set(self) -> None:
        """End the wait."""
        self._is_set = True

    def clear(self) -> None:
        """Let the next wait last."""
        self._is_set = False

    def wait(self) -> None:
        """Wait for `set`, or for the stop of the server."""
        while not (self._is_set or self._is_stopped()):
            time.sleep(_SHORT_PAUSE)


class _Worker(Process):
    """A process that serves. Granian starts it alone if it takes the place of another."""

    def __init__(self, run: Callable[[], None], start_alone: Callable[[Process], None]) -> None:
        super().__init__(run)
        self._start_alone = start_alone

    def start(self) -> None:
        """Start, unless it has started with the server."""
        if self.pid is None:
            self._start_alone(self)


def _count_connections(threads: int) -> int:
    """Return how many connections a worker may hold, so that it always has files left for its own work."""
    files = _raise_file_limit()
    connections = min(_MAX_CONNECTIONS, max(1, files - _own_files(threads)))
    if connections < _FEW_CONNECTIONS:
        _log.warning(
            "a worker may open %d files, so slow clients that hold %d connections block it: "
            "raise the limit to %d (ulimit -Hn, or LimitNOFILE= of systemd)",
            *(files, connections, files_wanted(threads)),
        )
    return connections


def files_wanted(threads: int) -> int:
    """Return how many files a worker should be allowed to open."""
    return _MAX_CONNECTIONS + _own_files(threads)


def _own_files(threads: int) -> int:
    return 64 + 4 * threads  # SQLite opens three files for each thread


def _raise_file_limit() -> int:
    """Raise the soft limit of open files as far as allowed, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else hard
    if wanted > soft:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
