"""Add the self-care plans that people chose, and their checklists for outside help."""

import uuid

from peewee import DateField, ForeignKeyField, IntegerField, Model, TextField, UUIDField

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

    class Date(Table):
        class Meta:
            table_name = "dates"

    class ChosenPlan(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        content = TextField()
        starts_on = DateField()
        ends_on = DateField()
        low_weeks = TextField()
        version = IntegerField()
        request = TextField()
        created_at = UtcDateTimeField()

        class Meta:
            table_name = "chosen_plans"
            indexes = ((("person", "created_at"), False),)

    class PlanStep(Table):
        plan = ForeignKeyField(ChosenPlan, on_delete="CASCADE", index=False, backref="+")
        number = IntegerField()
        local_time = TextField()
        date = ForeignKeyField(Date, null=True, on_delete="SET NULL", unique=True, backref="+")

        class Meta:
            table_name = "plan_steps"
            indexes = ((("plan", "number"), True),)

    class Checklist(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        kind = TextField()
        criteria = TextField()
        questions = TextField()
        changed_at = UtcDateTimeField()

        class Meta:
            table_name = "support_checklists"
            indexes = ((("person", "kind"), True),)

    db.create_tables([ChosenPlan, PlanStep, Checklist])
