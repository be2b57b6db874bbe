"""Backups and restores, as the operator's commands make them, and the daily ones, on both databases."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest

from planner import scheduler, schema
from planner.privacy import restores
from planner.storage import backups, db, leases
from planner.storage.backups import Daily
from planner.storage.faults import UnusableBackup
from tests import commands, postgresql, served
from tests.conftest import NOON, is_postgresql
from tests.erasing import GONE, delete, log_file
from tests.people import PASSWORD, Cast, Person

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NOTE = {"kind": "kindness", "body": "You made tea."}


@pytest.fixture(autouse=True)
def _with_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the product find pg_dump, also where only the wheel has it."""
    monkeypatch.setenv("PATH", f"{postgresql.programs()}:{os.environ['PATH']}")


@pytest.fixture
def run(database: str) -> Any:
    """Return a function that runs a command of the operator, and opens the database again."""
    settings = {"ERASURES": str(log_file())}

    def run_(*words: object) -> subprocess.CompletedProcess[str]:
        done = commands.run(database, *map(str, words), **settings)
        db.open_database(database)
        return done

    return run_


def bodies(person: Person) -> set[str]:
    return {note["body"] for note in person.get("/notes")["items"]}


def rows() -> dict[str, int]:
    with db.connection():
        return {table._meta.table_name: table.select().count() for table in schema.TABLES}


def test_a_restore_brings_back_what_was_there_and_nothing_that_must_not_return(
    run: Any, cast: Cast, tmp_path: Path, stopped_clock: Any, carried: list[tuple[str, str]]
) -> None:
    file = tmp_path / "backup"
    cast.alice.post("/notes", NOTE, 201)
    delete(cast.sam)
    done = run("backup", file)
    assert done.returncode == 0, done.stderr
    assert f"Backed up and checked: {file}" in done.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []

    cast.alice.post("/notes", NOTE | {"body": "You left."}, 201)
    stopped_clock.move_to(GONE)
    scheduler.tick(GONE)
    sent = list(carried)
    assert sent, "the phones rang for the items of the backup"
    before = rows()
    done = run("restore", file, "--yes")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "all sign-ins have ended" in done.stdout
    assert "erased again" in done.stdout
    after = rows()
    assert (after["notes"], after["sessions"]) == (before["notes"] - 1, 0)
    scheduler.tick(GONE + MINUTE)
    assert carried == sent, "nothing of the past is sent again"
    assert cast.alice.request("GET", "/me").status_code == 401
    for person, status in ((cast.alice, 201), (cast.sam, 403)):
        sign_in = {"sign_in_name": person.sign_in_name, "password": PASSWORD}
        assert person.request("POST", "/sign-ins", sign_in).status_code == status, "only Sam was erased"
    with db.connection():
        assert restores.notice(GONE) is False, "the next start does not take it for another restore"


