"""The OpenAPI 3.1 document, generated from the declarations of the routes."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields
from webargs.fields import DelimitedList

from api.core.fields import DateTimeOrNow, Day, LocalDateTime, LocalInterval, Month, TimeOfDay, UtcDateTime
from api.core.openapi_components import (
    PATH_PARAMETERS,
    enumeration_properties,
    finish_schemas,
    pattern_properties,
    resolve_enumerations,
)
from api.core.operations import PUBLIC, Operation
from api.core.problems import CODES, HTTP_KINDS, REASONS, STATUSES
from api.version import VERSION
from planner import errors, messages
from planner.errors import Problem
from planner.privacy import exports

EXAMPLE_DAY = date(2026, 11, 23)
"""The Monday that is today in all examples. The document moves it to the next Monday, so that they can be tried."""

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
        "reason": {"x-enumeration": REASONS, "description": "The page of the `type` lists its reasons."},
        "params": {"type": "object", "additionalProperties": True},
        "opens_at": {"type": ["string", "null"], "format": "date-time"},
        "retry_after": {"type": "integer"},
        "request_id": {"type": "string", "description": "Of a 5xx: the operator finds it in the log."},
        "errors": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/FieldProblem"},
        },
    },
}
_FIELD_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "One error in a request. `params` fill in a translation of `message`.",
    "required": ["field", "code", "params", "message"],
    "properties": {
        "field": {"type": "string", "description": "The path of the field, such as `slots.0.local_time`."},
        "code": {"x-enumeration": CODES},
        "params": {"type": "object", "additionalProperties": True},
        "message": {"type": "string"},
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
    errors.Unavailable.kind: {"request_id": "3f1f5e0a-8f0b-4a57-9d0e-5c1c5b8f2a11"},
}
_IF_MATCH = {"type": "string", "pattern": r'^(\*|(W/)?"?[0-9]{1,9}(\.[^"]*)?"?)$'}
_ETAG = {"schema": {"type": "string"}, "description": '"version.hash"', "example": '"1.0f3a"'}
_HAS_ETAG = {"ETag": {"$ref": "#/components/headers/ETag"}}
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
# An example for each kind that has several reasons, and none without.
_REASONS = {
    errors.Conflict.kind: "date_moved_on",
    errors.QuotaExceeded.kind: "quota_used_up",
    errors.BadCredentials.kind: "sign_in_mismatch",
}
_FORMATS: dict[type, str] = {UtcDateTime: "date-time", Day: "date"}
_BODY_STATUSES = (400, 408, 413, 415)
_DAY = re.compile(r"\b2026-1[12]-\d\d")
_ABOUT = """JSON over `/v1`. Sign up or sign in to get a token, and send it as `Authorization: Bearer <token>`.

