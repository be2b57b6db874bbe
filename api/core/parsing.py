"""Parsing: strict JSON bodies, query strings and If-Match. Every fault is reported in one answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from planner.errors import FieldError, Invalid, VersionConflict, VersionMissing


class _Nothing(Schema):
    """A query without parameters: an unknown one is a mistake that should not pass in silence."""


_NOTHING = _Nothing()


class _Parser(FlaskParser):
    """Strict JSON, and every fault in one answer."""

    def load_json(self, req: Request, schema: Schema) -> Any:  # webargs' signature
        if req.mimetype != "application/json":
            raise UnsupportedMediaType
        data = req.get_data(cache=False)
        if req.content_length is None and len(data) >= (req.max_content_length or 0):
            # A body that does not say its length is cut at the limit by werkzeug, not refused.
            raise RequestEntityTooLarge
        try:
            return json.loads(data, parse_constant=_refuse_constant, object_pairs_hook=_refuse_doubles)
        except (ValueError, RecursionError):
            raise BadRequest from None

    def load_querystring(self, req: Request, schema: Schema) -> Any:  # webargs' signature
        doubled = [key for key, values in req.args.lists() if len(values) > 1]
        if doubled:
            raise Invalid(*(FieldError(key, "Send this once; separate several values by commas.") for key in doubled))
        return super().load_querystring(req, schema)

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, *, error_status_code: Any, error_headers: Any
    ) -> Any:
        """Raise Invalid with one fault a message, each with the path of its field."""
        (messages,) = error.normalized_messages().values()  # type: ignore[no-untyped-call]
        raise Invalid(*_faults(messages, ()))


_parser = _Parser()


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Whoever reads the same body with other software may take the first value where we take the last.
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _faults(messages: Any, path: tuple[str, ...]) -> list[FieldError]:
    if isinstance(messages, Mapping):
        return [fault for key, inner in messages.items() for fault in _faults(inner, (*path, str(key)))]
    if isinstance(messages, list | tuple):
        return [fault for message in messages for fault in _faults(message, path)]
    return [FieldError(".".join(part for part in path if part != "_schema"), str(messages))]


def parse_query(schema: Schema | None) -> dict[str, Any]:
    """Return the query that a schema loads; without a schema, any parameter is refused. Raises Invalid."""
    if schema is None and not request.query_string:
        return {}
    query: dict[str, Any] = _parser.parse(schema or _NOTHING, request, location="query", unknown=RAISE)
    return query


def parse_body(schema: Schema | None) -> dict[str, Any]:
    """Return the JSON body that a schema loads; without a schema, none is read. Raises Invalid."""
    body: dict[str, Any] = _parser.parse(schema, request, location="json", unknown=RAISE) if schema else {}
    return body


def if_match() -> int:
    """The version that an edit was made from: the part before the point of an If-Match, weak or strong.

    Raises VersionMissing without one, VersionConflict for one that names no version.
    """
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not given:
        raise VersionMissing
    version = given.partition(".")[0]
    if not (version.isascii() and version.isdigit() and len(version) <= 9):
        raise VersionConflict
    return int(version)
