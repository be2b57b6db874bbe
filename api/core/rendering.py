"""Rendering: JSON with ETag and 304, files to download, and what a device must forget."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from flask import Response, after_this_request, request

from api.core.dumping import Write
from api.core.operations import File, Operation

NO_STORE = "no-store"
PRIVATE = "private, no-cache"

_PIECE = 64 * 1024


class Versioned(dict[str, Any]):
    """An answer that is rendered or nearly so, and carries the version of what it shows for the ETag."""

    @property
    def version(self) -> int:
        """The version that an edit or a move must name."""
        return int(self["version"])


class Download(NamedTuple):
    """A file as an answer: the name under which a device keeps it, its bytes from where it stands on, and how many."""

    name: str
    file: IO[bytes]
    size: int


def render(operation: Operation, found: Any, write: Write | None) -> Response:
    """Return the response for what a view found, as its operation declares."""
    if operation.file:
        return _download(operation.file, found)
    if write is None:
        empty = Response(status=operation.status)
        del empty.headers["Content-Type"]
        empty.headers["Cache-Control"] = NO_STORE
        return empty
    data = json.dumps(write(found), ensure_ascii=False, separators=(",", ":")).encode()
    answer = Response(data, operation.status, mimetype="application/json")
    if operation.no_store:
        answer.headers["Cache-Control"] = NO_STORE
        return answer
    answer.headers["Cache-Control"] = PRIVATE
    if operation.method == "GET" or operation.versioned:
        tag = f"{getattr(found, 'version', None) or 0}.{hashlib.blake2b(data, digest_size=12).hexdigest()}"
        answer.headers["ETag"] = f'"{tag}"'
        # Weakly: a proxy that compresses hands the tag on as W/"...".
        if operation.method == "GET" and request.if_none_match.contains_weak(tag):
            answer.set_data(b"")
            answer.status_code = 304
    return answer


def _download(file: File, found: Download) -> Response:
    answer = Response(_pieces(found.file), mimetype=file.media)
    answer.content_length = found.size
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    answer.headers["Cache-Control"] = NO_STORE
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """What it holds may be on a disk, and is never whole in memory."""
    with file:
        while piece := file.read(_PIECE):
            yield piece


def clear_device() -> None:
    """Let the answer to this request tell a browser to forget all that it keeps of this site."""

    @after_this_request
    def clear(answer: Response) -> Response:
        answer.headers["Clear-Site-Data"] = '"*"'
        return answer
