"""Add rituals, and which dates belong to them."""

import uuid

from peewee import Check, DateField, ForeignKeyField, IntegerField, Model, TextField, UUIDField

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

    class Ritual(Table):
        date = ForeignKeyField(Date, on_delete="CASCADE", unique=True, backref="+")
        rule = TextField()
        local_time = TextField()
        zone = TextField()
        minutes = IntegerField()
        replaces = ForeignKeyField("self", null=True, on_delete="SET NULL", backref="+")
        replaces_from = DateField(null=True)
        due_at = UtcDateTimeField(null=True)
        ended_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "rituals"
            constraints = [Check("due_at IS NULL OR ended_at IS NULL")]

    Ritual.add_index(Ritual.index(Ritual.due_at, where=Ritual.due_at.is_null(False), name="rituals_due"))

    class RitualDate(Table):
        date = ForeignKeyField(Date, on_delete="CASCADE", unique=True, backref="+")
        ritual = ForeignKeyField(Ritual, on_delete="CASCADE", index=False, backref="+")
        occurrence = TextField()

        class Meta:
            table_name = "ritual_dates"
            indexes = ((("ritual", "occurrence"), True),)

    db.create_tables([Ritual, RitualDate])
