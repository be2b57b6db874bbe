"""What activities and prompts have in common: rows by slug and version, read into memory once a revision.

The catalogue is small and the same for all, so each process keeps it as plain objects and asks the database only
whether it has changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

import peewee

from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class Content(Protocol):
    """What seeds/ holds of one entry: a frozen dataclass with a slug and a version."""

    @property
    def slug(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102


C = TypeVar("C", bound=Content)

# Rows in one statement: well under the number of parameters that either database takes.
_CHUNK = 500

# The least difference between two instants that both databases keep.
_TICK = timedelta(microseconds=1)


class Entry(db.Model):
    """One text of the catalogue. Rows are retired, never deleted: what a couple has done keeps its name."""

    slug = peewee.TextField(unique=True)
    version = peewee.IntegerField()
    content = peewee.TextField()  # JSON, in the shape of the seeds' dataclass
    changed_at = UtcDateTimeField(index=True)
    retired_at = UtcDateTimeField(null=True)


class CatalogueEntry(NamedTuple, Generic[C]):
    """One entry in memory."""

    id: UUID
    content: C
    retired: bool
    owner: UUID | None = None  # whose own idea it is; nobody's in the catalogue


class Snapshot(NamedTuple, Generic[C]):
    """All entries of one kind at one revision, by id (the retired ones, too), and those in use, in the order of id."""

    by_id: dict[UUID, CatalogueEntry[C]]
    active: tuple[CatalogueEntry[C], ...]


class Synced(NamedTuple):
    """What a sync did, in numbers of entries."""

    added: int
    updated: int
    retired: int
    unchanged: int


class EntryStore(Generic[C]):
    """One table of entries, with its copy in memory."""

    def __init__(self, table: type[Entry], build: Callable[[dict[str, Any]], C], own: Any = True) -> None:
        """`own` is the condition for the rows of the catalogue, where a table holds others as well."""
        self._table = table
        self._build = build
        self._own = own
        self._kept: tuple[object, Snapshot[C]] = (None, Snapshot({}, ()))
        self._changed = db.cached_query(lambda: table.select(peewee.fn.MAX(table.changed_at)).where(own))

    def snapshot(self) -> Snapshot[C]:
        """The entries as they stand. One small query; all rows are read when that says that something changed."""
        return self.at(self._changed()[0][0])

    def at(self, changed_at: datetime | None) -> Snapshot[C]:
        """As `deck`, where the caller has read when the last entry changed: it says so beside something else."""
        revision = (db.generation(), changed_at)
        kept, deck = self._kept
        if revision != kept:
            deck = self._read()
            # One assignment of both: of two threads that read at once, the slower may put back an older deck, but
            # never under the newer revision, and so for one look only.
            self._kept = (revision, deck)
        return deck

    def _read(self) -> Snapshot[C]:
        table = self._table
        rows = db.fetch_all(table.select(table.id, table.content, table.retired_at).where(self._own).order_by(table.id))
        cards = [CatalogueEntry(row[0], self._build(json.loads(row[1])), row[2] is not None) for row in rows]
        return Snapshot({card.id: card for card in cards}, tuple(card for card in cards if not card.retired))

    def sync(self, contents: Iterable[C], now: datetime) -> Synced:
        """Bring the table to `contents`, by slug and version, inside the caller's transaction.

        A higher version replaces the text, what is missing is retired, what comes back is taken up again.
        """
        table = self._table
        last = table.select(peewee.fn.MAX(table.changed_at)).where(self._own).scalar()
        # Readers know a change by the newest instant, also when a clock was set back or two syncs share one.
        now = max(now, last + _TICK) if last else now
        query = table.select(table.id, table.slug, table.version, table.retired_at).where(self._own)
        kept = {row[1]: row for row in db.fetch_all(query)}
        fresh: list[dict[str, Any]] = []
        updated = unchanged = 0
        for content in contents:
            row = kept.pop(content.slug, None)
            values = {"version": content.version, "content": dump(content), "changed_at": now, "retired_at": None}
            if row is None:
                fresh.append({"slug": content.slug, **values})
            elif content.version > row[2] or row[3] is not None:
                updated += 1
                table.update(**values).where(table.id == row[0]).execute()
            else:
                unchanged += 1
        for some in peewee.chunked(fresh, _CHUNK):
            table.insert_many(some).execute()
        gone = [row[0] for row in kept.values() if row[3] is None]
        for ids in peewee.chunked(gone, _CHUNK):
            table.update(retired_at=now, changed_at=now).where(table.id.in_(ids)).execute()
        return Synced(len(fresh), updated, len(gone), unchanged)


def dump(content: Any) -> str:
    """A content as it is kept: JSON with its keys in order."""
    return json.dumps(asdict(content), ensure_ascii=False, sort_keys=True)
