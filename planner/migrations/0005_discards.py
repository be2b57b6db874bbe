"""What was set aside after a pause. One table; nothing else is touched."""

import uuid

from peewee import Check, ForeignKeyField, Model, TextField, UUIDField

from planner.storage.fields import UtcField


def up(migrator, db):

    class Table(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)

        class Meta:
            database = db
            legacy_table_names = False

    class Person(Table):
        class Meta:
            table_name = "persons"

    class Discard(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        kind = TextField()
        subject = UUIDField()
        since = UtcField()
        until = UtcField()

        class Meta:
            table_name = "discards"
            constraints = [Check("kind IN ('thing', 'change')")]
            indexes = ((("person", "subject", "since"), True),)

    db.create_tables([Discard])
