"""A server that stops leaves its data whole in the one file of SQLite."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests import served
from tests.people import PASSWORD

pytestmark = pytest.mark.real_time


def test_after_a_stop_everything_is_in_the_one_file(tmp_path: Path, sqlite_url: str) -> None:
    with served.running(sqlite_url) as server:
        body = {"display_name": "Sam", "password": PASSWORD, "zone": "UTC"}
        assert server.request("POST", "/v1/people", None, body)[0] == 201
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
    copy = shutil.copy(sqlite_url.removeprefix("sqlite:///"), tmp_path / "copy.sqlite3")
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT display_name FROM persons").fetchall() == [("Sam",)]
