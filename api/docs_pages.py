"""The documentation of the API: the OpenAPI document, a reader that runs scripts, and pages without scripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import uuid4

from flask import Flask, Response, abort, render_template, request

from api.core import openapi
from api.core.fields import EXAMPLE_ID
from api.core.operations import Operation
from planner import clock, messages

READER = "scalar/scalar-1.43.17.js"

# A person types a token into the reader. So only our files run, and only this server gets what the page sends. The
# reader writes styles into the page, and without 'unsafe-inline' they would be missing.
_READER_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


def install(app: Flask, operations: Sequence[Operation]) -> None:
    """Add the OpenAPI document of the operations, and its pages."""

    @lru_cache(maxsize=1)
    def document_of(day: date) -> dict[str, Any]:
        return openapi.build(operations, day)

    @lru_cache(maxsize=1)
    def json_of(day: date) -> bytes:
        return json.dumps(document_of(day), ensure_ascii=False).encode()

    def document() -> dict[str, Any]:
        return document_of(clock.utcnow().date())

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
            messages=messages,
            resolve=lambda response: responses.get(response.get("$ref", "").rpartition("/")[2], response),
        )

    @app.get("/openapi.json")
    def specification() -> Response:
        """Return the OpenAPI document. Each reader gets another example id, because an id serves one person."""
        text = json_of(clock.utcnow().date())
        answer = Response(text.replace(EXAMPLE_ID.encode(), str(uuid4()).encode()), mimetype="application/json")
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.set_etag(sha256(text).hexdigest()[:24], weak=True)
        answer.make_conditional(request)
        return answer

    @app.get("/problems/<kind>")
    def problem(kind: str) -> str:
        """Return the page of a problem. The `type` of a problem document links to it."""
        example = openapi.problem_kinds().get(kind) or abort(404)
        return render_template("problem.html", kind=kind, problem=example, messages=messages)
