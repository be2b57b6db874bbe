"""Start programs of the product from a process that has imported it already, and has read its texts.

This takes longer than all else that a start does. A program that this process forks is like one that `python -c`
starts, with an environment, a process group and standard streams of its own.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_ORDER = Lock()


class Program:
    """A running program, with the methods of `subprocess.Popen` that the tests need."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._end = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return the exit code, or None while the program runs."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, and return the exit code. Raises TimeoutExpired."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(f"program {self.pid}", timeout or 0)
        return code

    def _look(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._end], [], [], seconds)[0]:
            self.returncode = _order(wait=self.pid)
            os.close(self._end)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the program has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def start(code: str, environment: Mapping[str, str], log: Path, errors: Path | None = None) -> Program:
    """Start a program in Python, in the folder of the project. It adds what it prints to a log.

    Without a file for its errors, they go to the log, too.
    """
    errors = errors or log
    for file in (log, errors):
        file.touch()  # the test may read it before the program opens it
    return Program(_order(code=code, environment=dict(environment), log=str(log), errors=str(errors)))


def run(code: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and return its exit code and what it printed."""
    with tempfile.TemporaryDirectory() as name:
        output, errors = Path(name, "output"), Path(name, "errors")
        program = start(code, environment, output, errors)
        try:
            program.wait(60)
        finally:
            program.kill()
        return subprocess.CompletedProcess(code, program.wait(), output.read_text(), errors.read_text())


def _order(**order: Any) -> int:
    """Send an order to the process that forks, and return its answer."""
    process = _process()
    assert process.stdin
    assert process.stdout
    with _ORDER:
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        return int(process.stdout.readline())


@cache
def _process() -> subprocess.Popen[str]:
    """Start the process that forks. It ends with this one."""
    command = [sys.executable, "-m", "tests.forking"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.communicate)
    return process


def _next_program() -> dict[str, Any] | None:
    """Follow orders. Return in a forked process, with its order, or when no more can come."""
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            print(os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1]), flush=True)
        elif os.fork() == 0:
            return order
    return None


def _become(order: dict[str, Any]) -> None:
    """Give this process what a new program has."""
    os.setsid()
    print(os.getpid(), flush=True)
    os.environ.clear()
    os.environ.update(order["environment"])
    for number, (name, mode) in enumerate(((os.devnull, "rb"), (order["log"], "ab"), (order["errors"], "ab"))):
        with open(name, mode) as file:
            os.dup2(file.fileno(), number)
    sys.argv = ["-c"]


if __name__ == "__main__":
    from api import startup  # noqa: F401  # so that no program has to
    from seeds import reader

    reader.shipped = cache(reader.shipped)  # the texts that come with the product do not change
    reader.shipped()
    if order := _next_program():
        _become(order)
        exec(order["code"], {"__name__": "__main__"})  # noqa: S102  # the tests wrote it
