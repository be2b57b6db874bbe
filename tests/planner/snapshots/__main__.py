"""Write the snapshot of the newest migration."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import time_machine

from api.busy_calendars import BusyCalendarFileIn
from api.core.openapi import example_of
from api.devices import DeviceIn
from api.notification_preferences import PreferencesPut
from planner import schema
from planner.accounts.email_addresses import EmailAddress
from planner.clock import utcnow
from planner.notifications import web_push
from planner.storage import db
from tests.api.test_passkeys import make as make_passkey
from tests.authenticator import Authenticator
from tests.conftest import NOON, SETTINGS, create_app, fill
from tests.people import Cast
from tests.photos import memory, read_none, upload
from tests.planner.privacy.test_data_inventory import live
from tests.self_care import choose

TEXTS = ("activities", "prompts")
"""The tables of the catalogue. A snapshot has only the rows that other tables refer to."""


def rows_of(model: type[db.Model]) -> list[dict[str, Any]]:
    """Return the rows of a SQLite table, as stored. A truth value is one, as PostgreSQL needs it."""
    cursor = db.proxy.execute_sql(f'SELECT * FROM "{model._meta.table_name}"')
    names = [column[0] for column in cursor.description]
    truths = {field.column_name for field in model._meta.sorted_fields if field.field_type == "BOOL"}
    return [
        {name: _as_json(value, name in truths) for name, value in zip(names, row, strict=True)}
        for row in cursor.fetchall()
    ]


def _as_json(value: Any, is_truth: bool) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    return bool(value) if is_truth and value is not None else value


def add_private_rows(cast: Cast) -> None:
    """Add votes, cards, a former couple, blocks, and what belongs to devices and other calendars."""
    card = cast.alice.get("/deck")["items"][0]["id"]
    cast.alice.put(f"/activities/{card}/vote", {"vote": "like"})
    cast.alice.put("/me/help", {"stuck": True})
    make_passkey(cast.alice, Authenticator())
    cast.alice.put(f"/devices/{uuid4()}", example_of(DeviceIn()))
    cast.alice.put("/me/preferences", example_of(PreferencesPut()))
    cast.alice.post("/busy-calendars/files", example_of(BusyCalendarFileIn()), 201)
    add_photos_and_plans(cast)
    with db.connection(), db.write():
        confirmed = {"set_at": NOON, "confirmed_at": NOON, "resets_password": True}
        EmailAddress.create(person=UUID(cast.alice.id), address="alice@example.org", **confirmed)
    cast.charlie.delete("/couple")
    cast.charlie.put("/me/blocks", {"target": "last_partner"})
    cast.sam.put("/me/blocks", {"target": "everybody"})


def add_photos_and_plans(cast: Cast) -> None:
    """Add a photo, a hidden memory, a self-care plan and a checklist."""
    with read_none():
        upload(cast.alice, note_id=memory(cast.alice)["id"])
    (shown, *_) = cast.alice.get("/memories")["items"]
    cast.alice.put(f"/memories/{shown['id']}/hidden", {"hidden": True})
    choose(cast.sam, first=utcnow().date() + timedelta(days=1))
    cast.sam.put("/me/support-checklists", {"kind": "couples-counsellor", "criteria": ["fee"], "questions": []})


def main() -> None:
    """Fill a SQLite database with the rows of a test, and write them to a file."""
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOON, tick=False) as clock:
        filled = fill(f"sqlite:///{folder}/filled.sqlite3", with_cast=True)
        assert filled.cast is not None
        db.open_database(filled.url)
        app = create_app(SETTINGS)
        for person in filled.cast:
            person.app = app
        web_push.use(replace(SETTINGS, public_url="https://rekindle.example.org", push_hosts=("ntfy.example.org",)))
        live(filled.cast, clock)
        add_private_rows(filled.cast)
        with db.connection():
            tables = {model._meta.table_name: rows_of(model) for model in schema.TABLES}
        db.dispose()
    others = json.dumps([rows for table, rows in tables.items() if table not in TEXTS])
    for table in TEXTS:
        tables[table] = [row for row in tables[table] if row["id"] in others or row.get("owner_id")]
    migration = sorted(path.stem for path in schema.MIGRATIONS.glob("[0-9]*.py"))[-1]
    tokens = {person.name: person.token for person in filled.cast}
    path = Path(__file__).parent / f"{migration}.json"
    path.write_text(json.dumps({"tokens": tokens, "tables": tables}, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
