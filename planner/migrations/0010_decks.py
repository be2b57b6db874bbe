"""When the day of a deck began: so nobody brings about a second one by moving their zone ahead."""

from planner.storage.fields import UtcField


def up(migrator, db):
    migrator.migrate(migrator.add_column("dealt", "begun", UtcField(null=True)))
