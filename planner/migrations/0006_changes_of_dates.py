"""Add moves of agreed dates, changed messages and places, dates agreed already, and looked-up invitations."""

import uuid

from peewee import BooleanField, Check, ForeignKeyField, Model, TextField, UUIDField

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

    class Reschedule(Table):
        date = ForeignKeyField(Date, unique=True, on_delete="CASCADE", backref="+")
        sender = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        expires_at = UtcDateTimeField(index=True)

        class Meta:
            table_name = "reschedules"

    class DateText(Table):
        date = ForeignKeyField(Date, on_delete="CASCADE", backref="+", index=False)
        author = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        change = UUIDField(index=True)
        kind = TextField()
        text = TextField(null=True)
        at = UtcDateTimeField()

        class Meta:
            table_name = "date_texts"
            constraints = [Check("kind IN ('message', 'place')")]
            indexes = ((("date", "kind", "at"), False),)

    db.create_tables([Reschedule, DateText])
    migrator.migrate(
        migrator.add_column("dates", "place", TextField(null=True)),
        migrator.add_column("dates", "recorded", BooleanField(default=False)),
        migrator.add_column("slots", "for_move", BooleanField(default=False)),
        migrator.add_column("invitations", "looked_up_at", UtcDateTimeField(null=True)),
        migrator.add_column("inbox_items", "target", UUIDField(null=True)),
    )
    db.execute_sql('CREATE INDEX "dates_agreed" ON "dates" ("end") WHERE ("state" = \'accepted\')')
    # A lapse counted nothing until now.
    db.execute_sql('UPDATE "contact_events" SET "outcome" = \'excused\' WHERE "outcome" = \'lapsed\'')
    # Earlier look-ups were not recorded. A person met these invitations for certain.
    met = "'accepted', 'confirmed', 'declined', 'refused'"
    db.execute_sql(f'UPDATE "invitations" SET "looked_up_at" = "created_at" WHERE "state" IN ({met})')
