"""The served product: started like `python wsgi.py`, reached over a socket, with a clock that can jump."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, request

from api.rsgi import Adapter
from tests import forking
from tests.forking import ROOT, Program

_SHIFT = "TEST_CLOCK_SHIFT_FILE"
_DELAY = "TEST_DELAY"
"""A variable: the most seconds that each request of a browser waits. It shows tests that do not wait for an answer."""


QUICK_TICKS = "from planner import scheduler; scheduler.INTERVAL, scheduler.SHORTEST = 0.25, 0.1"
"""The line of Python with which a server ticks four times a second. It costs processor time while a test waits."""


def create_shifted_app() -> Adapter:
    """Return the served app with a clock that a file sets forward. The workers run this."""
    from api import startup
    from planner import clock, scheduler
    from planner.storage import leases

    shift = Path(os.environ[_SHIFT])
    real = clock.utcnow
    # In whole milliseconds, as the real clock: an answer gives no finer instant.
    clock.utcnow = lambda: real() + timedelta(milliseconds=round(1000 * float(shift.read_text())))
    scheduler.INTERVAL = scheduler.MAIL_INTERVAL = min(scheduler.INTERVAL, 1)  # or what QUICK_TICKS sets
    leases.clock_difference = lambda now: timedelta()  # else the clock of the database would correct the shift
    if most := float(os.environ.get(_DELAY, 0)):
        create = startup._open_app
        startup._open_app = lambda: _delay_browsers(create(), most)
    return startup.create_served_app()


def _delay_browsers(app: Flask, most: float) -> Flask:
    """Let each request of a browser to the API wait for a drawn time, as on a slow network."""

    @app.before_request
    def wait() -> None:
        if "Sec-Fetch-Mode" in request.headers and request.path.startswith("/v1/"):
            time.sleep(random.uniform(0, most))

    return app


def create_quick_app() -> Adapter:
    """Return the served app with its clock as it is, which ticks four times a second. The workers run this.

    A file of each worker tells when its last tick began, once the tick has ended.
    """
    from api import startup
    from planner import clock, scheduler

    scheduler.INTERVAL = scheduler.MAIL_INTERVAL = 0.25
    scheduler.SHORTEST = 0.1
    real = scheduler.tick

    def tick(*instants: Any) -> None:
        began = clock.utcnow()
        real(*instants)
        replace(Path(os.environ[_SHIFT]).with_name(f"tick-{os.getpid()}"), began.isoformat())

    scheduler.tick = tick
    return startup.create_served_app()


@dataclass(eq=False)
class Served:
    """A running server."""

    process: Program | subprocess.Popen[bytes]
    port: int
    folder: Path
    address: str = "127.0.0.1"

    def request(
        self, method: str, path: str, token: str | None = None, body: Any = None, **more: str
    ) -> tuple[int, Any]:
        """Send one request on a new connection, and return the status and the JSON of the answer."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=20)
        headers = more | ({"Content-Type": "application/json"} if body is not None else {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(data) if data and "json" in (answer.headers["Content-Type"] or "") else None

    def jump_to(self, at: datetime) -> None:
        """Set the server's clock to an instant. It goes on from there."""
        replace(self.folder / "shift", str((at - datetime.now(UTC)).total_seconds()))

    def now(self) -> datetime:
        """Return the time of the server's clock."""
        return datetime.now(UTC) + timedelta(seconds=float((self.folder / "shift").read_text()))

    def log(self) -> str:
        """Return the log of the server so far."""
        return (self.folder / "log").read_text()

    def kill(self) -> None:
        """Kill the server and its workers with kill -9."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def replace(file: Path, text: str) -> None:
    """Write a text file that others read at any moment."""
    fresh = file.with_name(f"new-{file.name}")
    fresh.write_text(text)
    fresh.replace(file)


def free_port() -> int:
    """Return a port that no program uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Wait until a condition holds, and tell whether it has. After that, nobody asks again: the answer may change."""
    last = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= last:
            return False
        time.sleep(0.05)
    return True


def start(
    database_url: str,
    folder: Path,
    port: int | None = None,
    first: str = "",
    within: Sequence[str] = (),
    address: str = "127.0.0.1",
    app: str = "create_shifted_app",
    **settings: str,
) -> Served:
    """Start the product, by default on a free port, and wait until it answers. `settings` have no prefix REKINDLE_.

    The process runs the line of Python in `first` before it serves. `within` is a command that runs it in a new
    interpreter, perhaps elsewhere, where it answers at `address`. `app` names the function here that makes the app.
    """
    port = port or free_port()
    (folder / "shift").write_text("0")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}
    environment |= {
        "REKINDLE_DATABASE_URL": database_url,
        "REKINDLE_PORT": str(port),
        "REKINDLE_PASSWORD_COST": "cheapest",
        "REKINDLE_ERASURES": str(folder / "erasures"),
        _SHIFT: str(folder / "shift"),
        **{f"REKINDLE_{name.upper()}": value for name, value in settings.items()},
    }
    code = f"import wsgi; {first}\nwsgi.serve('tests.served:{app}')"
    served = Served(_start(code, environment, folder / "log", within), port, folder, address)
    for _ in range(600):
        with contextlib.suppress(OSError):
            if served.request("GET", "/health")[0] == 200:
                return served
        if served.process.poll() is not None:
            break
        time.sleep(0.05)
    served.kill()
    raise RuntimeError(f"the server did not start:\n{served.log()}")


def _start(
    code: str, environment: dict[str, str], log: Path, within: Sequence[str]
) -> Program | subprocess.Popen[bytes]:
    if not within:
        return forking.start(code, environment, log)
    command = [*within, sys.executable, "-c", code]
    with log.open("ab") as file:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


@contextlib.contextmanager
def running(database_url: str, first: str = "", within: Sequence[str] = (), **settings: str) -> Iterator[Served]:
    """Run a server for the time of a block, and remove everything after it."""
    with tempfile.TemporaryDirectory(prefix="rekindle-served-") as name:
        served = start(database_url, Path(name), first=first, within=within, **settings)
        try:
            yield served
        finally:
            served.kill()
