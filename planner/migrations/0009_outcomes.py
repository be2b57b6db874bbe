"""What was said of a date before it was said again: so a day is answered from what stood when it began."""

from peewee import TextField


def up(migrator, db):
    migrator.migrate(migrator.add_column("outcomes", "earlier", TextField(null=True)))
