"""Calendar feeds: a secret address at which calendar programs read your dates. The feed itself is outside of /v1."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask, Response, request
from marshmallow import Schema, fields

from api.core import rate_limits
from api.core.fields import StrictBoolean, UtcDateTime
from api.core.operations import SIGNED_IN, RequestContext
from api.core.rendering import PRIVATE
from api.core.routing import Routes
from api.instance_info import public_url
from planner import clock
from planner.calendars import feeds
from planner.calendars.feeds import FeedView
from planner.errors import Conflict, Invalid, NotFound
from planner.storage import db

routes = Routes("calendar_feed")

MEDIA = "text/calendar"
_TITLES = {
    "examples": [False],
    "description": "Whether the feed has the titles of your dates. Without them, each one is called “Date”.",
}
_PATH = "/feeds/x5Jc0gY2bq8mT1vQe7HnZw.ics"


class NewCalendarFeed(Schema):
    """Whether your feed has titles."""

    shows_titles = StrictBoolean(load_default=False, metadata=_TITLES)


class CalendarFeedEdit(Schema):
    """Whether your feed has titles. Its address stays the same."""

    shows_titles = StrictBoolean(required=True, metadata=_TITLES)


class CalendarFeedOut(Schema):
    """Your feed, without its address: the server cannot show it again."""

    active = fields.Boolean(metadata={"examples": [True], "description": "Whether you have a feed."})
    shows_titles = fields.Boolean(metadata=_TITLES)
    created_at = UtcDateTime(
        allow_none=True,
        metadata={"examples": ["2026-11-23T08:00:00.000Z"], "description": "When its address was made. Null without."},
    )


class CalendarFeedAddressOut(CalendarFeedOut):
    """Your feed with its address, which is shown only this once. Each person who has the address can read the feed."""

    address = fields.String(metadata={"examples": [f"https://rekindle.example.org{_PATH}"]})
    webcal_address = fields.String(
        metadata={
            "examples": [f"webcal://rekindle.example.org{_PATH}"],
            "description": "The same address as a link that opens the calendar program of a device.",
        }
    )


@routes.get("/calendar-feed", access=SIGNED_IN, answer=CalendarFeedOut())
def get_calendar_feed(context: RequestContext) -> dict[str, Any]:
    """See whether you have a calendar feed, and whether it has titles."""
    return _show(feeds.find(context.viewer.id))


@routes.post(
    "/calendar-feed",
    access=SIGNED_IN,
    body=NewCalendarFeed(),
    answer=CalendarFeedAddressOut(),
    no_store=True,
    problems=[Invalid, Conflict],
)
def renew_calendar_feed(context: RequestContext) -> dict[str, Any]:
    """Make a secret address for calendar programs. An earlier address stops working.

    The feed has the agreed dates of the last 30 days and those ahead: yours, and those of your couple. A ritual is one
    event that repeats. The feed ends when you start a space, and when your couple ends. In a space you cannot make one.
    """
    shows_titles = context.body["shows_titles"]
    token = feeds.renew(context.viewer.id, shows_titles, context.now)
    address = f"{public_url()}/feeds/{token}.ics"
    return {
        **_show(FeedView(shows_titles, context.now)),
        "address": address,
        "webcal_address": f"webcal://{address.partition('://')[2]}",
    }


@routes.put(
    "/calendar-feed",
    access=SIGNED_IN,
    body=CalendarFeedEdit(),
    answer=CalendarFeedOut(),
    problems=[Invalid, NotFound],
)
def edit_calendar_feed(context: RequestContext) -> dict[str, Any]:
    """Show or hide the titles in your feed."""
    return _show(feeds.show_titles(context.viewer.id, context.body["shows_titles"]))


@routes.delete("/calendar-feed", access=SIGNED_IN)
def delete_calendar_feed(context: RequestContext) -> None:
    """End your feed. Its address stops working at once."""
    feeds.delete(context.viewer.id)


def _show(feed: FeedView | None) -> dict[str, Any]:
    shows_titles, created_at = feed or (False, None)
    return {"active": feed is not None, "shows_titles": shows_titles, "created_at": created_at}


def install(app: Flask) -> None:
    """Add the feeds themselves. Their path is their secret, so nothing logs it."""

    @app.get("/feeds/<token>.ics")
    def feed(token: str) -> Response:
        """Return the feed at this token."""
        now = clock.utcnow()
        with db.connection():
            try:
                calendar = feeds.read(token, now)
            except NotFound:
                # Count wrong tokens only. A calendar service reads the feeds of many people from one address, and
                # goes on asking for those that ended.
                rate_limits.count(rate_limits.feed(), now)
                raise
        answer = Response(calendar, content_type=f"{MEDIA}; charset=utf-8")
        answer.headers["Cache-Control"] = PRIVATE
        answer.headers["Content-Disposition"] = 'inline; filename="rekindle.ics"'
        answer.set_etag(hashlib.blake2b(calendar, digest_size=16).hexdigest())
        # Compare weakly, because a proxy that compresses changes the tag to W/"...".
        if request.if_none_match.contains_weak(str(answer.get_etag()[0])):
            answer.set_data(b"")
            answer.status_code = 304
        return answer
