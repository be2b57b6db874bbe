"""Getting in with a password or a recovery code, and changing them.

Hashing takes tens of milliseconds and stands outside the transaction. So the transaction asks again for the very hash
that was checked, and makes or ends sign-ins itself: an old password cannot slip in beside its own replacement, and
nothing is left half done when the server stops in the middle.
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

NO_MATCH = "The sign-in name and the password do not belong together."
NOT_CURRENT = "The current password is not right."


class NewSession(NamedTuple):
    """A sign-in just made. The token is shown this once."""

    person: UUID
    sign_in: UUID
    token: str


def sign_in(sign_in_name: str, password: str, device: str, now: datetime) -> NewSession:
    """A sign-in by name and password. Raises WrongSecret, after the same work, when either is wrong."""
    found = accounts.find_by_sign_in_name(sign_in_name)
    if not passwords.verify(found.password_hash if found else None, password) or found is None:
        raise BadCredentials(NO_MATCH)
    with db.write((Person, [found.id])):
        if not _still_current(found):
            raise BadCredentials(NO_MATCH)
        return NewSession(found.id, *sessions.create_session(found, device, now))


def recover(
    sign_in_name: str, code: str, new_password: str, device: str, now: datetime
) -> tuple[NewAccount, NewSession]:
    """Set a new password with the recovery code, which is used up by that; all sign-ins end, a new one begins.

    Raises WrongSecret when the name or the code is wrong.
    """
    found = accounts.find_by_sign_in_name(sign_in_name)
    given = accounts.recovery_hash(code)
    kept = passwords.hash_password(new_password)
    fresh = accounts.new_recovery_code()
    with db.write((Person, [found.id] if found else [])):
        query = Person.update(password_hash=kept, recovery_hash=accounts.recovery_hash(fresh)).where(
            Person.id == (found.id if found else None), Person.recovery_hash == given, Person.deleted_at.is_null()
        )
        if not query.execute() or found is None:
            raise BadCredentials("The sign-in name and the recovery code do not belong together.")
        sessions.end_others(found.id, keep=None)
        made = NewSession(found.id, *sessions.create_session(found, device, now))
    return NewAccount(found.id, found.sign_in_name, fresh), made


def change_password(identity: Identity, current: str, new: str) -> None:
    """Replace the password and end all other sign-ins. Raises WrongSecret when the current one is wrong."""
    row = accounts.get(identity.id)
    if not passwords.verify(row.password_hash, current):
        raise BadCredentials(NOT_CURRENT)
    fresh = passwords.hash_password(new)
    with db.write((Person, [identity.id])):
        # A second change that began at the same time must not win with an old password.
        if not _still_current(row):
            raise BadCredentials(NOT_CURRENT)
        Person.update(password_hash=fresh).where(Person.id == identity.id).execute()
        sessions.end_others(identity.id, keep=identity.session)


def check_password(identity: Identity, password: str) -> None:
    """Ask once more for the viewer's password, before what a stolen token must not open. Raises WrongSecret."""
    if not passwords.verify(accounts.get(identity.id).password_hash, password):
        raise BadCredentials(NOT_CURRENT)


def _still_current(seen: Person) -> bool:
    """Whether the account is there with the hash that was checked. Inside the transaction, with the person locked."""
    query = Person.select().where(
        Person.id == seen.id, Person.password_hash == seen.password_hash, Person.deleted_at.is_null()
    )
    return bool(query.exists())
