"""The workers of a server: they share what one process loads, and the master replaces lost ones."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import forking, served
from tests.forking import ROOT, Program
from tests.test_served import is_running, workers

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, the master loads the program"),
]

LOADED_BY_WORKERS = {"flask", "marshmallow", "peewee", "apscheduler", "numpy", "psycopg", "api.app", "planner.storage"}
WITHOUT_ADOPTION = "from api import preloading; preloading._adopt_orphans = lambda does: False"
# A worker that is lost cannot be replaced.
WITHOUT_RELOAD = "load = wsgi._load; wsgi._load = lambda is_first: load(True) if is_first else 1 / 0"
SLOW_RELOAD = """
import time
load = wsgi._load
wsgi._load = lambda is_first: load(is_first) if is_first else time.sleep(30)
"""
# A worker in the place of another ends at once, after a load of six seconds. Granian counts ends within 5.5 seconds.
SHORT_LIVES = """
import time
from api import preloading, startup
load, start_all, monotonic, starts = wsgi._load, preloading.start_all, time.monotonic, []
time.monotonic = lambda: monotonic() + 6 * len(starts)
def start_late(*arguments):
    start_all(*arguments)
    starts.append(arguments)
def load_broken(is_first):
    load(is_first)
    if not is_first:
        startup.create_served_app = lambda: 1 / 0
preloading.start_all, wsgi._load = start_late, load_broken
"""
KILLS = {"a lost worker": signal.SIGKILL, "a reload": signal.SIGHUP}
# The fork of a second worker fails, as without memory.
ONE_FORK = """
from api import preloading
fork, forks = preloading._fork, iter(range(9))
preloading._fork = lambda *arguments: 1 / 0 if next(forks) else fork(*arguments)
"""


def test_the_master_does_not_load_the_program() -> None:
    code = "import sys, wsgi, api.logs; print(*sys.modules)"  # granian imports the last one, for lines of JSON
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "granian" in done.stdout.split()
    assert LOADED_BY_WORKERS.isdisjoint(done.stdout.split())


@pytest.mark.parametrize("first", ["", WITHOUT_ADOPTION], ids=["adopted", "forked by the master"])
def test_a_lost_worker_is_replaced_and_then_the_other(sqlite_url: str, first: str) -> None:
    with served.running(sqlite_url, first) as server:
        assert served.wait_until(lambda: server.log().count(" runtime-1\n") == 2)
        lost, second = workers(server.process.pid)
        os.kill(lost, signal.SIGKILL)
        assert served.wait_until(lambda: server.log().count(" runtime-1\n") == 3, 20)
        os.kill(second, signal.SIGKILL)
        assert server.request("GET", "/health")[0] == 200, "the new worker serves"
        assert served.wait_until(lambda: server.log().count(" runtime-1\n") == 4, 20)
        assert server.log().count("Rekindle is ready") == 1
        server.process.terminate()
        assert server.process.wait(5) == 0
        assert "refused to gracefully stop" not in server.log()


def test_a_server_that_cannot_replace_a_worker_ends(sqlite_url: str) -> None:
    with served.running(sqlite_url, first=WITHOUT_RELOAD) as server:
        first, second = workers(server.process.pid)
        os.kill(first, signal.SIGKILL)
        assert server.process.wait(20) == 1
        assert "ZeroDivisionError" in server.log()
        assert "a lost worker cannot be replaced: exit code 1" in server.log()
        assert not is_running(second)


@pytest.mark.parametrize("act", ["a lost worker", "a reload"])
def test_a_stop_while_a_worker_is_replaced_is_a_clean_stop(sqlite_url: str, act: str) -> None:
    with served.running(sqlite_url, first=SLOW_RELOAD) as server:
        assert served.wait_until(lambda: server.log().count(" runtime-1\n") == 2)
        ids = workers(server.process.pid)
        os.kill(ids[0] if act == "a lost worker" else server.process.pid, KILLS[act])
        assert served.wait_until(lambda: "Respawning worker" in server.log())
        server.process.terminate()
        assert server.process.wait(20) == 0
        assert server.log().count("Respawning worker") == 1
        assert not any(map(is_running, ids))
    path = Path(sqlite_url.removeprefix("sqlite:///") + "-wal")
    assert not path.exists() or not path.stat().st_size, "everything is in the one file"


def test_a_stop_at_the_instant_of_a_loss_is_a_clean_stop(sqlite_url: str) -> None:
    with served.running(sqlite_url, first="from api import processes; processes._SHORT_PAUSE = 2") as server:
        os.kill(workers(server.process.pid)[0], signal.SIGKILL)
        assert served.wait_until(lambda: "Unexpected exit from worker" in server.log())
        server.process.terminate()
        assert server.process.wait(20) == 0


def test_a_worker_that_ends_at_once_again_and_again_ends_the_server(sqlite_url: str) -> None:
    with served.running(sqlite_url, first=SHORT_LIVES) as server:
        os.kill(workers(server.process.pid)[0], signal.SIGKILL)
        assert server.process.wait(30) == 1
        assert "Worker crash loop detected" in server.log()


@pytest.mark.parametrize("pair", [(signal.SIGTERM, signal.SIGINT), (signal.SIGHUP, signal.SIGTERM)])
def test_two_signals_at_one_instant_stop_the_server(sqlite_url: str, pair: tuple[int, int]) -> None:
    with served.running(sqlite_url) as server:
        for number in pair:
            os.kill(server.process.pid, number)
        assert server.process.wait(20) == 0


def test_a_server_that_can_start_only_one_worker_ends(sqlite_url: str) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"), served.running(sqlite_url, first=ONE_FORK):
        pytest.fail("it started")


@contextlib.contextmanager
def starting(tmp_path: Path) -> Iterator[tuple[Program, int]]:
    """Yield a server that waits for its database, and the process that loads the program for it."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}
        environment |= {
            "REKINDLE_DATABASE_URL": f"postgresql://me@127.0.0.1:{mute.getsockname()[1]}/x",
            "REKINDLE_PORT": str(served.free_port()),
            "REKINDLE_ERASURES": str(tmp_path / "erasures"),
        }
        server = forking.start("import wsgi; wsgi.serve()", environment, tmp_path / "log")
        mute.settimeout(20)
        try:
            mute.accept()[0].close()
            (loader,) = workers(server.pid)
            yield server, loader
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


@pytest.mark.parametrize(
    ("sent", "code"),
    [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_a_signal_ends_a_server_that_is_still_starting(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    with starting(tmp_path) as (server, loader):
        server.send_signal(sent)
        assert server.wait(5) == code
        assert served.wait_until(lambda: not is_running(loader), 5)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_start_that_the_system_kills_says_so(tmp_path: Path) -> None:
    with starting(tmp_path) as (server, loader):
        os.kill(loader, signal.SIGKILL)
        assert server.wait(5) == 128 + signal.SIGKILL
    assert "the process that loads the program was ended by signal 9" in (tmp_path / "log").read_text()
