"""Add devices that take notifications, and the target of each delivery."""

import uuid

from peewee import ForeignKeyField, Model, TextField, UUIDField

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

    class Session(Table):
        class Meta:
            table_name = "sessions"

    class Device(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        session = ForeignKeyField(Session, on_delete="CASCADE", backref="+")
        installation = UUIDField()
        kind = TextField()
        endpoint = TextField(unique=True)
        p256dh = TextField()
        auth = TextField()
        created_at = UtcDateTimeField()
        confirmed_at = UtcDateTimeField()

        class Meta:
            table_name = "devices"
            indexes = ((("person", "installation"), True),)

    db.create_tables([Device])
    migrator.migrate(
        migrator.add_column("deliveries", "target", UUIDField(null=True)),
        # Earlier deliveries went to the log only, so they have no target.
        migrator.drop_index("deliveries", "deliveries_item_id_channel"),
        migrator.add_index("deliveries", ("item_id", "channel", "target"), unique=True),
    )
