"""Add when a person last confirmed a sign-in."""

from planner.storage.columns import UtcDateTimeField


def up(migrator, db):
    migrator.migrate(migrator.add_column("sessions", "confirmed_at", UtcDateTimeField(null=True)))
