"""Store what activities and prompts have in common: entries by slug and version, with a copy in memory.

The catalogue is small and the same for all people. Each process holds it as plain objects and asks the database only
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
from planner.storage.cached_queries import Reading
from planner.storage.columns import UtcDateTimeField


class Content(Protocol):
    """The content of one entry in seeds/: a frozen dataclass with a slug and a version."""

    @property
    def slug(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102


C = TypeVar("C", bound=Content)

# Rows in one statement: well below the parameter limit of either database.
_CHUNK = 500

# The smallest difference between two instants that both databases store.
_TICK = timedelta(microseconds=1)


class Entry(db.Model):
    """One text of the catalogue. Rows are retired, never deleted: past dates keep the name of their activity."""

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
    owner: UUID | None = None  # the author of an own idea; None in the catalogue


class Snapshot(NamedTuple, Generic[C]):
    """All entries of one kind at one revision by id, retired ones too, and the active ones sorted by id."""

    by_id: dict[UUID, CatalogueEntry[C]]
    active: tuple[CatalogueEntry[C], ...]


class Synced(NamedTuple):
    """The numbers of entries that a sync added, updated, retired and left unchanged."""

    added: int
    updated: int
    retired: int
    unchanged: int


class EntryStore(Generic[C]):
    """One table of entries, with its copy in memory."""

    def __init__(self, table: type[Entry], build: Callable[[dict[str, Any]], C], condition: Any = True) -> None:
        """Set up the store. `condition` selects the catalogue's rows in a table that also holds others."""
        self._table = table
        self._build = build
        self._condition = condition
        self._cache: tuple[object, Snapshot[C]] = (None, Snapshot({}, ()))
        self._changed = db.cached_query(lambda: table.select(peewee.fn.MAX(table.changed_at)).where(condition))

    def snapshot(self) -> Snapshot[C]:
        """Return the current entries. One small query a request; all rows are read only after a change."""
        return self.at(db.once(self._changed)[0][0])

    def change_reading(self) -> Reading:
        """Return the reading of the instant at which the last entry changed."""
        return self._changed.on()

    def at(self, changed_at: datetime | None) -> Snapshot[C]:
        """Return the same as `snapshot`, for a caller that has already read when the last entry changed."""
        revision = (db.generation(), changed_at)
        cached_revision, snapshot = self._cache
        if revision != cached_revision:
            snapshot = self._read()
            # Assign both at once. The slower of two threads may put back an older snapshot, but only under the older
            # revision, so the next request corrects it.
            self._cache = (revision, snapshot)
        return snapshot

    def _read(self) -> Snapshot[C]:
        table = self._table
        rows = db.fetch_all(
            table.select(table.id, table.content, table.retired_at).where(self._condition).order_by(table.id)
        )
        return self._parse(tuple(rows))

    def _parse(self, rows: tuple[tuple[Any, ...], ...]) -> Snapshot[C]:
        entries = [CatalogueEntry(row[0], self._build(json.loads(row[1])), row[2] is not None) for row in rows]
        return Snapshot({entry.id: entry for entry in entries}, tuple(entry for entry in entries if not entry.retired))

    def sync(self, contents: Iterable[C], now: datetime) -> Synced:
        """Bring the table to `contents`, by slug and version. Call inside a transaction.

        A higher version replaces the text. A missing slug is retired; one that comes back is active again.
        """
        table = self._table
        last = table.select(peewee.fn.MAX(table.changed_at)).where(self._condition).scalar()
        # Readers detect a change by the latest instant, so it must grow: also after a clock was set back, and when two
        # syncs coincide.
        now = max(now, last + _TICK) if last else now
        query = table.select(table.id, table.slug, table.version, table.retired_at).where(self._condition)
        existing = {row[1]: row for row in db.fetch_all(query)}
        new_rows: list[dict[str, Any]] = []
        updated = unchanged = 0
        for content in contents:
            row = existing.pop(content.slug, None)
            values = {"version": content.version, "content": dump(content), "changed_at": now, "retired_at": None}
            if row is None:
                new_rows.append({"slug": content.slug, **values})
            elif content.version > row[2] or row[3] is not None:
                updated += 1
                table.update(**values).where(table.id == row[0]).execute()
            else:
                unchanged += 1
        for chunk in peewee.chunked(new_rows, _CHUNK):
            table.insert_many(chunk).execute()
        missing = [row[0] for row in existing.values() if row[3] is None]
        for ids in peewee.chunked(missing, _CHUNK):
            table.update(retired_at=now, changed_at=now).where(table.id.in_(ids)).execute()
        return Synced(len(new_rows), updated, len(missing), unchanged)


def dump(content: Any) -> str:
    """Return a content as JSON with sorted keys, as it is stored."""
    return json.dumps(asdict(content), ensure_ascii=False, sort_keys=True)
