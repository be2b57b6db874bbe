"""Add what people chose about notifications, and when each delivery was due."""

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

    class PreferencesRow(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", unique=True, backref="+")
        channels = TextField()
        day_before = BooleanField()
        minutes_before = IntegerField()
        quiet_from = TextField(null=True)
        quiet_until = TextField(null=True)
        prompt_weekdays = TextField()
        prompt_at = TextField()
        cue = TextField(null=True)
        next_prompt_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "notification_preferences"

    PreferencesRow.add_index(
        PreferencesRow.index(
            PreferencesRow.next_prompt_at, where=PreferencesRow.next_prompt_at.is_null(False), name="prompts_due"
        )
    )
    db.create_tables([PreferencesRow])
    migrator.migrate(
        migrator.add_column("deliveries", "due_at", UtcDateTimeField(null=True)),
        migrator.add_column("deliveries", "digest_at", UtcDateTimeField(null=True)),
    )
    db.execute_sql('CREATE INDEX "deliveries_digests" ON "deliveries" ("target") WHERE ("digest_at" IS NOT NULL)')
