"""Store when a display name changed, and the partner's name at the start of a space."""

from peewee import TextField

from planner.storage.columns import UtcDateTimeField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("members", "name_changed_at", UtcDateTimeField(null=True)),
        migrator.add_column("pauses", "partner_name", TextField(null=True)),
    )
