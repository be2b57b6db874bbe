"""Writes to the database: no lost updates, no half changes, and errors that a client can handle."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from uuid import UUID, uuid4

import peewee
import psycopg
import pytest
from flask import Flask

from api.app import create_app
from planner.accounts import passwords
from planner.accounts.accounts import Person as PersonRow
from planner.accounts.server_keys import ServerKey
from planner.errors import Unavailable
from planner.settings import Settings
from planner.storage import db
from tests.conftest import is_postgresql
from tests.people import expect, sign_up
from tests.racing import together

ROUNDS, THREADS = 20, 8


class Tally(db.Model):
    count = peewee.IntegerField(default=0, constraints=[peewee.Check("count >= 0")])
    name = peewee.TextField(unique=True)


@pytest.fixture
def tally(database: str) -> UUID:
    """Return the id of a row with a counter."""
    db.proxy.create_tables([Tally])
    row_id: UUID = Tally.create(name="one").id
    db.close()
    return row_id


def count(tally: UUID) -> int:
    return int(Tally.get_by_id(tally).count)


@pytest.mark.real_time
def test_eight_threads_that_read_and_then_write_lose_no_update(tally: UUID) -> None:
    def increment() -> None:
        for _ in range(ROUNDS):
            with db.connection(), db.write((Tally, [tally])):
                Tally.update(count=count(tally) + 1).where(Tally.id == tally).execute()

    together(*[increment] * THREADS)
    assert count(tally) == ROUNDS * THREADS


@pytest.mark.real_time
def test_more_threads_than_connections_wait_their_turn(database_url: str) -> None:
    db.open_database(database_url, connections=2)
    db.proxy.create_tables([Tally])
    row_id = Tally.create(name="one").id
    db.close()

    def increment() -> None:
        with db.connection(), db.write((Tally, [row_id])):
            Tally.update(count=Tally.count + 1).where(Tally.id == row_id).execute()

    together(*[increment] * THREADS)
    assert count(row_id) == THREADS
    db.dispose()


@pytest.fixture
def postgresql_app(postgresql_url: str, settings: Settings) -> Iterator[Flask]:
    """Yield the app over PostgreSQL, for tests of what only PostgreSQL has."""
    db.open_database(postgresql_url)
    passwords.set_cost(settings.password_cost)
    yield create_app(settings)
    db.dispose()


def test_other_rows_can_refer_to_a_locked_person(postgresql_app: Flask, postgresql_url: str) -> None:
    person = UUID(sign_up(postgresql_app, "Alice", "UTC").id)
    with db.write((PersonRow, [person])), psycopg.connect(postgresql_url) as other:
        other.execute("SET lock_timeout = '2s'")
        other.execute(
            "INSERT INTO sessions (id, person_id, token_hash, device, created_at, used_on)"
            " VALUES (gen_random_uuid(), %s, 'x', 'x', now(), now())",
            (person,),
        )
        assert other.execute("SELECT count(*) FROM sessions").fetchone() == (2,)


def test_an_error_rolls_back_the_write_and_the_next_one_works(tally: UUID) -> None:
    def fail() -> None:
        with db.write((Tally, [tally])):
            Tally.update(count=5).where(Tally.id == tally).execute()
            Tally.create(name="two")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (count(tally), Tally.select().count()) == (0, 1)
    with db.write():
        Tally.update(count=7).where(Tally.id == tally).execute()
    assert count(tally) == 7


def test_a_write_inside_a_write_is_refused_before_it_changes_anything(tally: UUID) -> None:
    def write_twice() -> None:
        with db.write():
            Tally.update(count=5).where(Tally.id == tally).execute()
            with db.write((Tally, [tally])):
                Tally.update(count=6).where(Tally.id == tally).execute()

    with pytest.raises(RuntimeError, match="inside"):
        write_twice()
    assert count(tally) == 0


def test_a_write_is_invisible_before_its_commit(tally: UUID) -> None:
    seen: list[int] = []

    def look() -> None:
        with db.connection():
            seen.append(count(tally))

    with db.write():
        Tally.update(count=3).where(Tally.id == tally).execute()
        reader = Thread(target=look)
        reader.start()
        reader.join(10)
    assert seen == [0]


def test_a_snapshot_reads_one_moment_and_blocks_no_writer(tally: UUID) -> None:
    def write() -> None:
        with db.connection(), db.write():
            Tally.update(count=7).where(Tally.id == tally).execute()

    with db.connection(), db.snapshot():
        assert count(tally) == 0
        together(write)
        assert count(tally) == 0
    assert count(tally) == 7


def test_a_snapshot_inside_a_write_is_refused(tally: UUID) -> None:
    with db.connection(), db.write(), pytest.raises(RuntimeError), db.snapshot():
        pass


def test_sqlite_overwrites_deleted_rows(sqlite_url: str) -> None:
    db.open_database(sqlite_url)
    with db.connection():
        assert db.proxy.execute_sql("PRAGMA secure_delete").fetchone() == (1,)
    db.dispose()


def test_insert_if_absent_skips_a_duplicate_and_the_transaction_goes_on(tally: UUID) -> None:
    with db.write():
        assert db.insert_if_absent(Tally, name="two", count=2)
        assert not db.insert_if_absent(Tally, name="one", count=9)
        assert not db.insert_if_absent(Tally, id=tally, name="three", count=9)
        assert db.insert_if_absent(Tally, name="four", count=4)
    assert sorted(row[0] for row in db.fetch_all(Tally.select(Tally.count))) == [0, 2, 4]


def test_insert_if_absent_raises_for_a_broken_constraint(tally: UUID) -> None:
    for invalid in ({"name": "two", "count": -1}, {"name": None, "count": 1}):
        with pytest.raises(peewee.IntegrityError), db.write():
            db.insert_if_absent(Tally, **invalid)
    assert Tally.select().count() == 1


def test_a_reference_to_a_missing_row_is_refused(database: str) -> None:
    with pytest.raises(peewee.IntegrityError), db.write():
        db.proxy.execute_sql(
            f"INSERT INTO members (id, couple_id, person_id, rhythm, max_pace) VALUES ('{uuid4()}', '{uuid4()}',"
            f" '{uuid4()}', 'gentle', 3)"
        )


@pytest.fixture
def locked_file(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """Yield a second connection that has the write lock of a SQLite file. Our own connection waits 30 ms."""
    db.open_database(sqlite_url)
    with db.connection():
        db.proxy.execute_sql("PRAGMA busy_timeout=30")
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()
    db.dispose()


def test_a_write_to_a_locked_file_is_busy_and_works_later(locked_file: sqlite3.Connection) -> None:
    with db.connection():
        with pytest.raises(Unavailable), db.write():
            ServerKey.delete().execute()
        assert ServerKey.select().count()  # reading goes on
        locked_file.execute("ROLLBACK")
        with db.write():
            ServerKey.delete().execute()
        assert not ServerKey.select().count()


@pytest.mark.real_time
def test_over_http_a_locked_database_is_503_and_the_repeat_succeeds(
    app: Flask, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = sign_up(app, "Alice", "UTC")
    body = {"id": str(uuid4()), "kind": "memory", "body": "The rain in May."}
    on_server = is_postgresql(database)
    release = _take_the_only_connection(database, monkeypatch) if on_server else _lock_the_file(database)
    answer = alice.request("POST", "/notes", body)
    release()
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.headers["Retry-After"] == "1"
    assert answer.get_json()["type"] == "/problems/busy"
    assert alice.get("/notes")["items"] == []
    alice.post("/notes", body, 201)
    assert len(alice.get("/notes")["items"]) == 1


def _lock_the_file(url: str) -> Callable[[], None]:
    with db.connection():
        db.proxy.execute_sql("PRAGMA busy_timeout=30")
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other.close


def _take_the_only_connection(url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    db.dispose()
    monkeypatch.setattr(db.open_database(url, connections=1), "_wait_s", 0.05)
    taken, free = Event(), Event()

    def hold() -> None:
        with db.connection():
            taken.set()
            free.wait(20)

    holder = Thread(target=hold)
    holder.start()
    assert taken.wait(10)

    def release() -> None:
        free.set()
        holder.join()

    return release


@pytest.mark.real_time
def test_reads_and_writes_without_a_free_connection_are_busy(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    release = _take_the_only_connection(database, monkeypatch)
    with pytest.raises(Unavailable), db.connection():
        pytest.fail("there was no connection")
    with pytest.raises(Unavailable), db.write():
        pytest.fail("there was no connection")
    release()
    with db.connection(), db.write():
        assert ServerKey.select().count()


def test_a_lost_connection_is_opened_again(postgresql_app: Flask, postgresql_url: str) -> None:
    alice = sign_up(postgresql_app, "Alice", "UTC")
    with psycopg.connect(postgresql_url, autocommit=True) as other:
        killed = other.execute(
            "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"  # wait until it has ended
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'contents'"
        ).fetchone()
    assert killed == (1,)
    assert alice.get("/me")["display_name"] == "Alice"


def test_a_server_that_is_down_is_busy(settings: Settings, tmp_path: object) -> None:
    db.open_database(f"postgresql://nobody@/rekindle?host={tmp_path}")
    answer = create_app(settings).test_client().get("/v1/me", headers={"Authorization": "Bearer x"})
    assert expect(answer, 503)["type"] == "/problems/busy"
    db.dispose()


def test_a_database_url_may_have_percent_encoded_characters(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        name = f"ann@home/{uuid4().hex}"
        server.execute(f'CREATE ROLE "{name}" LOGIN')
    try:
        quoted = name.replace("@", "%40").replace("/", "%2F")
        opened = db.open_database(postgresql_url.replace("postgres@", f"{quoted}:p%40ss%2Fw%25rd@"))
        assert opened.connect_params["password"] == "p@ss/w%rd"
        with db.connection():
            assert db.proxy.execute_sql("SELECT current_user").fetchone() == (name,)
    finally:
        db.dispose()
        with psycopg.connect(postgresql_url, autocommit=True) as server:
            server.execute(f'DROP ROLE "{name}"')


def test_opening_a_sqlite_file_makes_its_folder(
    tmp_path: object, shipped_pragmas: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_PRAGMAS", shipped_pragmas)
    db.open_database(f"sqlite:///{tmp_path}/new/folder/rekindle.sqlite3")
    db.create_file()
    with db.connection():
        pragmas = {name: db.proxy.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in _SAFE}
    db.dispose()
    assert pragmas == _SAFE
    assert Path(f"{tmp_path}/new/folder/rekindle.sqlite3").stat().st_mode & 0o777 == 0o600


_SAFE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_result_is_read_once_in_a_connection_and_again_after_a_write(tally: UUID) -> None:
    reads: list[int] = []

    def read() -> int:
        reads.append(Tally.get_by_id(tally).count)
        return reads[-1]

    with db.connection():
        assert (db.once(read), db.once(read)) == (0, 0)
        with db.write():
            Tally.update(count=Tally.count + 1).execute()
            assert db.once(read) == 1
        assert (db.once(read), db.once(read)) == (1, 1)
    with db.connection():
        assert db.once(read) == 1
    assert reads == [0, 1, 1, 1]
