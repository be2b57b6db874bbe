"""Parsing of JSON bodies, query strings and If-Match. One answer reports all errors."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from functools import lru_cache
from typing import Any

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from api.core.validators import Code
from planner.errors import FieldError, Invalid, VersionConflict, VersionMissing

MOST_OBJECTS = 200_000
"""Objects and lists in a body. An empty one takes two bytes there, and many more in memory."""


class _NoParameters(Schema):
    """A query without parameters. It rejects unknown ones, so that a client notices a typing error."""


_NO_PARAMETERS = _NoParameters()


class _Parser(FlaskParser):
    """A webargs parser that accepts strict JSON only and reports all errors in one answer."""

    def load_json(self, req: Request, schema: Schema) -> Any:  # webargs' signature
        if req.mimetype != "application/json":
            raise UnsupportedMediaType
        data = req.get_data(cache=False)
        if req.content_length is None and len(data) >= (req.max_content_length or 0):
            # Without a Content-Length, werkzeug cuts the body at the limit instead of rejecting it.
            raise RequestEntityTooLarge
        if data.count(b"{") + data.count(b"[") > MOST_OBJECTS:
            raise RequestEntityTooLarge
        try:
            return json.loads(data, parse_constant=_reject_constant, object_pairs_hook=_reject_duplicate_keys)
        except (ValueError, RecursionError):
            raise BadRequest from None

    def load_querystring(self, req: Request, schema: Schema) -> Any:  # webargs' signature
        repeated = [key for key, values in req.args.lists() if len(values) > 1]
        if repeated:
            raise Invalid(*(FieldError(key, "repeated") for key in repeated))
        return super().load_querystring(req, schema)

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, *, error_status_code: Any, error_headers: Any
    ) -> Any:
        """Raise Invalid with one error per code, each with the path of its field."""
        (messages,) = error.normalized_messages().values()  # type: ignore[no-untyped-call]
        raise Invalid(*_faults(messages, ()))


_parser = _Parser()
_SHORT = 40
"""The longest query, in bytes, whose values are cached. Longer ones are mostly typed searches, which seldom repeat."""


def _reject_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # With a duplicate key, a proxy that checks the body may read the first value where we read the last.
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key occurs twice")
    return values


def _faults(messages: Any, path: tuple[str, ...]) -> list[FieldError]:
    if isinstance(messages, Mapping):
        return [fault for key, inner in messages.items() for fault in _faults(inner, (*path, str(key)))]
    if isinstance(messages, list | tuple):
        return [fault for message in messages for fault in _faults(message, path)]
    field, params = ".".join(part for part in path if part != "_schema"), {}
    if isinstance(messages, Code):
        params = messages.params
    return [FieldError(field, str(messages), **params)]


def parse_query(schema: Schema | None) -> dict[str, Any]:
    """Return the query that the schema loads. Without a schema, every parameter is rejected. Raises Invalid."""
    if schema is None and not request.query_string:
        return {}
    read = _read_query if len(request.query_string) <= _SHORT else _read_query.__wrapped__
    return dict(read(schema or _NO_PARAMETERS, request.query_string))


@lru_cache(maxsize=1000)
def _read_query(schema: Schema, query_string: bytes) -> dict[str, Any]:
    """Return the query of this request. The same text always has the same values, and most requests repeat a few."""
    query: dict[str, Any] = _parser.parse(schema, request, location="query", unknown=RAISE)
    return query


def parse_body(schema: Schema | None) -> dict[str, Any]:
    """Return the JSON body that the schema loads, or {} without a schema. Raises Invalid."""
    body: dict[str, Any] = _parser.parse(schema, request, location="json", unknown=schema.unknown) if schema else {}
    return body


class _AnyVersion:
    """The versions of `If-Match: *`."""

    def __contains__(self, version: object) -> bool:
        return True


def if_match() -> Container[int]:
    """Return the versions in If-Match: of each ETag, weak or strong, the part before the point. `*` means any version.

    Raises VersionMissing without an If-Match, VersionConflict if it contains no version.
    """
    tags = request.if_match
    if tags.star_tag:
        return _AnyVersion()
    if not tags:
        raise VersionMissing
    versions = {tag.partition(".")[0] for tag in tags.as_set(include_weak=True) if tag}
    numbers = {int(version) for version in versions if version.isascii() and version.isdigit() and len(version) <= 9}
    if not numbers:
        raise VersionConflict
    return numbers
