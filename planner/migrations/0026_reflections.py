"""Add reflections, the keys that encrypt them, and the days on which one was suggested."""

import uuid

from peewee import DateField, ForeignKeyField, IntegerField, Model, TextField, UUIDField

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

    class Prompt(Table):
        class Meta:
            table_name = "prompts"

    class DataKey(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", unique=True)
        wrapped_by_password = TextField(null=True)
        salt = TextField()
        passes = IntegerField()
        kibibytes = IntegerField()
        wrapped_by_code = TextField()
        recovery_key = TextField()
        created_at = UtcDateTimeField()

        class Meta:
            table_name = "data_keys"

    class Reflection(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        content = TextField()
        version = IntegerField(default=1)
        created_at = UtcDateTimeField()

        class Meta:
            table_name = "reflections"
            indexes = ((("person", "created_at"), False),)

    class ReflectionDay(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        day = DateField()
        prompt = ForeignKeyField(Prompt, on_delete="RESTRICT", backref="+", index=False)

        class Meta:
            table_name = "reflection_days"
            indexes = ((("person", "day"), True),)

    migrator.migrate(
        migrator.add_column("persons", "recovery_key", TextField(null=True)),
        migrator.add_column("sessions", "wrapped_key", TextField(null=True)),
    )
    db.create_tables([DataKey, Reflection, ReflectionDay])
