"""Cursor pages: a stable order, and a place to go on from that survives what is added meanwhile."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from marshmallow import Schema, fields

from api.core.fields import Number, Text
from planner.errors import FieldError, Invalid

T = TypeVar("T")
Cursor = tuple[datetime, UUID]

_FOREIGN = "This is not the `next` of a page of this list."


class Page(NamedTuple, Generic[T]):
    """One page: the items, and the cursor of the next page, if there is one."""

    items: Sequence[T]
    next: str | None


class PageQuery(Schema):
    """What every list takes."""

    limit = Number(1, 100, text=True, load_default=20, metadata={"examples": [20]})
    after = Text(
        200, load_default=None, metadata={"description": "The `next` of the page before.", "examples": ["..."]}
    )


def page_of(item: type[Schema], nested: type[fields.Nested] = fields.Nested) -> Schema:
    """The schema of a page of those items."""
    name = item.__name__.removesuffix("Out")
    cursor = fields.String(
        allow_none=True,
        metadata={"description": "Send it as `after` for the next page; null on the last.", "examples": [None]},
    )
    made: type[Schema] = type(
        f"{name}Page", (Schema,), {"items": fields.List(nested(item)), "next": cursor, "__doc__": "One page."}
    )
    return made()


def page(
    query: dict[str, Any], read: Callable[[int, Cursor | None], Sequence[T]], place: Callable[[T], Cursor]
) -> Page[T]:
    """Read one more than asked for, to know whether there is a next page. Raises Invalid for a foreign cursor."""
    after = _read_cursor(query["after"]) if query["after"] else None
    found = read(query["limit"] + 1, after)
    items = found[: query["limit"]]
    return Page(items, _cursor(place(items[-1])) if len(found) > len(items) else None)


class _HasId(Protocol):
    @property
    def id(self) -> UUID: ...


Found = TypeVar("Found", bound=_HasId)


def page_by_id(query: dict[str, Any], found: Sequence[Found]) -> Page[Found]:
    """A page of a list that is at hand as a whole, in its own order: the cursor is the id where the last one ended.

    Raises Invalid when that is not (any more) in the list: the search was another one.
    """
    start = 0
    if query["after"]:
        ids = [one.id.hex for one in found]
        if query["after"] not in ids:
            raise Invalid(FieldError("after", _FOREIGN))
        start = ids.index(query["after"]) + 1
    items = found[start : start + query["limit"]]
    return Page(items, items[-1].id.hex if len(found) > start + len(items) else None)


def _cursor(place: Cursor) -> str:
    at, item = place
    return base64.urlsafe_b64encode(f"{at.isoformat()} {item.hex}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> Cursor:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        at, _, item = raw.partition(" ")
        found = datetime.fromisoformat(at), UUID(hex=item)
        if found[0].tzinfo is None or not 2000 <= found[0].year < 2300:
            raise ValueError
    except (ValueError, binascii.Error):
        raise Invalid(FieldError("after", _FOREIGN)) from None
    return found
