"""Add the mark by which a start notices that a backup was restored."""

import uuid

from peewee import BigIntegerField, Model, UUIDField


def up(migrator, db):
    class RestoreMark(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        mark = BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "restore_marks"

    db.create_tables([RestoreMark])
