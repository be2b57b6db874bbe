"""The page that ends mails about what waits, without sign-in, by the token in each mail. RFC 8058 needs its POST."""

from __future__ import annotations

from flask import Flask, Response, render_template

from api.core import rate_limits
from api.core.rendering import NO_STORE
from planner import clock, messages
from planner.accounts import email_addresses
from planner.errors import NotFound
from planner.storage import db


def install(app: Flask) -> None:
    """Add the page. Its path is a secret, so nothing logs it. Mail programs open links themselves: a GET only asks."""

    @app.get("/unsubscribe/<token>")
    def ask_to_unsubscribe(token: str) -> Response:
        """Return a page with a button. It changes nothing."""
        return _page(token, "ask")

    @app.post("/unsubscribe/<token>")
    def unsubscribe(token: str) -> Response:
        """End the mails. A mail program sends this when a person taps its own button."""
        return _page(token, "done")


def _page(token: str, step: str) -> Response:
    now = clock.utcnow()
    with db.connection():
        try:
            if step == "done":
                email_addresses.unsubscribe(token)
            else:
                email_addresses.check_token(token)
        except NotFound:
            rate_limits.count(rate_limits.unsubscribing(), now)
            step = "wrong"
    page = render_template("unsubscribe.html", step=step, text=messages.text)
    return Response(page, 404 if step == "wrong" else 200, headers={"Cache-Control": NO_STORE})
