"""What the operator switches off and on while the server runs: rows, so that every worker heeds them at once."""

from __future__ import annotations

from datetime import datetime

import peewee

from planner.storage import db
from planner.storage.fields import UtcField

SIGN_UP = "sign_up"


class Switch(db.Model):
    """Something that is off; what is on has no row."""

    name = peewee.TextField(unique=True)
    off_at = UtcField()

    class Meta:
        table_name = "switches"


def turn_off(name: str, now: datetime) -> bool:
    """Switch something off. False when it was off already."""
    with db.write():
        return db.insert(Switch, name=name, off_at=now)


def turn_on(name: str) -> bool:
    """Switch it on again. False when it was on."""
    with db.write():
        return bool(Switch.delete().where(Switch.name == name).execute())


def is_off(name: str) -> bool:
    """Whether it is off now."""
    return bool(Switch.select().where(Switch.name == name).exists())
