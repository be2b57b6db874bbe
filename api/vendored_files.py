"""Vendored files: files of other projects that our pages load, in a folder for each project."""

from __future__ import annotations

import gzip
import os
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, request
from werkzeug.security import safe_join

FOLDER = Path(__file__).parent / "static" / "vendor"

# The name of a script holds its version: another version has another URL. Licences and notes have none.
_FOR_A_YEAR = "public, max-age=31536000, immutable"


def install(app: Flask) -> None:
    """Add the route of the vendored files."""

    @app.get("/static/vendor/<path:name>")
    def vendored_file(name: str) -> Response:
        """Return a vendored file, compressed for a client that accepts gzip."""
        path = safe_join(str(FOLDER), name)
        if path is None or not os.path.isfile(path):  # Path.is_file raises an error for a name that is too long
            abort(404)
        # The media types of the operating system may differ, and `nosniff` makes browsers strict about scripts.
        script = name.endswith(".js")
        answer = Response(mimetype="text/javascript" if script else "text/plain")
        answer.headers["Cache-Control"] = _FOR_A_YEAR if script else "no-cache"
        answer.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"]:
            answer.headers["Content-Encoding"] = "gzip"
            answer.set_data(_compressed(path))
        else:
            answer.set_data(Path(path).read_bytes())
        return answer


@cache
def _compressed(path: str) -> bytes:
    # Once for each process: a reader of three megabytes takes a quarter of a second.
    return gzip.compress(Path(path).read_bytes(), mtime=0)
