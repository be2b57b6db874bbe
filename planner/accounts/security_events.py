"""Security events: who signed in, was refused or locked out, and what changed. A person reads their own for 90 days.

No address is stored: the partner who runs the server would learn where a person is. Refusals within an hour are one row
with a count, so a stranger's guesses do not fill the disk. A refusal of an unknown name makes a row without a person:
it must cost the same as one of a known name.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner.accounts.accounts import Person
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

RETENTION = timedelta(days=90)
MOST = 500
"""At most so many events of a person, and as many refusals. A stranger who guesses pushes out no sign-ins."""

_TOGETHER = timedelta(hours=1)
_AT_ONCE = 500

SIGNED_IN = "signed_in"
SIGN_IN_REFUSED = "sign_in_refused"
LOCKED_OUT = "locked_out"
SIGN_IN_ENDED = "sign_in_ended"
OPERATOR_ENDED_SIGN_INS = "operator_ended_sign_ins"
PASSWORD_REFUSED = "password_refused"  # noqa: S105  # a kind of event
PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a kind of event
RECOVERY_REFUSED = "recovery_refused"
RECOVERED = "recovered"
RECOVERY_CODE_RENEWED = "recovery_code_renewed"
PASSKEY_ADDED = "passkey_added"
PASSKEY_REMOVED = "passkey_removed"
MAIL_CODE_REFUSED = "mail_code_refused"
PASSWORD_SET_BY_MAIL = "password_set_by_mail"  # noqa: S105  # a kind of event
EMAIL_ADDRESS_CONFIRMED = "email_address_confirmed"
EMAIL_ADDRESS_REMOVED = "email_address_removed"
MAIL_RESET_ALLOWED = "mail_reset_allowed"
PASSKEY_REFUSED = "passkey_refused"
CALENDAR_ADDRESS_MADE = "calendar_address_made"
DATA_EXPORTED = "data_exported"
DATA_IMPORTED = "data_imported"
ACCOUNT_DELETED = "account_deleted"
ACCOUNT_BROUGHT_BACK = "account_brought_back"
BACKUP_RESTORED = "backup_restored"
KINDS = (
    SIGNED_IN,
    SIGN_IN_REFUSED,
    LOCKED_OUT,
    SIGN_IN_ENDED,
    OPERATOR_ENDED_SIGN_INS,
    PASSWORD_REFUSED,
    PASSWORD_CHANGED,
    RECOVERY_REFUSED,
    RECOVERED,
    RECOVERY_CODE_RENEWED,
    PASSKEY_ADDED,
    PASSKEY_REMOVED,
    MAIL_CODE_REFUSED,
    PASSWORD_SET_BY_MAIL,
    EMAIL_ADDRESS_CONFIRMED,
    EMAIL_ADDRESS_REMOVED,
    MAIL_RESET_ALLOWED,
    PASSKEY_REFUSED,
    CALENDAR_ADDRESS_MADE,
    DATA_EXPORTED,
    DATA_IMPORTED,
    ACCOUNT_DELETED,
    ACCOUNT_BROUGHT_BACK,
    BACKUP_RESTORED,
)


REFUSALS = (SIGN_IN_REFUSED, LOCKED_OUT, PASSWORD_REFUSED, RECOVERY_REFUSED, MAIL_CODE_REFUSED, PASSKEY_REFUSED)
"""The kinds that a stranger can cause."""


class SecurityEvent(db.Model):
    """One event, or several refusals that began at `at`. `device` is the name of a device or passkey."""

    person = peewee.ForeignKeyField(Person, null=True, on_delete="CASCADE", index=False)
    kind = peewee.TextField()
    at = UtcDateTimeField()
    count = peewee.IntegerField(default=1)
    device = peewee.TextField(null=True)

    class Meta:
        table_name = "security_events"
        indexes = ((("person", "at"), False),)


class SecurityEventView(NamedTuple):
    """An event, as its person and the operator see it."""

    id: UUID
    kind: str
    at: datetime
    times: int
    device: str | None


def record(person: UUID, kind: str, now: datetime, device: str | None = None) -> None:
    """Add an event, and delete the oldest ones beyond the cap. Call inside a transaction."""
    SecurityEvent.create(person=person, kind=kind, at=now, device=device)
    _delete(_events_beyond(person, MOST))


def record_for_all(kind: str, now: datetime) -> None:
    """Add an event to every account. Call inside a transaction."""
    persons = db.fetch_all(Person.select(Person.id).where(Person.erased_at.is_null()))
    rows = [{"id": uuid4(), "person": person, "kind": kind, "at": now, "count": 1} for (person,) in persons]
    for some in peewee.chunked(rows, _AT_ONCE):
        SecurityEvent.insert_many(some).execute()


def _delete(events: list[tuple[UUID]]) -> None:
    if events:
        SecurityEvent.delete().where(SecurityEvent.id.in_([event for (event,) in events])).execute()


@db.cached_query
def _events_beyond(person: Any, most: Any) -> Any:
    return _newest_first(person, SecurityEvent.kind.not_in(REFUSALS)).offset(most)


@db.cached_query
def _refusals_beyond(person: Any, most: Any) -> Any:
    return _newest_first(person, SecurityEvent.kind.in_(REFUSALS)).offset(most)


def _newest_first(person: Any, condition: Any) -> Any:
    events = SecurityEvent.select(SecurityEvent.id).where(SecurityEvent.person == person, condition)
    return events.order_by(SecurityEvent.at.desc(), SecurityEvent.id)


def record_refusal(person: UUID | None, kind: str, now: datetime) -> None:
    """Count a refusal, in a transaction of its own. `person` is None for a name that no one has."""
    with db.write():
        if not SecurityEvent.update(count=SecurityEvent.count + 1).where(*_recent(person, kind, now)).execute():
            SecurityEvent.create(person=person, kind=kind, at=now)
            if person:
                _delete(_refusals_beyond(person, MOST))


def record_lock_out(person: UUID | None, now: datetime) -> None:
    """Note a lock-out, once an hour: a flood of refused tries must cost no writes."""
    if db.fetch_one(SecurityEvent.select(SecurityEvent.id).where(*_recent(person, LOCKED_OUT, now))) is None:
        record_refusal(person, LOCKED_OUT, now)


def list_events(person: UUID, limit: int, after: tuple[datetime, UUID] | None = None) -> list[SecurityEventView]:
    """Return the events of a person, newest first. `after` is where the last page ended."""
    return [SecurityEventView(*row) for row in _list(person, limit, *(after or ()))]


def purge_before(at: datetime) -> None:
    """Delete the events before an instant."""
    with db.write():
        SecurityEvent.delete().where(SecurityEvent.at < at).execute()


@db.cached_query
def _list(person: Any, limit: Any, *after: Any) -> Any:
    query = SecurityEvent.select(
        SecurityEvent.id, SecurityEvent.kind, SecurityEvent.at, SecurityEvent.count, SecurityEvent.device
    ).where(SecurityEvent.person == person)
    if after:
        at, event = after
        query = query.where(SecurityEvent.at <= at, (SecurityEvent.at < at) | (SecurityEvent.id < event))
    return query.order_by(SecurityEvent.at.desc(), SecurityEvent.id.desc()).limit(limit)


def _recent(person: UUID | None, kind: str, now: datetime) -> tuple[Any, ...]:
    is_person = SecurityEvent.person.is_null() if person is None else SecurityEvent.person == person
    return is_person, SecurityEvent.kind == kind, SecurityEvent.at > now - _TOGETHER, SecurityEvent.at <= now
