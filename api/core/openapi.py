"""The OpenAPI 3.1 document, generated from the declarations of the routes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields
from webargs.fields import DelimitedList

from api.core.fields import DateTimeOrNow, Day, LocalDateTime, LocalInterval, TimeOfDay, UtcDateTime
from api.core.operations import PUBLIC, Operation
from api.core.problems import HTTP_KINDS, STATUSES
from planner import errors, messages
from planner.errors import Problem
from planner.privacy import exports

VERSION = "0.1.0"

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `type` and `reason` are stable; `title` and `detail` are for people, in the language of"
    " the answer. `params` fill in a translation of `detail`. Further members depend on the type.",
    "required": ["type", "title", "status", "detail", "reason", "params"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "reason": {
            "type": "string",
            "description": "Why this is refused. The page of the `type` lists its reasons; new ones may come.",
            "examples": ["date_moved_on"],
        },
        "params": {"type": "object", "additionalProperties": True},
        "opens_at": {"type": ["string", "null"], "format": "date-time"},
        "retry_after": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "params", "message"],
                "properties": {
                    "field": {"type": "string", "description": "The path of the field, such as `slots.0.wall`."},
                    "code": {"type": "string", "description": "What is wrong. /problems/invalid lists the codes."},
                    "params": {"type": "object", "additionalProperties": True},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_FACTS: dict[str, dict[str, Any]] = {
    errors.Invalid.kind: {
        "errors": [
            {
                "field": "new_password",
                "code": "too_short",
                "params": {"least": 10},
                "message": messages.text("fields", "too_short", least=10),
            }
        ]
    },
    errors.QuotaExceeded.kind: {"opens_at": "2026-11-30T08:00:00.000Z"},
    errors.RateLimited.kind: {"retry_after": 60},
}
# An example for each kind that has several reasons, and none without.
_REASONS = {
    errors.Conflict.kind: "date_moved_on",
    errors.QuotaExceeded.kind: "quota_used_up",
    errors.BadCredentials.kind: "sign_in_mismatch",
}
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": '"version.hash"', "example": '"1.0f3a"'}}
_FORMATS: dict[type, str] = {UtcDateTime: "date-time", Day: "date"}
_BODY_STATUSES = (400, 413, 415)


def build(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the OpenAPI document of the operations."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema))
    spec = APISpec(
        "Rekindle",
        VERSION,
        "3.1.0",
        plugins=[plugin],
        info={
            "description": "Pick an activity, schedule a date, log an appreciation note.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        security=[{"token": []}],
    )
    for field in (UtcDateTime, Day, LocalDateTime, TimeOfDay, DateTimeOrNow, LocalInterval):
        plugin.map_to_openapi_type(field, "string", _FORMATS.get(field))  # type: ignore[no-untyped-call]
    assert plugin.converter
    plugin.converter.add_parameter_attribute_function(_delimited)
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", _PROBLEM)
    for name, schema in exports.schemas("#/components/schemas/").items():
        spec.components.schema(name, schema)
    for operation in operations:
        spec.path(_path(operation), operations={operation.method.lower(): _operation(operation)})
    return spec.to_dict()


def problem_kinds() -> dict[str, dict[str, Any]]:
    """Return an example document for each kind of problem."""
    statuses = {problem.kind: status for problem, status in STATUSES.items()}
    statuses |= {kind: status for status, kind in HTTP_KINDS.items()}
    return {kind: _example(kind, status) for kind, status in statuses.items()}


def example_of(schema: Schema, loading: bool = False) -> dict[str, Any]:
    """Return an example of a schema from the examples of its fields. With `loading`, use the JSON keys.

    Raises LookupError if a field has no example.
    """
    return {
        (field.data_key or name) if loading else name: _example_value(field, loading)
        for name, field in schema.fields.items()
    }


def _example_value(field: fields.Field[Any], loading: bool) -> Any:
    if "examples" in field.metadata:
        return field.metadata["examples"][0]
    if isinstance(field, fields.Nested):
        return example_of(field.schema, loading)
    if isinstance(field, fields.List):
        return [_example_value(field.inner, loading)]
    raise LookupError(f"the field {field.name} has no example")


def _name(schema: Any) -> str:
    name = schema if isinstance(schema, str) else getattr(schema, "__name__", type(schema).__name__)
    return name.removesuffix("Out")


def _path(operation: Operation) -> str:
    return "/v1" + re.sub(r"<uuid:(\w+)>", r"{\1}", operation.path)


def _operation(operation: Operation) -> dict[str, Any]:
    summary = " ".join((operation.view.__doc__ or "").split())
    described: dict[str, Any] = {
        "operationId": operation.endpoint.replace(".", "_"),
        "summary": summary,
        "tags": [operation.endpoint.partition(".")[0]],
        "parameters": _parameters(operation),
        "responses": {str(operation.status): _success(operation), **_unchanged(operation), **_problems(operation)},
        "x-access": operation.access,
    }
    if operation.access == PUBLIC:
        described["security"] = []
    if operation.body:
        example = example_of(operation.body, loading=True)
        content = {"application/json": {"schema": operation.body, "example": example}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _delimited(_: object, field: fields.Field[Any], **kwargs: Any) -> dict[str, Any]:
    # apispec would document a=1&a=2, but our parser rejects repeated parameters.
    return {"explode": False, "style": "form"} if isinstance(field, DelimitedList) else {}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    uuid = {"type": "string", "format": "uuid"}
    parameters: list[dict[str, Any]] = [
        {"in": "path", "name": name, "required": True, "schema": uuid}
        for name in re.findall(r"<uuid:(\w+)>", operation.path)
    ]
    if operation.query:
        parameters.append({"in": "query", "schema": operation.query})
    if _unchanged(operation):
        text = "The ETag of your copy. The answer is 304 while the copy is current."
        parameters.append({"in": "header", "name": "If-None-Match", "schema": {"type": "string"}, "description": text})
    if operation.versioned:
        text = "The ETag that you read. Only its part before the point is compared."
        parameters.append(
            {"in": "header", "name": "If-Match", "required": True, "schema": {"type": "string"}, "description": text}
        )
    return parameters


def _success(operation: Operation) -> dict[str, Any]:
    if operation.file:
        holds = {operation.file.document: {"$ref": f"#/components/schemas/{operation.file.schema}"}}
        content = {operation.file.media: {"schema": {"type": "string", "format": "binary"}, "x-holds": holds}}
        return {"description": operation.file.about, "content": content}
    if operation.answer is None:
        return {"description": "Done."}
    doc = (type(operation.answer).__doc__ or "Done.").strip()
    content = {"application/json": {"schema": operation.answer, "example": example_of(operation.answer)}}
    return {"description": doc, "content": content, **({"headers": _ETAG} if _has_etag(operation) else {})}


def _has_etag(operation: Operation) -> bool:
    return (operation.method == "GET" or operation.versioned) and not operation.no_store


def _unchanged(operation: Operation) -> dict[str, Any]:
    unchanged = {"304": {"description": "Your copy is current.", "headers": _ETAG}}
    return unchanged if operation.method == "GET" and not operation.no_store else {}


def _problems(operation: Operation) -> dict[str, Any]:
    # Every route can answer Invalid, because each rejects unknown parameters.
    kinds: list[type[Problem]] = [*operation.problems, errors.Invalid]
    if operation.access != PUBLIC:
        kinds.append(errors.Unauthenticated)
    by_status: dict[int, set[str]] = {STATUSES[errors.Unavailable]: {errors.Unavailable.kind}}
    for kind in kinds:
        by_status.setdefault(STATUSES[kind], set()).add(kind.kind)
    if operation.body:
        for status in _BODY_STATUSES:
            by_status.setdefault(status, set()).add(HTTP_KINDS[status])
    known = problem_kinds()
    return {
        str(status): {
            "description": "; ".join(known[kind]["title"] for kind in sorted(kinds_of_status)),
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {kind: {"value": known[kind]} for kind in sorted(kinds_of_status)},
                }
            },
        }
        for status, kinds_of_status in sorted(by_status.items())
    }


def _example(kind: str, status: int) -> dict[str, Any]:
    reason = _REASONS.get(kind, kind.replace("-", "_"))
    return {
        "type": f"/problems/{kind}",
        "title": messages.text("problems", f"{kind}.title"),
        "status": status,
        "detail": messages.detail(kind, reason),
        "reason": reason,
        "params": {},
        **_FACTS.get(kind, {}),
    }
