"""What the tests of the HTTP edge share: what a refusal looks like, what stands in the tables, how a path is filled."""

from __future__ import annotations

import re
from collections.abc import Mapping
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

# For what has nothing to do with storage: once is enough.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# What a refusal must never show: a stack, SQL, or a driver's words.
_LEAKS = re.compile(r"Traceback|File \"|psycopg|sqlite|peewee|SELECT |INSERT |UPDATE ", re.IGNORECASE)


def problem(answer: TestResponse, *statuses: int) -> Any:
    """The document of a refusal; anything but a whole problem with one of the statuses fails with what came."""
    fault = fault_of(answer, *statuses)
    assert fault is None, fault
    return answer.get_json()


def fault_of(answer: TestResponse, *statuses: int) -> str | None:
    """What is wrong with an answer that should be a refusal with one of the statuses, or None."""
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


def is_in_catalogue(body: Any) -> bool:
    """Whether the sentences of a problem document are those of its reason and codes, with the params filled in."""
    kind = body["type"].removeprefix("/problems/")
    errors = body.get("errors", [])
    if body["reason"] not in (kind.replace("-", "_"), *messages.keys(f"reasons.{kind}")):
        return False
    return body["detail"] == messages.detail(kind, body["reason"], **body["params"]) and all(
        error["message"] == messages.text("fields", error["code"], **error["params"]) for error in errors
    )


def counts() -> dict[str, int]:
    """The number of rows of each table but the attempts, which a refusal may well add to."""
    with db.connection():
        return {
            table._meta.table_name: table.select().count() for table in schema.TABLES if table is not RateLimitCounter
        }


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but the attempts."""
    with db.connection():
        return {
            table._meta.table_name: db.fetch_all(table.select().order_by(table.id))
            for table in schema.TABLES
            if table is not RateLimitCounter
        }


def path_of(operation: Operation, ids: Mapping[str, Any] | None = None) -> str:
    """The path of an operation under /v1, with `ids` (by the names of its parameters), or random ones."""

    def fill(found: re.Match[str]) -> str:
        return str(ids[found[1]] if ids is not None else uuid4())

    return re.sub(r"<uuid:(\w+)>", fill, operation.path)


def has_ids(operation: Operation) -> bool:
    """Whether the path names a thing."""
    return "<uuid:" in operation.path


def name_of(operation: Operation) -> str:
    """The name of an operation in the list of tests."""
    return f"{operation.method} {operation.path.replace('<uuid:', '<')}"


def is_id(text: str) -> bool:
    """Whether a text is a random UUID in its usual form."""
    return str(UUID(text)) == text and UUID(text).version == 4


def note_for(author: Person, shared: bool = False) -> str:
    """The id of a note of that author, put before the partner if `shared`."""
    note: str = author.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    if shared:
        author.post(f"/notes/{note}/share", {"version": 1})
    return note
