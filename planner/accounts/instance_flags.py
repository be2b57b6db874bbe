"""What the operator switches off and on while the server runs: rows, so that every worker heeds them at once."""

from __future__ import annotations

from datetime import datetime

import peewee

from planner.storage import db
from planner.storage.columns import UtcDateTimeField

SIGN_UP = "sign_up"


class InstanceFlag(db.Model):
    """Something that is off; what is on has no row."""

    name = peewee.TextField(unique=True)
    off_at = UtcDateTimeField()

    class Meta:
        table_name = "instance_flags"


def turn_off(name: str, now: datetime) -> bool:
    """Switch something off. False when it was off already."""
    with db.write():
        return db.insert_if_absent(InstanceFlag, name=name, off_at=now)


def turn_on(name: str) -> bool:
    """Switch it on again. False when it was on."""
    with db.write():
        return bool(InstanceFlag.delete().where(InstanceFlag.name == name).execute())


def is_off(name: str) -> bool:
    """Whether it is off now."""
    return bool(InstanceFlag.select().where(InstanceFlag.name == name).exists())
