"""The clock as a process of its own, and the figures of all workers on an address of their own."""

from __future__ import annotations

import os
import re
import signal
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

import wsgi
from api import metrics
from planner import scheduler
from planner.privacy import erasure_log
from planner.settings import Settings
from planner.storage import db
from tests import forking, served
from tests.campaigns.stalls import sign_up
from tests.commands import program_of
from tests.forking import Program
from tests.people import Person
from tests.test_served import workers

pytestmark = pytest.mark.real_time


def scraped(port: int, host: str = "127.0.0.1") -> dict[str, float]:
    """Return the figures by name and labels."""
    with urllib.request.urlopen(f"http://{host}:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def holders(port: int, master: int) -> list[int]:
    """Return the processes of a server that hold the socket which listens on a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    (inode,) = {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}
    files = {pid: Path(f"/proc/{pid}/fd").iterdir() for pid in (master, *workers(master))}
    return [pid for pid, links in files.items() if f"socket:[{inode}]" in {os.readlink(link) for link in links}]


def test_the_figures_are_of_all_workers_and_of_no_person(sqlite_url: str) -> None:
    port = served.free_port()
    with served.running(sqlite_url, metrics=f"127.0.0.1:{port}") as server:
        token = sign_up(server)
        for _ in range(30):  # on new connections, which both workers take
            assert server.request("GET", "/v1/notes", token)[0] == 200
        note = {"kind": "kindness", "body": "You made tea."}
        made = server.request("POST", "/v1/notes", token, note)[1]["id"]
        assert server.request("GET", f"/v1/notes/{made}", token)[0] == 200
        for path in ("/v1/me/help", "/safety", "/v1/safety", "/health"):
            server.request("GET", path, token)
        server.request("BREW", "/v1/notes")
        name = 'rekindle_requests_total{method="%s",route="%s",status="%d"}'
        assert served.wait_until(lambda: name % ("other", "(none)", 405) in scraped(port))
        figures = scraped(port)
        assert figures[name % ("GET", "/v1/notes", 200)] == 30
        assert figures[name % ("GET", "/v1/notes/<uuid:note_id>", 200)] == 1
        assert figures['rekindle_request_seconds_count{method="GET",route="/v1/notes"}'] == 30
        assert served.wait_until(lambda: scraped(port).get("rekindle_tick_seconds_count", 0) >= 2), "each worker ticks"
        assert scraped(port)["rekindle_database_up"] == 1
        assert scraped(port)["rekindle_oldest_due_seconds"] < 30
        text = str(figures)
        for word in (token, made, "safety", "help", "health", "BREW"):
            assert word not in text
        assert server.request("GET", "/metrics")[0] == 404, "not on the address of the product"
        assert len(holders(port, server.process.pid)) == 1, "without its process, the address would not answer"
        master = server.process
        master.kill()
        master.wait()
        assert served.wait_until(lambda: not answers(port)), "the process of the figures ends with the server"


def answers(port: int) -> bool:
    try:
        scraped(port)
    except OSError:
        return False
    return True


def test_many_deliveries_do_not_pass_for_a_database_that_is_down(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "_check", SimpleNamespace(answer=lambda: None))
    (figure,) = metrics._Database().collect()
    assert [sample.value for sample in figure.samples] == [1]


def test_a_taken_address_of_the_figures_stops_the_start_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    port = served.free_port()
    settings = Settings(metrics=("127.0.0.1", port))
    with (
        wsgi._metrics_served(settings),
        pytest.raises(SystemExit, match=r"REKINDLE_METRICS cannot be used \(Address already in use\)"),
        wsgi._metrics_served(settings),
    ):
        pytest.fail("two servers share an address")
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR")
    assert not list(tmp_path.iterdir()), "each start that fails would leave a folder behind"


@contextmanager
def clock_alone(url: str, folder: Path, **settings: str) -> Iterator[Program]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}
    environment |= {
        "REKINDLE_DATABASE_URL": url,
        "REKINDLE_ERASURES": str(folder / "erasures"),
        **{f"REKINDLE_{name}": value for name, value in settings.items()},
    }
    program = forking.start(program_of("clock"), environment, folder / "log of the clock")
    try:
        yield program
    finally:
        program.kill()
        program.wait()


@pytest.mark.one_database
def test_a_clock_alone_ticks_for_servers_without_one(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    port = served.free_port()
    with served.running(database_url, workers="1", clock="off") as server:
        sign_up(server)
        status, body = server.request("GET", "/ready")
        assert (status, body["clock"]) == (503, "waiting"), "no worker ticks"
        with clock_alone(database_url, server.folder, METRICS=f"127.0.0.1:{port}", CLOCK="off") as clock:
            assert served.wait_until(lambda: server.request("GET", "/ready")[0] == 200)
            assert served.wait_until(lambda: scraped(port).get("rekindle_tick_seconds_count", 0) >= 1)
            clock.send_signal(signal.SIGTERM)
            code, output = clock.wait(10), (server.folder / "log of the clock").read_text()
        assert code == 0, output
        assert not list(tmp_path.glob("rekindle-metrics-*"))
        assert "The clock ticks. Stop it with Ctrl-C." in output
        assert not re.search("Traceback|Error", output)


def test_a_server_without_a_clock_keeps_its_marks(database: str, sam: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a start would not notice a backup from before the writes of this process."""
    with db.connection():
        scheduler.restores.notice(scheduler.clock.utcnow())
    before = erasure_log.read_marks()
    monkeypatch.setattr(scheduler, "INTERVAL", 0.05)
    sam.post("/notes", {"kind": "kindness", "body": "You made tea."}, 201)
    running = scheduler.start_marks()
    try:
        assert served.wait_until(lambda: erasure_log.read_marks() != before)
    finally:
        running.shutdown(wait=True)
