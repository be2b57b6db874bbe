"""The HTML pages. They load nothing from other servers, and only /docs runs scripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from flask import Flask, Response, abort, render_template, request

from api.core import openapi
from api.core.operations import Operation
from api.core.rendering import NO_STORE
from api.instance_info import operator, sign_up_is_closed, support
from planner import clock
from planner.storage import db
from planner.support import safety_page, support_contacts

READER = "scalar/scalar-1.43.17.js"

# A person types a token into the reader. So only our files run, and only this server gets what the page sends. The
# reader writes styles into the page, and without 'unsafe-inline' they would be missing.
_READER_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


def install(app: Flask, operations: Sequence[Operation]) -> None:
    """Add the HTML pages, the OpenAPI document and the health check."""

    @lru_cache(maxsize=1)
    def document_of(day: date) -> dict[str, Any]:
        return openapi.build(operations, day)

    def document() -> dict[str, Any]:
        return document_of(clock.utcnow().date())

    @app.get("/")
    def home() -> str:
        """Return the home page: what Rekindle is, who runs this server, and links to the documentation."""
        with db.connection():
            closed = sign_up_is_closed()
        return render_template("home.html", operator=operator(), closed=closed)

    @app.get("/safety")
    def safety() -> Response:
        """Return the safety page, open to everyone. The server stores nothing about the visit."""
        country = request.args.get("country", "")
        page = render_template(
            "safety.html",
            operator=operator(),
            text=safety_page,
            support_contacts=support_contacts,
            support=support(),
            found=support().for_one(country),
            unknown=bool(country) and not support().knows(country),
        )
        return Response(page, headers={"Cache-Control": NO_STORE})

    @app.get("/join")
    def join() -> str:
        """Return the page behind an invitation link. The code is after the #, so this server does not see it."""
        return render_template("join.html", operator=operator())

    @app.get("/docs")
    def docs() -> Response:
        """Return the documentation of the API in a reader that can also send requests."""
        page = render_template("docs_reader.html", reader=READER)
        return Response(page, headers={"Content-Security-Policy": _READER_POLICY})

    @app.get("/docs/text")
    def docs_text() -> str:
        """Return the documentation of the API as one page without scripts."""
        responses = document()["components"]["responses"]
        return render_template(
            "docs_text.html",
            document=document(),
            problems=openapi.problem_kinds(),
            resolve=lambda response: responses.get(response.get("$ref", "").rpartition("/")[2], response),
        )

    @app.get("/openapi.json")
    def specification() -> Response:
        """Return the OpenAPI document."""
        return Response(json.dumps(document(), ensure_ascii=False), mimetype="application/json")

    @app.get("/problems/<kind>")
    def problem(kind: str) -> str:
        """Return the page of a problem. The `type` of a problem document links to it."""
        example = openapi.problem_kinds().get(kind) or abort(404)
        return render_template("problem.html", kind=kind, problem=example)

    @app.get("/health")
    def health() -> Response:
        """Report that this process answers. It does not query the database: a restart would not repair that."""
        return Response('{"status":"ok"}', mimetype="application/json")
