"""The form of an export: sections, the kinds of their values, and the pages in which long lists are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from planner.people.kept import Former
from planner.people.sign_ins import Actor
from planner.storage import db

ORDINARY, PRIVATE = "ordinary", "private"
PARTS = (ORDINARY, PRIVATE)

PAGE = 500
"""Rows in memory at once, of what may be long."""


class Viewer(NamedTuple):
    """Who takes along what is theirs, as it stands inside the snapshot. `former` are the couples to look back on."""

    actor: Actor
    former: Sequence[Former]
    now: datetime


Thing = Mapping[str, Any]


class Section(NamedTuple):
    """One list in the file: its name, that of one thing in it, its part, what it is, and the schema of each column."""

    name: str
    thing: str
    part: str
    about: str
    columns: Mapping[str, Mapping[str, Any]]
    tables: Sequence[type[db.Model]]
    read: Callable[[Viewer], Iterator[Thing]]


TEXT = {"type": "string"}
ID = {"type": "string", "format": "uuid"}
INSTANT = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}
NUMBER = {"type": "integer"}
YES_NO = {"type": "boolean"}
TEXTS = {"type": "array", "items": TEXT}
OBJECT = {"type": "object"}
_SLOT = {"start": INSTANT, "end": INSTANT, "wall": TEXT, "zone": TEXT}
SLOTS = {
    "type": "array",
    "items": {"type": "object", "properties": _SLOT, "required": list(_SLOT), "additionalProperties": False},
    "description": "What was meant (a time on the wall, in a zone), and the instants that it comes to.",
}


def maybe(kind: Mapping[str, Any]) -> dict[str, Any]:
    """The same kind, or null."""
    return {**kind, "type": [kind["type"], "null"]}


def told(kind: Mapping[str, Any], about: str) -> dict[str, Any]:
    """The same kind, with a word on what it is."""
    return {**kind, "description": about}


T = TypeVar("T")
Place = tuple[datetime, UUID]


def pages(read: Callable[[int, Place | None], Sequence[T]], place: Callable[[T], Place]) -> Iterator[T]:
    """Everything that a verb lists, page by page."""
    found = read(PAGE, None)
    while found:
        yield from found
        found = read(PAGE, place(found[-1])) if len(found) == PAGE else []


def rows_of(*columns: Any, named: Sequence[str], where: Any) -> Iterator[Thing]:
    """Rows of one table, as they stand there, the oldest first by the first instant among the columns."""
    table = columns[0].model
    for row in db.rows(table.select(*columns).where(where).order_by(columns[0], table.id)):
        yield dict(zip(named, row, strict=True))
