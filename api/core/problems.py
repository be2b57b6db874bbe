"""Problem documents (RFC 9457), and the HTTP status of each problem of the planner."""

from __future__ import annotations

import json
import logging
import math
from datetime import datetime
from typing import NamedTuple

from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from planner import errors
from planner.errors import Problem

_log = logging.getLogger("rekindle.api")

STATUSES: dict[type[Problem], int] = {
    errors.Unauthenticated: 401,
    errors.BadCredentials: 403,
    errors.SignUpClosed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.AbovePace: 409,
    errors.QuotaExceeded: 409,
    errors.VersionConflict: 412,
    errors.Invalid: 422,
    errors.IdTaken: 422,
    errors.VersionMissing: 428,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}


class HttpKind(NamedTuple):
    """A problem that HTTP itself raises, such as 405."""

    kind: str
    title: str
    detail: str


HTTP_KINDS: dict[int, HttpKind] = {
    400: HttpKind("bad-request", "This is not a request we can read", "Send well-formed JSON and a valid URL."),
    404: HttpKind("not-found", errors.NotFound.title, "It does not exist, or it is not yours to see."),
    405: HttpKind("method-not-allowed", "Not with this method", "The Allow header lists the methods that work here."),
    413: HttpKind("too-large", "This is too large", "Send at most 64 KiB."),
    415: HttpKind("unsupported-media-type", "Only JSON is understood", "Send Content-Type: application/json."),
    500: HttpKind("internal", "Something broke on our side", "We have logged it. Your request was not at fault."),
}


def install(app: Flask) -> None:
    """Answer each problem and each HTTP error of this app as a problem document."""
    app.register_error_handler(Problem, _planner_problem)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _internal)


def _planner_problem(problem: Problem) -> Response:
    facts: dict[str, object] = {
        name: _instant(value) if isinstance(value, datetime) else value for name, value in problem.facts.items()
    }
    if isinstance(problem, errors.Invalid):
        facts["errors"] = [{"field": fault.field, "message": fault.message} for fault in problem.faults]
    status = STATUSES[type(problem)]
    answer = _answer(problem.kind, problem.title, status, problem.detail, facts)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="rekindle"'
    if isinstance(problem, errors.RateLimited | errors.Unavailable):
        answer.headers["Retry-After"] = str(problem.retry_after)
    if isinstance(problem, errors.QuotaExceeded) and problem.opens_at:
        seconds = math.ceil((problem.opens_at - g.now).total_seconds())
        answer.headers["Retry-After"] = str(max(1, seconds))
    return answer


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    kind = HTTP_KINDS.get(status) or HttpKind("", error.name, error.description or error.name)
    answer = _answer(kind.kind, kind.title, status, kind.detail, {})
    # Copy the headers that belong to the status, such as Allow, Retry-After and Location.
    for name, value in error.get_response().headers.items():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers.setdefault(name, value)
    return answer


def _internal(error: Exception) -> Response:
    _log.error("unexpected", exc_info=error)
    kind = HTTP_KINDS[500]
    return _answer(kind.kind, kind.title, 500, kind.detail, {})


def _answer(kind: str, title: str, status: int, detail: str, facts: dict[str, object]) -> Response:
    # RFC 9457: "about:blank" adds nothing to the status and links to no page.
    body = {
        "type": f"/problems/{kind}" if kind else "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        **facts,
    }
    # ASCII only: an error may contain a field name with an unpaired surrogate, which UTF-8 cannot encode.
    answer = Response(json.dumps(body), status, mimetype="application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _instant(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
