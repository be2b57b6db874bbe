"""GET /ready: what a monitor or a container asks, and what it must not tell."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from planner import inbox, readiness, scheduler
from planner.inbox import Item
from planner.notifications import backlog
from planner.notifications.deliveries import Delivery
from planner.storage import db, health_check
from planner.storage.leases import Lease
from tests.conftest import NOON
from tests.people import Person

pytestmark = pytest.mark.both_databases
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_check, "_FRESH_S", 0)
    monkeypatch.setattr(health_check, "_PATIENCE_S", 5)


def ready(app: Flask) -> tuple[int, Any]:
    answer = app.test_client().get("/ready")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.get_json()


def beat() -> None:
    with db.connection():
        readiness.beat()


def move_beat(passed: timedelta) -> None:
    with db.connection(), db.write(is_work=False):
        ((at,),) = db.fetch_all(Lease.select(Lease.expires_at).where(Lease.name == "tick"))
        Lease.update(expires_at=at - passed).where(Lease.name == "tick").execute()


def test_a_server_is_ready_when_its_clock_ticks(app: Flask) -> None:
    status, body = ready(app)
    assert (status, body["status"], body["clock"], body["last_tick_s"]) == (503, "not-ready", "waiting", None)
    beat()
    status, body = ready(app)
    assert (status, body["last_tick_s"] in range(20)) == (200, True)
    assert {**body, "last_tick_s": 0} == {
        "status": "ready", "database": "ok", "migrations": "ok", "clock": "ok", "deliveries": "ok", "last_tick_s": 0,
    }  # fmt: skip
    move_beat(timedelta(seconds=150))
    assert ready(app)[0] == 200
    move_beat(timedelta(seconds=60))
    status, body = ready(app)
    assert (status, body["clock"], body["last_tick_s"] in range(210, 240)) == (503, "late", True)
    beat()
    assert ready(app)[0] == 200


def test_a_tick_is_noted_once_a_minute_and_is_no_reason_for_a_new_mark(database: str) -> None:
    before = db.commits()
    beat()
    move_beat(timedelta(seconds=59))
    with db.connection():
        first = readiness.seconds_since_tick()
        readiness.beat()
        assert readiness.seconds_since_tick() >= first >= 59
    move_beat(timedelta(seconds=2))
    beat()
    with db.connection():
        assert readiness.seconds_since_tick() < 20
    assert db.commits() == before, "an idle server must not write its marks each minute"


def test_missing_migrations_and_a_silent_database_are_not_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    beat()
    with db.connection(), db.write():
        db.proxy.execute_sql("DELETE FROM schema_migration WHERE id = 2")
    status, body = ready(app)
    assert (status, body["database"], body["migrations"]) == (503, "ok", "missing")
    monkeypatch.setattr(health_check, "_PATIENCE_S", 0.05)
    go_on = threading.Event()
    monkeypatch.setattr(readiness._check, "_ask", lambda: go_on.wait(10))
    status, body = ready(app)
    go_on.set()
    assert (status, body["database"], body["migrations"]) == (503, "no-answer", "unknown")


def test_deliveries_that_no_clock_takes_are_not_ready_and_no_number_is_told(app: Flask, sam: Person) -> None:
    beat()
    with db.connection(), db.write():
        Delivery.delete().execute()
        inbox.add(sam.id, "date_soon", sam.id, NOON)
        item = Item.select(Item.id).where(Item.kind == "date_soon").get()
        db.insert_if_absent(Delivery, item=item.id, channel="log", tries=0, next_at=NOON - 9 * MINUTE)
    assert ready(app)[1]["deliveries"] == "ok"
    with db.connection(), db.write():
        Delivery.update(next_at=NOON - 11 * MINUTE).execute()
    status, body = ready(app)
    assert (status, body["deliveries"]) == (503, "late")
    assert set(json.dumps(body)) & set("123456789") <= set(str(body["last_tick_s"]))
    with db.connection():
        assert backlog.oldest_due(NOON) == NOON - 11 * MINUTE
        assert backlog.count(NOON) == [backlog.Backlog("log", 0, 1, 0, 0, 0)]
    scheduler.tick(NOON)
    assert ready(app)[0] == 200
    with db.connection():
        assert backlog.oldest_due(NOON) is None
        assert backlog.count(NOON)[0][-2:] >= (1, 0)


def test_health_needs_no_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.proxy.obj, "connect", lambda **_: pytest.fail("it asks the database"))
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.data) == (200, b'{"status":"ok"}')
