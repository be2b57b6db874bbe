"""A start that fails says in one line what to do, and never shows the password."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from playhouse.migrations import Runner

from api.upgrade import upgrade
from planner import schema
from planner.errors import StartFault
from planner.privacy import erasure_log
from planner.storage import db, start_faults
from tests.conftest import SETTINGS
from tests.tcp_proxy import proxied, refusing

pytestmark = pytest.mark.real_time


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Wait less than an operator would."""
    monkeypatch.setattr(start_faults, "_PATIENCE_S", 0.2)
    monkeypatch.setattr(start_faults, "_PAUSE_S", 0.05)
    yield
    db.dispose()


def start(url: str) -> None:
    db.dispose()
    with start_faults.explained():
        db.open_database(url)
    upgrade(SETTINGS)


def line_of(url: str) -> str:
    with pytest.raises(StartFault) as fault:
        start(url)
    line = str(fault.value)
    assert "\n" not in line
    assert len(line) < 400
    assert "hunter2" not in line
    return line


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ('password authentication failed for user "me"', "refuses the user or the password in REKINDLE_DATABASE_URL"),
        ('database "rekindle" does not exist', "create the database"),
        ('no pg_hba.conf entry for host "10.0.0.1"', "let this host and user in"),
        ("unsupported startup parameter: options", "set ignore_startup_parameters = options and pool_mode = session"),
        ("the database system is starting up", "start the database, or correct REKINDLE_DATABASE_URL"),
    ],
)
def test_a_refusal_of_postgresql_says_what_to_do(message: str, advice: str) -> None:
    with refusing(message) as port:
        line = line_of(f"postgresql://me:hunter2@127.0.0.1:{port}/rekindle?sslmode=disable")
    assert message in line
    assert advice in line


def test_an_unknown_option_in_the_url_says_what_to_do() -> None:
    line = line_of("postgresql://me:hunter2@127.0.0.1:1/rekindle?sslmod=require")
    assert line == 'invalid connection option "sslmod": correct what follows the ? in REKINDLE_DATABASE_URL'


def test_a_postgresql_that_comes_up_soon_is_waited_for(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(start_faults, "_PATIENCE_S", 30)
    with proxied(postgresql_url) as proxy:
        proxy.close()
        db.open_database(proxy.url())
        began = time.monotonic()
        timer = Timer(0.3, proxy.listen)
        timer.start()
        start_faults.wait_for_database()
        assert 0.3 <= time.monotonic() - began < 3
        assert "waiting up to 30 s for the database" in caplog.messages
        assert len(caplog.messages) == 2, "the cause, and that we wait"
        db.dispose()


def test_a_sqlite_file_that_is_none_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "letter"
    file.write_text("This is a letter, and no database at all. " * 20)
    line = line_of(f"sqlite:///{file}")
    assert line.startswith(f"{file}: file is not a database: this file is no SQLite database: restore a backup")


def test_a_damaged_sqlite_file_says_what_to_do(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\0" * (len(whole) - 4096))
    assert "this file is damaged: put a backup in its place" in line_of(sqlite_url)


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = line_of(f"sqlite:///{tmp_path}/file/rekindle.sqlite3")
    assert "file cannot be used (" in line
    assert "let the user of the server write there, or change REKINDLE_DATABASE_URL" in line


def test_a_folder_in_place_of_the_file_says_what_to_do(tmp_path: Path) -> None:
    assert f"{tmp_path} cannot be used (Is a directory)" in line_of(f"sqlite:///{tmp_path}")


def test_a_log_of_erasures_that_cannot_be_written_stops_the_start(database: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    erasure_log.keep_in(str(tmp_path / "file" / "erasures"))
    assert line_of(database) == f"REKINDLE_ERASURES: {tmp_path}/file/erasures cannot be used (Not a directory)"


def test_old_code_refuses_a_newer_database(database: str) -> None:
    with db.connection():
        history().create(name="9999_from_the_future")
    assert line_of(database).startswith("a newer version of Rekindle has changed the database (migration 9999_from_")
    with db.connection():
        migrations = history()
        migrations.delete().where(migrations.name == "9999_from_the_future").execute()
    start(database)


def history() -> Any:
    """Return the table of the migrations in the open database."""
    return Runner(db.proxy.obj, str(schema.MIGRATIONS)).History