- Ids are random UUIDs. If you send your own `id` with a create, repeating it is safe.
- Unknown fields are rejected, and one answer lists all errors.
- Instants are in UTC. A local time such as "Saturday at 19:00" is a wall time and a zone.
- Lists have pages: send `next` back as `after`.
- Most reads have an `ETag` and answer 304 to `If-None-Match`. Edits and moves need it as `If-Match`.
- A thing that is not yours answers 404, as if it did not exist.
- Later versions may add fields to answers, and values to enumerations.
"""


def build(operations: Sequence[Operation], today: date = EXAMPLE_DAY) -> dict[str, Any]:
    """Return the OpenAPI document of the operations, with examples for the days after `today`."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema))
    spec = APISpec(
        "Rekindle",
        VERSION,
        "3.1.0",
        plugins=[plugin],
        info={
            "summary": "Pick an activity, schedule a date, log an appreciation note.",
            "description": _ABOUT,
            "contact": {"name": "The operator of this server"},
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        servers=[{"url": "/", "description": "This server"}],
        tags=_tags(operations),
        security=[{"token": []}],
    )
    for field in (UtcDateTime, Day, Month, LocalDateTime, TimeOfDay, DateTimeOrNow, LocalInterval):
        plugin.map_to_openapi_type(field, "string", _FORMATS.get(field))  # type: ignore[no-untyped-call]
    converter = plugin.converter
    assert converter
    converter.add_parameter_attribute_function(_delimited)
    converter.add_attribute_function(enumeration_properties)  # type: ignore[no-untyped-call]
    converter.add_attribute_function(pattern_properties)  # type: ignore[no-untyped-call]
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", _PROBLEM)
    spec.components.schema("FieldProblem", _FIELD_PROBLEM)
    for name, schema in exports.schemas("#/components/schemas/").items():
        spec.components.schema(name, schema)
    problems = _Problems()
    for operation in operations:
        spec.path(_path(operation), operations={operation.method.lower(): _operation(operation, problems)})
    document = spec.to_dict()
    document["components"]["responses"] = dict(sorted(problems.components.items()))
    document["components"]["headers"] = {"ETag": _ETAG}
    resolve_enumerations(document)
    finish_schemas(document, {name: key[0] for key, name in converter.refs.items()})
    for path in document["paths"].values():
        for described in path.values():
            _finish_parameters(described)
    moved: dict[str, Any] = _moved(document, today - EXAMPLE_DAY)
    return moved


def _tags(operations: Sequence[Operation]) -> list[dict[str, str]]:
    """Return one tag for each file of routes, described by its docstring."""
    docstrings = {_tag(operation): sys.modules[operation.view.__module__].__doc__ or "" for operation in operations}
    return [{"name": tag, "description": " ".join(text.split())} for tag, text in docstrings.items()]


def _tag(operation: Operation) -> str:
    return operation.endpoint.partition(".")[0].replace("_", "-")


def _moved(value: Any, days: timedelta) -> Any:
    """Return a copy in which the days of all examples are moved by whole weeks, into the future."""
    weeks = timedelta(weeks=-(-days.days // 7))

    def move(found: re.Match[str]) -> str:
        return (date.fromisoformat(found[0]) + weeks).isoformat()

    def copy(node: Any, inside: bool) -> Any:
        if isinstance(node, dict):
            return {key: copy(child, inside or key in ("example", "examples")) for key, child in node.items()}
        if isinstance(node, list):
            return [copy(child, inside) for child in node]
        return _DAY.sub(move, node) if inside and isinstance(node, str) else node

    return copy(value, False) if weeks else value


def problem_kinds() -> dict[str, dict[str, Any]]:
    """Return an example document for each kind of problem."""
    statuses = {problem.kind: status for problem, status in STATUSES.items()}
    statuses |= {kind: status for status, kind in HTTP_KINDS.items()}
    return {kind: _example(kind, status) for kind, status in statuses.items()}


def example_of(schema: Schema) -> dict[str, Any]:
    """Return an example of a schema from the examples of its fields.

    Raises LookupError if a field has no example.
    """
    return {field.data_key or name: _example_value(field) for name, field in schema.fields.items()}


def _example_value(field: fields.Field[Any]) -> Any:
    if "examples" in field.metadata:
        return field.metadata["examples"][0]
    if isinstance(field, fields.Nested):
        return example_of(field.schema)
    if isinstance(field, fields.List):
        return [_example_value(field.inner)]
    raise LookupError(f"the field {field.name} has no example")


def _name(schema: Any) -> str:
    name = schema if isinstance(schema, str) else getattr(schema, "__name__", type(schema).__name__)
    return name.removesuffix("Out")


def _path(operation: Operation) -> str:
    return "/v1" + re.sub(r"<\w+:(\w+)>", r"{\1}", operation.path)


def _operation(operation: Operation, problems: _Problems) -> dict[str, Any]:
    text = " ".join((operation.view.__doc__ or "").split())
    summary, _, description = text.partition(". ")
    described: dict[str, Any] = {
        "operationId": _camel_case(operation.view.__name__),
        "summary": summary.removesuffix("."),
        "description": description or text,
        "tags": [_tag(operation)],
        "parameters": _parameters(operation),
        "responses": {
            str(operation.status): _success(operation),
            **_not_modified(operation, problems),
            **problems.of(operation),
        },
        "x-access": operation.access,
    }
    if operation.access == PUBLIC:
        described["security"] = []
    if operation.body:
        example = example_of(operation.body)
        content = _json(operation.body, example)
        described["requestBody"] = {"required": True, "content": content}
    return described


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _delimited(_: object, field: fields.Field[Any], **kwargs: Any) -> dict[str, Any]:
    # apispec would document a=1&a=2, but our parser rejects repeated parameters.
    return {"explode": False, "style": "form"} if isinstance(field, DelimitedList) else {}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"in": "path", "name": name, "required": True, **PATH_PARAMETERS[kind]}
        for kind, name in re.findall(r"<(\w+):(\w+)>", operation.path)
    ]
    if operation.query:
        parameters.append({"in": "query", "schema": operation.query})
    if _is_conditional(operation):
        text = "The ETag of your copy. The answer is 304 while the copy is current."
        parameters.append({"in": "header", "name": "If-None-Match", "schema": {"type": "string"}, "description": text})
    if operation.versioned:
        text = "The ETag that you read. Only its part before the point is compared."
        parameters.append(
            {"in": "header", "name": "If-Match", "required": True, "schema": _IF_MATCH, "description": text}
        )
    return parameters


def _finish_parameters(described: dict[str, Any]) -> None:
    """Take null out of the query parameters: a query cannot say it, and generators would send the text "null"."""
    for parameter in described["parameters"]:
        schema = parameter["schema"]
        if isinstance(schema.get("type"), list):
            (schema["type"],) = (name for name in schema["type"] if name != "null")
        if "anyOf" in schema:
            schema.update(schema.pop("anyOf")[0])
        if schema.get("default", ...) is None:
            del schema["default"]
        examples = schema.pop("examples", None)
        if examples and parameter["name"] != "after":  # no example of a cursor can be true
            parameter["example"] = examples[0]


def _json(schema: Schema, example: dict[str, Any]) -> dict[str, Any]:
    # A named example: the reader at /docs ignores an `example`, and makes one up from the schema.
    return {"application/json": {"schema": schema, "examples": {"example": {"value": example}}}}


def _success(operation: Operation) -> dict[str, Any]:
    if operation.file:
        # Generated clients read a text as a text: as bytes of one, some would not compile.
        is_text = operation.file.media.startswith("text/")
        form = {"type": "string"} if is_text else {"type": "string", "format": "binary"}
        content: dict[str, Any] = {operation.file.media: {"schema": form}}
        if operation.file.document:
            schema = {"$ref": f"#/components/schemas/{operation.file.schema}"}
            content[operation.file.media]["x-holds"] = {operation.file.document: schema}
        tag = {"headers": _HAS_ETAG} if operation.has_etag else {}
        return {"description": operation.file.about, "content": content, **tag}
    if operation.answer is None:
        return {"description": "Done."}
    doc = (type(operation.answer).__doc__ or "Done.").strip()
    example = {**example_of(operation.answer), **operation.example}
    content = _json(operation.answer, example)
    headers = {
        **(_HAS_ETAG if operation.has_etag else {}),
        **(_LOCATION if operation.location else {}),
        **(_RATE_LIMIT if errors.RateLimited in operation.problems else {}),
    }
    return {"description": doc, "content": content, **({"headers": headers} if headers else {})}


def _is_conditional(operation: Operation) -> bool:
    return operation.method == "GET" and not operation.no_store


def _not_modified(operation: Operation, problems: _Problems) -> dict[str, Any]:
    if not _is_conditional(operation):
        return {}
    return {"304": problems.share("NotModified", {"description": "Your copy is current.", "headers": _HAS_ETAG})}


class _Problems:
    """The answers with problems. Routes with the same problems share a response component."""

    def __init__(self) -> None:
        self.components: dict[str, dict[str, Any]] = {}
        self._known = problem_kinds()

    def of(self, operation: Operation) -> dict[str, Any]:
        """Return a reference for each status that the operation may answer."""
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
        return {str(status): self._of_kinds(status, sorted(kinds)) for status, kinds in sorted(by_status.items())}

    def _of_kinds(self, status: int, kinds: list[str]) -> dict[str, str]:
        response = {
            "description": "; ".join(self._known[kind]["title"] for kind in kinds),
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {kind: {"value": self._known[kind]} for kind in kinds},
                }
            },
            **_wait_headers(status, kinds),
        }
        return self.share("Or".join(kind.title().replace("-", "") for kind in kinds), response)

    def share(self, name: str, response: dict[str, Any]) -> dict[str, str]:
        """Return a reference to the component with this response."""
        assert self.components.setdefault(name, response) == response
        return {"$ref": f"#/components/responses/{name}"}


def _wait_headers(status: int, kinds: list[str]) -> dict[str, Any]:
    """Return the headers of a refusal that ends by itself."""
    waits = {errors.QuotaExceeded.kind, errors.RateLimited.kind, errors.Unavailable.kind}
    if waits.isdisjoint(kinds):
        return {}
    return {"headers": {**_RETRY_AFTER, **(_RATE_LIMIT if status == STATUSES[errors.RateLimited] else {})}}


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
