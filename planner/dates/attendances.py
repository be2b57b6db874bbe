"""Attendances: what somebody in space said about an agreed date: "I will go", or "off" at an hour of their choice.

Nobody else reads them. Where somebody in space has said nothing, a date is off two hours before it starts, at the
latest: nobody waits in a restaurant.
"""

from __future__ import annotations

import peewee

from planner.dates.agenda import Date
from planner.people.accounts import Person
from planner.storage import db
from planner.storage.fields import UtcField


class Attendance(db.Model):
    """One person's word on one date. `off_at` is when it is called off; empty for "I will go"."""

    date = peewee.ForeignKeyField(Date, on_delete="CASCADE", index=False)
    person = peewee.ForeignKeyField(Person, on_delete="CASCADE")
    off_at = UtcField(null=True, index=True)

    class Meta:
        table_name = "attendances"
        indexes = ((("date", "person"), True),)
