"""Add the someday lists of couples."""

import uuid

from peewee import ForeignKeyField, Model, UUIDField

from planner.storage.columns import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)

        class Meta:
            database = db
            legacy_table_names = False

    class Couple(Table):
        class Meta:
            table_name = "couples"

    class Activity(Table):
        class Meta:
            table_name = "activities"

    class Person(Table):
        class Meta:
            table_name = "persons"

    class SomedayItem(Table):
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+", index=False)
        activity = ForeignKeyField(Activity, on_delete="CASCADE", backref="+")
        added_by = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        added_at = UtcDateTimeField()

        class Meta:
            table_name = "someday_items"
            indexes = ((("couple", "activity"), True),)

    db.create_tables([SomedayItem])
