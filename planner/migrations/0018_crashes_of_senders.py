"""Count the senders that died with a delivery."""

from peewee import IntegerField


def up(migrator, db):
    migrator.migrate(migrator.add_column("deliveries", "crashes", IntegerField(default=0)))
