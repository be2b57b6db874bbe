"""Accounts: sign-up, display name, time zone, and the marks of deletion."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Container
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner import text
from planner.accounts import key_wrapping, passwords, server_keys
from planner.clock import next_midnight
from planner.errors import IdTaken, NotFound, Unauthenticated, VersionConflict
from planner.storage import db
from planner.storage.columns import UtcDateTimeField
from seeds.sign_in_words import WORDS

BY_THEMSELVES, BY_OPERATOR = "person", "operator"
UNDO_PERIOD = timedelta(days=7)
"""How long a deletion can be taken back."""
REPEAT_PERIOD = timedelta(hours=1)
"""How long a sign-up with a lost answer can be repeated."""


class Person(db.Model):
    """A person with an account. It holds no contact data by which to find a person.

    From `deleted_at` on, the account is treated as missing; `deleted_by` tells who deleted it. From `erased_at` on,
    only the id of this row remains, because shared dates refer to it (see planner/privacy/erasure.py).

    After a change of `zone`, days are counted in the earlier zone, `day_zone`, until `day_zone_until`.
    """

    sign_in_name = peewee.TextField(unique=True)
    display_name = peewee.TextField()
    password_hash = peewee.TextField()
    recovery_hash = peewee.TextField()
    recovery_key = peewee.TextField(null=True)  # null until a code is made by a version that has data keys
    zone = peewee.TextField()
    day_zone = peewee.TextField(null=True)
    day_zone_until = UtcDateTimeField(null=True)
    version = peewee.IntegerField(default=1)
    created_at = UtcDateTimeField()
    deleted_at = UtcDateTimeField(null=True)
    deleted_by = peewee.TextField(null=True)
    erased_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "persons"


# Every tick of the clock queries it.
Person.add_index(Person.index(Person.deleted_at, where=Person.deleted_at.is_null(False), name="persons_deleted"))


class NewAccount(NamedTuple):
    """What a new account shows once."""

    person: UUID
    sign_in_name: str
    recovery_code: str


def sign_up(display_name: str, password: str, zone: str, person_id: UUID | None, now: datetime) -> NewAccount:
    """Create an account with a sign-in name and a recovery code that the server chooses.

    A client repeats a sign-up after a lost answer. With the same id, name and password, it gets the same account within
    an hour. The recovery code is new, because only a digest of the first is stored. Raises IdTaken for an id in use.
    """
    person_id = person_id or uuid4()
    password_hash = passwords.hash_password(password)
    code = new_recovery_code()
    while not (name := _insert(person_id, display_name, password_hash, code, zone, now)):
        if person := Person.get_or_none(Person.id == person_id):
            return _sign_up_again(person, display_name, password, zone, code, now)
    return NewAccount(person_id, name, code)


def _insert(person_id: UUID, display_name: str, password_hash: str, code: str, zone: str, now: datetime) -> str | None:
    name = "-".join(secrets.choice(WORDS) for _ in range(3))
    with db.write():
        inserted = db.insert_if_absent(
            Person,
            id=person_id,
            sign_in_name=name,
            display_name=display_name,
            password_hash=password_hash,
            **recovery_columns(code),
            zone=zone,
            created_at=now,
            version=1,
        )
    return name if inserted else None


def _sign_up_again(person: Person, display_name: str, password: str, zone: str, code: str, now: datetime) -> NewAccount:
    is_same = (person.display_name, person.zone, person.deleted_at) == (display_name, zone, None)
    # Later, the password is not looked at: a repeated sign-up must not be a second way to guess it, or void the code.
    if now >= person.created_at + REPEAT_PERIOD or not is_same or not passwords.verify(person.password_hash, password):
        raise IdTaken
    with db.write((Person, [person.id])):
        query = Person.update(**recovery_columns(code))
        if not query.where(Person.id == person.id, Person.password_hash == person.password_hash).execute():
            raise IdTaken
    return NewAccount(person.id, person.sign_in_name, code)


def get(person: UUID) -> Person:
    """Return the row of a person. Raises NotFound when the account is deleted."""
    row = Person.get_or_none(Person.id == person, Person.deleted_at.is_null())
    if row is None:
        raise NotFound
    return row


def get_zones(persons: Collection[UUID]) -> dict[UUID, str]:
    """Return the zone of each person."""
    return dict(_zones(list(persons)))


@db.cached_query
def _zones(persons: Any) -> Any:
    return Person.select(Person.id, Person.zone).where(Person.id.in_(persons))


def zone_of_days(now: datetime, zone: str, day_zone: str | None, day_zone_until: datetime | None) -> str:
    """Return the zone in which a person's days are counted, from the three columns of their row.

    A new zone counts for days from the next midnight in the old one. So moving a zone ahead brings no second day.
    """
    return day_zone if day_zone and day_zone_until and now < day_zone_until else zone


def edit(person: UUID, versions: Container[int], changes: dict[str, str], now: datetime) -> None:
    """Change the display name or the zone of one of these versions. A repeat changes nothing.

    Call inside a transaction, with the person locked. Raises VersionConflict.
    """
    check_exists(person)
    row = Person.get_by_id(person)
    if all(getattr(row, name) == value for name, value in changes.items()):
        return  # its first answer may have been lost
    if row.version not in versions:
        raise VersionConflict
    day_columns = _day_zone_columns(person, now) if "zone" in changes else {}
    query = Person.update(**changes, **day_columns, version=Person.version + 1)
    if not query.where(Person.id == person, Person.version == row.version).execute():
        raise VersionConflict


def _day_zone_columns(person: UUID, now: datetime) -> dict[str, Any]:
    """Return the columns that count days in the present zone until its next midnight."""
    row = Person.get_by_id(person)
    zone = zone_of_days(now, row.zone, row.day_zone, row.day_zone_until)
    return {"day_zone": zone, "day_zone_until": next_midnight(now, zone)}


def find_by_sign_in_name(sign_in_name: str) -> Person | None:
    """Return the account with that sign-in name, or None. The name may be typed in any form."""
    name = text.fold_typed(sign_in_name)
    person: Person | None = Person.get_or_none(Person.sign_in_name == name, Person.deleted_at.is_null())
    return person


def decoy_hash(sign_in_name: str) -> str | None:
    """Return the password hash of an account that any name leads to, always the same one. None without accounts.

    Hashes from a time of another cost take another time to verify. An unknown name takes the time of this one, so it
    looks like one of the accounts here.
    """
    digest = server_keys.hmac_digest("decoys", text.fold_typed(sign_in_name))
    is_next = Person.id >= UUID(bytes=digest[:16], version=4)
    hashes = Person.select(Person.password_hash).where(Person.erased_at.is_null()).order_by(Person.id).limit(1)
    rows = db.fetch_all(hashes.where(is_next)) or db.fetch_all(hashes)
    return str(rows[0][0]) if rows else None


def find_deleted_by_sign_in_name(sign_in_name: str) -> Person | None:
    """Return the deleted account with that name that is not erased yet, or None."""
    name = text.fold_typed(sign_in_name)
    person: Person | None = Person.get_or_none(
        Person.sign_in_name == name, Person.deleted_at.is_null(False), Person.erased_at.is_null()
    )
    return person


def check_exists(person: UUID) -> None:
    """Raise Unauthenticated if the account was deleted since the request began.

    Call inside a transaction, with the person locked.
    """
    if not _existing(person):
        raise Unauthenticated


@db.cached_query
def _existing(person: Any) -> Any:
    return Person.select(Person.id).where(Person.id == person, Person.deleted_at.is_null())


def mark_deleted(person: UUID, by: str, now: datetime, password_hash: str | None = None) -> bool:
    """Mark the account as deleted. Return False if it was so already, or if its password hash has changed.

    Call inside a transaction, with the person locked.
    """
    query = Person.update(deleted_at=now, deleted_by=by).where(Person.id == person, Person.deleted_at.is_null())
    return bool((query.where(Person.password_hash == password_hash) if password_hash else query).execute())


def unmark_deleted(person: Person, deleted_after: datetime) -> bool:
    """Undo the deletion that `person` shows. Return False if it is too late, or if the row has changed.

    Call inside a transaction, with the person locked.
    """
    query = Person.update(deleted_at=None, deleted_by=None).where(
        Person.id == person.id,
        Person.password_hash == person.password_hash,
        Person.deleted_at == person.deleted_at,
        Person.deleted_at > deleted_after,
        Person.erased_at.is_null(),
    )
    return bool(query.execute())


def list_all() -> list[tuple[str, datetime, datetime | None]]:
    """Return sign-in name, creation and deletion time of every account, for the operator."""
    query = Person.select(Person.sign_in_name, Person.created_at, Person.deleted_at).where(Person.erased_at.is_null())
    return [(name, created, deleted) for name, created, deleted in db.fetch_all(query.order_by(Person.sign_in_name))]


def new_recovery_code() -> str:
    """Return a new recovery code to show once: 125 random bits in five groups of five."""
    letters = base64.b32encode(secrets.token_bytes(16)).decode()[:25]
    return "-".join(letters[at : at + 5] for at in range(0, 25, 5))


def recovery_columns(code: str) -> dict[str, str]:
    """Return what is stored of a new recovery code: its digest, and its public key (see data_keys.py)."""
    return {"recovery_hash": recovery_hash(code), "recovery_key": key_wrapping.public_key_of_code(text.fold_code(code))}


def recovery_hash(code: str) -> str:
    """Return the stored digest of a recovery code, typed in any form."""
    # The code is too random to guess, so it needs no argon2 as a password does.
    return server_keys.hmac_digest("recovery", text.fold_code(code)).hex()
