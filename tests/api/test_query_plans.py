"""Test that PostgreSQL reads the dates of a person and their couple by an index, not those of all people."""

from __future__ import annotations

from typing import Any

import pytest

from planner.storage import db
from tests.api.test_calendar_feed import fetch, make
from tests.people import Cast
from tests.rituals import agreed_ritual

READS = ("/today", "/dates", "/dates?show=upcoming", "/dates?from=2026-12-01&to=2026-12-31", "/suggestions", "/rituals")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_request_reads_the_dates_of_all_people(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed_ritual(cast.alice, cast.bob)
    feed = make(cast.alice)
    database = db.proxy.obj
    execute = database.execute_sql
    asked: dict[str, Any] = {}

    def record(sql: str, params: Any = None) -> Any:
        asked[sql] = params
        return execute(sql, params)

    with monkeypatch.context() as patch:
        patch.setattr(database, "execute_sql", record)
        for path in READS:
            cast.alice.get(path)
        fetch(cast.alice, feed)
    selects = {sql: params for sql, params in asked.items() if sql.startswith("SELECT") and '"dates"' in sql}
    assert len(selects) > len(READS)
    with db.connection():
        # The tables are small. Without this, PostgreSQL would read all rows of them in any case.
        database.execute_sql("SET enable_seqscan = off")
        for sql, params in selects.items():
            plan = "\n".join(line for (line,) in execute(f"EXPLAIN {sql}", params).fetchall())
            assert "Seq Scan on dates" not in plan, plan
