"""What the operator can see of requests: an id for each, an access log if they want one, and figures.

The path of a request has ids in it, so the operator sees the pattern of the route instead. Visits of the safety and
help pages, and of calendar addresses, leave no trace at all.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

from flask import Flask, Response, current_app, g, has_request_context, request

_access = logging.getLogger("rekindle.access")
_OBSERVERS = "rekindle_observers"

HEADER = "X-Request-Id"
ARRIVED = "rekindle.arrived"
"""The key of the time at which a request began to wait for a thread. It is in the WSGI environment."""
NO_ROUTE = "(none)"
_METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
# A proxy or a client may send its own id. It ends in the log, so it has no other letters.
_FORM = re.compile(r"[A-Za-z0-9._-]{8,64}")
_WITHOUT_TRACE = re.compile(r"/v1/(me/)?(safety|help)\b|/safety\b|/feeds/|/v1/calendar-feed\b")


class Observed(NamedTuple):
    """A request that was answered. `seconds` includes the wait for a thread."""

    method: str
    route: str
    status: int
    seconds: float


Observer = Callable[[Observed], None]


def install(app: Flask, has_access_log: bool) -> None:
    """Give each request an id, and tell the observers of each answer."""
    app.extensions[_OBSERVERS] = [_log_access] if has_access_log else []
    app.before_request(_begin)
    app.after_request(_end)


def observe(app: Flask, observer: Observer) -> None:
    """Call a function after each answer."""
    app.extensions[_OBSERVERS].append(observer)


def new_id() -> str:
    """Return a new id of a request."""
    return str(uuid4())


def request_id() -> str | None:
    """Return the id of this request, or None outside of a request."""
    return g.get("request_id") if has_request_context() else None


def route() -> str | None:
    """Return the pattern of the route of this request, or None for one that leaves no trace."""
    pattern = request.url_rule.rule if request.url_rule else NO_ROUTE
    return None if _WITHOUT_TRACE.match(pattern) or _WITHOUT_TRACE.match(request.path) else pattern


def place() -> dict[str, Any]:
    """Return the method and the route of this request, or nothing for one that leaves no trace."""
    pattern = route()
    return {"method": request.method, "route": pattern} if pattern else {}


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _FORM.fullmatch(given) else new_id()
    g.arrived = request.environ.get(ARRIVED) or time.perf_counter()


def _end(answer: Response) -> Response:
    answer.headers[HEADER] = g.request_id
    observers: list[Observer] = current_app.extensions[_OBSERVERS]
    pattern = route() if observers else None
    if pattern and pattern != "/health":
        # Any word may be a method, and each would be a figure of its own.
        method = request.method if request.method in _METHODS else "other"
        observed = Observed(method, pattern, answer.status_code, time.perf_counter() - g.arrived)
        for observer in observers:
            observer(observed)
    return answer


def _log_access(observed: Observed) -> None:
    ms = round(observed.seconds * 1000)
    facts = {"method": observed.method, "route": observed.route, "status": observed.status, "ms": ms}
    _access.info("%s %s %d %d ms", *facts.values(), extra={"request": facts})
