"""Add passkeys, and the marks of devices on which a person has signed in."""

import uuid

from peewee import BigIntegerField, ForeignKeyField, Model, TextField, UUIDField

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

    class DeviceMark(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        digest = TextField(unique=True)
        created_at = UtcDateTimeField()
        used_at = UtcDateTimeField()

        class Meta:
            table_name = "device_marks"

    class Passkey(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        credential_id = TextField(unique=True)
        public_key = TextField()
        sign_count = BigIntegerField()
        name = TextField()
        created_at = UtcDateTimeField()
        used_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "passkeys"

    db.create_tables([DeviceMark, Passkey])
