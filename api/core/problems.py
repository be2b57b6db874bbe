"""Problem documents (RFC 9457), and the HTTP status of each problem of the planner."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from datetime import datetime

from flask import Flask, Response, g
from werkzeug.exceptions import HTTPException

from api.core import languages, request_log
from api.core.enumerations import Enumeration
from planner import errors, messages
from planner.errors import FieldError, Problem

_log = logging.getLogger("rekindle.api")

STATUSES: dict[type[Problem], int] = {
    errors.Unauthenticated: 401,
    errors.BadCredentials: 403,
    errors.SignUpClosed: 403,
    errors.ConfirmationNeeded: 403,
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
# The kinds of the problems that HTTP itself raises, such as 405.
HTTP_KINDS: dict[int, str] = {
    400: "bad-request",
    404: errors.NotFound.kind,
    405: "method-not-allowed",
    408: "too-slow",
    413: "too-large",
    415: "unsupported-media-type",
    500: "internal",
}


def _reasons(kind: str) -> list[str]:
    return [kind.replace("-", "_"), *messages.keys(f"reasons.{kind}")]


KINDS = tuple(dict.fromkeys((*(problem.kind for problem in STATUSES), *HTTP_KINDS.values())))
REASONS = Enumeration(
    "RefusalReason",
    dict.fromkeys((*(reason for kind in KINDS for reason in _reasons(kind)), "http_error")),
    "Why a request is refused.",
)
CODES = Enumeration("FieldErrorCode", messages.keys("fields"), "What is wrong with a field.")


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
        facts["errors"] = [_field_error(fault) for fault in problem.faults]
    status = STATUSES[type(problem)]
    answer = _answer(problem.kind, status, problem.reason, problem.params, facts)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="rekindle"'
    if isinstance(problem, errors.RateLimited | errors.Unavailable):
        answer.headers["Retry-After"] = str(problem.retry_after)
    if isinstance(problem, errors.QuotaExceeded) and problem.opens_at:
        seconds = math.ceil((problem.opens_at - g.now).total_seconds())
        answer.headers["Retry-After"] = str(max(1, seconds))
    return answer


def _field_error(fault: FieldError) -> dict[str, object]:
    message = languages.text("fields", fault.code, **fault.params)
    return {"field": fault.field, "code": fault.code, "params": fault.params, "message": message}


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status in HTTP_KINDS:
        answer = _http_answer(status)
    else:
        # RFC 9457: "about:blank" adds nothing to the status and links to no page.
        body = {"type": "about:blank", "title": error.name, "detail": error.description or error.name}
        answer = _document({**body, "status": status, "reason": "http_error", "params": {}})
    # Copy the headers that belong to the status, such as Allow, Retry-After and Location.
    for name, value in error.get_response().headers.items():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers.setdefault(name, value)
    return answer


def _internal(error: Exception) -> Response:
    place = request_log.place()
    where = f" in {place['method']} {place['route']}" if place else ""
    _log.error("unexpected%s", where, exc_info=error, extra={"request": place})
    return _http_answer(500)


def _http_answer(status: int) -> Response:
    kind = HTTP_KINDS[status]
    return _answer(kind, status, kind.replace("-", "_"), {}, {})


def _answer(kind: str, status: int, reason: str, params: Mapping[str, object], facts: Mapping[str, object]) -> Response:
    body = {
        "type": f"/problems/{kind}",
        "title": languages.text("problems", f"{kind}.title"),
        "status": status,
        "detail": languages.detail(kind, reason, params),
        "reason": reason,
        "params": params,
        **facts,
    }
    return _document(body)


def _document(body: dict[str, object]) -> Response:
    status = int(str(body["status"]))
    request_id = request_log.request_id()
    if status >= 500 and request_id:
        body = {**body, "request_id": request_id}  # a person can tell it to the operator, who finds it in the log
    # ASCII only: an error may contain a field name with an unpaired surrogate, which UTF-8 cannot encode.
    answer = Response(json.dumps(body), status, mimetype="application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _instant(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
