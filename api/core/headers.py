"""The security headers of all answers."""

from __future__ import annotations

from flask import Response

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def vary_by(answer: Response, name: str) -> None:
    """Tell caches that an answer also depends on this header of the request."""
    others = answer.headers.get("Vary", "")
    if name not in others:
        answer.headers["Vary"] = f"{others}, {name}" if others else name


def add_security_headers(answer: Response) -> Response:
    """Add the security headers that an answer does not set itself."""
    own = {name for name, _ in answer.headers}
    answer.headers.extend([header for header in _HEADERS.items() if header[0] not in own])
    return answer
