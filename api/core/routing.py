"""One small decorator for all routes: who may call, what comes in, what goes out, and how it is documented.

A view takes a `Call` (and the ids of its path), calls one verb and returns what the answer's schema dumps. Around it,
the edge signs in, parses, renders, and adds ETag and caching. What a route declares is also its documentation and the
ground of the access tests: a route cannot be registered without an access rule.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import IO, Any, NamedTuple

from flask import Blueprint, Request, Response, after_this_request, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from api.core.dumping import Write, writer
from planner import clock
from planner.accounts import sessions
from planner.accounts.sessions import Viewer
from planner.errors import FieldError, Invalid, Problem, Unauthenticated, VersionConflict, VersionMissing
from planner.storage import db

# Who may call a route, and what others find there.
PUBLIC = "anyone"  # no sign-in
SIGNED_IN = "person"  # anybody signed in; each finds their own
OWNER = "mine"  # a thing of one person: the partner gets the same 404 as a stranger
COUPLE = "ours"  # a thing of a couple: others get a 404
ACCESS = (PUBLIC, SIGNED_IN, OWNER, COUPLE)

NO_STORE = "no-store"
PRIVATE = "private, no-cache"

_PIECE = 64 * 1024


class File(NamedTuple):
    """What a route that answers a file declares: its media type, the document in it, that one's schema, and a word."""

    media: str
    document: str
    schema: str
    about: str


class Operation(NamedTuple):
    """What a route declared."""

    method: str
    path: str
    endpoint: str
    view: Callable[..., Any]
    access: str
    status: int
    body: Schema | None
    query: Schema | None
    answer: Schema | None
    problems: tuple[type[Problem], ...]
    secret: bool
    versioned: bool
    file: File | None


class RequestContext(NamedTuple):
    """One request, parsed. `viewer` is who signed in; `body` and `query` hold what their schemas loaded."""

    now: datetime
    body: dict[str, Any]
    query: dict[str, Any]
    by: Viewer | None = None

    @property
    def viewer(self) -> Viewer:
        """Who makes the request."""
        assert self.by is not None, "a route for anyone has no viewer"
        return self.by


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


class Routes(Blueprint):
    """A blueprint whose routes declare themselves."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"api.{name}", url_prefix="/v1")
        self.operations: list[Operation] = []

    def route_for(  # each is one line of what a route declares
        self,
        method: str,
        path: str,
        *,
        access: str,
        answer: Schema | None = None,
        status: int | None = None,
        body: Schema | None = None,
        query: Schema | None = None,
        problems: Sequence[type[Problem]] = (),
        secret: bool = False,
        versioned: bool = False,
        file: File | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a view. `secret` answers are never stored; `versioned` writes need If-Match. A view that
        answers a `file` returns a Download, which is a secret by itself.
        """
        assert access in ACCESS

        def register(view: Callable[..., Any]) -> Callable[..., Any]:
            code = status or (200 if answer or file else 204)
            operation = Operation(
                method,
                path,
                f"{self.name}.{view.__name__}",
                view,
                access,
                code,
                body,
                query,
                answer,
                tuple(problems),
                secret,
                versioned,
                file,
            )
            self.operations.append(operation)
            self.add_url_rule(path, view.__name__, _serve(operation), methods=[method])
            return view

        return register

    def get(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """A reading route."""
        return self.route_for("GET", path, **declared)

    def post(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """A creating or moving route."""
        return self.route_for("POST", path, **declared)

    def put(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """A replacing route."""
        return self.route_for("PUT", path, **declared)

    def patch(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """An editing route."""
        return self.route_for("PATCH", path, **declared)

    def delete(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # type: ignore[override]
        """An ending route."""
        return self.route_for("DELETE", path, **declared)


def _serve(operation: Operation) -> Callable[..., Response]:
    write = writer(operation.answer) if operation.answer else None

    @wraps(operation.view)
    def serve(**ids: Any) -> Response:
        now = clock.utcnow()
        with db.connection():
            viewer = None if operation.access == PUBLIC else sessions.authenticate(_token(), now)
            query = {}
            if operation.query or request.query_string:
                query = _parser.parse(operation.query or _NOTHING, request, location="query", unknown=RAISE)
            body = _parser.parse(operation.body, request, location="json", unknown=RAISE) if operation.body else {}
            found = operation.view(RequestContext(now, body, query, viewer), **ids)
            return _render(operation, found, write)

    return serve


class _Nothing(Schema):
    """A query without parameters: an unknown one is a mistake that should not pass in silence."""


_NOTHING = _Nothing()


class _Parser(FlaskParser):
    """Strict JSON, and every fault in one answer."""

    def load_json(self, req: Request, schema: Schema) -> Any:  # webargs' signature
        if req.mimetype != "application/json":
            raise UnsupportedMediaType
        data = req.get_data(cache=False)
        if req.content_length is None and len(data) >= (req.max_content_length or 0):
            # A body that does not say its length is cut at the limit by werkzeug, not refused.
            raise RequestEntityTooLarge
        try:
            return json.loads(data, parse_constant=_refuse_constant, object_pairs_hook=_refuse_doubles)
        except (ValueError, RecursionError):
            raise BadRequest from None

    def load_querystring(self, req: Request, schema: Schema) -> Any:  # webargs' signature
        doubled = [key for key, values in req.args.lists() if len(values) > 1]
        if doubled:
            raise Invalid(*(FieldError(key, "Send this once; separate several values by commas.") for key in doubled))
        return super().load_querystring(req, schema)

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, *, error_status_code: Any, error_headers: Any
    ) -> Any:
        """Raise Invalid with one fault a message, each with the path of its field."""
        (messages,) = error.normalized_messages().values()  # type: ignore[no-untyped-call]
        raise Invalid(*_faults(messages, ()))


_parser = _Parser()


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Whoever reads the same body with other software may take the first value where we take the last.
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _faults(messages: Any, path: tuple[str, ...]) -> list[FieldError]:
    if isinstance(messages, Mapping):
        return [fault for key, inner in messages.items() for fault in _faults(inner, (*path, str(key)))]
    if isinstance(messages, list | tuple):
        return [fault for message in messages for fault in _faults(message, path)]
    return [FieldError(".".join(part for part in path if part != "_schema"), str(messages))]


def _token() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()


def _render(operation: Operation, found: Any, write: Write | None) -> Response:
    if operation.file:
        return _download(operation.file, found)
    if write is None:
        empty = Response(status=operation.status)
        del empty.headers["Content-Type"]
        empty.headers["Cache-Control"] = NO_STORE
        return empty
    data = json.dumps(write(found), ensure_ascii=False, separators=(",", ":")).encode()
    answer = Response(data, operation.status, mimetype="application/json")
    if operation.secret:
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


def if_match() -> int:
    """The version that an edit was made from: the part before the point of an If-Match, weak or strong.

    Raises VersionMissing without one, VersionConflict for one that names no version.
    """
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not given:
        raise VersionMissing
    version = given.partition(".")[0]
    if not (version.isascii() and version.isdigit() and len(version) <= 9):
        raise VersionConflict
    return int(version)
