"""Add important days."""

import uuid

from peewee import Check, ForeignKeyField, IntegerField, Model, TextField, UUIDField

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

    class Couple(Table):
        class Meta:
            table_name = "couples"

    class ImportantDay(Table):
        owner = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        kind = TextField()
        title = TextField(null=True)
        month = IntegerField()
        day = IntegerField()
        year = IntegerField(null=True)
        version = IntegerField(default=1)
        request = TextField()
        created_at = UtcDateTimeField()
        couple = ForeignKeyField(Couple, null=True, on_delete="SET NULL", backref="+")
        offered_at = UtcDateTimeField(null=True)
        agreed_at = UtcDateTimeField(null=True)
        declined_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "important_days"
            constraints = [Check("kind IN ('birthday', 'anniversary', 'own')")]
            indexes = ((("owner", "created_at"), False),)

    db.create_tables([ImportantDay])
