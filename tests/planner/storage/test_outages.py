"""A database that hangs, goes away or breaks connections: answers come soon, and all is well soon after."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

import psycopg
import pytest
from flask import Flask

from planner import clock
from planner.accounts import passwords
from planner.accounts.sessions import Session
from planner.errors import Unavailable
from planner.storage import db, health_check
from planner.storage.pool import PatientConnection
from tests.conftest import SETTINGS, is_postgresql
from tests.people import Person, expect, sign_up
from tests.tcp_proxy import Proxy, proxied

pytestmark = pytest.mark.real_time

THREADS, MOST_WAITING = 8, 6


@pytest.fixture
def proxy(postgresql_url: str) -> Iterator[Proxy]:
    """Yield a proxy through which the database is open."""
    with proxied(postgresql_url) as proxy:
        db.open_database(proxy.url(), THREADS + 3, MOST_WAITING)
        passwords.set_cost(SETTINGS.password_cost)
        yield proxy
        proxy.go_on()
        db.dispose()


class Timed(NamedTuple):
    """An answer, and the seconds until it came."""

    answer: Any
    seconds: float


def timed(act: Callable[[], Any]) -> Timed:
    began = time.monotonic()
    return Timed(act(), time.monotonic() - began)


def get_me(person: Person) -> Any:
    return person.request("GET", "/me")


def warm(sam: Person, threads: ThreadPoolExecutor) -> None:
    """Give each thread a connection."""
    for one in [threads.submit(get_me, sam) for _ in range(4 * THREADS)]:
        assert one.result().status_code == 200


def assert_busy(answer: Any) -> None:
    assert expect(answer, 503)["type"] == "/problems/busy"
    assert int(answer.headers["Retry-After"]) >= 1


def test_while_the_database_hangs_all_requests_end_and_later_ones_end_at_once(
    proxy: Proxy, shared_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientConnection, "patience_s", 2.5)
    sam = sign_up(shared_app, "Sam", "UTC")
    with ThreadPoolExecutor(THREADS) as threads:
        warm(sam, threads)
        proxy.hang()
        first = [threads.submit(timed, partial(get_me, sam)) for _ in range(THREADS)]
        # The threads that do not wait serve on: these requests and the check for monitors do not hang.
        free = THREADS - MOST_WAITING - 1
        assert wait_for(lambda: sum(one.done() for one in first) >= free) < 2.3
        assert sum(one.done() for one in first) == free
        at_once = [timed(partial(get_me, sam)) for _ in range(3)]
        ready = timed(partial(shared_app.test_client().get, "/ready"))
        done = [one.result() for one in first]
        assert max(one.seconds for one in at_once) < 0.5
        assert (ready.answer.status_code, ready.seconds < 1) == (503, True)
        assert max(one.seconds for one in done) < 4
        for one in (*done, *at_once):
            assert_busy(one.answer)
        # Now no connection is left, and new ones hang, too: one thread tries, and the others do not wait for it.
        later = [threads.submit(timed, partial(get_me, sam)) for _ in range(THREADS)]
        assert sorted(one.result().seconds for one in later)[-2] < 1.5
        proxy.go_on()
        assert wait_for(lambda: get_me(sam).status_code == 200) < 2.5


def test_while_writes_wait_for_a_lock_the_reads_go_on(
    database: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Take the lock to write in another program. All threads want to write, then some want to read."""
    monkeypatch.setattr(db, "_TIMEOUT_S", 2)
    monkeypatch.setitem(db._PRAGMAS, "busy_timeout", 2000)
    monkeypatch.setattr(db, "_POSTGRESQL_OPTIONS", "-c lock_timeout=2s")
    monkeypatch.setattr(PatientConnection, "patience_s", 2.2)
    db.open_database(database, THREADS + 3, MOST_WAITING)
    sam = sign_up(app, "Sam", "UTC")
    with ThreadPoolExecutor(THREADS) as threads:
        warm(sam, threads)
        with lock_of_writers(database):
            writes = [threads.submit(timed, partial(add_note, sam)) for _ in range(2 * THREADS)]
            time.sleep(0.2)
            reads = [threads.submit(timed, partial(get_me, sam)) for _ in range(10)]
            read = [one.result() for one in reads]
            assert [one.answer.status_code for one in read] == [200] * 10
            assert sum(one.done() for one in writes) >= 2 * THREADS - MOST_WAITING - 1
            assert timed(partial(add_note, sam)).seconds < 0.2, "the queue stalls and is full"
            for one in writes:
                assert_busy(one.result().answer)
                assert one.result().seconds < 3.5, "all waits together, on a busy machine"
    assert add_note(sam).status_code == 201


