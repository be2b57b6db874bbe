"""The form of an export: sections, their JSON schemas, sections derived from a table, and pages of long lists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import peewee

from planner.accounts.data_keys import OpenKey
from planner.contact.viewer import Viewer
from planner.couples.former_couples import FormerCouple
from planner.storage import db

ORDINARY, PRIVATE = "ordinary", "private"
PARTS = (ORDINARY, PRIVATE)

PAGE = 500
"""Rows of a long list that are in memory at once."""


class ExportScope(NamedTuple):
    """The person who exports, as read inside the snapshot. `former` are the couples to look back on.

    `key` is the person's data key, if the password opens it.
    """

    viewer: Viewer
    former: Sequence[FormerCouple]
    now: datetime
    key: OpenKey | None = None


Thing = Mapping[str, Any]


class Section(NamedTuple):
    """One list in the file. `thing` names the schema of one element; `columns` are the schemas of its properties.

    `tables` are those that the list is made of; a test compares them with data_inventory.py.
    """

    name: str
    thing: str
    part: str
    about: str
    columns: Mapping[str, Mapping[str, Any]]
    tables: Sequence[type[db.Model]]
    read: Callable[[ExportScope], Iterator[Thing]]


TEXT = {"type": "string"}
ID = {"type": "string", "format": "uuid"}
INSTANT = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}
NUMBER = {"type": "integer"}
YES_NO = {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT}
OBJECT = {"type": "object"}
_SLOT = {"start": INSTANT, "end": INSTANT, "local_time": TEXT, "zone": TEXT, "days": {"type": ["integer", "null"]}}
SLOTS = {
    "type": "array",
    "items": {"type": "object", "properties": _SLOT, "required": list(_SLOT), "additionalProperties": False},
    "description": "The local time in its zone, the number of days of whole days, and the instants that follow.",
}


def maybe(kind: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of the same kind or null."""
    return {**kind, "type": [kind["type"], "null"]}


def described(kind: Mapping[str, Any], about: str) -> dict[str, Any]:
    """Return the schema of the same kind with a description."""
    return {**kind, "description": about}


_SCHEMAS = {"UUID": ID, "TEXT": TEXT, "UTC": INSTANT, "DATE": DAY, "INT": NUMBER, "BOOL": YES_NO}
"""The JSON schema of each type of column. A type that is missing here fails at the import."""


def columns(*fields: peewee.Field) -> dict[str, dict[str, Any]]:
    """Return the JSON schemas of columns by their names; a foreign key is an id."""
    schemas = {field.name: _SCHEMAS[field.field_type] for field in fields}
    return {field.name: maybe(schemas[field.name]) if field.null else dict(schemas[field.name]) for field in fields}


def table_section(
    name: str,
    thing: str,
    about: str,
    owner: peewee.Field,
    without: Collection[peewee.Field] = (),
    where: Any = None,
    notes: Mapping[str, str] | None = None,
) -> Section:
    """Return a private section of a person's rows in one table, with all columns but id, owner and `without`.

    `notes` explain columns by their names. The oldest row comes first, if the table has a moment for each row.
    """
    table = owner.model
    left_out = {table.id.name, owner.name, *(field.name for field in without)}
    fields = [field for field in table._meta.sorted_fields if field.name not in left_out]
    moments = [field for field in fields if field.field_type in ("UTC", "DATE") and not field.null]

    def read(scope: ExportScope) -> Iterator[Thing]:
        query = table.select(*fields).where(owner == scope.viewer.id, *([] if where is None else [where]))
        for row in db.fetch_all(query.order_by(*moments[:1], table.id)):
            yield dict(zip([field.name for field in fields], row, strict=True))

    schemas = columns(*fields)
    for column, note in (notes or {}).items():
        schemas[column] = described(schemas[column], note)
    return Section(name, thing, PRIVATE, about, schemas, (table,), read)


T = TypeVar("T")
Place = tuple[datetime, UUID]


def pages(read: Callable[[int, Place | None], Sequence[T]], place: Callable[[T], Place]) -> Iterator[T]:
    """Yield everything that `read` lists, page by page."""
    page = read(PAGE, None)
    while page:
        yield from page
        page = read(PAGE, place(page[-1])) if len(page) == PAGE else []
