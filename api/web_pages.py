"""The HTML pages without scripts: about this server, and safety. `/` and invitation links lead to the web client."""

from __future__ import annotations

import json

from flask import Flask, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from api.core.rendering import NO_STORE
from api.instance_info import operator, sign_up_is_closed, support
from planner import messages, readiness
from planner.storage import db
from planner.support import safety_page, support_contacts


def install(app: Flask) -> None:
    """Add the HTML pages for people, and the health check."""

    @app.get("/")
    def home() -> AnyResponse:
        """Lead to the web client."""
        return redirect("/app/")

    @app.get("/about")
    def about() -> str:
        """Return the page about this server: what Rekindle is, who runs it, and links to the documentation."""
        with db.connection():
            closed = sign_up_is_closed()
        return render_template("about.html", operator=operator(), closed=closed, messages=messages)

    @app.get("/safety")
    def safety() -> Response:
        """Return the safety page, open to everyone. The server stores nothing about the visit."""
        country = request.args.get("country", "")
        page = render_template(
            "safety.html",
            operator=operator(),
            text=safety_page,
            support_contacts=support_contacts,
            support=support(),
            found=support().for_one(country),
            unknown=bool(country) and not support().knows(country),
        )
        return Response(page, headers={"Cache-Control": NO_STORE})

    @app.get("/join")
    def join() -> AnyResponse:
        """Lead from an invitation link to the client. The code is after the #, so this server does not see it."""
        return redirect("/app/join")

    @app.get("/health")
    def health() -> Response:
        """Report that this process answers. Granian's event loop gives this answer (see api/rsgi.py)."""
        return Response('{"status":"ok"}', mimetype="application/json", headers={"Cache-Control": NO_STORE})

    @app.get("/ready")
    def ready() -> Response:
        """Report whether this server can do all of its work. It says so, or the opposite, within a second."""
        state = readiness.state()
        body = {"status": "ready" if state.is_ready else "not-ready", **state._asdict()}
        return Response(
            json.dumps(body),
            200 if state.is_ready else 503,
            mimetype="application/json",
            headers={"Cache-Control": NO_STORE},
        )
