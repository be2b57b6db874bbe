"""Helpers of the tests of the API: refusals, the rows of all tables, and the paths of operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from api.core.operations import Operation
from planner import messages, schema
from planner.accounts.rate_limits import RateLimitCounter
from planner.storage import db
from tests.people import Person

SECURITY_HEADERS = (
    "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Content-Security-Policy",
    "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy",
)  # fmt: skip

# These tests do not depend on the storage, so one database is enough.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# A refusal must never show a stack, SQL, or the words of a driver.
_LEAKS = re.compile(r"Traceback|File \"|psycopg|sqlite|peewee|SELECT |INSERT |UPDATE ", re.IGNORECASE)

# Peewee takes longer to write the SQL of all tables than the databases to run it.
_TABLES = [table for table in schema.TABLES if table is not RateLimitCounter]
_READS = {table: db.cached_query(lambda table=table: table.select().order_by(table.id)) for table in _TABLES}
_COUNTS = " UNION ALL ".join(
    f"SELECT '{table._meta.table_name}', count(*) FROM {table._meta.table_name}" for table in _TABLES
)


def problem(answer: TestResponse, *statuses: int) -> Any:
    """Return the problem document of a refusal. Fail if the answer is no problem with one of the statuses."""
    fault = fault_of(answer, *statuses)
    assert fault is None, fault
    return answer.get_json()


def fault_of(answer: TestResponse, *statuses: int) -> str | None:
    """Describe what is wrong with an answer that should be a refusal with one of the statuses, or return None."""
    text = answer.get_data(as_text=True)
    if answer.status_code not in statuses:
        return f"{answer.status_code} instead of {statuses}: {text[:300]}"
    if answer.content_type != "application/problem+json":
        return f"{answer.status_code} as {answer.content_type}"
    body = answer.get_json()
    if body["status"] != answer.status_code or not re.fullmatch(r"/problems/[a-z-]+", body["type"]):
        return f"{answer.status_code} with {body}"
    if not all(isinstance(body[name], str) and body[name] for name in ("title", "detail", "reason")):
        return f"a problem without words: {body}"
    if not is_in_catalogue(body):
        return f"a reason or a code that the catalogue lacks, or another sentence than its own: {body}"
    missing = [name for name in SECURITY_HEADERS if name not in answer.headers]
    if missing:
        return f"{answer.status_code} without {missing}"
    return f"it shows too much: {text[:300]}" if _LEAKS.search(text) else None


def fields(refused: dict[str, Any]) -> dict[str, str]:
    """Return the code of each refused field."""
    return {error["field"]: error["code"] for error in refused["errors"]}


def is_in_catalogue(body: Any) -> bool:
    """Whether the sentences of a problem document are those of its reason and codes, with the params filled in."""
    kind = body["type"].removeprefix("/problems/")
    errors = body.get("errors", [])
    if body["reason"] not in _reasons(kind):
        return False
    return body["detail"] == messages.detail(kind, body["reason"], **body["params"]) and all(
        error["message"] == messages.text("fields", error["code"], **error["params"]) for error in errors
    )


@cache
def _reasons(kind: str) -> tuple[str, ...]:
    return (kind.replace("-", "_"), *messages.keys(f"reasons.{kind}"))


def counts() -> dict[str, int]:
    """Count the rows of each table. Leave out the counters of rate limits, because a refusal may add to them."""
    with db.connection():
        return dict(db.proxy.execute_sql(_COUNTS).fetchall())


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, without the counters of rate limits."""
    with db.connection():
        return {table._meta.table_name: read() for table, read in _READS.items()}


def path_of(operation: Operation, ids: Mapping[str, Any] | None = None) -> str:
    """Return the path of an operation under /v1. `ids` fills its parameters by name; without it, the ids are random."""

    def fill(match: re.Match[str]) -> str:
        return str(ids[match[1]] if ids is not None else uuid4())

    return re.sub(r"<uuid:(\w+)>", fill, operation.path.replace("<day:day>", "2026-11-23"))


def has_ids(operation: Operation) -> bool:
    """Tell whether the path of an operation holds an id."""
    return "<uuid:" in operation.path


def name_of(operation: Operation) -> str:
    """Return the name of an operation in the list of tests."""
    return f"{operation.method} {operation.path.replace('<uuid:', '<')}"


def is_id(text: str) -> bool:
    """Tell whether a text is a random UUID in its usual form."""
    return str(UUID(text)) == text and UUID(text).version == 4


def note_for(author: Person, shared: bool = False) -> str:
    """Write a note, share it with the partner if `shared`, and return its id."""
    note: str = author.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    if shared:
        author.post(f"/notes/{note}/share", {"version": 1})
    return note
