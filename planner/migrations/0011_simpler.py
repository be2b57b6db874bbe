"""Drop three columns, add the zone that days are counted in, and keep the instant from which a match shows."""

import uuid

from peewee import ForeignKeyField, Model, TextField, UUIDField

from planner.storage.fields import UtcField


def up(migrator, db):
    migrator.migrate(
        migrator.drop_column("profiles", "learns_since"),
        migrator.drop_column("outcomes", "earlier"),
        migrator.drop_column("dealt", "begun"),
        migrator.add_column("persons", "day_zone", TextField(null=True)),
        migrator.add_column("persons", "day_zone_until", UtcField(null=True)),
    )

    class Table(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)

        class Meta:
            database = db
            legacy_table_names = False

    class Couple(Table):
        class Meta:
            table_name = "couples"

    class Activity(Table):
        class Meta:
            table_name = "activities"

    class Match(Table):
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+", index=False)
        activity = ForeignKeyField(Activity, on_delete="CASCADE", backref="+")
        made_at = UtcField()
        shown_from = UtcField()

        class Meta:
            table_name = "matches"
            indexes = ((("couple", "activity"), True),)

    db.drop_tables([Match])
    db.create_tables([Match])
