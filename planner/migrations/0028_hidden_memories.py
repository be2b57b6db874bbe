"""Add the memories that a person does not want to see."""

import uuid

from peewee import ForeignKeyField, Model, UUIDField

from planner.storage.columns import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)

        class Meta:
            database = db
            legacy_table_names = False

    class Date(Table):
        class Meta:
            table_name = "dates"

    class Person(Table):
        class Meta:
            table_name = "persons"

    class HiddenMemory(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        date = ForeignKeyField(Date, on_delete="CASCADE", backref="+")
        hidden_at = UtcDateTimeField()

        class Meta:
            table_name = "hidden_memories"
            indexes = ((("person", "date"), True),)

    db.create_tables([HiddenMemory])
