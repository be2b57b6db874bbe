"""The Flask app: routes, errors, headers."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from api import (
    activities,
    blocks,
    catalogue,
    couple,
    dates,
    decks,
    errors,
    exports,
    help,  # noqa: A004  # the noun
    inbox,
    invitations,
    matches,
    me,
    notes,
    operator,
    pacing,
    people,
    profiles,
    prompts,
    records,
    safety,
    sign_ins,
    site,
    space,
    suggestions,
    tastes,
    today,
)
from api.edge import Operation
from planner.consent import support
from planner.settings import Settings

ROUTES = (
    operator.routes, people.routes, sign_ins.routes, me.routes, exports.routes, profiles.routes, invitations.routes,
    couple.routes, pacing.routes, records.routes, blocks.routes,
    catalogue.routes, activities.routes, tastes.routes, decks.routes, matches.routes, suggestions.routes, dates.routes,
    today.routes, inbox.routes, prompts.routes, notes.routes, space.routes, safety.routes, help.routes,
)  # fmt: skip
OPERATIONS: tuple[Operation, ...] = tuple(operation for routes in ROUTES for operation in routes.operations)

# 64 KiB holds the longest note many times over.
MAX_BODY = 64 * 1024

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_app(settings: Settings) -> Flask:
    """The app over an open database. The clock is started by the server, not here.

    Raises BadSetting for a broken file of contacts.
    """
    app = Flask("rekindle", root_path=__file__.rpartition("/")[0], static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["rekindle"] = settings
    app.extensions["rekindle_support"] = support.read(settings.support_file)
    app.url_map.redirect_defaults = False
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False  # a redirect would send the token once more, to an address that nobody wrote
    errors.install(app)
    for routes in ROUTES:
        app.register_blueprint(routes)
    site.install(app, OPERATIONS)
    app.after_request(_secure)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _secure(answer: Response) -> Response:
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer
