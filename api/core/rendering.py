"""Rendering: JSON with ETag and 304, downloads, and Clear-Site-Data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import orjson
from flask import Response, after_this_request, request

from api.core.dumping import Write
from api.core.operations import File, Operation

NO_STORE = "no-store"
PRIVATE = "private, no-cache"


class Versioned(dict[str, Any]):
    """A (partly) rendered answer with the version for its ETag."""

    @property
    def version(self) -> int:
        """The version that an edit must send."""
        return int(self["version"])


class Download(NamedTuple):
    """A file as an answer: its name, its bytes in pieces, and their number. The pieces are closed at the end."""

    name: str
    pieces: Iterable[bytes]
    size: int


class Picture(NamedTuple):
    """A picture as an answer. Its `tag` never means other bytes, so `read` runs only for a reader without a copy."""

    tag: str
    read: Callable[[], bytes]


def render(operation: Operation, result: Any, write: Write | None) -> Response:
    """Return the response for the result of a view, as its operation declares."""
    if operation.file:
        return _picture(operation.file, result) if operation.file.is_cached else _download(operation.file, result)
    if write is None:
        empty = Response(status=operation.status)
        del empty.headers["Content-Type"]
        empty.headers["Cache-Control"] = NO_STORE
        return empty
    body = write(result)
    data = orjson.dumps(body)
    answer = Response(data, operation.status, mimetype="application/json")
    if operation.location:
        answer.headers["Location"] = "/v1" + operation.location.format(**body)
    if operation.no_store:
        answer.headers["Cache-Control"] = NO_STORE
        return answer
    answer.headers["Cache-Control"] = PRIVATE
    if operation.has_etag:
        tag = f"{getattr(result, 'version', None) or 0}.{hashlib.blake2b(data, digest_size=12).hexdigest()}"
        answer.headers["ETag"] = f'"{tag}"'
        # Compare weakly, because a proxy that compresses changes the tag to W/"...".
        if operation.method == "GET" and request.if_none_match.contains_weak(tag):
            answer.set_data(b"")
            answer.status_code = 304
    return answer


def _picture(file: File, picture: Picture) -> Response:
    tag = f"0.{picture.tag}"
    is_known = request.if_none_match.contains_weak(tag)
    answer = Response(b"" if is_known else picture.read(), 304 if is_known else 200, mimetype=file.media)
    answer.headers["Cache-Control"] = PRIVATE
    answer.headers["ETag"] = f'"{tag}"'
    return answer


def _download(file: File, download: Download) -> Response:
    answer = Response(download.pieces, mimetype=file.media)
    answer.content_length = download.size
    answer.headers["Content-Disposition"] = f'attachment; filename="{download.name}"'
    answer.headers["Cache-Control"] = NO_STORE
    return answer


def clear_device() -> None:
    """Make the answer to this request tell the browser to delete the data of this site.

    With "cookies" or "cache" a browser would delete more than ours on a shared host, and take seconds.
    """

    @after_this_request
    def clear(answer: Response) -> Response:
        answer.headers["Clear-Site-Data"] = '"storage"'
        return answer
