"""Accounts: signing up, and the few things a person says about themselves."""

from __future__ import annotations

import base64
import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import peewee

from planner.accounts import passwords, server_keys
from planner.clock import next_midnight
from planner.errors import FieldError, IdTaken, Invalid, NotFound, Unauthenticated, VersionConflict
from planner.storage import db
from planner.storage.columns import UtcDateTimeField
from seeds.wordlist import WORDS

_LETTERS_ONLY = FieldError("display_name", "Use letters, with spaces, hyphens or apostrophes between them.")
# No full stop: with it a name could be the address of a page.
_SIGNS = " '’-"
# Catalan and Chinese names hold a middle dot, Persian ones a zero width non-joiner, between two letters each.
_INNER_SIGNS = "·\u200c"
# What Unicode counts as letters or marks and nobody can see: joiners, fillers, vowels and selectors of variants.
_UNSEEN = (
    range(0x034F, 0x0350),
    range(0x115F, 0x1161),
    range(0x17B4, 0x17B6),
    range(0x180B, 0x1810),
    range(0x3164, 0x3165),
    range(0xFE00, 0xFE10),
    range(0xFFA0, 0xFFA1),
    range(0xE0000, 0xE1000),
)


BY_THEMSELVES, BY_OPERATOR = "person", "operator"
UNDO_PERIOD = timedelta(days=7)
"""How long a deletion can be taken back."""


class Person(db.Model):
    """Somebody who signed up. There is nothing here to look a person up by.

    From `deleted_at` on it is as if they were not here; `deleted_by` says whose decision that was. From `erased_at` on
    nothing of them is left but this row's id, to which things of others still refer (see consent/erasure.py).

    After a change of `zone`, days are counted in `day_zone`, the zone before it, until `day_zone_until`.
    """

    sign_in_name = peewee.TextField(unique=True)
    display_name = peewee.TextField()
    password_hash = peewee.TextField()
    recovery_hash = peewee.TextField()
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


# Asked by every tick of the clock.
Person.add_index(Person.index(Person.deleted_at, where=Person.deleted_at.is_null(False), name="persons_deleted"))


class NewAccount(NamedTuple):
    """What is shown once, when it is made."""

    person: UUID
    sign_in_name: str
    recovery_code: str


def sign_up(display_name: str, password: str, zone: str, person_id: UUID | None, now: datetime) -> NewAccount:
    """Make an account; the server chooses the sign-in name and the recovery code.

    Repeated with the same id, name and password (an answer that got lost), it is the same account with a new recovery
    code, since the first is not kept in a readable form. Raises IdTaken when the id is somebody else's.
    """
    person_id = person_id or uuid4()
    kept = passwords.hash_password(password)
    code = new_recovery_code()
    while not (name := _insert(person_id, display_name, kept, code, zone, now)):
        if found := Person.get_or_none(Person.id == person_id):
            return _sign_up_again(found, display_name, password, zone, code)
    return NewAccount(person_id, name, code)


def _insert(person_id: UUID, display_name: str, kept: str, code: str, zone: str, now: datetime) -> str | None:
    name = "-".join(secrets.choice(WORDS) for _ in range(3))
    with db.write():
        fresh = db.insert_if_absent(
            Person,
            id=person_id,
            sign_in_name=name,
            display_name=display_name,
            password_hash=kept,
            recovery_hash=recovery_hash(code),
            zone=zone,
            created_at=now,
            version=1,
        )
    return name if fresh else None


def _sign_up_again(found: Person, display_name: str, password: str, zone: str, code: str) -> NewAccount:
    same = (found.display_name, found.zone, found.deleted_at) == (display_name, zone, None)
    if not passwords.verify(found.password_hash, password) or not same:
        raise IdTaken
    with db.write((Person, [found.id])):
        query = Person.update(recovery_hash=recovery_hash(code))
        if not query.where(Person.id == found.id, Person.password_hash == found.password_hash).execute():
            raise IdTaken
    return NewAccount(found.id, found.sign_in_name, code)


def get(person: UUID) -> Person:
    """The row of somebody known to exist. Raises NotFound when they were deleted meanwhile."""
    found = Person.get_or_none(Person.id == person, Person.deleted_at.is_null())
    if found is None:
        raise NotFound
    return found


def zone_of_days(now: datetime, zone: str, day_zone: str | None, day_zone_until: datetime | None) -> str:
    """Return the zone in which a person's days are counted, from the three columns of their row.

    A new zone counts for days from the next midnight in the old one. So moving a zone ahead brings no second day.
    """
    return day_zone if day_zone and day_zone_until and now < day_zone_until else zone


