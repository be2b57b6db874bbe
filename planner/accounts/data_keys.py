"""Data keys: one random key for each person who writes reflections. It encrypts them against a look into the database.

The server stores the key only in encrypted forms. One opens with the password, one with the recovery code, and one for
each session with its token. Of those secrets it stores only digests, from which no key follows. A session whose token
does not open the key is locked: it began with a passkey, or a mail set its password.

Deriving a key from a password takes as long as hashing it: never inside a transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import text
from planner.accounts import key_wrapping, passwords
from planner.accounts.accounts import Person
from planner.accounts.key_wrapping import WrongKey
from planner.accounts.passwords import Cost
from planner.accounts.sessions import NewSession, Session
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class DataKey(db.Model):
    """The encrypted forms of a person's key. Another key gets another id.

    `wrapped_by_password` is null when the password was replaced without the earlier one. Then only the code opens it.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", unique=True)
    wrapped_by_password = peewee.TextField(null=True)
    salt = peewee.TextField()
    passes = peewee.IntegerField()
    kibibytes = peewee.IntegerField()
    wrapped_by_code = peewee.TextField()
    recovery_key = peewee.TextField()  # the public key of the code for which it is sealed
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "data_keys"


class OpenKey(NamedTuple):
    """A person's key. It is never stored, logged or sent."""

    id: UUID
    person: UUID
    secret: bytes

    def __repr__(self) -> str:
        """Return a text without the secret, because a traceback can show it."""
        return f"OpenKey({self.id})"


class PasswordWrapping(NamedTuple):
    """The columns of a key that a password opens."""

    wrapped_by_password: str
    salt: str
    passes: int
    kibibytes: int


def find(person: UUID) -> DataKey | None:
    """Return the encrypted key of a person, or None."""
    row: DataKey | None = DataKey.get_or_none(DataKey.person == person)
    return row


def new_key(person: UUID) -> OpenKey:
    """Return a new key, which is not stored yet."""
    return OpenKey(uuid4(), person, key_wrapping.new_key())


def insert(key: OpenKey, wrapping: PasswordWrapping, now: datetime) -> bool:
    """Store a new key, sealed for the recovery code. Return False if the person has one.

    Call inside a transaction, with the person locked. The account has a `recovery_key`.
    """
    recovery_key = Person.get_by_id(key.person).recovery_key
    assert recovery_key, "the caller has checked it"
    return db.insert_if_absent(
        DataKey,
        id=key.id,
        person=key.person,
        **wrapping._asdict(),
        wrapped_by_code=_sealed(key, recovery_key),
        recovery_key=recovery_key,
        created_at=now,
    )


def open_with_password(person: UUID, password: str) -> OpenKey | None:
    """Return the key of a person. Return None if there is none, or the password does not open it."""
    row = find(person)
    if row is None or row.wrapped_by_password is None:
        return None
    derived = passwords.derive_key(password, bytes.fromhex(row.salt), Cost(row.passes, row.kibibytes))
    return _opened(
        row.id, person, lambda: key_wrapping.decrypt(derived, row.wrapped_by_password, _purpose(row.id, person))
    )


def open_with_code(person: UUID, code: str) -> OpenKey | None:
    """Return the key of a person. Return None if there is none, or the recovery code does not open it."""
    row = find(person)
    if row is None:
        return None
    typed = text.fold_code(code)
    return _opened(row.id, person, lambda: key_wrapping.unseal(typed, row.wrapped_by_code, _purpose(row.id, person)))


def open_with_token(person: UUID, session: UUID, token: str) -> OpenKey | None:
    """Return the key of a person, or None if it is locked in this session."""
    rows = _of_session(person, session)
    if not rows or rows[0][1] is None:
        return None
    key_id, wrapped = rows[0]
    derived = key_wrapping.key_of_token(token)
    return _opened(key_id, person, lambda: key_wrapping.decrypt(derived, wrapped, _purpose(key_id, person, session)))


