"""Credentials: sign-in by password, recovery by code, and changes of the password.

Hashing takes tens of milliseconds, so it is done outside the transaction. The transaction therefore checks that the
stored hash is still the verified one, and creates or ends sessions itself. Otherwise an old password could sign in
during its replacement.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from planner.accounts import accounts, passwords, sessions
from planner.accounts.accounts import NewAccount, Person
from planner.accounts.identity import Identity
from planner.errors import BadCredentials
from planner.storage import db


class NewSession(NamedTuple):
    """A new session. Its token is shown only once."""

    person: UUID
    sign_in: UUID
    token: str


def sign_in(sign_in_name: str, password: str, device: str, now: datetime) -> NewSession:
    """Create a session by name and password. Raises BadCredentials after the same work, when either is wrong.

    A hash from a time of lower cost is replaced.
    """
    try:
        return _sign_in(sign_in_name, password, device, now)
    except _HashChanged:
        pass  # the password changed at this moment, or its hash was replaced
    try:
        return _sign_in(sign_in_name, password, device, now)
    except _HashChanged:
        raise BadCredentials("sign_in_mismatch") from None


class _HashChanged(Exception):
    """The stored hash is no longer the verified one."""


def _sign_in(sign_in_name: str, password: str, device: str, now: datetime) -> NewSession:
    person = accounts.find_by_sign_in_name(sign_in_name)
    if not passwords.verify(person.password_hash if person else None, password) or person is None:
        raise BadCredentials("sign_in_mismatch")
    new_hash = passwords.hash_password(password) if passwords.is_cheaper(person.password_hash) else None
    with db.write((Person, [person.id])):
        if not _still_current(person):
            raise _HashChanged
        if new_hash:
            Person.update(password_hash=new_hash).where(Person.id == person.id).execute()
        return NewSession(person.id, *sessions.create_session(person, device, now))


def recover(
    sign_in_name: str, code: str, new_password: str, device: str, now: datetime
) -> tuple[NewAccount, NewSession]:
    """Set a new password with the recovery code. The code is replaced, all sessions end, and a new one begins.

    Raises BadCredentials when the name or the code is wrong.
    """
    person = accounts.find_by_sign_in_name(sign_in_name)
    given_hash = accounts.recovery_hash(code)
    password_hash = passwords.hash_password(new_password)
    new_code = accounts.new_recovery_code()
    with db.write((Person, [person.id] if person else [])):
        query = Person.update(password_hash=password_hash, recovery_hash=accounts.recovery_hash(new_code)).where(
            Person.id == (person.id if person else None),
            Person.recovery_hash == given_hash,
            Person.deleted_at.is_null(),
        )
        if not query.execute() or person is None:
            raise BadCredentials("recovery_mismatch")
        sessions.end_others(person.id, keep=None)
        session = NewSession(person.id, *sessions.create_session(person, device, now))
    return NewAccount(person.id, person.sign_in_name, new_code), session


def change_password(identity: Identity, current: str, new: str) -> None:
    """Replace the password and end all other sessions. Raises BadCredentials when the current one is wrong."""
    row = accounts.get(identity.id)
    if not passwords.verify(row.password_hash, current):
        raise BadCredentials("current_password_wrong")
    new_hash = passwords.hash_password(new)
    with db.write((Person, [identity.id])):
        # A second change at the same time must not succeed with the old password.
        if not _still_current(row):
            raise BadCredentials("current_password_wrong")
        Person.update(password_hash=new_hash).where(Person.id == identity.id).execute()
        sessions.end_others(identity.id, keep=identity.session)


def renew_recovery_code(identity: Identity, password: str) -> str:
    """Replace the recovery code, and return the new one. Raises BadCredentials when the password is wrong."""
    row = accounts.get(identity.id)
    if not passwords.verify(row.password_hash, password):
        raise BadCredentials("current_password_wrong")
    code = accounts.new_recovery_code()
    with db.write((Person, [identity.id])):
        # A password that was replaced at this moment must not make a code.
        if not _still_current(row):
            raise BadCredentials("current_password_wrong")
        Person.update(recovery_hash=accounts.recovery_hash(code)).where(Person.id == identity.id).execute()
    return code


def check_password(identity: Identity, password: str) -> None:
    """Check the viewer's password again, before actions that a stolen token must not allow. Raises BadCredentials."""
    if not passwords.verify(accounts.get(identity.id).password_hash, password):
        raise BadCredentials("current_password_wrong")


def _still_current(person: Person) -> bool:
    """Return whether the account exists with the verified hash. Call inside a transaction, with the person locked."""
    query = Person.select().where(
        Person.id == person.id, Person.password_hash == person.password_hash, Person.deleted_at.is_null()
    )
    return bool(query.exists())
