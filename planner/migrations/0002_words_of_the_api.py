"""Rename columns to the words of the API, and let items about a new couple name the couple."""

from peewee import PostgresqlDatabase


def up(migrator, db):
    migrator.migrate(
        migrator.drop_index("invitations", "invitations_accepter_id"),
        migrator.rename_column("invitations", "accepter_id", "invitee_id"),
        migrator.rename_column("invitations", "accepter_name", "invitee_name"),
        migrator.rename_column("invitations", "accepter_rhythm", "invitee_rhythm"),
        migrator.rename_column("slots", "wall", "local_time"),
        migrator.add_index("invitations", ("invitee_id",)),
    )
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql(
            "ALTER TABLE invitations RENAME CONSTRAINT invitations_accepter_id_fkey TO invitations_invitee_id_fkey"
        )
    # An item named the invitation, which no one can read after the couple began. Items of a past couple are deleted
    # with it, so each person has one.
    db.execute_sql(
        "UPDATE inbox_items SET subject = (SELECT members.couple_id FROM members WHERE members.person_id ="
        " inbox_items.person AND members.left_at IS NULL) WHERE kind = 'couple_begun' AND EXISTS (SELECT 1 FROM members"
        " WHERE members.person_id = inbox_items.person AND members.left_at IS NULL)"
    )
