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
from planner import errors
from planner.errors import Problem
from planner.privacy import exports

VERSION = "0.1.0"

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. `type` is stable; `detail` is for people. Further members depend on the type.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "opens_at": {"type": ["string", "null"], "format": "date-time"},
        "retry_after": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_FACTS: dict[str, dict[str, Any]] = {
    errors.Invalid.kind: {"errors": [{"field": "display_name", "message": "Missing data for required field."}]},
    errors.QuotaExceeded.kind: {"opens_at": "2026-11-30T08:00:00.000Z"},
    errors.RateLimited.kind: {"retry_after": 60},
}
_ETAG = {"ETag": {"schema": {"type": "string"}, "description": '"version.hash"', "example": '"1.0f3a"'}}
_LOCATION = {"Location": {"schema": {"type": "string"}, "description": "The path of the new thing."}}
_RATE_LIMIT = {
    "RateLimit-Policy": {
        "schema": {"type": "string"},
        "description": "Each limit: q tries in w seconds. See the IETF draft on RateLimit header fields.",
        "example": '"code";q=10;w=3600',
    },
    "RateLimit": {
        "schema": {"type": "string"},
        "description": "What is left: r tries, for t seconds. Missing where it would tell of other people.",
        "example": '"code";r=9;t=3600',
    },
}
_RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "The seconds to wait."}}
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
    examples = {
        kind.kind: _example(kind.kind, kind.title, status, kind.__doc__ or "") for kind, status in STATUSES.items()
    }
    for status, http in HTTP_KINDS.items():
        examples.setdefault(http.kind, _example(http.kind, http.title, status, http.detail))
    return examples


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
        content: dict[str, Any] = {operation.file.media: {"schema": {"type": "string", "format": "binary"}}}
        if operation.file.document:
            schema = {"$ref": f"#/components/schemas/{operation.file.schema}"}
            content[operation.file.media]["x-holds"] = {operation.file.document: schema}
        return {"description": operation.file.about, "content": content}
    if operation.answer is None:
        return {"description": "Done."}
    doc = (type(operation.answer).__doc__ or "Done.").strip()
    content = {"application/json": {"schema": operation.answer, "example": example_of(operation.answer)}}
    headers = {
        **(_ETAG if operation.has_etag else {}),
        **(_LOCATION if operation.location else {}),
        **(_RATE_LIMIT if errors.RateLimited in operation.problems else {}),
    }
    return {"description": doc, "content": content, **({"headers": headers} if headers else {})}


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
            by_status.setdefault(status, set()).add(HTTP_KINDS[status].kind)
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
            **_wait_headers(status, kinds_of_status),
        }
        for status, kinds_of_status in sorted(by_status.items())
    }


def _wait_headers(status: int, kinds: set[str]) -> dict[str, Any]:
    """Return the headers of a refusal that ends by itself."""
    waits = {errors.QuotaExceeded.kind, errors.RateLimited.kind, errors.Unavailable.kind}
    if not kinds & waits:
        return {}
    return {"headers": {**_RETRY_AFTER, **(_RATE_LIMIT if status == STATUSES[errors.RateLimited] else {})}}


def _example(kind: str, title: str, status: int, detail: str) -> dict[str, Any]:
    return {
        "type": f"/problems/{kind}",
        "title": title,
        "status": status,
        "detail": " ".join(detail.split()),
        **_FACTS.get(kind, {}),
    }
