"""Add the reactions to notes."""

import uuid

from peewee import ForeignKeyField, Model, TextField, UUIDField

from planner.storage.columns import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)

        class Meta:
            database = db
            legacy_table_names = False

    class Note(Table):
        class Meta:
            table_name = "notes"

    class Person(Table):
        class Meta:
            table_name = "persons"

    class Reaction(Table):
        note = ForeignKeyField(Note, on_delete="CASCADE", unique=True, backref="+")
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        reaction = TextField(null=True)
        at = UtcDateTimeField()

        class Meta:
            table_name = "reactions"

    db.create_tables([Reaction])
