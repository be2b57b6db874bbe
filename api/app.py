"""The Flask app: its routes, error handlers and headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from api import (
    activities,
    app_files,
    availability,
    blocks,
    busy_calendars,
    calendar_feed,
    commitments,
    couple,
    couple_questions,
    date_calendar,
    date_lists,
    date_moves,
    dates,
    decks,
    devices,
    docs_pages,
    email_address,
    exports,
    feedback,
    free_times,
    guides,
    help_cards,
    important_days,
    imports,
    inbox,
    instance_info,
    invitations,
    logs,
    matches,
    me,
    memories,
    notes,
    notification_preferences,
    pace_rhythm,
    passkeys,
    people,
    photos,
    profiles,
    prompts,
    reactions,
    received,
    reflections,
    requests,
    rituals,
    safety,
    security_events,
    self_care_plans,
    sign_ins,
    someday_list,
    space,
    suggestions,
    support_checklists,
    talks,
    today,
    unsubscribe,
    vendored_files,
    vocabulary,
    votes,
    web_pages,
)
from api.core import cors, problems, proxies, request_log
from api.core.compression import compress
from api.core.headers import add_security_headers
from api.core.languages import add_language_headers
from api.core.operations import Operation
from api.core.routing import DayConverter
from planner.settings import Settings
from planner.support import support_contacts

ROUTES = (
    instance_info.routes,
    people.routes,
    sign_ins.routes,
    security_events.routes,
    passkeys.routes,
    me.routes,
    email_address.routes,
    exports.routes,
    imports.routes,
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
    someday_list.routes,
    suggestions.routes,
    availability.routes,
    free_times.routes,
    dates.routes,
    date_calendar.routes,
    calendar_feed.routes,
    date_lists.routes,
    date_moves.routes,
    busy_calendars.routes,
    rituals.routes,
    feedback.routes,
    today.routes,
    important_days.routes,
    inbox.routes,
    devices.routes,
    notification_preferences.routes,
    prompts.routes,
    guides.routes,
    talks.routes,
    notes.routes,
    reactions.routes,
    memories.routes,
    reflections.routes,
    requests.routes,
    commitments.routes,
    photos.routes,
    couple_questions.routes,
    space.routes,
    safety.routes,
    help_cards.routes,
    self_care_plans.routes,
    support_checklists.routes,
)
OPERATIONS: tuple[Operation, ...] = tuple(operation for routes in ROUTES for operation in routes.operations)

LARGE_BODIES = {
    (operation.method, f"/v1{operation.path}"): operation.max_body for operation in OPERATIONS if operation.max_body
}
"""The limits in bytes of the requests that may be larger than the others, by method and path."""

# 64 KiB is many times the longest note.
MAX_BODY = 64 * 1024


class _App(Flask):
    """The app. All its functions are synchronous, so it does not look at each of them in each request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function."""
        return func


def create_app(settings: Settings) -> Flask:
    """Return the app. The database must be open already, and the server starts the clock.

    Raises BadSetting if the file of contacts is invalid.
    """
    app = _App("rekindle", root_path=__file__.rpartition("/")[0], static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["rekindle"] = settings
    app.extensions["rekindle_support"] = support_contacts.read(settings.support_file)
    app.url_map.redirect_defaults = False
    app.url_map.converters["day"] = DayConverter
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False  # a redirect would send the token to a URL that the client did not choose
    logs.name_requests(request_log.request_id)
    request_log.install(app, settings.access_log == "on")  # first, so that it sees each answer last
    problems.install(app)
    for routes in ROUTES:
        app.register_blueprint(routes)
    web_pages.install(app)
    calendar_feed.install(app)
    unsubscribe.install(app)
    docs_pages.install(app, OPERATIONS)
    vendored_files.install(app)
    app_files.install(app)
    app.after_request(add_security_headers)
    app.after_request(compress)
    cors.install(app, settings.origins)
    app.after_request(add_language_headers)
    proxies.install(app, settings.trusted_proxies)
    return app
