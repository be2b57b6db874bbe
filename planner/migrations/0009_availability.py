"""Add the availability of people."""

import uuid

from peewee import ForeignKeyField, IntegerField, Model, TextField, UUIDField


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

    class Availability(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", unique=True)
        shared_in = ForeignKeyField(Couple, null=True, on_delete="SET NULL", backref="+")
        windows = TextField()
        version = IntegerField()

        class Meta:
            table_name = "availability"

    db.create_tables([Availability])
