"""Add the feeds of calendars."""

import uuid

from peewee import BooleanField, ForeignKeyField, Model, TextField, UUIDField

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

    class CalendarFeed(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", unique=True)
        token_hash = TextField(unique=True)
        shows_titles = BooleanField()
        created_at = UtcDateTimeField()

        class Meta:
            table_name = "calendar_feeds"

    db.create_tables([CalendarFeed])
