"""Add the e-mail addresses of people, and the mails about accounts."""

import uuid

from peewee import BooleanField, ForeignKeyField, IntegerField, Model, TextField, UUIDField

from planner.storage.columns import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)

        class Meta:
            database = db
            legacy_table_names = False

    class Person(Table):
        class Meta:
            table_name = "persons"

    class EmailAddress(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", unique=True)
        address = TextField()
        set_at = UtcDateTimeField()
        confirmed_at = UtcDateTimeField(null=True)
        refused_at = UtcDateTimeField(null=True)
        resets_password = BooleanField()
        notifies = BooleanField()
        shows_details = BooleanField()

        class Meta:
            table_name = "email_addresses"

    class AccountMail(Table):
        person = ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+")
        kind = TextField()
        address = TextField(null=True)
        created_at = UtcDateTimeField()
        expires_at = UtcDateTimeField(index=True)
        tries = IntegerField()
        next_at = UtcDateTimeField(null=True)
        used_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "account_mails"

    AccountMail.add_index(
        AccountMail.index(AccountMail.next_at, where=AccountMail.next_at.is_null(False), name="account_mails_due")
    )

    db.create_tables([EmailAddress, AccountMail])
