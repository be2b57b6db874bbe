"""Operations: the declaration of a route, and the context that its view gets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from marshmallow import Schema

from planner.contact.viewer import Viewer
from planner.errors import Problem

# Who may call a route, and what all others get.
PUBLIC = "anyone"  # no sign-in
SIGNED_IN = "person"  # every signed-in person; each sees their own data
OWNER = "mine"  # a thing of one person: the partner gets the same 404 as a stranger
COUPLE = "ours"  # a thing of a couple: all others get a 404
ACCESS = (PUBLIC, SIGNED_IN, OWNER, COUPLE)


class File(NamedTuple):
    """A file that a route answers: its media type, a description, and a document inside with its schema, if any."""

    media: str
    about: str
    document: str = ""
    schema: str = ""
    is_cached: bool = False  # its reader may keep it, and asks with the ETag whether it may still be read


class Operation(NamedTuple):
    """The declaration of a route."""

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
    example: dict[str, Any]  # where the example of the answer differs from that of its schema
    location: str | None
    max_body: int | None  # bytes, where more than usual are allowed

    @property
    def has_etag(self) -> bool:
        """Return whether the answer carries an ETag: a read, or a thing with a version."""
        has_version = self.answer is not None and "version" in self.answer.fields
        if self.file:
            return self.file.is_cached
        return not self.no_store and (self.method == "GET" or has_version)


class RequestContext(NamedTuple):
    """One parsed request. `body` and `query` hold the values that their schemas loaded."""

    now: datetime
    body: dict[str, Any]
    query: dict[str, Any]
    by: Viewer | None = None

    @property
    def viewer(self) -> Viewer:
        """The signed-in person. A public route has none."""
        assert self.by is not None, "a public route has no viewer"
        return self.by

    def check_confirmed(self) -> None:
        """Raise ConfirmationNeeded for an act that a lent or lost phone must not do. Routes declare this problem."""
        self.viewer.identity.check_confirmed(self.now)