def wrap_with_password(key: OpenKey, password: str) -> PasswordWrapping:
    """Return the columns with which a password opens the key."""
    salt, cost = passwords.new_salt(), passwords.cost()
    derived = passwords.derive_key(password, salt, cost)
    return PasswordWrapping(key_wrapping.encrypt(derived, key.secret, _purpose(key.id, key.person)), salt.hex(), *cost)


def give(key: OpenKey, session: NewSession) -> None:
    """Let a new session open the key, and seal the key for the present recovery code.

    Call inside a transaction, with the person locked.
    """
    unlock(key, session.sign_in, session.token)


def unlock(key: OpenKey, session: UUID, token: str) -> None:
    """Let a session open the key, as `give` does."""
    if exists(key):
        wrapped = key_wrapping.encrypt(
            key_wrapping.key_of_token(token), key.secret, _purpose(key.id, key.person, session)
        )
        Session.update(wrapped_key=wrapped).where(Session.id == session).execute()
        seal_for_code(key)


def lock(session: UUID) -> None:
    """Let a session no longer open the key. Call inside a transaction."""
    Session.update(wrapped_key=None).where(Session.id == session).execute()


def replace_wrapping(person: UUID, key: OpenKey | None, wrapping: PasswordWrapping | None) -> None:
    """Let the new password of a person open the key; without the open key, no password opens it any more.

    Call inside the transaction that changes the password, with the person locked.
    """
    if key and wrapping and rewrap(key, wrapping):
        return
    DataKey.update(wrapped_by_password=None).where(DataKey.person == person).execute()


def rewrap(key: OpenKey, wrapping: PasswordWrapping) -> bool:
    """Replace what the password opens, and return whether the person still has this key. Call inside a transaction."""
    query = DataKey.update(**wrapping._asdict()).where(DataKey.person == key.person, DataKey.id == key.id)
    return bool(query.execute())


def seal_for_code(key: OpenKey) -> None:
    """Let the present recovery code open the key. Call inside a transaction, with the person locked."""
    recovery_key = Person.get_by_id(key.person).recovery_key
    outdated = DataKey.id == key.id, DataKey.recovery_key != recovery_key
    if recovery_key and DataKey.select().where(*outdated).exists():
        sealed = _sealed(key, recovery_key)
        DataKey.update(wrapped_by_code=sealed, recovery_key=recovery_key).where(*outdated).execute()


def has_present_code(person: UUID) -> bool:
    """Return whether the present recovery code opens the key of a person, or there is no key to open."""
    other = DataKey.recovery_key != Person.recovery_key
    return not DataKey.select().join(Person).where(DataKey.person == person, other).exists()


def exists(key: OpenKey) -> bool:
    """Return whether the key is still the one of its person. Call inside a transaction, with the person locked."""
    return bool(DataKey.select().where(DataKey.id == key.id, DataKey.person == key.person).exists())


def destroy(person: UUID) -> None:
    """Delete the key of a person. What it encrypts can never be read again. Call inside a transaction."""
    DataKey.delete().where(DataKey.person == person).execute()
    Session.update(wrapped_key=None).where(Session.person == person).execute()


@db.cached_query
def _of_session(person: Any, session: Any) -> Any:
    rows = Session.select(DataKey.id, Session.wrapped_key).join(DataKey, on=(DataKey.person == Session.person))
    return rows.where(Session.id == session, Session.person == person)


def _sealed(key: OpenKey, recovery_key: str) -> str:
    return key_wrapping.seal(recovery_key, key.secret, _purpose(key.id, key.person))


def _purpose(key_id: UUID, person: UUID, session: UUID | None = None) -> str:
    return f"data key {key_id} of {person} in {session}"


def _opened(key_id: UUID, person: UUID, read: Any) -> OpenKey | None:
    try:
        return OpenKey(key_id, person, read())
    except WrongKey:
        return None
