"""Add calendars that people keep elsewhere, and their busy times."""

import uuid

from peewee import BooleanField, ForeignKeyField, IntegerField, Model, TextField, UUIDField

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

    class BusyCalendar(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        name = TextField()
        address = TextField(null=True)
        all_day = BooleanField(default=False)
        version = IntegerField(default=1)
        request = TextField()
        created_at = UtcDateTimeField()
        tried_at = UtcDateTimeField(null=True)
        worked_at = UtcDateTimeField(null=True)
        read_at = UtcDateTimeField(null=True)
        read_until = UtcDateTimeField(null=True)
        skipped = IntegerField(default=0)
        times = IntegerField(default=0)
        days = IntegerField(default=0)
        fault = TextField(null=True)
        failures = IntegerField(default=0)
        next_at = UtcDateTimeField(null=True)
        etag = TextField(null=True)
        last_modified = TextField(null=True)

        class Meta:
            table_name = "busy_calendars"

    BusyCalendar.add_index(
        BusyCalendar.index(BusyCalendar.next_at, where=BusyCalendar.next_at.is_null(False), name="busy_calendars_due")
    )

    class BusyTime(Table):
        calendar = ForeignKeyField(BusyCalendar, on_delete="CASCADE", backref="+", index=False)
        kind = TextField()
        start = UtcDateTimeField()
        end = UtcDateTimeField()

        class Meta:
            table_name = "busy_times"
            indexes = ((("calendar", "start"), False),)

    db.create_tables([BusyCalendar, BusyTime])
