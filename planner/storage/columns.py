"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import peewee


class UtcDateTimeField(peewee.Field):
    """An instant: an aware UTC datetime in Python, TIMESTAMPTZ on PostgreSQL, UTC text on SQLite.

    The text has a fixed width, so that its order is the order of time. peewee's own DateTimeField drops or keeps
    offsets depending on the driver, and finds equal instants different. This field refuses a naive datetime.
    """

    field_type = "UTC"

    def db_value(self, value: datetime | None) -> Any:
        """Return the datetime for PostgreSQL, or the text for SQLite."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is no instant")
        value = value.astimezone(UTC)
        if self.model._meta.database.for_update:  # PostgreSQL
            return value
        # isoformat is several times faster than strftime, which drops leading zeros of a year.
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def python_value(self, value: Any) -> datetime | None:
        """Return an aware UTC datetime from the value of either driver."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        instant: datetime = value.astimezone(UTC)
        return instant


peewee.PostgresqlDatabase.field_types["UTC"] = "TIMESTAMPTZ"
peewee.SqliteDatabase.field_types["UTC"] = "TEXT"
