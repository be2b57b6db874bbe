"""The erasure log: written before the rows are erased, complete after a crash, shared by hosts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from planner import scheduler, schema
from planner.privacy import erasure, erasure_log
from planner.privacy.erasure_log import DatabaseStore, Erasure, FileStore, LogUnavailable, Store
from planner.storage import db
from tests import postgresql, processes
from tests.api.answers import contents
from tests.conftest import NOON
from tests.erasing import CANARY, GONE, HOUR, back_up, delete, erase, life_of, log_file, rows_with
from tests.people import PASSWORD, Cast, Person, expect
from tests.racing import strangers, together


class Killed(BaseException):
    pass


def _killed(*_: object) -> None:
    raise Killed


def erase_and_die(_: Connection, url: str, file: Path, where: str) -> None:
    """Erase in another process, which kills itself at that place."""
    write_tombstone = erasure._write_tombstone

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def write_and_die(*told: Any) -> None:
        write_tombstone(*told)
        die()

    db.open_database(url)
    erasure_log.keep_in(str(file))
    if where == "before the note":
        erasure_log.append = die
    if where == "before the rows":
        erasure._erase_rows = die
    if where == "before the commit":
        erasure._write_tombstone = write_and_die
    with db.connection():
        erasure.erase_due(GONE)


@pytest.mark.parametrize("where", ["before the note", "before the rows", "before the commit", "nowhere"])
def test_a_killed_process_leaves_no_half_erasure(database: str, cast: Cast, tmp_path: Path, where: str) -> None:
    alice, file = cast.alice, log_file()
    delete(alice)
    before = contents()
    with processes.running(erase_and_die, database, file, where) as process:
        assert process.wait() == (0 if where == "nowhere" else -signal.SIGKILL)
    logged = [str(entry.person) for entry in erasure_log.read()]
    assert logged == ([] if where == "before the note" else [alice.id])
    if where != "nowhere":
        assert contents() == before
    with db.connection():
        erasure.apply(GONE)
        erasure.erase_due(GONE)
    assert [str(entry.person) for entry in erasure_log.read()] == [alice.id]
    assert rows_with(alice.sign_in_name) == {}


def test_without_a_usable_log_nothing_is_erased(cast: Cast, tmp_path: Path, caplog: Any) -> None:
    delete(cast.alice)
    (tmp_path / "folder").mkdir()
    erasure_log.keep_in(str(tmp_path / "folder"))
    before = contents()
    with db.connection():
        assert erasure.erase_due(GONE) == 0
    assert contents() == before
    assert "has to wait" in caplog.text
    assert cast.alice.id not in caplog.text


def test_a_torn_line_is_skipped_and_later_lines_are_read(database: str, tmp_path: Path, caplog: Any) -> None:
    erasure_log.keep_in(str(tmp_path / "some" / "erasures"))
    assert erasure_log.read() == []
    first, second = Erasure(uuid4(), NOON), Erasure(uuid4(), GONE)
    erasure_log.append(first)
    with log_file().open("a") as file:
        file.write(f"{uuid4()} 2026-11-")
    erasure_log.append(second)
    assert erasure_log.read() == [first, second], "the torn line took nothing along"
    erasure_log.append(second)
    assert erasure_log.read() == [first, second]
    assert "line 2" in caplog.text
    assert log_file().stat().st_mode & 0o077 == 0


def test_eight_threads_append_at_once(database: str) -> None:
    entries = [Erasure(uuid4(), NOON) for _ in range(8)]
    together(*(lambda entry=entry: erasure_log.append(entry) for entry in entries))
    assert sorted(erasure_log.read()) == sorted(entries)


def test_a_new_account_with_the_id_of_an_erased_person_is_not_erased(app, cast: Cast, stopped_clock: Any) -> None:
    sam = cast.sam
    erase(sam, stopped_clock)
    scheduler.run_housekeeping(GONE)
    stopped_clock.move_to(GONE + HOUR)
    body = {"id": sam.id, "display_name": "Sam", "password": PASSWORD, "zone": "UTC"}
    account = expect(app.test_client().post("/v1/people", json=body), 201)
    with db.connection():
        assert erasure.apply(GONE + HOUR) == 0
    Person(app, "Sam", sam.id, account["sign_in_name"], account["session"]["token"], "").get("/me")


def test_a_restored_backup_does_not_bring_an_erased_person_back(
    database: str, cast: Cast, stopped_clock: Any, tmp_path: Path
) -> None:
    """Back up, erase Alice, restore and start: she is erased again, and Bob reads that the couple ended."""
    life_of(cast, stopped_clock)
    saved = contents()
    restore = back_up(database, tmp_path)
    erase(cast.alice, stopped_clock)
    assert rows_with(cast.alice.sign_in_name) == {}
    db.dispose()
    restore()
    db.open_database(database)
    assert contents() == saved, "she lives again"
    schema.upgrade()
    with db.connection():
        assert erasure.apply(GONE) == 1
        assert erasure.apply(GONE) == 0
    assert set(rows_with(CANARY)) == {"received_copies"}
    assert rows_with(cast.alice.sign_in_name) == {}
    assert cast.alice.request("GET", "/me").status_code == 401
    bob = cast.bob.get("/me")
    assert (bob["couple"], bob["pairing"]) == (None, "left")
    assert "couple_ended" in cast.bob.inbox()


# Tests of both stores


@pytest.fixture
def erasures_url(postgresql_server: str) -> Iterator[str]:
    """Yield the URL of an empty PostgreSQL database for the log."""
    name = f"erasures_{uuid4().hex}"
    postgresql.administer(postgresql_server, f"CREATE DATABASE {name}")
    yield postgresql_server.format(database=name)
    postgresql.administer(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["file", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return a place for the log: a path, or the URL of a database."""
    if request.param == "file":
        return str(tmp_path / "folder" / "log")
    return str(request.getfixturevalue("erasures_url"))


