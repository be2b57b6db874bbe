"""Busy times: when the calendars of a person are not free, and nothing else of their content.

A time without a zone, such as a whole day, is stored as a wall time: it is where the person is now, and moves with the
zone of the person. No time is longer than a day, a longer one is several. So an index finds the times of a window, and
its cost does not depend on how many others there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import peewee

from planner import clock
from planner.accounts.accounts import Person
from planner.calendars.busy_calendars import BusyCalendar
from planner.calendars.calendar_readings import Reading
from planner.calendars.free_windows import Span, Spans, merge
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

FIXED, FLOATING, ALL_DAY = "fixed", "floating", "all_day"
LONGEST = timedelta(days=1)
AHEAD = timedelta(days=400)
"""How far ahead a calendar is read."""
MOST = 4_000
"""Stored times of one calendar. Of more, the first ones are stored, and the owner sees until when."""

_Row = tuple[str, datetime, datetime]
_ZONES_DIFFER = timedelta(days=1)


class BusyTime(db.Model):
    """A busy time of one kind. Of a floating time or a whole day, `start` and `end` are wall times, as if in UTC."""

    calendar = peewee.ForeignKeyField(BusyCalendar, on_delete="CASCADE", index=False)
    kind = peewee.TextField()
    start = UtcDateTimeField()
    end = UtcDateTimeField()

    class Meta:
        table_name = "busy_times"
        indexes = ((("calendar", "start"), False),)


def list_between(person: UUID, begins: datetime, ends: datetime) -> Spans:
    """Return when the calendars of a person are busy in a window, in order, those that touch as one. One query."""
    rows = _stored(person, begins - LONGEST - _ZONES_DIFFER, ends + _ZONES_DIFFER)
    spans = (_instants(kind, start, end, zone) for kind, start, end, zone in rows)
    return merge((start, end) for start, end in spans if start < ends and end > begins)


def store(calendar: UUID, reading: Reading, now: datetime) -> dict[str, Any]:
    """Replace the busy times of a calendar, and return what its row says of them. Call inside a transaction.

    Only the difference is written: most readings change nothing.
    """
    rows = sorted(_pieces(reading), key=lambda row: row[1])
    new, until = set(rows[:MOST]), rows[MOST][1] if len(rows) > MOST else now + AHEAD
    old = {
        (kind, start, end): row
        for row, kind, start, end in db.fetch_all(
            BusyTime.select(BusyTime.id, BusyTime.kind, BusyTime.start, BusyTime.end).where(
                BusyTime.calendar == calendar
            )
        )
    }
    for ids in peewee.chunked([old[row] for row in old.keys() - new], 500):
        BusyTime.delete().where(BusyTime.id.in_(ids)).execute()
    added = [(uuid4(), calendar, *row) for row in sorted(new - old.keys())]
    fields = [BusyTime.id, BusyTime.calendar, BusyTime.kind, BusyTime.start, BusyTime.end]
    for some in peewee.chunked(added, 500):
        BusyTime.insert_many(some, fields).execute()
    days = sum((end - max(start, now)).days + (start < now) for start, end in reading.times[ALL_DAY] if end > now)
    times = sum(end > now for kind in (FIXED, FLOATING) for _, end in reading.times[kind])
    return {"times": times, "days": days, "skipped": reading.skipped, "read_at": now, "read_until": until}


def purge_past(now: datetime) -> int:
    """Delete times of imported files that are over, and return their number. Readings replace those of addresses."""
    old = BusyTime.select(BusyTime.id).join(BusyCalendar)
    old = old.where(BusyCalendar.address.is_null(), BusyTime.start < now - LONGEST - _ZONES_DIFFER)
    with db.write():
        return int(BusyTime.delete().where(BusyTime.id.in_(old)).execute())


def _pieces(reading: Reading) -> Iterator[_Row]:
    for kind, spans in reading.times.items():
        for start, end in spans:
            while start < end:
                yield kind, start, min(start + LONGEST, end)
                start += LONGEST


def _instants(kind: str, start: datetime, end: datetime, zone: str) -> Span:
    if kind == FIXED:
        return start, end
    return clock.to_utc(start.replace(tzinfo=None), zone), clock.to_utc(end.replace(tzinfo=None), zone)


@db.cached_query
def _stored(person: Any, after: Any, before: Any) -> Any:
    counts = (BusyTime.kind != ALL_DAY) | BusyCalendar.all_day
    query = BusyTime.select(BusyTime.kind, BusyTime.start, BusyTime.end, Person.zone)
    query = query.join(BusyCalendar).join(Person).where(BusyCalendar.person == person, counts)
    return query.where(BusyTime.start > after, BusyTime.start < before)
