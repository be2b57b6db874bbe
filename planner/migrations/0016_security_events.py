"""Add the events that concern the security of an account."""

import uuid

from peewee import ForeignKeyField, IntegerField, Model, TextField, UUIDField

from planner.storage.columns import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)

        class Meta:
            database = db
            legacy_table_names = False

    class Person(Table):
        class Meta:
            table_name = "persons"

    class SecurityEvent(Table):
        person = ForeignKeyField(Person, null=True, on_delete="CASCADE", index=False, backref="+")
        kind = TextField()
        at = UtcDateTimeField()
        count = IntegerField(default=1)
        device = TextField(null=True)

        class Meta:
            table_name = "security_events"
            indexes = ((("person", "at"), False),)

    db.create_tables([SecurityEvent])
