"""Deleting an account, and what the operator may switch off. Columns are only added: a rebuild loses constraints."""

import uuid

from peewee import Model, TextField, UUIDField

from planner.storage.fields import UtcField


def up(migrator, db):

    class Person(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        deleted_at = UtcField(null=True)
        deleted_by = TextField(null=True)
        erased_at = UtcField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "persons"

    for name in ("deleted_by", "erased_at"):
        migrator.migrate(migrator.add_column("persons", name, Person._meta.fields[name]))
    db.execute(Person.index(Person.deleted_at, where=Person.deleted_at.is_null(False), name="persons_deleted"))

    class Switch(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        name = TextField(unique=True)
        off_at = UtcField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "switches"

    db.create_tables([Switch])
