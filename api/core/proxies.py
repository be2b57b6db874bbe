"""Reverse proxies in front of this server. Their headers count only if the operator trusts them."""

from __future__ import annotations

import logging

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

_log = logging.getLogger("rekindle.api")
_WARNED = "rekindle_proxy_warning"


def install(app: Flask, trusted: int) -> None:
    """Believe this number of proxies."""
    app.extensions[_WARNED] = trusted > 0
    if trusted:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]


def warn_of_unknown_proxy() -> None:
    """Warn once if a proxy passed this request on, although the settings name none."""
    if "X-Forwarded-For" in request.headers and not current_app.extensions[_WARNED]:
        current_app.extensions[_WARNED] = True
        _log.warning(
            "a request has X-Forwarded-For, but REKINDLE_TRUSTED_PROXIES is 0: behind one proxy, set it to 1, or the"
            " wrong passwords of a stranger count against everyone"
        )
