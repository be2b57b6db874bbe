"""A filled database of each released migration can be upgraded, and no row is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from playhouse.migrations import Runner

from planner import schema
from planner.notifications.preferences import PreferencesRow
from planner.storage import db
from tests.conftest import NOON
from tests.people import Person
from tests.planner import snapshots
from tests.planner.test_schema import empty_url  # noqa: F401  # a fixture

SNAPSHOTS = sorted(Path(snapshots.__file__).parent.glob("*.json"))
READS = ("/me", "/today", "/couple", "/dates", "/notes", "/inbox", "/matches", "/me/space", "/me/held", "/activities")


@pytest.fixture(params=SNAPSHOTS, ids=lambda path: path.stem)
def old_database(request: pytest.FixtureRequest, empty_url: str) -> Iterator[dict[str, Any]]:  # noqa: F811
    """Fill a database at the migration of a snapshot with its rows, and yield the snapshot."""
    snapshot: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    db.open_database(empty_url)
    db.create_file()
    with db.connection():
        Runner(db.proxy.obj, str(schema.MIGRATIONS)).up(request.param.stem)
        for table, rows in in_order(snapshot["tables"]):
            for row in rows:
                insert(table, row)
    yield snapshot
    db.dispose()


def in_order(tables: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the tables as the snapshot lists them: each after those that it refers to. A copy follows its original."""
    for table, rows in tables.items():
        yield table, sorted(rows, key=lambda row: row.get("copy_of_id") is not None)


def insert(table: str, row: dict[str, Any]) -> None:
    mark = "%s" if db.proxy.for_update else "?"
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join(mark for _ in row)
    values = (bytes.fromhex(value["hex"]) if isinstance(value, dict) else value for value in row.values())
    db.proxy.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(values))


def counts() -> dict[str, int]:
    return {model._meta.table_name: model.select().count() for model in schema.TABLES}


def test_an_upgraded_database_has_its_rows_and_can_be_read(old_database: dict[str, Any], shared_app: Flask) -> None:
    schema.upgrade()
    assert schema.pending() == []

    with db.connection():
        row_counts = {table: len(rows) for table, rows in old_database["tables"].items()}
        counted = counts()
        assert counted.pop("server_keys") >= row_counts.pop("server_keys")  # an upgrade makes the missing keys
        assert {table: count for table, count in counted.items() if table in row_counts} == row_counts
    for name, token in old_database["tokens"].items():
        person = Person(shared_app, name, "", "", token, "")
        answers = {path: person.request("GET", path).status_code for path in READS}
        assert {path for path, status in answers.items() if status >= 500} == set(), name
        assert answers["/me"] == answers["/today"] == 200, name
    alice = Person(shared_app, "Alice", "", "", old_database["tokens"]["Alice"], "")
    assert alice.get("/couple")["partner"] == "Bob"
    bob = Person(shared_app, "Bob", "", "", old_database["tokens"]["Bob"], "")
    begun = [item["subject"]["id"] for item in bob.get("/inbox?limit=100")["items"] if item["kind"] == "couple_begun"]
    assert begun == [bob.get("/couple")["id"]]
    assert len(alice.get("/dates")["items"]) > 1
    assert len(alice.get("/notes")["items"]) > 1


def test_minutes_before_a_date_become_one_of_the_choices(empty_url: str) -> None:  # noqa: F811
    db.open_database(empty_url)
    db.create_file()
    person, texts = uuid4(), {"channels": "{}", "prompt_weekdays": "", "prompt_at": "19:00"}
    with db.connection():
        Runner(db.proxy.obj, str(schema.MIGRATIONS)).up("0029_birthday_of")
        row = {"id": person.hex, "sign_in_name": "a-b-c", "display_name": "Alice", "password_hash": "", "zone": "UTC"}
        insert("persons", {**row, "recovery_hash": "", "version": 1, "created_at": NOON.isoformat()})
        row = {"id": uuid4().hex, "person_id": person.hex, "day_before": True, "minutes_before": 45, **texts}
        insert("notification_preferences", row)
    schema.upgrade()
    with db.connection():
        assert PreferencesRow.get().minutes_before == 60
    db.dispose()
