"""The HTML pages: home, safety, documentation and problems. They load no scripts and nothing from other servers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

from flask import Flask, Response, abort, render_template, request

from api.core import openapi
from api.core.operations import Operation
from api.core.rendering import NO_STORE
from api.instance_info import operator, sign_up_is_closed, support
from planner import messages
from planner.storage import db
from planner.support import safety_page, support_contacts


def install(app: Flask, operations: Sequence[Operation]) -> None:
    """Add the HTML pages, the OpenAPI document and the health check."""

    @cache
    def document() -> dict[str, object]:
        return openapi.build(operations)

    @app.get("/")
    def home() -> str:
        """Return the home page: what Rekindle is, who runs this server, and links to the documentation."""
        with db.connection():
            closed = sign_up_is_closed()
        return render_template("home.html", operator=operator(), closed=closed, messages=messages)

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

    @app.get("/docs")
    def docs() -> str:
        """Return the documentation of the API, readable offline."""
        return render_template("docs.html", document=document(), problems=openapi.problem_kinds(), messages=messages)

    @app.get("/openapi.json")
    def specification() -> Response:
        """Return the OpenAPI document."""
        return Response(json.dumps(document(), ensure_ascii=False), mimetype="application/json")

    @app.get("/problems/<kind>")
    def problem(kind: str) -> str:
        """Return the page of a problem. The `type` of a problem document links to it."""
        example = openapi.problem_kinds().get(kind) or abort(404)
        return render_template("problem.html", kind=kind, problem=example, messages=messages)

    @app.get("/health")
    def health() -> Response:
        """Report that this process answers. It does not query the database: a restart would not repair that."""
        return Response('{"status":"ok"}', mimetype="application/json")
