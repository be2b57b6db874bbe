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


def add_security_headers(answer: Response) -> Response:
    """Add the security headers that an answer does not set itself."""
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer
