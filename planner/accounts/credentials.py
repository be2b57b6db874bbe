"""Credentials: sign-in by password, recovery by code, and changes of the password.

Hashing takes tens of milliseconds, so it is done outside the transaction. The transaction therefore checks that the
stored hash is still the verified one, and creates or ends sessions itself. Otherwise an old password could sign in
during its replacement. A secret that opens the person's data key does so here (see data_keys.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from planner.accounts import accounts, data_keys, passwords, security_events, sessions
from planner.accounts.accounts import NewAccount, Person
from planner.accounts.data_keys import OpenKey, PasswordWrapping
from planner.accounts.identity import CONFIRMED_FOR, Identity
from planner.accounts.passkeys import Passkey
from planner.accounts.sessions import NewSession
from planner.errors import BadCredentials
from planner.storage import db


def sign_in(sign_in_name: str, password: str, device: str, now: datetime, mark: str | None = None) -> NewSession:
    """Create a session by name and password. `mark` is the one that the device has.

    Raises BadCredentials after the same work, when either is wrong. A hash from a time of lower cost is replaced.
    """
    try:
        return _sign_in(sign_in_name, password, device, now, mark)
    except _HashChanged:
        pass  # the password changed at this moment, or its hash was replaced
    try:
        return _sign_in(sign_in_name, password, device, now, mark)
    except _HashChanged:
        raise BadCredentials("sign_in_mismatch") from None


class _HashChanged(Exception):
    """The stored hash is no longer the verified one."""


def _sign_in(sign_in_name: str, password: str, device: str, now: datetime, mark: str | None) -> NewSession:
    person = accounts.find_by_sign_in_name(sign_in_name)
    if not is_password_of(person, sign_in_name, password) or person is None:
        security_events.record_refusal(person.id if person else None, security_events.SIGN_IN_REFUSED, now)
        raise BadCredentials("sign_in_mismatch")
    new_hash = passwords.hash_password(password) if passwords.is_cheaper(person.password_hash) else None
    key = data_keys.open_with_password(person.id, password)
    wrapping = data_keys.wrap_with_password(key, password) if key and new_hash else None
    with db.write((Person, [person.id])):
        if not _still_current(person):
            raise _HashChanged
        if new_hash:
            Person.update(password_hash=new_hash).where(Person.id == person.id).execute()
        if key and wrapping:
            data_keys.rewrap(key, wrapping)
        session = sessions.create_session(person, device, now, mark)
        if key:
            data_keys.give(key, session)
        return session


class Recovered(NamedTuple):
    """A recovered account with its new code, a new session, and whether the code opens the person's reflections."""

    account: NewAccount
    session: NewSession
    opens_reflections: bool


def recover(
    sign_in_name: str, code: str, new_password: str, device: str, now: datetime, mark: str | None = None
) -> Recovered:
    """Set a new password with the recovery code.

    The code is replaced, all sessions and passkeys end, and a new session begins. Raises BadCredentials when the
    name or the code is wrong.
    """
    person = accounts.find_by_sign_in_name(sign_in_name)
    given_hash = accounts.recovery_hash(code)
    # Only for the right code: for a stranger it must take the same time whether there is a key.
    is_right = person is not None and person.recovery_hash == given_hash
    key = data_keys.open_with_code(person.id, code) if person and is_right else None
    wrapping = data_keys.wrap_with_password(key, new_password) if key else None
    password_hash = passwords.hash_password(new_password)
    new_code = accounts.new_recovery_code()
    try:
        return _recover(person, given_hash, password_hash, new_code, (key, wrapping), device, now, mark)
    except BadCredentials:
        security_events.record_refusal(person.id if person else None, security_events.RECOVERY_REFUSED, now)
        raise


