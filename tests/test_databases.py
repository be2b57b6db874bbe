"""Each test finds its database and the cast unchanged by the tests before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from tests.databases import KINDS, PostgresqlContents, choose_one
from tests.people import Person


def _state(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        tables = [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return [(name, *row) for name in sorted(tables) for row in connection.execute(f'TABLE "{name}" ORDER BY 1')]


def test_restore_brings_back_rows_tables_and_schemas(postgresql_url: str) -> None:
    contents, before = PostgresqlContents(postgresql_url), _state(postgresql_url)
    left_open = psycopg.connect(postgresql_url)
    left_open.execute("UPDATE activities SET version = version + 1")
    left_open.execute("DELETE FROM server_keys")
    left_open.execute("CREATE TABLE extra (id int)")
    left_open.execute("CREATE SCHEMA extra")
    left_open.commit()
    left_open.execute("UPDATE prompts SET version = version + 1")  # has a lock, and is never committed
    assert _state(postgresql_url) != before
    contents.restore()
    assert _state(postgresql_url) == before
    contents.restore()
    assert _state(postgresql_url) == before
    left_open.close()
    with psycopg.connect(postgresql_url) as other:
        other.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        other.execute("DELETE FROM server_keys")
    contents.restore()  # over a new connection
    assert _state(postgresql_url) == before
    contents.close()


@pytest.mark.real_time
def test_in_real_time_tests_the_cast_signed_up_just_now(alice: Person) -> None:
    (sign_in,) = alice.get("/sign-ins")["items"]
    age = datetime.now(UTC) - datetime.fromisoformat(sign_in["created_at"])
    assert timedelta(0) <= age < timedelta(minutes=5)


def test_a_test_of_the_api_runs_on_one_database_and_the_others_on_both() -> None:
    doubles = [variant(name, kind) for name in ("first", "second", "third", "fourth") for kind in KINDS]
    marked, below = [variant("marked", kind) for kind in KINDS], [variant("below", kind, "dates") for kind in KINDS]
    once = [variant("once", kind, "clients") for kind in KINDS]
    single = [variant("single", "postgresql"), variant("plain", None)]
    runs = [choose_one([*doubles, *marked, *below, *once, *single], seed) for seed in range(20)]
    for chosen, left_out in runs:
        assert [each for each in (*marked, *below, *single) if each not in chosen] == []
        names = sorted(each.nodeid.partition("[")[0] for each in left_out)
        assert names == ["first", "fourth", "once", "second", "third"]
    each_name = {each.nodeid for each in (*doubles, *once)}
    assert each_name == {each.nodeid for chosen, _ in runs for each in (*doubles, *once) if each in chosen}


def variant(name: str, kind: str | None, folder: str = "api") -> Any:
    """Return what `choose_one` reads of a collected test."""
    return SimpleNamespace(
        nodeid=f"{name}[{kind}]" if kind else name,
        callspec=SimpleNamespace(params={"database_url": kind}),
        path=Path("tests") / folder / "test_any.py",
        get_closest_marker={"marked": {"both_databases": True}, "once": {"one_database": True}}.get(name, {}).get,
    )
