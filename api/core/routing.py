"""Routing: each route declares who may call it, what comes in, what goes out, and which problems it answers.

A view takes a `RequestContext` (and the ids of its path), calls one verb and returns what the answer's schema dumps.
Around it, routing signs in, parses and renders. Route declarations also generate the OpenAPI document and the access
tests: a route cannot be registered without an access rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import Schema

from api.core.dumping import writer
from api.core.operations import ACCESS, PUBLIC, File, Operation, RequestContext
from api.core.parsing import parse_body, parse_query
from api.core.rendering import render
from planner import clock
from planner.contact.viewer import authenticate
from planner.errors import Problem, Unauthenticated
from planner.storage import db


class Routes(Blueprint):
    """A blueprint whose routes declare themselves."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"api.{name}", url_prefix="/v1")
        self.operations: list[Operation] = []

    def route_for(  # each is one line of what a route declares
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
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a view. `no_store` answers are never stored; `versioned` writes need If-Match. A view that
        answers a `file` returns a Download, which is a no_store by itself.
        """
        assert access in ACCESS

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
            )
            self.operations.append(operation)
            self.add_url_rule(path, view.__name__, _serve(operation), methods=[method])
            return view

        return register

    def get(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """A reading route."""
        return self.route_for("GET", path, **declared)

    def post(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """A creating or moving route."""
        return self.route_for("POST", path, **declared)

    def put(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """A replacing route."""
        return self.route_for("PUT", path, **declared)

    def patch(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """An editing route."""
        return self.route_for("PATCH", path, **declared)

    def delete(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """An ending route."""
        return self.route_for("DELETE", path, **declared)


def _serve(operation: Operation) -> Callable[..., Response]:
    write = writer(operation.answer) if operation.answer else None

    @wraps(operation.view)
    def serve(**ids: Any) -> Response:
        now = clock.utcnow()
        with db.connection():
            viewer = None if operation.access == PUBLIC else authenticate(_token(), now)
            query, body = parse_query(operation.query), parse_body(operation.body)
            found = operation.view(RequestContext(now, body, query, viewer), **ids)
            return render(operation, found, write)

    return serve


def _token() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()
