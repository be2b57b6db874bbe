"""Add the questions for two with their answers, and two kinds of copies and holds."""

import uuid

from peewee import Check, DateField, ForeignKeyField, Model, SqliteDatabase, TextField, UUIDField

from planner.storage.columns import UtcDateTimeField

COPIES = "kind IN ('note', 'idea', 'message', 'request', 'answer', 'day')"
HOLDS = "kind IN ('date', 'note', 'idea', 'answer', 'day', 'request', 'item')"


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

    class Prompt(Table):
        class Meta:
            table_name = "prompts"

    class Pause(Table):
        class Meta:
            table_name = "pauses"

    class CoupleQuestion(Table):
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+", index=False)
        prompt = ForeignKeyField(Prompt, on_delete="RESTRICT", backref="+", index=False)
        day = DateField()
        drawn_at = UtcDateTimeField(null=True)
        opened_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "couple_questions"
            indexes = ((("couple", "day"), False), (("couple", "opened_at"), False))

    class QuestionAnswer(Table):
        question = ForeignKeyField(CoupleQuestion, on_delete="CASCADE", backref="+", index=False)
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        body = TextField()
        answered_at = UtcDateTimeField()

        class Meta:
            table_name = "question_answers"
            indexes = ((("question", "person"), True),)

    db.create_tables([CoupleQuestion, QuestionAnswer])

    class ReceivedCopy(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        couple = ForeignKeyField(Couple, null=True, on_delete="SET NULL", backref="+")
        kind = TextField()
        subject = UUIDField(index=True)
        words = TextField()
        at = UtcDateTimeField()
        name = TextField(null=True)

        class Meta:
            table_name = "received_copies"
            constraints = [Check(COPIES)]
            indexes = ((("person", "at"), False),)

    class Hold(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+")
        kind = TextField()
        subject = UUIDField()
        reason = TextField()
        space = ForeignKeyField(Pause, null=True, on_delete="CASCADE", backref="+")
        arrived_at = UtcDateTimeField()
        dismissed_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "holds"
            constraints = [
                Check(HOLDS),
                Check("reason IN ('space', 'pace', 'rhythm')"),
                Check("(reason = 'space') = (space_id IS NOT NULL)"),
            ]
            indexes = ((("person", "subject", "arrived_at"), True),)

    for table, check in ((ReceivedCopy, COPIES), (Hold, HOLDS)):
        _replace_check(db, table, check)


def _replace_check(db, table, check):
    name = table._meta.table_name
    if not isinstance(db, SqliteDatabase):
        constraint = f"{name}_kind_check"
        drop = f'DROP CONSTRAINT IF EXISTS "{constraint}"'
        db.execute_sql(f'ALTER TABLE "{name}" {drop}, ADD CONSTRAINT "{constraint}" CHECK ({check})')
        return
    # SQLite cannot change a check: copy the rows into a new table. No other table refers to these two.
    for index in db.get_indexes(name):
        if not index.name.startswith("sqlite_autoindex"):
            db.execute_sql(f'DROP INDEX "{index.name}"')
    db.execute_sql(f'ALTER TABLE "{name}" RENAME TO "{name}_before"')
    db.create_tables([table])
    columns = ", ".join(f'"{field.column_name}"' for field in table._meta.sorted_fields)
    db.execute_sql(f'INSERT INTO "{name}" ({columns}) SELECT {columns} FROM "{name}_before"')
    db.execute_sql(f'DROP TABLE "{name}_before"')
