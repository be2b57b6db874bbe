"""Add photos, with their files in a table of their own."""

import uuid

from peewee import BlobField, Check, ForeignKeyField, IntegerField, Model, TextField, UUIDField

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

    class Photo(Table):
        owner = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        kind = TextField()
        subject = UUIDField(index=True)
        caption = TextField()
        width = IntegerField()
        height = IntegerField()
        size = IntegerField()
        request = TextField()
        created_at = UtcDateTimeField()
        withdrawn_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "photos"
            constraints = [Check("kind IN ('note', 'date', 'idea')")]
            indexes = ((("owner", "created_at"), False),)

    class PhotoFile(Table):
        photo = ForeignKeyField(Photo, on_delete="CASCADE", backref="+", unique=True)
        large = BlobField()
        small = BlobField()

        class Meta:
            table_name = "photo_files"

    db.create_tables([Photo, PhotoFile])
