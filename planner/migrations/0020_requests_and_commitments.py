"""Add requests and commitments, and a kind of copies and holds."""

import re
import uuid

from peewee import Check, DateField, ForeignKeyField, IntegerField, Model, SqliteDatabase, TextField, UUIDField

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

    class Couple(Table):
        class Meta:
            table_name = "couples"

    class Request(Table):
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+", index=False)
        sender = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        body = TextField()
        day = DateField(null=True)
        state = TextField()
        answers = ForeignKeyField("self", null=True, on_delete="SET NULL", unique=True, backref="+")
        digest = TextField()
        created_at = UtcDateTimeField()
        moved_at = UtcDateTimeField()
        expires_at = UtcDateTimeField()

        class Meta:
            table_name = "requests"
            constraints = [Check("state IN ('open', 'accepted', 'declined', 'answered', 'withdrawn')")]
            indexes = ((("couple", "created_at"), False),)

    class Commitment(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        body = TextField()
        request = ForeignKeyField(Request, null=True, on_delete="SET NULL", backref="+")
        version = IntegerField(default=1)
        digest = TextField()
        created_at = UtcDateTimeField()
        ended_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "commitments"
            indexes = ((("person", "created_at"), False),)

    class CommitmentDay(Table):
        commitment = ForeignKeyField(Commitment, on_delete="CASCADE", backref="+", index=False)
        day = DateField()

        class Meta:
            table_name = "commitment_days"
            indexes = ((("commitment", "day"), True),)

    db.create_tables([Request, Commitment, CommitmentDay])
    allow = _allow_on_sqlite if isinstance(db, SqliteDatabase) else _allow_on_postgresql
    allow(db, "received_copies", "'message'", "'message', 'request'")
    allow(db, "holds", "'idea'", "'idea', 'request'")


def _allow_on_postgresql(db, table, after, kinds):
    name = f"{table}_kind_check"
    select = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s AND conrelid = %s::regclass"
    (row,) = db.execute_sql(select, (name, table)).fetchall()
    listed = ", ".join(re.findall(r"'\w+'", row[0]))
    if "'request'" not in listed:
        check = f"CHECK (kind IN ({listed.replace(after, kinds)}))"
        db.execute_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}", ADD CONSTRAINT "{name}" {check}')


def _allow_on_sqlite(db, table, after, kinds):
    """Copy the rows into a new table, because SQLite cannot change a check. No other table refers to this one."""
    select = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type = ? AND sql IS NOT NULL"
    ((made,),) = db.execute_sql(select, (table, "table")).fetchall()
    indexes = db.execute_sql(select, (table, "index")).fetchall()
    if "'request'" in made:
        return
    body = made[made.index("(") :].replace(after, kinds)
    db.execute_sql(f'CREATE TABLE "{table}_new" {body}')
    db.execute_sql(f'INSERT INTO "{table}_new" SELECT * FROM "{table}"')
    db.execute_sql(f'DROP TABLE "{table}"')
    db.execute_sql(f'ALTER TABLE "{table}_new" RENAME TO "{table}"')
    for (index,) in indexes:
        db.execute_sql(index)