def test_a_backup_never_overwrites_and_a_failed_one_leaves_nothing(
    run: Any, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a letter")
    assert "exists already: name a new file" in run("backup", taken).stderr
    assert taken.read_text() == "a letter"
    assert "cannot be used (No such file or directory)" in run("backup", tmp_path / "nowhere" / "new").stderr
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    done = run("backup", tmp_path / "new")
    assert (done.returncode, "room for 0 MB only" in done.stderr) == (1, True)
    monkeypatch.undo()
    monkeypatch.setenv("PATH", "")
    counts = iter([{"notes": 1}, {"notes": 2}])
    monkeypatch.setattr(backups.sqlite_backups, "_count_rows", lambda _: next(counts))
    done = run("backup", tmp_path / "new")
    reason = "pg_dump is missing: install" if db.proxy.for_update else "the copy has other rows than the database"
    assert (done.returncode, reason in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir() if "new" in path.name or "part" in path.name} == set()


def test_a_restore_of_a_wrong_file_changes_nothing(
    run: Any, alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, cut, letter, other = (tmp_path / name for name in ("whole", "cut", "letter", "other"))
    assert run("backup", whole).returncode == 0
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) // 2])
    letter.write_text("This is a letter, and no database at all. " * 20)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE letters (body)")
    alice.post("/notes", NOTE, 201)
    before = rows()
    for file in (cut, letter, other, tmp_path / "missing"):
        done = run("restore", file, "--yes")
        assert (done.returncode, "Nothing was restored: " in done.stderr) == (1, True), (file, done.stderr)
        assert "Traceback" not in done.stderr
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    assert run("restore", whole).returncode == 1, "it asks first"
    assert rows() == before
    assert bodies(alice) == {"You made tea."}


def test_a_backup_of_a_newer_version_is_refused(run: Any, alice: Person, tmp_path: Path) -> None:
    with db.connection(), db.write():
        db.proxy.execute_sql(
            "INSERT INTO schema_migration (id, name, applied) VALUES (9999, '9999_of_tomorrow', '2027-01-01')"
        )
    assert run("backup", tmp_path / "new").returncode == 0
    with db.connection(), db.write():
        db.proxy.execute_sql("DELETE FROM schema_migration WHERE id = 9999")
    done = run("restore", tmp_path / "new", "--yes")
    assert "Nothing was restored: a newer version of Rekindle" in done.stderr
    assert alice.request("GET", "/me").status_code == 200


def test_a_restore_goes_back_to_an_older_version_and_upgrades_it(run: Any, alice: Person, tmp_path: Path) -> None:
    """Make a backup without a table, as an older version would, and restore it over a database that has it."""
    with db.connection(), db.write():
        db.proxy.execute_sql("ALTER TABLE someday_items RENAME TO away")
    assert run("backup", tmp_path / "old").returncode == 0
    with db.connection(), db.write():
        db.proxy.execute_sql("ALTER TABLE away RENAME TO someday_items")
    assert run("restore", tmp_path / "old", "--yes").returncode == 0
    names = set(db.proxy.get_tables())
    assert ("away" in names, "someday_items" in names) == (True, False), "no table is left from before"
    with db.connection(), db.write():
        db.proxy.execute_sql("ALTER TABLE away RENAME TO someday_items")


@pytest.mark.real_time
def test_a_restore_refuses_while_a_server_uses_the_database(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    with served.running(database_url, WORKERS="1") as server:
        settings = {"ERASURES": str(server.folder / "erasures")}
        assert commands.run(database_url, "backup", str(file), **settings).returncode == 0
        done = commands.run(database_url, "restore", str(file), "--yes", **settings)
        assert (done.returncode, "Nothing was restored: the server still uses" in done.stderr) == (1, True), done.stderr
        assert server.request("GET", "/health")[0] == 200
        server.kill()
        done = commands.run(database_url, "restore", str(file), "--yes", **settings)
        assert done.returncode == 0, done.stderr
    if not is_postgresql(database_url):
        (aside,) = [path for path in tmp_path.iterdir() if "before-" in path.name and path.suffix[-4:-3] != "-"]
        assert f"The database from before is {aside}" in done.stdout


@pytest.mark.real_time
def test_a_backup_while_people_write_is_of_one_moment(database: str, cast: Cast, tmp_path: Path) -> None:
    stop = Event()

    def write() -> None:
        while not stop.is_set():
            note = cast.alice.post("/notes", NOTE, 201)
            cast.alice.request("DELETE", f"/notes/{note['id']}")

    writer = Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            made = backups.make(tmp_path / f"{number}.backup")
            assert backups.check(made.path)
    finally:
        stop.set()
        writer.join()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_programs_of_a_later_version_restore_a_backup(
    run: Any, alice: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They write a line that older servers do not know."""
    real = Path(shutil.which("pg_restore") or "")
    later = tmp_path / "bin" / "pg_restore"
    later.parent.mkdir()
    later.write_text(f"#!/bin/sh\n{real} \"$@\" | sed 's/^SET lock_timeout.*/&\\nSET transaction_timeout = 0;/'\n")
    later.chmod(0o755)
    monkeypatch.setenv("PATH", f"{later.parent}:{os.environ['PATH']}")
    alice.post("/notes", NOTE, 201)
    run("backup", tmp_path / "backup")
    done = run("restore", tmp_path / "backup", "--yes")
    assert done.returncode == 0, done.stderr
    assert rows()["notes"] == 1


@pytest.fixture
def daily(tmp_path: Path) -> Daily:
    return Daily(tmp_path / "daily", 2)


def names(daily: Daily) -> list[str]:
    return sorted(path.name for path in daily.folder.iterdir())


def test_one_backup_a_day_is_made_and_the_newest_ones_stay(database: str, daily: Daily) -> None:
    end = "dump" if is_postgresql(database) else "sqlite3"
    mask = os.umask(0o022)
    assert backups.make_daily(daily, NOON)
    os.umask(mask)
    assert {stat.S_IMODE(path.stat().st_mode) for path in daily.folder.iterdir()} == {0o600}
    assert names(daily) == [f"rekindle-20261123-120000.{end}"]
    assert stat.S_IMODE(daily.folder.stat().st_mode) == 0o700
    (daily.folder / "letter").write_text("mine")
    for later in (MINUTE, DAY - 20 * MINUTE):
        assert backups.make_daily(daily, NOON + later) is None
    for number in (1, 2):
        forget_lease()
        assert backups.make_daily(daily, NOON + number * DAY)
    assert names(daily) == ["letter", f"rekindle-20261124-120000.{end}", f"rekindle-20261125-120000.{end}"]


def forget_lease() -> None:
    with db.connection(), db.write():
        leases.Lease.delete().execute()


def test_remains_of_killed_processes_go_although_there_is_no_room(
    database: str, daily: Daily, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may have filled the disk. A part that is being written stays, such as one of the command."""
    daily.folder.mkdir()
    ages = {
        ".rekindle-part-77-rekindle-20261122-110000.dump": 61, "rekindle-20261122-110000.dump": 61,
        ".rekindle-part-78-monday": 59, "rekindle-20261123-113000.dump": 30, "monday": 61,
    }  # fmt: skip
    for name, minutes in ages.items():
        (daily.folder / name).touch()
        os.utime(daily.folder / name, times=2 * ((NOON - minutes * MINUTE).timestamp(),))
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(UnusableBackup, match="room for 0 MB only"):
        backups.make_daily(daily, NOON)
    assert names(daily) == [".rekindle-part-78-monday", "monday", "rekindle-20261123-113000.dump"]


def test_another_process_makes_no_second_backup(database: str, daily: Daily) -> None:
    with db.connection():
        assert leases.acquire("backup", DAY)
    assert backups.make_daily(daily, NOON) is None
    assert names(daily) == []


def test_a_failed_daily_backup_is_logged_and_tried_again(
    database: str, daily: Daily, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    scheduler.run_daily_backup(daily)
    (line,) = caplog.messages
    assert line.startswith("no backup was made, and the next try is in an hour: ")
    monkeypatch.undo()
    monkeypatch.setenv("PATH", f"{postgresql.programs()}:{os.environ['PATH']}")
    forget_lease()
    scheduler.run_daily_backup(daily)
    assert len(names(daily)) == 1
