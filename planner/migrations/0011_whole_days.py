"""Add slots of whole days."""

from peewee import IntegerField


def up(migrator, db):
    migrator.migrate(migrator.add_column("slots", "days", IntegerField(null=True)))
