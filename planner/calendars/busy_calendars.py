"""Busy calendars: calendars that a person keeps elsewhere. Only its owner sees one, or that there is one.

A calendar is a secret address, which is read again and again, or a file, which was read once. Of its content only the
busy times are stored (see busy_times.py). The address is a secret: it is in no log, and in no list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import outbound
from planner.accounts import accounts, caps
from planner.accounts.accounts import Person
from planner.errors import Conflict, IdTaken, NotFound, VersionConflict
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

ADDRESS, FILE = KINDS = ("address", "file")
WAITING, READ, FAILING = STATES = ("waiting", "read", "failing")
"""waiting: it is read in a moment. read: the last try worked. failing: it did not, and older busy times stay."""


class BusyCalendar(db.Model):
    """A calendar of a person. `next_at` is when it is read again; a file never is.

    `skipped` is the number of events that could not be read, and `times` and `days` count the busy ones at the last
    reading. `fault` says why the last try failed, and `failures` how often the tries failed since one worked.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    name = peewee.TextField()
    address = peewee.TextField(null=True)
    all_day = peewee.BooleanField(default=False)
    version = peewee.IntegerField(default=1)
    request = peewee.TextField()
    created_at = UtcDateTimeField()
    tried_at = UtcDateTimeField(null=True)
    worked_at = UtcDateTimeField(null=True)
    read_at = UtcDateTimeField(null=True)
    read_until = UtcDateTimeField(null=True)
    skipped = peewee.IntegerField(default=0)
    times = peewee.IntegerField(default=0)
    days = peewee.IntegerField(default=0)
    fault = peewee.TextField(null=True)
    failures = peewee.IntegerField(default=0)
    next_at = UtcDateTimeField(null=True)
    etag = peewee.TextField(null=True)
    last_modified = peewee.TextField(null=True)

    class Meta:
        table_name = "busy_calendars"

    if TYPE_CHECKING:
        person_id: UUID


BusyCalendar.add_index(
    BusyCalendar.index(BusyCalendar.next_at, where=BusyCalendar.next_at.is_null(False), name="busy_calendars_due")
)


class BusyCalendarView(NamedTuple):
    """A calendar as its owner sees it: the host of an address, and not the rest."""

    id: UUID
    version: int
    name: str
    kind: str
    host: str | None
    all_day: bool
    state: str
    busy: int
    skipped: int
    fault: str | None
    tried_at: datetime | None
    worked_at: datetime | None
    read_until: datetime | None
    next_at: datetime | None


def list_calendars(person: UUID) -> list[BusyCalendarView]:
    """Return the calendars of a person, the oldest first."""
    query = BusyCalendar.select().where(BusyCalendar.person == person)
    return [_view(row) for row in query.order_by(BusyCalendar.created_at, BusyCalendar.id)]


def list_addresses(person: UUID) -> list[str]:
    """Return the addresses of a person's calendars. They are secrets."""
    query = BusyCalendar.select(BusyCalendar.address).where(BusyCalendar.person == person)
    return [address for (address,) in db.fetch_all(query) if address]


def get(person: UUID, calendar_id: UUID) -> BusyCalendarView:
    """Return one calendar of a person. Raises NotFound."""
    return _view(_own(person, calendar_id))


def find_repeat(person: UUID, calendar_id: UUID | None, request: str) -> BusyCalendarView | None:
    """Return the calendar that an earlier create with this id and request made, or None. Raises IdTaken."""
    row = BusyCalendar.get_or_none(BusyCalendar.id == calendar_id) if calendar_id else None
    if row is None:
        return None
    if row.person_id != person or row.request != request:
        raise IdTaken
    return _view(row)


def digest(**request: Any) -> str:
    """Return the digest by which a repeated create is recognized."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def check_room(person: UUID) -> None:
    """Raise Conflict if the person has as many calendars as allowed."""
    if BusyCalendar.select().where(BusyCalendar.person == person).count() >= caps.most("busy_calendars"):
        raise Conflict("too_many_busy_calendars", most=caps.most("busy_calendars"))


def insert(person: UUID, calendar_id: UUID | None, request: str, now: datetime, **values: Any) -> UUID:
    """Insert a calendar and return its id, or that of an earlier create with the same id and request.

    Call inside a transaction, with the person locked. Raises IdTaken, or Conflict at the cap.
    """
    accounts.check_exists(person)
    if find_repeat(person, calendar_id, request) is None:
        check_room(person)
        calendar_id = calendar_id or uuid4()
        # Two people may send the same id at the same moment. Only the insert can detect it.
        given = {"id": calendar_id, "person": person, "request": request, "created_at": now}
        if not db.insert_if_absent(BusyCalendar, **given, **values):
            raise IdTaken
    assert calendar_id is not None
    return calendar_id


def edit(person: UUID, calendar_id: UUID, versions: Container[int], changes: dict[str, Any]) -> BusyCalendarView:
    """Change the name of a calendar, or whether its whole days count. A repeat changes nothing.

    Raises NotFound or VersionConflict.
    """
    with db.write((Person, [person])):
        row = _own(person, calendar_id)
        if all(getattr(row, name) == value for name, value in changes.items()):
            return get(person, calendar_id)  # its first answer may have been lost
        same = BusyCalendar.id == row.id, BusyCalendar.version == row.version
        if row.version not in versions:
            raise VersionConflict
        if not BusyCalendar.update(**changes, version=row.version + 1).where(*same).execute():
            raise VersionConflict
        return get(person, calendar_id)


def remove(person: UUID, calendar_id: UUID) -> None:
    """Delete a calendar with its busy times. Raises NotFound."""
    with db.write((Person, [person])):
        BusyCalendar.delete().where(BusyCalendar.id == _own(person, calendar_id).id).execute()


def ask_again(person: UUID, calendar_id: UUID, now: datetime) -> BusyCalendarView:
    """Let the clock read an address anew, from the start, as soon as it can. A file stays. Raises NotFound."""
    with db.write((Person, [person])):
        row = _own(person, calendar_id)
        is_address = BusyCalendar.id == row.id, BusyCalendar.address.is_null(False)
        BusyCalendar.update(next_at=now, tried_at=None, etag=None, last_modified=None).where(*is_address).execute()
        return get(person, calendar_id)


def _own(person: UUID, calendar_id: UUID) -> BusyCalendar:
    row: BusyCalendar | None = BusyCalendar.get_or_none(BusyCalendar.id == calendar_id, BusyCalendar.person == person)
    if row is None:
        raise NotFound
    return row


def _view(row: BusyCalendar) -> BusyCalendarView:
    return BusyCalendarView(
        row.id,
        row.version,
        row.name,
        ADDRESS if row.address else FILE,
        outbound.host_of(row.address) if row.address else None,
        row.all_day,
        WAITING if row.tried_at is None else FAILING if row.fault else READ,
        row.times + (row.days if row.all_day else 0),
        row.skipped,
        row.fault,
        row.tried_at,
        row.worked_at,
        row.read_until,
        row.next_at,
    )
