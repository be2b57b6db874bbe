"""Add whose birthday an important day is. Until now, a birthday without a title was its owner's."""

from peewee import TextField


def up(migrator, db):
    migrator.migrate(migrator.add_column("important_days", "birthday_of", TextField(null=True)))
    is_own = "CASE WHEN title IS NULL THEN 'me' ELSE 'other' END"
    db.execute_sql(f"UPDATE important_days SET birthday_of = {is_own} WHERE kind = 'birthday'")  # no input
