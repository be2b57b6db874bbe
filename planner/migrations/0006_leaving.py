"""Leaving, the names in the receiver's own record, blocks. Columns are only added: a rebuild loses constraints."""

import uuid

from peewee import ForeignKeyField, Model, TextField, UUIDField

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

    class Couple(Table):
        class Meta:
            table_name = "couples"

    class Record(Table):
        name = TextField(null=True)

        class Meta:
            table_name = "records"

    migrator.migrate(migrator.add_column("records", "name", Record._meta.fields["name"]))

    class Kept(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+")
        until = UtcField(index=True)

        class Meta:
            table_name = "kept"
            indexes = ((("person", "couple"), True),)

    class Block(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        other_hmac = TextField()
        name = TextField()
        at = UtcField()
        invitation = UUIDField(null=True)

        class Meta:
            table_name = "blocks"
            indexes = ((("person", "other_hmac"), True),)

    class ClosedDoor(Table):
        person_hmac = TextField(unique=True)
        at = UtcField()

        class Meta:
            table_name = "closed_doors"

    db.create_tables([Kept, Block, ClosedDoor])
