"""Start processes that share what one process has loaded.

Forked processes share their memory until one of them writes to it, and Python writes to all that it uses: it counts
references. So a master that loads the program to fork its workers soon holds a copy for itself, of some 60 MiB. Here
the master loads nothing. Its child, the loader, loads the program, forks the workers and ends. Then the master
adopts them: Linux gives orphans to the nearest process above that has asked for them.

Where that cannot be had, the master loads the program.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

_log = logging.getLogger("rekindle")

STOP_TIMEOUT = 3
"""Seconds for requests to finish when the server stops."""
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PAUSE = 0.2
_SHORT_PAUSE = 0.01


class Process:
    """A process to start with `start_all`. It has what Granian uses of a process of multiprocessing."""

    def __init__(self, run: Callable[[], None]) -> None:
        self.run = run
        self.pid: int | None = None
        self._has_ended = False
        # Two threads may ask at once. The number of a process that has been asked for its end can be used again.
        self._asking = threading.RLock()

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        with self._asking:
            if self.pid and not self._has_ended:
                with suppress(ChildProcessError):
                    return os.waitpid(self.pid, os.WNOHANG)[0] == 0 or self._note_end()
                self._note_end()
            return False

    def _note_end(self) -> bool:
        self._has_ended = True
        return False

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end, at most for some seconds."""
        if timeout is None and self.pid:
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        for _ in range(round((timeout or 0) / _SHORT_PAUSE)):
            if not self.is_alive():
                break
            time.sleep(_SHORT_PAUSE)

    def terminate(self) -> None:
        """Ask the process to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        with self._asking:
            if self.pid and self.is_alive():
                os.kill(self.pid, number)


def start_all(load: Callable[[], None], processes: Sequence[Process]) -> None:
    """Load the program and start the processes, which go on from there. They end when this process ends.

    Raises SystemExit if loading does, with its message written already.
    """
    if not _adopt_orphans():
        _load(load)
        for process in processes:
            process.pid = _fork(process, os.getpid())
        return
    reader, writer = os.pipe()
    loader = _FORK.Process(target=_load_and_fork, args=(load, processes, writer, os.getpid()))
    loader.start()
    os.close(writer)
    try:
        loader.join()
    except BaseException:
        loader.terminate()
        raise
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        if loader.exitcode:
            sys.exit(loader.exitcode)
        pids = pipe.read(32 * len(processes)).split()
    for process, pid in zip(processes, pids, strict=True):
        process.pid = int(pid)


_FORK = multiprocessing.get_context("fork")


def _load(load: Callable[[], None]) -> None:
    load()
    # Otherwise the first garbage collection of each process would write to all objects, and so copy them.
    gc.collect()
    gc.freeze()


def _load_and_fork(load: Callable[[], None], processes: Sequence[Process], writer: int, master: int) -> None:
    _control(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == master:
        _load(load)
        pids = [_fork(process, master) for process in processes]
        os.write(writer, b" ".join(b"%d" % pid for pid in pids))
    os._exit(0)  # the end of a process of multiprocessing waits for its children


def _fork(process: Process, master: int) -> int:
    forked = _FORK.Process(target=_run, args=(process.run, os.getpid(), master))
    forked.start()
    assert forked.pid
    return forked.pid


def _run(run: Callable[[], None], parent: int, master: int) -> None:
    while parent != master and os.getppid() == parent:
        time.sleep(_SHORT_PAUSE)
    threading.Thread(target=_end_with, args=(master,), name="parent", daemon=True).start()
    run()


def _end_with(master: int) -> None:
    """End this process when the master has ended: it would keep the port."""
    while os.getppid() == master:
        time.sleep(_PAUSE)
    _log.warning("the master has ended; this worker stops, too")
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_TIMEOUT)
    os._exit(1)


def _adopt_orphans() -> bool:
    return _control(_PR_SET_CHILD_SUBREAPER, 1)


def _control(option: int, value: int) -> bool:
    """Set an option of this process, and return whether the system could: only Linux has these."""
    control = getattr(ctypes.CDLL(None), "prctl", None)
    return control is not None and control(option, value, 0, 0, 0) == 0
