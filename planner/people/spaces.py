"""Space: a pause that one person takes, alone and at once. What the other sends meanwhile is accepted and held.

Only its owner's reads know of it: nothing that the other does, sends or asks ever looks at this table. How a space
starts and ends stands in planner/consent/space.py.
"""

from __future__ import annotations

import peewee

from planner.people.accounts import Person
from planner.people.couples import Couple
from planner.storage import db
from planner.storage.fields import UtcField


class Space(db.Model):
    """One pause. It is lived in until `ended_at`; what came in it is held until `settled_at`.

    `settled_as` says how: "looked" (it is simply there, as if it had just come) or "discarded" (it stays out of view).
    A said one shows the other one of four fixed sentences, and a day if wished.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", index=False)
    couple = peewee.ForeignKeyField(Couple, on_delete="CASCADE")
    kind = peewee.TextField()
    sentence = peewee.TextField(null=True)
    until = peewee.DateField(null=True)
    said_at = UtcField(null=True)
    started_at = UtcField()
    ended_at = UtcField(null=True)
    settled_at = UtcField(null=True)
    settled_as = peewee.TextField(null=True)

    class Meta:
        table_name = "spaces"
        constraints = [peewee.Check("kind IN ('quiet', 'said')")]
        indexes = ((("person", "started_at"), False),)


# Two taps on two phones start one pause.
Space.add_index(Space.index(Space.person, unique=True, where=Space.ended_at.is_null(), name="spaces_one_living"))
