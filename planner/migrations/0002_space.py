"""Space, quiet choices, the receiver's own record. Columns are only added: a rebuild loses constraints."""

import uuid

from peewee import Check, DateField, ForeignKeyField, IntegerField, Model, TextField, UUIDField

from planner.storage.fields import UtcField


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
        raises_at = UtcField(null=True, index=True)

        class Meta:
            table_name = "couples"

    class Member(Table):
        quiet_pace = IntegerField(null=True)
        quiet_rhythm = TextField(null=True)
        quiet_rhythm_since = UtcField(null=True)
        wish = IntegerField(null=True)
        wished_at = UtcField(null=True)
        pace_since = UtcField(null=True)

        class Meta:
            table_name = "members"

    class Contact(Table):
        pace = IntegerField(null=True)

        class Meta:
            table_name = "contacts"

    class Date(Table):
        moved_at = UtcField()
        offered_at = UtcField(null=True)

        class Meta:
            table_name = "dates"

    for table, names in (
        (Couple, ["raises_at"]),
        (Member, ["quiet_pace", "quiet_rhythm", "quiet_rhythm_since", "wish", "wished_at", "pace_since"]),
        (Contact, ["pace"]),
        (Date, ["offered_at"]),
    ):
        for name in names:
            field = table._meta.fields[name]
            migrator.migrate(migrator.add_column(table._meta.table_name, name, field))
    # An offer that was made before offers had a moment of their own: its last move is the nearest that is known.
    Date.update(offered_at=Date.moved_at).execute()

    class Space(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+")
        kind = TextField()
        sentence = TextField(null=True)
        until = DateField(null=True)
        said_at = UtcField(null=True)
        started_at = UtcField()
        ended_at = UtcField(null=True)
        settled_at = UtcField(null=True)
        settled_as = TextField(null=True)

        class Meta:
            table_name = "spaces"
            constraints = [Check("kind IN ('quiet', 'said')")]
            indexes = ((("person", "started_at"), False),)

    Space.add_index(Space.index(Space.person, unique=True, where=Space.ended_at.is_null(), name="spaces_one_living"))

    class Record(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        couple = ForeignKeyField(Couple, null=True, on_delete="SET NULL", backref="+")
        kind = TextField()
        subject = UUIDField(index=True)
        words = TextField()
        at = UtcField()

        class Meta:
            table_name = "records"
            constraints = [Check("kind IN ('note', 'idea', 'line')")]
            indexes = ((("person", "at"), False),)

    class Attendance(Table):
        date = ForeignKeyField(Date, on_delete="CASCADE", backref="+", index=False)
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        off_at = UtcField(null=True, index=True)

        class Meta:
            table_name = "attendances"
            indexes = ((("date", "person"), True),)

    db.create_tables([Space, Record, Attendance])