def _recover(
    person: Person | None,
    given_hash: str,
    password_hash: str,
    new_code: str,
    rewrapped: tuple[OpenKey | None, PasswordWrapping | None],
    device: str,
    now: datetime,
    mark: str | None,
) -> Recovered:
    with db.write((Person, [person.id] if person else [])):
        query = Person.update(password_hash=password_hash, **accounts.recovery_columns(new_code)).where(
            Person.id == (person.id if person else None),
            Person.recovery_hash == given_hash,
            Person.deleted_at.is_null(),
        )
        if not query.execute() or person is None:
            raise BadCredentials("recovery_mismatch")
        sessions.end_others(person.id, keep=None)
        Passkey.delete().where(Passkey.person == person.id).execute()
        security_events.record(person.id, security_events.RECOVERED, now)
        session = sessions.create_session(person, device, now, mark)
        data_keys.replace_wrapping(person.id, *rewrapped)
        if rewrapped[0]:
            data_keys.give(rewrapped[0], session)
        opens = data_keys.has_present_code(person.id)
    return Recovered(NewAccount(person.id, person.sign_in_name, new_code), session, opens)


def record_lock_out(sign_in_name: str, now: datetime) -> None:
    """Note that too many tries were made with a name. It costs the same for a name that no one has."""
    person = accounts.find_by_sign_in_name(sign_in_name)
    security_events.record_lock_out(person.id if person else None, now)


def change_password(identity: Identity, current: str, new: str, now: datetime) -> None:
    """Replace the password and end all other sessions. Raises BadCredentials when the current one is wrong."""
    row = check_password(identity, current, now)
    new_hash = passwords.hash_password(new)
    key = data_keys.open_with_password(identity.id, current)
    wrapping = data_keys.wrap_with_password(key, new) if key else None
    with db.write((Person, [identity.id])):
        # A second change at the same time must not succeed with the old password.
        check_unchanged(row)
        Person.update(password_hash=new_hash).where(Person.id == identity.id).execute()
        data_keys.replace_wrapping(identity.id, key, wrapping)
        sessions.end_others(identity.id, keep=identity.session)
        security_events.record(identity.id, security_events.PASSWORD_CHANGED, now)


def renew_recovery_code(identity: Identity, password: str, now: datetime) -> tuple[str, bool]:
    """Replace the recovery code. Return the new one, and whether it opens what the person encrypted.

    Raises BadCredentials when the password is wrong.
    """
    row = check_password(identity, password, now)
    code = accounts.new_recovery_code()
    key = data_keys.open_with_password(identity.id, password)
    with db.write((Person, [identity.id])):
        # A password that was replaced at this moment must not make a code.
        check_unchanged(row)
        Person.update(**accounts.recovery_columns(code)).where(Person.id == identity.id).execute()
        if key:
            data_keys.seal_for_code(key)
        security_events.record(identity.id, security_events.RECOVERY_CODE_RENEWED, now)
        return code, data_keys.has_present_code(identity.id)


def confirm(identity: Identity, password: str, now: datetime) -> datetime:
    """Confirm the current session with the password, and return until when. Raises BadCredentials."""
    row = check_password(identity, password, now)
    with db.write((Person, [identity.id])):
        check_unchanged(row)
        sessions.mark_confirmed(identity, now)
    return now + CONFIRMED_FOR


def check_password(identity: Identity, password: str, now: datetime) -> Person:
    """Return the viewer's account, before actions that a stolen token must not allow.

    Raises BadCredentials for a wrong password, and notes it.
    """
    person = accounts.get(identity.id)
    check_password_of(person, password, now)
    return person


def is_password_of(person: Person | None, sign_in_name: str, password: str) -> bool:
    """Return whether the password is that of the account with this name. Without one, it takes the same time."""
    decoy = accounts.decoy_hash(sign_in_name)  # also for a known name: reading it takes time, too
    return passwords.verify(person.password_hash if person else None, password, decoy)


def check_password_of(person: Person, password: str, now: datetime) -> None:
    """Raise BadCredentials for a wrong password of a signed-in person, and note it."""
    if not passwords.verify(person.password_hash, password):
        security_events.record_refusal(person.id, security_events.PASSWORD_REFUSED, now)
        raise BadCredentials("current_password_wrong")


def check_unchanged(person: Person) -> None:
    """Raise BadCredentials if the password has changed since its check.

    Call inside a transaction, with the person locked.
    """
    if not _still_current(person):
        raise BadCredentials("current_password_wrong")


def _still_current(person: Person) -> bool:
    """Return whether the account exists with the verified hash. Call inside a transaction, with the person locked."""
    query = Person.select().where(
        Person.id == person.id, Person.password_hash == person.password_hash, Person.deleted_at.is_null()
    )
    return bool(query.exists())
