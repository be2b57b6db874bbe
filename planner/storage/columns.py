"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import peewee

# A fixed width makes text order the order of time.
_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class UtcDateTimeField(peewee.Field):
    """An instant. TIMESTAMPTZ on PostgreSQL, fixed-width UTC text on SQLite; always aware UTC in Python.

    peewee's own DateTimeField drops or keeps offsets depending on the driver, and compares equal instants as
    different. A naive datetime is refused here: it names no instant.
    """

    field_type = "UTC"

    def db_value(self, value: datetime | None) -> Any:
        """What the driver is handed: the instant itself for PostgreSQL, text for SQLite."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs an offset: naive datetimes name none")
        value = value.astimezone(UTC)
        if self.model._meta.database.for_update:  # PostgreSQL
            return value
        # isoformat is several times faster than strftime, which also drops a year's leading zeros.
        return value.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def python_value(self, value: Any) -> datetime | None:
        """An aware UTC datetime from either driver's value."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        instant: datetime = value.astimezone(UTC)
        return instant


peewee.PostgresqlDatabase.field_types["UTC"] = "TIMESTAMPTZ"
peewee.SqliteDatabase.field_types["UTC"] = "TEXT"