def edit(person: UUID, version: int, changes: dict[str, str], now: datetime) -> None:
    """Change display name or zone. Raises VersionConflict when another edit came first."""
    with db.write((Person, [person])):
        day_columns = _keep_day_zone(person, now) if "zone" in changes else {}
        query = Person.update(**changes, **day_columns, version=Person.version + 1)
        if not query.where(Person.id == person, Person.version == version).execute():
            raise VersionConflict


def _keep_day_zone(person: UUID, now: datetime) -> dict[str, Any]:
    """Return the columns that keep counting days in the present zone until its next midnight."""
    row = Person.get_by_id(person)
    zone = zone_of_days(now, row.zone, row.day_zone, row.day_zone_until)
    return {"day_zone": zone, "day_zone_until": next_midnight(now, zone)}


def check_display_name(name: str) -> None:
    """A name is letters: digits and signs would carry an address or a number. Raises Invalid."""
    letters = [_is_letter(sign) for sign in name]
    signs = [at for at, letter in enumerate(letters) if not letter]
    if not all(name[at] in _SIGNS or (name[at] in _INNER_SIGNS and _is_inside(letters, at)) for at in signs):
        raise Invalid(_LETTERS_ONLY)
    if not any(unicodedata.category(sign)[0] == "L" for sign in name):
        raise Invalid(_LETTERS_ONLY)


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM" and not any(ord(sign) in unseen for unseen in _UNSEEN)


def _is_inside(letters: list[bool], at: int) -> bool:
    return 0 < at < len(letters) - 1 and letters[at - 1] and letters[at + 1]


def find_by_sign_in_name(sign_in_name: str) -> Person | None:
    """The account of that name, however it was typed, or None."""
    name = normalize_sign_in_name(sign_in_name)
    found: Person | None = Person.get_or_none(Person.sign_in_name == name, Person.deleted_at.is_null())
    return found


def find_deleted_by_sign_in_name(sign_in_name: str) -> Person | None:
    """The account of that name that was deleted and is not erased yet, or None."""
    name = normalize_sign_in_name(sign_in_name)
    found: Person | None = Person.get_or_none(
        Person.sign_in_name == name, Person.deleted_at.is_null(False), Person.erased_at.is_null()
    )
    return found


def check_exists(person: UUID) -> None:
    """Somebody may delete their account while another request of theirs is on its way. Raises NotSignedIn.

    Inside the caller's transaction, with the person locked.
    """
    if not Person.select().where(Person.id == person, Person.deleted_at.is_null()).exists():
        raise Unauthenticated


def mark_deleted(person: UUID, by: str, now: datetime, password_hash: str | None = None) -> bool:
    """From now on it is as if the account were not there. False when it was so already, or the password is another
    one than that which was checked. Inside the caller's transaction, with the person locked.
    """
    query = Person.update(deleted_at=now, deleted_by=by).where(Person.id == person, Person.deleted_at.is_null())
    return bool((query.where(Person.password_hash == password_hash) if password_hash else query).execute())


def unmark_deleted(found: Person, deleted_after: datetime) -> bool:
    """Take back the very deletion that was looked at, as `mark_deleted`. False when it is too late, or no longer so."""
    query = Person.update(deleted_at=None, deleted_by=None).where(
        Person.id == found.id,
        Person.password_hash == found.password_hash,
        Person.deleted_at == found.deleted_at,
        Person.deleted_at > deleted_after,
        Person.erased_at.is_null(),
    )
    return bool(query.execute())


def list_all() -> list[tuple[str, datetime, datetime | None]]:
    """Every account by its sign-in name, with when it was made and, as the case may be, deleted: for the operator."""
    query = Person.select(Person.sign_in_name, Person.created_at, Person.deleted_at).where(Person.erased_at.is_null())
    return [(name, made, deleted) for name, made, deleted in db.fetch_all(query.order_by(Person.sign_in_name))]


def normalize_sign_in_name(sign_in_name: str) -> str:
    """A sign-in name as it is kept, from how it was typed: in any case, with spaces or points for hyphens."""
    return "-".join(sign_in_name.lower().replace("-", " ").replace(".", " ").split())


def new_recovery_code() -> str:
    """A code to show once: 125 random bits in five groups of five."""
    text = base64.b32encode(secrets.token_bytes(16)).decode()[:25]
    return "-".join(text[at : at + 5] for at in range(0, 25, 5))


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code, however it was typed."""
    # Random beyond guessing, so a keyed digest is enough where a password needs argon2.
    letters = "".join(letter for letter in code.upper() if letter.isalnum()).replace("0", "O").replace("1", "I")
    return server_keys.hmac_digest("recovery", letters).hex()
