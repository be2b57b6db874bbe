"""The refresh: it subscribes to calendars, imports files, and reads the addresses again when they are due.

The clock runs it in a thread of its own, so that a host that hangs delays no reminder. Hosts are asked at once, and
outside of any transaction. A calendar is claimed by a conditional UPDATE, so two processes never ask for the same one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import UUID

from planner import outbound
from planner.accounts.accounts import Person
from planner.calendars import busy_calendars, busy_times, calendar_readings
from planner.calendars.busy_calendars import BusyCalendar, BusyCalendarView
from planner.calendars.calendar_readings import Reading
from planner.child_readers import ReadingFault
from planner.errors import FieldError, Invalid, Unavailable
from planner.outbound import Answer, OutboundFault
from planner.storage import db

_log = logging.getLogger("rekindle.calendars")

FAULTS = (
    "not_public",
    "unknown_host",
    "not_secure",
    "no_answer",
    "too_slow",
    "moved",
    "needs_password",
    "not_there",
    "host_fault",
    "garbled",
    "too_large",
    "not_a_calendar",
    "too_hard",
)
"""Why a calendar could not be read. planner/languages has a sentence for each."""

_WRONG_ADDRESS = {
    "not_an_address": FieldError("address", "not_an_address"),
    "not_https": FieldError("address", "not_https"),
    "address_with_password": FieldError("address", "address_with_password"),
}
_WRONG_FILE = {
    "not_a_calendar": FieldError("text", "not_a_calendar"),
    "too_large": FieldError("text", "calendar_too_large"),
    "too_hard": FieldError("text", "calendar_too_hard"),
}

PERIOD = timedelta(hours=3)
_JITTER = timedelta(minutes=30)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=15), timedelta(days=1)
_LEASE = timedelta(minutes=10)
_SOON = timedelta(minutes=1)
_ANEW = timedelta(days=7)
"""After this time a calendar is read even if it has not changed, because its window has moved on."""
_AT_ONCE = 4
_LONGEST_TAG = 200
_PAST = timedelta(days=1)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class _Claimed(NamedTuple):
    """A calendar that this process reads now."""

    id: UUID
    address: str
    etag: str | None
    last_modified: str | None
    failures: int


def subscribe(
    person: UUID, calendar_id: UUID | None, name: str, address: str, all_day: bool, now: datetime
) -> BusyCalendarView:
    """Add a calendar at an address. The clock reads it in a moment. Raises Invalid, IdTaken or Conflict."""
    try:
        checked = outbound.check(address)
    except OutboundFault as fault:
        raise Invalid(_WRONG_ADDRESS[fault.reason]) from None
    request = busy_calendars.digest(name=name, address=address, all_day=all_day)
    with db.write((Person, [person])):
        values = {"name": name, "address": checked, "all_day": all_day, "next_at": now}
        return busy_calendars.get(person, busy_calendars.insert(person, calendar_id, request, now, **values))


def import_file(
    person: UUID, calendar_id: UUID | None, name: str, text: str, all_day: bool, now: datetime
) -> BusyCalendarView:
    """Add the busy times of a file, which is not stored. Raises Invalid, IdTaken, Conflict or Unavailable."""
    request = busy_calendars.digest(name=name, text=text, all_day=all_day)
    repeat = busy_calendars.find_repeat(person, calendar_id, request)
    if repeat:
        return repeat
    busy_calendars.check_room(person)  # before the work; the insert checks again
    try:
        reading = calendar_readings.read(text.encode(errors="replace"), *_window(now))
    except ReadingFault as fault:
        raise Invalid(_WRONG_FILE[fault.reason]) from None
    with db.write((Person, [person])):
        values = {"name": name, "all_day": all_day, "tried_at": now, "worked_at": now}
        calendar = busy_calendars.insert(person, calendar_id, request, now, **values)
        BusyCalendar.update(**busy_times.store(calendar, reading, now)).where(BusyCalendar.id == calendar).execute()
        return busy_calendars.get(person, calendar)


def refresh_due(present: Callable[[], datetime]) -> int:
    """Read the calendars that are due, and return their number. A fault of one concerns only that one.

    `present` tells the time anew for each round: slow hosts can take minutes, and a lease begins with its round.
    """
    refreshed = 0
    while claimed := _claim(present()):
        answers: SimpleQueue[tuple[_Claimed, Answer | Exception]] = SimpleQueue()
        for calendar in claimed:
            # Daemons: a host that hangs must not delay the end of this process.
            Thread(target=_ask, args=(calendar, answers), name="calendar", daemon=True).start()
        for _ in claimed:
            _finish(*answers.get(), present())
        refreshed += len(claimed)
    return refreshed


def _claim(now: datetime) -> list[_Claimed]:
    """Return due calendars that no other process reads now, as many as are asked for at once."""
    due = BusyCalendar.select().join(Person).where(BusyCalendar.next_at <= now, Person.deleted_at.is_null())
    with db.connection():
        rows = list(due.order_by(BusyCalendar.next_at).limit(_AT_ONCE))
        return [_claimed(row, now) for row in rows if _is_ours(row, now)]


def _is_ours(row: BusyCalendar, now: datetime) -> bool:
    unclaimed = BusyCalendar.id == row.id, BusyCalendar.next_at == row.next_at
    with db.write():
        return bool(BusyCalendar.update(next_at=now + _LEASE).where(*unclaimed).execute())


def _claimed(row: BusyCalendar, now: datetime) -> _Claimed:
    is_fresh = row.read_at is not None and row.read_at > now - _ANEW
    tags = (row.etag, row.last_modified) if is_fresh else (None, None)
    return _Claimed(row.id, row.address or "", *tags, row.failures)


def _ask(calendar: _Claimed, answers: SimpleQueue[tuple[_Claimed, Answer | Exception]]) -> None:
    """Put the answer of the host of a calendar, or why there is none."""
    try:
        answers.put((calendar, _fetch(calendar)))
    except Exception as error:
        answers.put((calendar, error))


def _fetch(calendar: _Claimed) -> Answer:
    """Return the file at an address, or that it has not changed. Raises OutboundFault."""
    headers = {"Accept": "text/calendar, */*;q=0.5"}
    if calendar.etag:
        headers["If-None-Match"] = calendar.etag
    if calendar.last_modified:
        headers["If-Modified-Since"] = calendar.last_modified
    answer = outbound.fetch(calendar.address, headers, calendar_readings.MOST_BYTES)
    if answer.status != 200 and not (answer.status == 304 and len(headers) > 1):
        raise OutboundFault(_fault_of(answer.status))
    return answer


def _fault_of(status: int) -> str:
    if status in (401, 403, 407):
        return "needs_password"
    return "not_there" if status in (404, 410) else "host_fault"


def _finish(calendar: _Claimed, answer: Answer | Exception, now: datetime) -> None:
    """Store what came of a try. It does not raise: the other calendars wait."""
    try:
        if isinstance(answer, Exception):
            raise answer
        reading = None if answer.status == 304 else _read(calendar, answer, now)
        _store(calendar, answer, reading, now)
    except (OutboundFault, ReadingFault) as fault:
        _note(calendar, tried_at=now, **_after(fault.reason, calendar, now))
    except Unavailable:  # the database, or too many files are read at this moment
        _note(calendar, next_at=now + _SOON)
    except Exception as error:
        # Without its message, which could contain the address.
        _log.error("calendar %s could not be read: %s", calendar.id, type(error).__name__)
        _note(calendar, tried_at=now, **_after("no_answer", calendar, now))


def _read(calendar: _Claimed, answer: Answer, now: datetime) -> Reading:
    owner = _MAIL.findall(unquote(calendar.address))
    return calendar_readings.read(answer.body, *_window(now), owner, is_patient=True)


def _window(now: datetime) -> tuple[datetime, datetime]:
    return now - _PAST, now + busy_times.AHEAD


def _store(calendar: _Claimed, answer: Answer, reading: Reading | None, now: datetime) -> None:
    values: dict[str, Any] = {"tried_at": now, "worked_at": now, "fault": None, "failures": 0}
    # Not all at the same moment.
    values["next_at"] = now + PERIOD + _JITTER * (calendar.id.int % 1000 / 1000)
    # The calendar may have been deleted while its host was asked.
    with db.connection(), db.write((BusyCalendar, [calendar.id])):
        if reading and BusyCalendar.select().where(BusyCalendar.id == calendar.id).exists():
            values |= busy_times.store(calendar.id, reading, now)
            values |= {"etag": _tag(answer, "etag"), "last_modified": _tag(answer, "last-modified")}
        BusyCalendar.update(**values).where(BusyCalendar.id == calendar.id).execute()


def _tag(answer: Answer, name: str) -> str | None:
    """Return a header to send back at the next time, unless it is unusual."""
    value = answer.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= _LONGEST_TAG else None


def _after(fault: str, calendar: _Claimed, now: datetime) -> dict[str, Any]:
    """Return the fault and the time of the next try: later after each failure."""
    wait = min(_FIRST_WAIT * 2 ** min(calendar.failures, 10), _LONGEST_WAIT)
    if fault not in FAULTS:  # the operator no longer allows this place
        fault = "not_public"
    return {"fault": fault, "failures": calendar.failures + 1, "next_at": now + wait}


def _note(calendar: _Claimed, **values: Any) -> None:
    # If even this is not possible, the calendar is due again when its lease ends.
    with suppress(Unavailable), db.connection(), db.write():
        BusyCalendar.update(**values).where(BusyCalendar.id == calendar.id).execute()
