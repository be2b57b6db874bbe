"""Cursor pagination. A cursor is a place in the order of a list, not an item: it stays valid when items come and go."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from marshmallow import Schema, fields

from api.core.fields import Number, Text
from planner.errors import FieldError, Invalid

T = TypeVar("T")
K = TypeVar("K", datetime, str)


class Page(NamedTuple, Generic[T]):
    """One page: the items, and the cursor of the next page, if there is one."""

    items: Sequence[T]
    next: str | None


class PageQuery(Schema):
    """The parameters of every list."""

    limit = Number(
        1, 100, digits=True, load_default=20, metadata={"examples": [20], "description": "At most as many items."}
    )
    after = Text(
        1000, load_default=None, metadata={"description": "The `next` of the page before.", "examples": ["..."]}
    )


def page_of(item: type[Schema], nested: type[fields.Nested] = fields.Nested, **more: fields.Field[Any]) -> Schema:
    """Return the schema of a page of these items. `more` are the fields of the page itself."""
    name = item.__name__.removesuffix("Out")
    cursor = fields.String(
        allow_none=True,
        metadata={"description": "Send it as `after` for the next page; null on the last.", "examples": [None]},
    )
    page_schema: type[Schema] = type(
        f"{name}Page", (Schema,), {"items": fields.List(nested(item)), "next": cursor, **more, "__doc__": "One page."}
    )
    return page_schema()


def page(
    query: dict[str, Any],
    read: Callable[[int, tuple[datetime, UUID] | None], Sequence[T]],
    place_of: Callable[[T], tuple[datetime, UUID]],
) -> Page[T]:
    """Return the page after the query's cursor of a list in the order of time. Raises Invalid for a wrong cursor.

    `place_of` returns an item's place in the order. `read` gets a limit one above the query's, which shows whether
    there is a next page, and the place after which to read.
    """
    after = _read_cursor(query["after"], _read_instant) if query["after"] else None
    rows = read(query["limit"] + 1, after)
    return _page(rows, query["limit"], place_of)


def page_of_search(
    query: dict[str, Any],
    read: Callable[[int, tuple[datetime, UUID] | None], tuple[Sequence[T], T | None]],
    place_of: Callable[[T], tuple[datetime, UUID]],
) -> Page[T]:
    """Return the page after the query's cursor of a list that is searched in parts.

    `read` does as in `page`, and may stop early: then it also returns where. The page is short, and the next begins
    there. Raise Invalid for a wrong cursor.
    """
    after = _read_cursor(query["after"], _read_instant) if query["after"] else None
    rows, stopped_at = read(query["limit"] + 1, after)
    found = _page(rows, query["limit"], place_of)
    return found._replace(next=_write_cursor(*place_of(stopped_at))) if stopped_at and not found.next else found


def page_of_list(
    query: dict[str, Any], items: Sequence[T], place_of: Callable[[T], tuple[K, UUID]], read_key: Callable[[str], K]
) -> Page[T]:
    """Return the page after the query's cursor of a list in memory, which is sorted by `place_of`.

    `read_key` parses the first part of a place. Raises Invalid for a wrong cursor.
    """
    start = bisect_right(items, _read_cursor(query["after"], read_key), key=place_of) if query["after"] else 0
    return _page(items[start : start + query["limit"] + 1], query["limit"], place_of)


def _page(rows: Sequence[T], limit: int, place_of: Callable[[T], tuple[K, UUID]]) -> Page[T]:
    items = rows[:limit]
    return Page(items, _write_cursor(*place_of(items[-1])) if len(rows) > len(items) else None)


def _write_cursor(key: datetime | str, item_id: UUID) -> str:
    text = key.isoformat() if isinstance(key, datetime) else key
    return base64.urlsafe_b64encode(f"{item_id.hex}{text}".encode()).decode().rstrip("=")


def _read_cursor(text: str, read_key: Callable[[str], K]) -> tuple[K, UUID]:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        return read_key(raw[32:]), UUID(hex=raw[:32])
    except (ValueError, binascii.Error):
        raise Invalid(FieldError("after", "not_a_cursor")) from None


def _read_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or not 2000 <= instant.year < 2300:
        raise ValueError
    return instant
