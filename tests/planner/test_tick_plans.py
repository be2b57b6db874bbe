"""Test that a tick does not read the agreed dates of couples of whom no person is in space."""

from __future__ import annotations

from typing import Any

import pytest

from planner import scheduler
from planner.storage import db
from tests.conftest import NOON


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database")
def test_a_tick_begins_with_the_open_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    execute = db.proxy.obj.execute_sql
    asked: dict[str, Any] = {}

    def record(sql: str, params: Any = None) -> Any:
        asked[sql] = params
        return execute(sql, params)

    with monkeypatch.context() as patch:
        patch.setattr(db.proxy.obj, "execute_sql", record)
        scheduler.tick(NOON)
    with db.connection():
        plans = [
            [row[3] for row in execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()]
            for sql, params in asked.items()
            if 'FROM "pauses" AS "t1" INNER JOIN "dates"' in sql
        ]
    assert plans
    assert all("dates_agreed" not in step for plan in plans for step in plan), plans
