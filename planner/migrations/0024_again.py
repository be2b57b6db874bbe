"""Add whether a person would do an activity again, and let feedback leave out the feeling."""

from peewee import TextField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("feedback", "again", TextField(null=True)),
        migrator.drop_not_null("feedback", "feeling"),
    )
