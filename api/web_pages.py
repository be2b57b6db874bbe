"""What a person finds in a browser: the first screen, the documentation, the problem pages. No script, no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

from flask import Flask, Response, abort, render_template, request

from api.core import openapi
from api.core.operations import Operation
from api.core.rendering import NO_STORE
from api.instance_info import operator, sign_up_is_closed, support
from planner.storage import db
from planner.support import safety_page, support_contacts


def install(app: Flask, operations: Sequence[Operation]) -> None:
    """Add the pages for people, and the bare health route."""

    @cache
    def document() -> dict[str, object]:
        return openapi.build(operations)

    @app.get("/")
    def home() -> str:
        """What this is, who runs it, where the documentation stands."""
        with db.connection():
            closed = sign_up_is_closed()
        return render_template("home.html", operator=operator(), closed=closed)

    @app.get("/safety")
    def safety() -> Response:
        """Help for somebody who may be afraid: for anybody, without a trace on our side."""
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
        """The interface, readable without a network."""
        return render_template("docs.html", document=document(), problems=openapi.problem_kinds())

    @app.get("/openapi.json")
    def specification() -> Response:
        """The interface, for machines."""
        return Response(json.dumps(document(), ensure_ascii=False), mimetype="application/json")

    @app.get("/problems/<kind>")
    def problem(kind: str) -> str:
        """What the `type` of a problem leads to."""
        found = openapi.problem_kinds().get(kind) or abort(404)
        return render_template("problem.html", kind=kind, problem=found)

    @app.get("/health")
    def health() -> Response:
        """Whether this process answers. It asks no database: a restart would not mend one."""
        return Response('{"status":"ok"}', mimetype="application/json")
