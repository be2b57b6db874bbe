"""What somebody says of themselves when they look for help, and which cards they put away."""

import uuid

from peewee import ForeignKeyField, Model, UUIDField

from planner.storage.fields import UtcField


def up(migrator, db):

    class Table(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)

        class Meta:
            database = db
            legacy_table_names = False

    class Person(Table):
        class Meta:
            table_name = "persons"

    class Help(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", unique=True)
        stuck_since = UtcField(null=True)
        counselling_away_at = UtcField(null=True)
        review_away_at = UtcField(null=True)

        class Meta:
            table_name = "helps"

    db.create_tables([Help])
