"""Reads the query plans of what requests and ticks run in the tests, and finds scans of growing tables.

A scan costs as much as all people have stored. Housekeeping may scan. Only SQLite is asked: its plans do not depend on
the number of rows.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from planner.privacy.data_inventory import INVENTORY
from planner.storage.pool import PooledSqlite

_ROOT = Path(__file__).resolve().parent.parent
_TESTS = str(_ROOT / "tests")
_CLOCK = str(_ROOT / "planner/scheduler.py")
_STARTS = {(str(_ROOT / "api/core/routing.py"), "serve")} | {
    (_CLOCK, name) for name in ("tick", "next_due", "refresh_calendars", "send_account_mails")
}
_SCAN = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
# Such statements read no row, or the first person: a hash for the work of a sign-in with an unknown name.
_HARMLESS = re.compile(r'\(0 = 1\)|"persons"\."id" IS NULL|"password_hash" FROM .* ORDER BY "t1"\."id" LIMIT')
_ALIAS = re.compile(r'"(\w+)" AS "(\w+)"')
_SMALL = {"server_keys", "instance_flags", "leases", "restore_marks", "prompts"}
_GROWING = {row.table._meta.table_name for row in INVENTORY} - _SMALL


@contextmanager
def scans() -> Iterator[list[str]]:
    """Collect the statements that read a growing table as a whole, each after the name of the table.

    The plan of a statement is read once.
    """
    found: list[str] = []
    seen: set[str] = set()
    execute = PooledSqlite.execute_sql

    def read_plan_first(self: PooledSqlite, sql: str, params: Any = None) -> Any:
        if sql not in seen and _is_of_product():
            seen.add(sql)
            found.extend(f"{table}: {sql}" for table in sorted(_scanned(self, sql, params)))
        return execute(self, sql, params)

    PooledSqlite.execute_sql = read_plan_first
    try:
        yield found
    finally:
        PooledSqlite.execute_sql = execute


def _is_of_product() -> bool:
    """Tell whether a request or a tick runs the current statement, and not the test itself."""
    frame = sys._getframe(2)
    while frame:
        code = frame.f_code
        if code.co_filename.startswith(_TESTS):
            return False
        if (code.co_filename, code.co_name) in _STARTS:
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _scanned(database: PooledSqlite, sql: str, params: Any) -> set[str]:
    if not sql.lstrip("(").startswith(("SELECT", "UPDATE", "DELETE", "INSERT")) or _HARMLESS.search(sql):
        return set()
    connection = database.connection()
    partial = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
    small_indexes = {name for (name,) in connection.execute(partial)}  # they hold what is open
    plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", params or ()).fetchall()
    steps = [match for row in plan if (match := _SCAN.match(row[3]))]
    names = {match[1] for match in steps if match[2] not in small_indexes}
    tables = {table for table, alias in _ALIAS.findall(sql) if alias in names} | names
    return tables & _GROWING
