"""Routing: each route declares its access rule, its request, its answer and its problems.

A view takes a `RequestContext` and the ids of its path, calls one function of the planner and returns the object to
dump. Routing authenticates, parses and renders. The declarations also generate the OpenAPI document and the access
tests. A route cannot be registered without an access rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request
from marshmallow import Schema
from werkzeug.routing import BaseConverter

from api.core.dumping import writer
from api.core.fields import POSSIBLE_DAY
from api.core.operations import ACCESS, PUBLIC, File, Operation, RequestContext
from api.core.parsing import parse_body, parse_query
from api.core.rendering import render
from planner import clock
from planner.contact.viewer import authenticate
from planner.errors import NotFound, Problem, Unauthenticated, Unavailable
from planner.storage import db


class DayConverter(BaseConverter):
    """A calendar day in a path: 2026-11-28. All else is not found."""

    regex = POSSIBLE_DAY

    def to_python(self, value: str) -> date | None:
        """Return the day, or None for one that no calendar has.

        A refusal here would become a 405, if another method has a route at the same path.
        """
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None


class Routes(Blueprint):
    """A blueprint that collects the declarations of its routes."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"api.{name}", url_prefix="/v1")
        self.operations: list[Operation] = []

    def route_for(
        self,
        method: str,
        path: str,
        *,
        access: str,
        answer: Schema | None = None,
        status: int | None = None,
        body: Schema | None = None,
        query: Schema | None = None,
        problems: Sequence[type[Problem]] = (),
        no_store: bool = False,
        versioned: bool = False,
        file: File | None = None,
        example: dict[str, Any] | None = None,
        location: str | None = None,
        max_body: int | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a view. `no_store` answers are never stored, and `versioned` writes need If-Match.

        A view with a `file` returns a Download, which is never stored either. `example` holds what differs from the
        example of the answer's schema. `location` is the path of the thing that a create makes, with its {id}.
        `max_body` allows more bytes than usual; then the path has no ids (see api/rsgi.py).
        """
        assert access in ACCESS
        assert (status == 201) == (location is not None), "a create says where its thing is"

        def register(view: Callable[..., Any]) -> Callable[..., Any]:
            code = status or (200 if answer or file else 204)
            operation = Operation(
                method,
                path,
                f"{self.name}.{view.__name__}",
                view,
                access,
                code,
                body,
                query,
                answer,
                tuple(problems),
                no_store,
                versioned,
                file,
                example or {},
                location,
                max_body,
            )
            self.operations.append(operation)
            self.add_url_rule(path, view.__name__, _serve(operation), methods=[method])
            return view

        return register

    def get(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """Register a route that reads."""
        return self.route_for("GET", path, **declared)

    def post(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """Register a route that creates a thing or changes its state."""
        return self.route_for("POST", path, **declared)

    def put(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """Register a route that replaces."""
        return self.route_for("PUT", path, **declared)

    def patch(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """Register a route that edits."""
        return self.route_for("PATCH", path, **declared)

    def delete(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """Register a route that deletes or ends a thing."""
        return self.route_for("DELETE", path, **declared)


def _serve(operation: Operation) -> Callable[..., Response]:
    write = writer(operation.answer) if operation.answer else None

    @wraps(operation.view)
    def serve(**ids: Any) -> Response:
        if operation.max_body:
            request.max_content_length = operation.max_body
        now = g.now = clock.utcnow()  # a refusal counts its seconds from the same instant
        with db.connection():
            viewer = None if operation.access == PUBLIC else authenticate(bearer_token(), now)
            if None in ids.values():
                raise NotFound
            query, body = parse_query(operation.query), parse_body(operation.body)
            result = operation.view(RequestContext(now, body, query, viewer), **ids)
            return render(operation, result, write)

    return serve


def find_person(authorization: str) -> UUID | None:
    """Return whose sign-in an Authorization header has. None without one, or if the database does not answer."""
    try:
        with db.connection():
            return authenticate(_read_token(authorization), clock.utcnow()).id
    except (Unauthenticated, Unavailable):
        return None


def bearer_token() -> str:
    """Return the token of this request. Raises Unauthenticated."""
    return _read_token(request.headers.get("Authorization", ""))


def _read_token(authorization: str) -> str:
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()
