"""Device marks: secrets of the devices on which a person has signed in.

Wrong passwords lock a name for a while. A device that sends its mark has tries of its own, so that no stranger, and no
partner at the same address, can lock its owner out. A mark opens nothing: it needs the password beside it. OWASP calls
this a device cookie.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import peewee

from planner import text
from planner.accounts import caps, server_keys
from planner.accounts.accounts import Person
from planner.storage import db
from planner.storage.columns import UtcDateTimeField


class DeviceMark(db.Model):
    """A device on which a person has signed in. The digest covers the sign-in name too.

    So the rows do not tell that two people use one device.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    digest = peewee.TextField(unique=True)
    created_at = UtcDateTimeField()
    used_at = UtcDateTimeField()

    class Meta:
        table_name = "device_marks"


def recognize(sign_in_name: str, mark: str | None) -> str | None:
    """Return the digest of a mark with which this name has signed in before, else None. The name can be any text."""
    if mark is None:
        return None
    digest = _digest(text.fold_typed(sign_in_name), mark)
    return digest if _find(digest) else None


def give(person: Person, mark: str | None, now: datetime) -> str:
    """Remember the device of a sign-in, and return its mark: the one that it has, or a new one.

    Call inside a transaction, with the person locked. Beyond the cap, the device that was unused for longest goes.
    """
    mark = mark or secrets.token_urlsafe(32)
    digest = _digest(person.sign_in_name, mark)
    if not _use(digest, now):
        _forget_unused(person)
        DeviceMark.create(person=person.id, digest=digest, created_at=now, used_at=now)
    return mark


@db.cached_query
def _find(digest: Any) -> Any:
    return DeviceMark.select(DeviceMark.id).where(DeviceMark.digest == digest)


@db.cached_update
def _use(digest: Any, now: Any) -> Any:
    return DeviceMark.update(used_at=now.typed_as(DeviceMark.used_at)).where(DeviceMark.digest == digest)


def _forget_unused(person: Person) -> None:
    # Before the new row: a wrong clock must not make it the oldest.
    too_many = [mark for (mark,) in _last_used_first(person.id, caps.most("sign_ins") - 1)]
    if too_many:
        DeviceMark.delete().where(DeviceMark.id.in_(too_many)).execute()


@db.cached_query
def _last_used_first(person: Any, beyond: Any) -> Any:
    of_person = DeviceMark.select(DeviceMark.id).where(DeviceMark.person == person)
    return of_person.order_by(DeviceMark.used_at.desc(), DeviceMark.id).offset(beyond)


def _digest(sign_in_name: str, mark: str) -> str:
    return server_keys.hmac_digest("device marks", f"{sign_in_name}\n{mark}").hex()