def add_note(person: Person) -> Any:
    return person.request("POST", "/notes", {"kind": "effort", "body": "You waited."})


@contextmanager
def lock_of_writers(url: str) -> Iterator[None]:
    """Hold the lock of a SQLite file, or of a PostgreSQL table, for the time of a block. Nobody can write then."""
    if is_postgresql(url):
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE notes IN SHARE MODE")
            yield
        return
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


def test_a_database_that_takes_no_writes_lets_people_read_on_a_new_day(
    database: str, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Make the database read-only, as on a full disk, and let a session see a new day."""
    sam = sign_up(app, "Sam", "UTC")
    Session.update(used_on=clock.utcnow().date() - timedelta(days=1)).execute()
    db.dispose()
    monkeypatch.setitem(db._PRAGMAS, "query_only", 1)
    monkeypatch.setattr(db, "_POSTGRESQL_OPTIONS", "-c default_transaction_read_only=on")
    db.open_database(database)
    for path in ("/me", "/today", "/suggestions", "/prompts/today", "/notes", "/inbox"):
        sam.get(path)
    deck = sam.get("/deck")
    assert deck["items"]
    assert sam.get("/deck") == deck
    assert_busy(add_note(sam))
    lines = caplog.messages
    assert len(lines) == len(set(lines)) in (1, 2, 3), "PostgreSQL names the kinds of statements, SQLite none"
    assert all("read" in line and len(line) < 200 for line in lines)


def wait_for(condition: Callable[[], bool]) -> float:
    """Return the seconds until a condition is true."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 10
        time.sleep(0.02)
    return time.monotonic() - began


def test_after_a_server_was_away_the_next_request_succeeds(proxy: Proxy, shared_app: Flask) -> None:
    sam = sign_up(shared_app, "Sam", "UTC")
    proxy.close()
    for _ in range(3):
        refused = timed(partial(get_me, sam))
        assert_busy(refused.answer)
        assert refused.seconds < 1
    assert shared_app.test_client().get("/ready").get_json()["database"] == "no-answer"
    proxy.listen()
    assert get_me(sam).status_code == 200
    assert wait_for(lambda: shared_app.test_client().get("/ready").get_json()["database"] == "ok") < 1.5


def test_a_read_whose_connection_breaks_is_busy(
    proxy: Proxy, shared_app: Flask, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = sign_up(shared_app, "Sam", "UTC")

    def break_connections(_name: str) -> bool:
        with psycopg.connect(postgresql_url) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        return bool(db.proxy.execute_sql("SELECT name FROM instance_flags").fetchall())

    monkeypatch.setattr("planner.accounts.instance_flags.is_off", break_connections)
    assert_busy(shared_app.test_client().get("/v1/server"))
    monkeypatch.undo()
    assert get_me(sam).status_code == 200


def test_a_connection_that_comes_back_after_the_end_is_closed(proxy: Proxy) -> None:
    opened, end = threading.Event(), threading.Event()

    def hold() -> Any:
        with db.connection():
            raw = db.proxy.connection()
            opened.set()
            end.wait(10)
        return raw

    with ThreadPoolExecutor(1) as threads:
        raw = threads.submit(hold)
        assert opened.wait(10)
        db.dispose()
        end.set()
        assert raw.result().closed


def test_a_statement_without_end_is_ended_by_the_server(proxy: Proxy) -> None:
    with db.connection():
        ((limit,),) = db.proxy.execute_sql("SHOW statement_timeout").fetchall()
        assert limit == "4s"
        db.proxy.execute_sql("SET statement_timeout = '50ms'")
        with pytest.raises(Unavailable), db.connection():
            db.proxy.execute_sql("SELECT pg_sleep(20)")


def test_a_migration_may_take_its_time(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PatientConnection, "patience_s", 0.1)
    with db.connection(), db.without_timeouts():
        limits = [db.proxy.execute_sql(f"SHOW {name}_timeout").fetchone() for name in ("lock", "statement")]
        assert limits == [("0",), ("0",)]
        db.proxy.execute_sql("SELECT pg_sleep(0.8)")
    with pytest.raises(Unavailable), db.connection():
        db.proxy.execute_sql("SELECT pg_sleep(0.8)")


def test_the_health_check_asks_again_after_a_second(proxy: Proxy) -> None:
    assert health_check.database_answers()
    proxy.hang()
    assert wait_for(lambda: not health_check.database_answers()) < 3
    proxy.go_on()
    assert wait_for(health_check.database_answers) < 3
