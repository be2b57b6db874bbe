"""Flags that the operator turns off and on while the server runs. They are rows, so every worker reads them at once."""

from __future__ import annotations

from datetime import datetime

import peewee

from planner.storage import db
from planner.storage.columns import UtcDateTimeField

SIGN_UP = "sign_up"


class InstanceFlag(db.Model):
    """A feature that is off. Features that are on have no row."""

    name = peewee.TextField(unique=True)
    off_at = UtcDateTimeField()

    class Meta:
        table_name = "instance_flags"


def turn_off(name: str, now: datetime) -> bool:
    """Turn a feature off. Return False if it was off already."""
    with db.write():
        return db.insert_if_absent(InstanceFlag, name=name, off_at=now)


def turn_on(name: str) -> bool:
    """Turn a feature on. Return False if it was on already."""
    with db.write():
        return bool(InstanceFlag.delete().where(InstanceFlag.name == name).execute())


def is_off(name: str) -> bool:
    """Return whether a feature is off."""
    return bool(InstanceFlag.select().where(InstanceFlag.name == name).exists())
