"""Sessions: one for each signed-in device, with an opaque token. Their owner lists and revokes them."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner import inbox
from planner.accounts import accounts, caps, device_marks, security_events
from planner.accounts.accounts import Person
from planner.accounts.identity import Identity
from planner.clock import local_day
from planner.errors import NotFound, Unauthenticated, Unavailable
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

REST = timedelta(days=180)
"""A session ends when it was not used for so long."""


class Session(db.Model):
    """A session of one device. Only the SHA-256 of the token is stored: 256 random bits need no slow hash."""

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    token_hash = peewee.TextField(unique=True)
    device = peewee.TextField()
    created_at = UtcDateTimeField()
    used_on = peewee.DateField()
    confirmed_at = UtcDateTimeField(null=True)  # null until the person confirms the sign-in
    wrapped_key = peewee.TextField(null=True)  # see data_keys.py

    class Meta:
        table_name = "sessions"


class NewSession(NamedTuple):
    """A new session. Its token and the mark of its device are shown only once."""

    person: UUID
    sign_in: UUID
    token: str
    device_mark: str


class SessionView(NamedTuple):
    """One session, as its owner sees it. `used_on` is the day of its last use in the owner's zone."""

    id: UUID
    device: str
    created_at: datetime
    used_on: date
    current: bool


def sign_in_after_sign_up(person: UUID, device: str, now: datetime, mark: str | None = None) -> NewSession:
    """Create the session after a sign-up.

    A repeated sign-up signs in to an existing account, so its owner is notified as after any sign-in.
    """
    with db.write((Person, [person])):
        row = Person.get_or_none(Person.id == person, Person.deleted_at.is_null())
        if row is None:
            raise NotFound
        is_first = row.created_at >= now and not Session.select().where(Session.person == person).exists()
        return create_session(row, device, now, mark, is_first)


def create_session(
    person: Person, device: str, now: datetime, mark: str | None = None, is_first: bool = False
) -> NewSession:
    """Create a session, and return it with its token. Beyond the cap, ends the one that was unused for longest.

    Call inside a transaction, with the person locked. `mark` is the one that the device has. The person's own inbox
    tells of the session, also after it ended.
    """
    _end_unused_sessions(person.id)
    token = secrets.token_urlsafe(32)
    zone = accounts.zone_of_days(now, person.zone, person.day_zone, person.day_zone_until)
    session = Session.create(
        person=person.id, token_hash=hash_token(token), device=device, created_at=now, used_on=local_day(now, zone)
    )
    security_events.record(person.id, security_events.SIGNED_IN, now, device)
    if not is_first:
        inbox.add(person.id, "new_sign_in", session.id, now)
        inbox.keep_newest(person.id, "new_sign_in", caps.most("sign_ins"))
    return NewSession(person.id, session.id, token, device_marks.give(person, mark, now))


def _end_unused_sessions(person: UUID) -> None:
    # Call before the new session is created, so that a wrong clock cannot end the new one.
    too_many = [session for (session,) in _last_used_first(person, caps.most("sign_ins") - 1)]
    if too_many:
        Session.delete().where(Session.id.in_(too_many)).execute()


@db.cached_query
def _last_used_first(person: Any, beyond: Any) -> Any:
    order = Session.used_on.desc(), Session.created_at.desc(), Session.id
    return Session.select(Session.id).where(Session.person == person).order_by(*order).offset(beyond)


def touch(session: UUID, day: date) -> None:
    """Record the day on which a session was last used, if the database takes writes now.

    Otherwise a full disk would also stop all reading from the next day on.
    """
    with suppress(Unavailable), db.write():  # the storage logs the cause
        Session.update(used_on=day).where(Session.id == session).execute()


def check_exists(identity: Identity) -> None:
    """Raise Unauthenticated if the current session ended since the request began.

    Call inside a transaction, with the person locked.
    """
    if not Session.select().where(Session.id == identity.session).exists():
        raise Unauthenticated("token_not_valid")


def mark_confirmed(identity: Identity, now: datetime) -> None:
    """Mark the current session as confirmed. Raises Unauthenticated if it has ended.

    Call inside a transaction, with the person locked, after a check of the password or a passkey.
    """
    if not Session.update(confirmed_at=now).where(Session.id == identity.session).execute():
        raise Unauthenticated("token_not_valid")


def list_sessions(identity: Identity) -> list[SessionView]:
    """Return the person's own sessions, newest first."""
    rows = db.fetch_all(
        Session.select(Session.id, Session.device, Session.created_at, Session.used_on)
        .where(Session.person == identity.id)
        .order_by(Session.created_at.desc(), Session.id)
    )
    return [SessionView(id_, name, created, used_on, id_ == identity.session) for id_, name, created, used_on in rows]


def revoke(identity: Identity, session_id: UUID, now: datetime) -> None:
    """End one of the person's own sessions at once. Raises NotFound."""
    with db.write((Person, [identity.id])):
        is_own = Session.id == session_id, Session.person == identity.id
        row = db.fetch_one(Session.select(Session.device).where(*is_own))
        if row is None or not Session.delete().where(*is_own).execute():
            raise NotFound
        security_events.record(identity.id, security_events.SIGN_IN_ENDED, now, row[0])


def oldest_use(now: datetime) -> date:
    """Return the day since which a session must have been used. Earlier ones have ended."""
    return (now - REST).date()


def purge_rested(now: datetime) -> None:
    """Delete the sessions that have ended because no one used them."""
    with db.write():
        Session.delete().where(Session.used_on < oldest_use(now)).execute()


def end_all(person: UUID, now: datetime) -> int:
    """End all of a person's sessions for the operator. Return their number."""
    with db.write((Person, [person])):
        security_events.record(person, security_events.OPERATOR_ENDED_SIGN_INS, now)
        return int(Session.delete().where(Session.person == person).execute())


def end_others(person: UUID, keep: UUID | None) -> None:
    """End all of a person's sessions but `keep`. Call inside a transaction, with the person locked."""
    Session.delete().where(Session.person == person, Session.id != keep).execute()


def hash_token(token: str) -> str:
    """Return the digest under which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
