"""Tastes, dealt cards, matches, slates; limits and consent to learning in profiles. Columns are only added."""

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
        class Meta:
            table_name = "couples"

    class Activity(Table):
        class Meta:
            table_name = "activities"

    class ProfileRow(Table):
        limits = TextField(null=True)
        before = TextField(null=True)
        counts_from = UtcField(null=True)
        learns_since = UtcField(null=True)

        class Meta:
            table_name = "profiles"

    for name in ("limits", "before", "counts_from", "learns_since"):
        migrator.migrate(migrator.add_column("profiles", name, ProfileRow._meta.fields[name]))

    class Taste(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        activity = ForeignKeyField(Activity, on_delete="CASCADE", backref="+")
        vote = TextField()
        counts_from = UtcField()
        until = UtcField(null=True)

        class Meta:
            table_name = "tastes"
            constraints = [Check("vote IN ('like', 'pass', 'never')")]
            indexes = ((("person", "activity"), False),)

    Taste.add_index(
        Taste.index(Taste.person, Taste.activity, unique=True, where=Taste.until.is_null(), name="tastes_one_standing")
    )

    class Dealt(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        activity = ForeignKeyField(Activity, on_delete="CASCADE", backref="+")
        day = DateField()
        position = IntegerField()

        class Meta:
            table_name = "dealt"
            indexes = ((("person", "day", "position"), True), (("person", "activity"), False))

    class Match(Table):
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+", index=False)
        activity = ForeignKeyField(Activity, on_delete="CASCADE", backref="+")
        made_at = UtcField()
        shown_from = DateField()

        class Meta:
            table_name = "matches"
            indexes = ((("couple", "activity"), True),)

    class SlateRow(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        day = DateField(index=True)
        question = TextField()
        cards = TextField()

        class Meta:
            table_name = "slates"
            indexes = ((("person", "day", "question"), True),)

    db.create_tables([Taste, Dealt, Match, SlateRow])
