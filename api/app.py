"""The Flask app: its routes, error handlers and headers."""

from __future__ import annotations

from flask import Flask

from api import (
    activities,
    app_files,
    blocks,
    couple,
    dates,
    decks,
    docs_pages,
    exports,
    feedback,
    guides,
    help_cards,
    inbox,
    instance_info,
    invitations,
    matches,
    me,
    notes,
    pace_rhythm,
    people,
    profiles,
    prompts,
    received,
    safety,
    sign_ins,
    space,
    suggestions,
    today,
    vendored_files,
    vocabulary,
    votes,
    web_pages,
)
from api.core import cors, problems, proxies
from api.core.compression import compress
from api.core.headers import add_security_headers
from api.core.languages import add_language_headers
from api.core.operations import Operation
from planner.settings import Settings
from planner.support import support_contacts

ROUTES = (
    instance_info.routes,
    people.routes,
    sign_ins.routes,
    me.routes,
    exports.routes,
    profiles.routes,
    invitations.routes,
    couple.routes,
    pace_rhythm.routes,
    received.routes,
    blocks.routes,
    vocabulary.routes,
    activities.routes,
    votes.routes,
    decks.routes,
    matches.routes,
    suggestions.routes,
    dates.routes,
    feedback.routes,
    today.routes,
    inbox.routes,
    prompts.routes,
    guides.routes,
    notes.routes,
    space.routes,
    safety.routes,
    help_cards.routes,
)
OPERATIONS: tuple[Operation, ...] = tuple(operation for routes in ROUTES for operation in routes.operations)

# 64 KiB is many times the longest note.
MAX_BODY = 64 * 1024


def create_app(settings: Settings) -> Flask:
    """Return the app. The database must be open already, and the server starts the clock.

    Raises BadSetting if the file of contacts is invalid.
    """
    app = Flask("rekindle", root_path=__file__.rpartition("/")[0], static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["rekindle"] = settings
    app.extensions["rekindle_support"] = support_contacts.read(settings.support_file)
    app.url_map.redirect_defaults = False
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False  # a redirect would send the token to a URL that the client did not choose
    problems.install(app)
    for routes in ROUTES:
        app.register_blueprint(routes)
    web_pages.install(app)
    docs_pages.install(app, OPERATIONS)
    vendored_files.install(app)
    app_files.install(app)
    app.after_request(add_security_headers)
    app.after_request(compress)
    cors.install(app, settings.origins)
    app.after_request(add_language_headers)
    proxies.install(app, settings.trusted_proxies)
    return app
