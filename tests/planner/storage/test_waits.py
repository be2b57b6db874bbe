"""A write that waits too long for a lock fails as busy, instead of hanging."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from planner.accounts.server_keys import ServerKey
from planner.errors import Unavailable
from planner.storage import db


def test_a_write_that_needs_a_locked_row_is_busy_and_changes_nothing(postgresql_url: str) -> None:
    more = "&" if "?" in postgresql_url else "?"
    db.open_database(f"{postgresql_url}{more}options=-c%20timezone%3DUTC%20-c%20lock_timeout%3D200ms")
    try:
        key = ServerKey.select().get()
        with psycopg.connect(postgresql_url) as other:
            other.execute("SELECT id FROM server_keys FOR UPDATE")
            with pytest.raises(Unavailable), db.write((ServerKey, [key.id])):
                pytest.fail("the lock was taken")
            with pytest.raises(Unavailable):
                overwrite(key)
        assert ServerKey.select().where(ServerKey.secret == "-").count() == 0
        with db.write((ServerKey, [key.id])):
            pass
    finally:
        db.dispose()


def overwrite(key: ServerKey) -> None:
    with db.write():
        ServerKey.create(purpose=str(uuid4()), secret="-")
        ServerKey.update(secret="-").where(ServerKey.id == key.id).execute()


def test_waits_for_locks_have_a_timeout(postgresql_url: str) -> None:
    db.open_database(postgresql_url)
    try:
        for name in ("lock_timeout", "idle_in_transaction_session_timeout"):
            ((value,),) = db.proxy.execute_sql(f"SHOW {name}").fetchall()
            assert value not in ("0", ""), name
    finally:
        db.dispose()
