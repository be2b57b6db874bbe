"""Each test finds its database and the cast unchanged by the tests before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.databases import PostgresqlContents
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


@pytest.mark.real_time
def test_in_real_time_tests_the_cast_signed_up_just_now(alice: Person) -> None:
    (sign_in,) = alice.get("/sign-ins")["items"]
    age = datetime.now(UTC) - datetime.fromisoformat(sign_in["created_at"])
    assert timedelta(0) <= age < timedelta(minutes=5)
