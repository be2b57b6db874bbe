"""A SQLite file that is deleted, replaced or damaged takes no writes, and the log tells of it."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from planner import clock, scheduler
from planner.accounts import passwords
from planner.errors import Unavailable
from planner.storage import db, health_check
from tests.conftest import SETTINGS
from tests.people import Person, expect, sign_up

pytestmark = pytest.mark.real_time


@pytest.fixture
def path(sqlite_url: str) -> Iterator[Path]:
    """Yield the path of the open SQLite file."""
    db.open_database(sqlite_url)
    passwords.set_cost(SETTINGS.password_cost)
    yield Path(sqlite_url.removeprefix("sqlite:///"))
    db.dispose()


def add_note(person: Person) -> int:
    return person.request("POST", "/notes", {"kind": "effort", "body": "You waited."}).status_code


def database_state(app: Flask) -> str:
    """Return what the check for monitors says of the database."""
    return str(app.test_client().get("/ready").get_json()["database"])


@pytest.mark.parametrize("ends", [("", "-wal", "-shm"), ("",)])
def test_a_deleted_file_takes_no_writes_until_it_is_back(
    path: Path, shared_app: Flask, caplog: pytest.LogCaptureFixture, ends: tuple[str, ...]
) -> None:
    sam = sign_up(shared_app, "Sam", "UTC")
    assert add_note(sam) == 201
    away = path.parent / "away"
    away.mkdir()
    for end in ends:
        os.rename(f"{path}{end}", f"{away / path.name}{end}")
    scheduler.tick(clock.utcnow())
    assert caplog.messages == [
        f"the database cannot be used: {path} was deleted or replaced: stop the server, restore the file, start again"
    ]
    assert [add_note(sam), add_note(sam)] == [503, 503]
    assert expect(sam.request("GET", "/me"), 503)["type"] == "/problems/busy"
    assert database_state(shared_app) == "no-answer"
    assert not path.exists(), "no new file hides the loss"
    for end in ends:
        os.rename(f"{away / path.name}{end}", f"{path}{end}")
    assert add_note(sam) == 201
    assert len(sam.get("/notes")["items"]) == 2
    assert len(caplog.messages) == 1


def test_a_backup_in_place_of_the_file_takes_no_writes(path: Path, shared_app: Flask) -> None:
    sam = sign_up(shared_app, "Sam", "UTC")
    copy = shutil.copy(path, path.with_name("backup"))
    path.unlink()
    shutil.copy(copy, path)
    assert add_note(sam) == 503
    assert path.read_bytes() == Path(copy).read_bytes()


def test_a_new_connection_creates_no_file(path: Path) -> None:
    missing = path.with_name("missing.sqlite3")
    db.open_database(f"sqlite:///{missing}")
    assert not health_check.database_answers()
    assert not missing.exists()


def test_a_write_that_waited_for_the_lock_looks_at_the_file_again(path: Path, shared_app: Flask) -> None:
    with db.connection():
        path.unlink()
        with pytest.raises(Unavailable), db.write():
            pytest.fail("the file was deleted")


def test_damaged_data_are_503_in_one_line_and_unhealthy(
    path: Path, shared_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    sam = sign_up(shared_app, "Sam", "UTC")
    db.dispose()
    damage(path)
    db.open_database(f"sqlite:///{path}")
    statuses = {path: sam.request("GET", path).status_code for path in ("/me", "/notes", "/today", "/inbox", "/dates")}
    assert set(statuses.values()) == {503}, statuses
    with pytest.raises(Unavailable), db.connection(), db.write():
        pytest.fail("a backup will replace this file")
    assert database_state(shared_app) == "no-answer"
    assert {len(line) < 250 for line in caplog.messages} == {True}
    assert len(caplog.messages) <= 3
    assert not [record for record in caplog.records if record.exc_info]


def test_a_full_disk_is_busy_in_one_line_and_reads_go_on(
    path: Path, shared_app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = sign_up(shared_app, "Sam", "UTC")
    db.dispose()
    monkeypatch.setitem(db._PRAGMAS, "max_page_count", 1)  # no more pages than there are
    db.open_database(f"sqlite:///{path}")
    statuses = {add_note(sam) for _ in range(100)}
    assert statuses == {201, 503}
    assert caplog.messages == ["the database cannot be used: database or disk is full"]
    assert sam.request("GET", "/notes").status_code == 200
    assert database_state(shared_app) == "ok"


def damage(path: Path) -> None:
    """Overwrite all pages of a file but the first with noise."""
    noise = random.Random(1)
    with path.open("r+b") as file:
        for page in range(1, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(noise.randbytes(4096))


def test_another_file_in_its_place_is_503(path: Path, shared_app: Flask) -> None:
    sam = sign_up(shared_app, "Sam", "UTC")
    db.dispose()
    path.write_text("This is a letter, and no database at all. " * 200)
    db.open_database(f"sqlite:///{path}")
    expect(sam.request("GET", "/me"), 503)
    assert database_state(shared_app) == "no-answer"