def host(place: str) -> Store:
    """Return the store of one host."""
    return DatabaseStore(place) if "://" in place else FileStore(Path(place))


def test_an_erasure_is_logged_before_the_rows_are_erased(cast: Cast, place: str, monkeypatch: Any) -> None:
    """Stop between the log and the commit: nothing is erased, no undo works, and the next start erases."""
    alice = cast.alice
    erasure_log.keep_in(place)
    delete(alice)
    before = contents()
    monkeypatch.setattr(erasure, "_write_tombstone", _killed)
    with db.connection(), pytest.raises(Killed):
        erasure.erase_due(GONE)
    monkeypatch.undo()
    assert contents() == before
    assert [str(entry.person) for entry in erasure_log.read()] == [alice.id]
    # The undo fails even when the clock was set back.
    body = {"sign_in_name": alice.sign_in_name, "password": PASSWORD}
    assert alice.app.test_client().post("/v1/me/undo-deletion", json=body).status_code == 403
    with db.connection():
        assert erasure.apply(GONE) == 1
        assert erasure.apply(GONE) == 0
    assert [str(entry.person) for entry in erasure_log.read()] == [alice.id], "noted once"
    assert rows_with(alice.sign_in_name) == {}


def test_two_hosts_share_one_log_in_one_order(place: str) -> None:
    here, there = host(place), host(place)
    assert here.read() == there.read() == []
    later, sooner = Erasure(uuid4(), GONE), Erasure(uuid4(), NOON)
    here.append(later)
    there.append(sooner)
    here.append(Erasure(sooner.person, GONE))
    assert here.read() == there.read() == [later, sooner]


def test_two_hosts_append_at_once(place: str) -> None:
    entries = [Erasure(uuid4(), NOON) for _ in range(8)]
    hosts = [host(place), host(place)]
    together(*(partial(hosts[number % 2].append, entry) for number, entry in enumerate([*entries, *entries])))
    assert sorted(host(place).read()) == sorted(entries)


def test_host_b_erases_whom_host_a_erased(
    database: str, erasures_url: str, app: Any, stopped_clock: Any, tmp_path: Path
) -> None:
    """Let host A erase, restore an older backup, and start host B."""
    erasure_log.keep_in(erasures_url)
    (sam,) = strangers(app, "Sam")
    restore = back_up(database, tmp_path)
    erase(sam, stopped_clock)
    db.dispose()
    restore()
    db.open_database(database)
    assert rows_with(sam.sign_in_name)
    erasure_log.keep_in(str(tmp_path / "a file of host B alone"))
    with db.connection():
        assert erasure.apply(GONE) == 0
        erasure_log.keep_in(erasures_url)  # host B, with its own store object
        assert erasure.apply(GONE) == 1
        assert erasure.apply(GONE) == 0
    assert rows_with(sam.sign_in_name) == {}


def test_an_unreachable_log_stops_erasure_and_undo(app: Any, sam: Person, caplog: Any) -> None:
    delete(sam)
    erasure_log.keep_in("postgresql://me:hunter2@127.0.0.1:1/erasures")
    before = contents()
    with db.connection():
        assert erasure.erase_due(GONE) == 0
    assert contents() == before
    body = {"sign_in_name": sam.sign_in_name, "password": PASSWORD}
    assert app.test_client().post("/v1/me/undo-deletion", json=body).status_code == 503
    assert "the database erasures on 127.0.0.1 cannot be used" in caplog.text
    assert "hunter2" not in caplog.text


def test_the_log_refuses_the_database_of_the_product(postgresql_url: str) -> None:
    with pytest.raises(LogUnavailable, match="a restored backup would replace the erasures"):
        DatabaseStore(postgresql_url).append(Erasure(uuid4(), NOON))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@db.example/x?colour=red",
        "postgresql://me:hunter2/3@db.example/x",
        "postgresql://me:a@hunter2@db.example/x",
    ],
)
def test_the_error_for_a_broken_url_hides_its_password(url: str) -> None:
    with pytest.raises(LogUnavailable) as refusal:
        erasure_log.keep_in(url)
    assert "hunter2" not in str(refusal.value)
