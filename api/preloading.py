"""Start processes that share what one process has loaded.

Forked processes share their memory until one of them writes to it, and Python writes to all that it uses: it counts
references. So a master that loads the program to fork its workers soon holds a copy for itself, of some 60 MiB. Here
the master does not load it. Its child, the loader, loads the program, forks the workers and ends. Then the master
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
from typing import NamedTuple

_log = logging.getLogger("rekindle")
_fork_context = multiprocessing.get_context("fork")

STOP_TIMEOUT = 3
"""Seconds for requests to finish when the server stops."""
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_STOPS = (signal.SIGTERM, signal.SIGINT)
_PAUSE = 0.2
_SHORT_PAUSE = 0.01

_is_loaded = False


class Process:
    """A process to start with `start_all`. It has what Granian uses of a process of multiprocessing."""

    def __init__(self, run: Callable[[], None], let_go: Callable[[], None] = lambda: None) -> None:
        """Take what the process does. `let_go` closes in other processes what only this one needs, such as a socket."""
        self.run = run
        self.let_go = let_go
        self.pid: int | None = None
        self.has_ended_well = False
        self._has_ended = False
        # A thread of Granian waits for the process while another one stops it.
        self._asking = threading.RLock()

    def is_alive(self) -> bool:
        """Return whether the process runs."""
        with self._asking:
            if self.pid is None or self._has_ended:
                return False
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self._has_ended = True
            else:
                self._has_ended, self.has_ended_well = pid != 0, pid != 0 and status == 0
            return not self._has_ended

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end, at most for some seconds."""
        if timeout is None:
            while self.is_alive():
                time.sleep(_PAUSE)
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
        with self._asking:  # after its end is known, another process may get its id
            if self.pid and self.is_alive():
                os.kill(self.pid, number)


class NotStarted(Exception):
    """The program could not be loaded; the log says why. `code` is the exit code for this."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


def start_all(load: Callable[[], None], processes: Sequence[Process], is_stopped: Callable[[], bool]) -> None:
    """Load the program and start the processes, which go on from there. They end when this process ends.

    Without processes, this runs `load` in a process of its own, or here.

    Raises NotStarted with the code 0 if `is_stopped` becomes true meanwhile, and with another one after a fault.
    """
    if not _adopt_orphans(True):
        _start_here(load, processes)
        return
    pipes = _Pipes(*os.pipe(), *os.pipe())
    try:
        _start(load, processes, pipes, is_stopped)
    finally:
        pipes.close()
        _adopt_orphans(False)  # else the children of a killed worker would come here and stay as zombies


class _Pipes(NamedTuple):
    """Through one pipe, the loader reports the ids of its children. Through the other, the master lets them begin."""

    report: int
    reporter: int
    gate: int
    opener: int

    def close(self) -> None:
        for end in self:
            os.close(end)


def _start_here(load: Callable[[], None], processes: Sequence[Process]) -> None:
    global _is_loaded
    if not (_is_loaded and processes):
        before = {number: signal.signal(number, signal.SIG_DFL) for number in _STOPS}
        _load(load)
        for number, handler in before.items():
            signal.signal(number, handler)
        _is_loaded = True
    for process in processes:
        process.pid = _fork(_watch_and_run, process.run, os.getpid())
        process.let_go()


def _start(
    load: Callable[[], None], processes: Sequence[Process], pipes: _Pipes, is_stopped: Callable[[], bool]
) -> None:
    loader = _fork_context.Process(target=_be_loader, args=(load, processes, pipes, os.getpid()))
    loader.start()
    while loader.is_alive():
        loader.join(_PAUSE)
        if is_stopped():
            loader.terminate()
            loader.join()
            raise NotStarted(0)
    if loader.exitcode:
        if loader.exitcode < 0:
            _log.error("the process that loads the program was ended by signal %d", -loader.exitcode)
        raise NotStarted(abs(loader.exitcode) + (128 if loader.exitcode < 0 else 0))
    if processes:
        pids = os.read(pipes.report, 32 * len(processes)).split()
        for process, pid in zip(processes, pids, strict=True):
            process.pid = int(pid)
            process.let_go()
        os.write(pipes.opener, bytes(len(processes)))


def _be_loader(load: Callable[[], None], processes: Sequence[Process], pipes: _Pipes, master: int) -> None:
    _end_at_signals()
    _control(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != master:
        os._exit(1)
    pids = []
    try:
        _load(load)
        for process in processes:
            pids.append(_fork(_wait_and_run, process.run, master, pipes))
            process.let_go()
        os.write(pipes.reporter, b" ".join(b"%d" % pid for pid in pids))
        os._exit(0)  # a process of multiprocessing waits for its children, and they wait for its end
    except SystemExit as error:
        if isinstance(error.code, str):
            sys.stderr.write(f"{error.code}\n")
        os._exit(error.code if isinstance(error.code, int) else 1)
    except BaseException:
        _log.exception("the program cannot be loaded")
        os._exit(1)


def _end_at_signals() -> None:
    """Let go of the handlers of the master. One in Python would also wait for the end of a long statement."""
    for number in _STOPS:
        signal.signal(number, signal.SIG_DFL)


def _load(load: Callable[[], None]) -> None:
    load()
    # Otherwise the first garbage collection of each process would write to all objects, and so copy them.
    gc.collect()
    gc.freeze()


def _fork(target: Callable[..., None], *arguments: object) -> int:
    forked = _fork_context.Process(target=target, args=arguments)
    forked.start()
    assert forked.pid
    return forked.pid


def _wait_and_run(run: Callable[[], None], master: int, pipes: _Pipes) -> None:
    """Wait until the master knows this process, which is its child by then. End if it never will."""
    os.close(pipes.opener)
    is_known = os.read(pipes.gate, 1)
    for end in pipes[:3]:
        os.close(end)
    if is_known:
        _watch_and_run(run, master)


def _watch_and_run(run: Callable[[], None], master: int) -> None:
    _end_at_signals()  # until it says what it does at its end
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


def _adopt_orphans(does: bool) -> bool:
    return _control(_PR_SET_CHILD_SUBREAPER, int(does))


def _control(option: int, value: int) -> bool:
    """Set an option of this process, and return whether the system could: only Linux has these."""
    control = getattr(ctypes.CDLL(None), "prctl", None)
    return control is not None and control(option, value, 0, 0, 0) == 0
