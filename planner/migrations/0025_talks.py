"""Add talks, and the guides of dates."""

import uuid

from peewee import BooleanField, Check, ForeignKeyField, IntegerField, Model, TextField, UUIDField

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

    class Person(Table):
        class Meta:
            table_name = "persons"

    class Date(Table):
        class Meta:
            table_name = "dates"

    class Talk(Table):
        couple = ForeignKeyField(Couple, on_delete="CASCADE", index=False, backref="+")
        opener = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        date = ForeignKeyField(Date, null=True, on_delete="CASCADE", backref="+")
        guide = TextField()
        guide_version = IntegerField()
        opener_first = BooleanField()
        state = TextField()
        step = IntegerField(default=0)
        opener_ready = BooleanField(default=False)
        partner_ready = BooleanField(default=False)
        version = IntegerField(default=1)
        last_move = TextField(null=True)
        request = TextField()
        opened_at = UtcDateTimeField()
        step_at = UtcDateTimeField(null=True)
        paused_at = UtcDateTimeField(null=True)
        resume_at = UtcDateTimeField(null=True)
        ends_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "talks"
            constraints = [
                Check("state IN ('preparing', 'running', 'paused', 'stopped', 'finished', 'lapsed')"),
                Check("(state IN ('preparing', 'running', 'paused')) = (ends_at IS NOT NULL)"),
            ]
            indexes = ((("couple", "opened_at"), False),)

    Talk.add_index(Talk.index(Talk.ends_at, where=Talk.ends_at.is_null(False), name="talks_open"))
    db.create_tables([Talk])
    migrator.migrate(migrator.add_column("dates", "guide", TextField(null=True)))
