"""A stop leaves all data in the one file of SQLite, and the next start notices a restore."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests import served
from tests.commands import run
from tests.people import PASSWORD
from tests.test_served import workers

pytestmark = pytest.mark.real_time


def test_after_a_stop_everything_is_in_the_one_file_and_a_restore_is_noticed(tmp_path: Path, sqlite_url: str) -> None:
    path, settings = sqlite_url.removeprefix("sqlite:///"), {"erasures": str(tmp_path / "erasures")}
    with served.running(sqlite_url, **settings) as server:
        sign_up(server, "Sam")
        backup = back_up(path, tmp_path)
        sign_up(server, "Kim")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
    assert names(shutil.copy(path, tmp_path / "copy.sqlite3")) == {"Sam", "Kim"}
    shutil.copy(backup, path)
    upgrade = run(sqlite_url, "db", "upgrade", ERASURES=settings["erasures"])
    assert upgrade.returncode == 0
    assert "A backup was restored, so all sign-ins have ended." in upgrade.stdout
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


def test_a_stop_that_kills_workers_leaves_everything_in_the_one_file_too(tmp_path: Path, sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    with served.running(sqlite_url) as server:
        sign_up(server, "Sam")
        for worker in workers(server.process.pid):
            os.kill(worker, signal.SIGSTOP)
        server.process.terminate()
        assert server.process.wait(20) == 0
        assert "refused to gracefully stop" in server.log()
    assert names(shutil.copy(path, tmp_path / "copy.sqlite3")) == {"Sam"}


def sign_up(server: served.Served, name: str) -> None:
    body = {"display_name": name, "password": PASSWORD, "zone": "UTC"}
    assert server.request("POST", "/v1/people", None, body)[0] == 201


def back_up(path: str, folder: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"VACUUM INTO '{folder / 'backup.sqlite3'}'")
    return folder / "backup.sqlite3"


def names(path: str) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute("SELECT display_name FROM persons")}
