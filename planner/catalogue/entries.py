"""Entries: the common part of activities and prompts. Rows have a slug and a version, and are cached in memory.

The catalogue is small and the same for all people. So each process caches it as plain objects and asks the database
only whether it changed.
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
    """The content of one entry in seeds/: a frozen dataclass with a slug and a version."""

    @property
    def slug(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102


C = TypeVar("C", bound=Content)

# Rows in one statement. Both databases limit the number of parameters.
_CHUNK = 500

# The resolution of instants in both databases.
_TICK = timedelta(microseconds=1)


class Entry(db.Model):
    """One entry of the catalogue. Rows are retired, never deleted, because past dates need their name."""

    slug = peewee.TextField(unique=True)
    version = peewee.IntegerField()
    content = peewee.TextField()  # JSON with the fields of the dataclass in seeds/
    changed_at = UtcDateTimeField(index=True)
    retired_at = UtcDateTimeField(null=True)


class CatalogueEntry(NamedTuple, Generic[C]):
    """One entry in memory."""

    id: UUID
    content: C
    retired: bool
    owner: UUID | None = None  # the author of an own idea; None in the catalogue


class Snapshot(NamedTuple, Generic[C]):
    """All entries of one kind at one revision: by id, with retired ones; and those in use, ordered by id."""

    by_id: dict[UUID, CatalogueEntry[C]]
    active: tuple[CatalogueEntry[C], ...]


class Synced(NamedTuple):
    """The result of a sync, in numbers of entries."""

    added: int
    updated: int
    retired: int
    unchanged: int


class EntryStore(Generic[C]):
    """One table of entries, with its cache in memory."""

    def __init__(self, table: type[Entry], build: Callable[[dict[str, Any]], C], is_catalogue: Any = True) -> None:
        """Create the store. `is_catalogue` is the condition for catalogue rows, if the table holds others too."""
        self._table = table
        self._build = build
        self._is_catalogue = is_catalogue
        self._cached: tuple[object, Snapshot[C]] = (None, Snapshot({}, ()))
        self._changed = db.cached_query(lambda: table.select(peewee.fn.MAX(table.changed_at)).where(is_catalogue))

    def snapshot(self) -> Snapshot[C]:
        """Return the current entries. One small query; it reads all rows only after a change."""
        return self.at(self._changed()[0][0])

    def at(self, changed_at: datetime | None) -> Snapshot[C]:
        """Return the entries, for a caller that has read the time of the last change with another query."""
        revision = (db.generation(), changed_at)
        cached_revision, snapshot = self._cached
        if revision != cached_revision:
            snapshot = self._read()
            # Assign both at once. The slower of two threads may then restore an older snapshot, but never under the
            # newer revision, so the next call reads again.
            self._cached = (revision, snapshot)
        return snapshot

    def _read(self) -> Snapshot[C]:
        table = self._table
        rows = db.fetch_all(
            table.select(table.id, table.content, table.retired_at).where(self._is_catalogue).order_by(table.id)
        )
        entries = [CatalogueEntry(row[0], self._build(json.loads(row[1])), row[2] is not None) for row in rows]
        return Snapshot({entry.id: entry for entry in entries}, tuple(entry for entry in entries if not entry.retired))

    def sync(self, contents: Iterable[C], now: datetime) -> Synced:
        """Update the table to `contents`, by slug and version. Call inside a transaction.

        A higher version replaces the text. Missing entries are retired, and returning ones are restored.
        """
        table = self._table
        last_change = table.select(peewee.fn.MAX(table.changed_at)).where(self._is_catalogue).scalar()
        # Readers detect a change by the newest instant, so it must grow even if the clock was set back.
        now = max(now, last_change + _TICK) if last_change else now
        query = table.select(table.id, table.slug, table.version, table.retired_at).where(self._is_catalogue)
        rows_by_slug = {row[1]: row for row in db.fetch_all(query)}
        new: list[dict[str, Any]] = []
        updated = unchanged = 0
        for content in contents:
            row = rows_by_slug.pop(content.slug, None)
            values = {"version": content.version, "content": dump(content), "changed_at": now, "retired_at": None}
            if row is None:
                new.append({"slug": content.slug, **values})
            elif content.version > row[2] or row[3] is not None:
                updated += 1
                table.update(**values).where(table.id == row[0]).execute()
            else:
                unchanged += 1
        for chunk in peewee.chunked(new, _CHUNK):
            table.insert_many(chunk).execute()
        missing = [row[0] for row in rows_by_slug.values() if row[3] is None]
        for ids in peewee.chunked(missing, _CHUNK):
            table.update(retired_at=now, changed_at=now).where(table.id.in_(ids)).execute()
        return Synced(len(new), updated, len(missing), unchanged)


def dump(content: Any) -> str:
    """Return a content as stored: JSON with sorted keys."""
    return json.dumps(asdict(content), ensure_ascii=False, sort_keys=True)
