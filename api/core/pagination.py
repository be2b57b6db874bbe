"""Cursor pagination. A cursor stays valid when items are added between two pages."""

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


class Page(NamedTuple, Generic[T]):
    """One page: the items, and the cursor of the next page, if there is one."""

    items: Sequence[T]
    next: str | None


class PageQuery(Schema):
    """The parameters of every list."""

    limit = Number(
        1, 100, text=True, load_default=20, metadata={"examples": [20], "description": "At most as many items."}
    )
    after = Text(
        200, load_default=None, metadata={"description": "The `next` of the page before.", "examples": ["..."]}
    )


def page_of(item: type[Schema], nested: type[fields.Nested] = fields.Nested) -> Schema:
    """Return the schema of a page of these items."""
    name = item.__name__.removesuffix("Out")
    cursor = fields.String(
        allow_none=True,
        metadata={"description": "Send it as `after` for the next page; null on the last.", "examples": [None]},
    )
    page_schema: type[Schema] = type(
        f"{name}Page", (Schema,), {"items": fields.List(nested(item)), "next": cursor, "__doc__": "One page."}
    )
    return page_schema()


def page(
    query: dict[str, Any], read: Callable[[int, Cursor | None], Sequence[T]], cursor_of: Callable[[T], Cursor]
) -> Page[T]:
    """Return the page after the query's cursor. Raises Invalid for the cursor of another list.

    `read` gets a limit one above the query's, which shows whether there is a next page.
    """
    after = _read_cursor(query["after"]) if query["after"] else None
    rows = read(query["limit"] + 1, after)
    items = rows[: query["limit"]]
    return Page(items, _write_cursor(cursor_of(items[-1])) if len(rows) > len(items) else None)


class _HasId(Protocol):
    @property
    def id(self) -> UUID: ...


Item = TypeVar("Item", bound=_HasId)


def page_by_id(query: dict[str, Any], all_items: Sequence[Item]) -> Page[Item]:
    """Return a page of a complete list, in its order. The cursor is the id of the last item of the page before.

    Raises Invalid if that item is not in the list (any more).
    """
    start = 0
    if query["after"]:
        ids = [item.id.hex for item in all_items]
        if query["after"] not in ids:
            raise Invalid(FieldError("after", "not_a_cursor"))
        start = ids.index(query["after"]) + 1
    items = all_items[start : start + query["limit"]]
    return Page(items, items[-1].id.hex if len(all_items) > start + len(items) else None)


def _write_cursor(cursor: Cursor) -> str:
    at, item_id = cursor
    return base64.urlsafe_b64encode(f"{at.isoformat()} {item_id.hex}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> Cursor:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        at, _, item_id = raw.partition(" ")
        cursor = datetime.fromisoformat(at), UUID(hex=item_id)
        if cursor[0].tzinfo is None or not 2000 <= cursor[0].year < 2300:
            raise ValueError
    except (ValueError, binascii.Error):
        raise Invalid(FieldError("after", "not_a_cursor")) from None
    return cursor
