"""CORS: web apps at the origins of REKINDLE_ORIGINS may call the API from a browser."""

from __future__ import annotations

from flask import Flask, Response, request
from flask.globals import request_ctx

from api.core.headers import vary_by

_SENT = "Authorization, Content-Type, If-Match, If-None-Match, Accept-Language, X-Request-Id"
_EXPOSED = (
    "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, Content-Disposition, Content-Language, X-Request-Id"
)
_MAX_AGE = "600"  # seconds for which a browser remembers a preflight; after a change of the setting, few are wrong


def install(app: Flask, origins: tuple[str, ...]) -> None:
    """Let these origins call this app. Without origins, no answer differs from before.

    Answers never allow credentials: the token is a header that the web app sets itself, and there are no cookies.
    """
    if not origins:
        return

    @app.before_request
    def answer_preflight() -> Response | None:
        """Answer the question of a browser, before the request itself, whether the origin may send it."""
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
            return None
        # An invalid Host has no adapter: the request itself is then refused.
        if request.headers.get("Origin") not in origins or request_ctx.url_adapter is None:
            return None
        answer = Response(status=204)
        del answer.headers["Content-Type"]
        methods = sorted({*request_ctx.url_adapter.allowed_methods(), "OPTIONS"})
        answer.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
        answer.headers["Access-Control-Allow-Headers"] = _SENT
        answer.headers["Access-Control-Max-Age"] = _MAX_AGE
        return answer

    @app.after_request
    def allow(answer: Response) -> Response:
        # A cache must not hand the answer for one origin to another one.
        vary_by(answer, "Origin")
        origin = request.headers.get("Origin")
        if origin in origins:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Expose-Headers"] = _EXPOSED
            answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer
