"""Operations: what a route declares, and what its view is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from marshmallow import Schema

from planner.contact.viewer import Viewer
from planner.errors import Problem

# Who may call a route, and what others find there.
PUBLIC = "anyone"  # no sign-in
SIGNED_IN = "person"  # anybody signed in; each finds their own
OWNER = "mine"  # a thing of one person: the partner gets the same 404 as a stranger
COUPLE = "ours"  # a thing of a couple: others get a 404
ACCESS = (PUBLIC, SIGNED_IN, OWNER, COUPLE)


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
    no_store: bool
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
