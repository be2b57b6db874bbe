"""The first tables."""

import uuid

from peewee import (
    Check,
    DateField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
    UUIDField,
)

from planner.storage.fields import UtcField


def up(migrator, db):

    class ServerKey(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        purpose = TextField(unique=True)
        secret = TextField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "server_keys"

    db.create_tables([ServerKey])

    class Person(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        sign_in_name = TextField(unique=True)
        display_name = TextField()
        password_hash = TextField()
        recovery_hash = TextField()
        zone = TextField()
        version = IntegerField(default=1)
        created_at = UtcField()
        deleted_at = UtcField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "persons"

    db.create_tables([Person])

    class SignIn(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        token_hash = TextField(unique=True)
        device = TextField()
        created_at = UtcField()
        used_on = DateField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "sign_ins"

    db.create_tables([SignIn])

    class Couple(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        rhythm = TextField()
        pace = IntegerField()
        began_at = UtcField()
        ended_at = UtcField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "couples"
            constraints = [Check("pace BETWEEN 1 AND 5"), Check("rhythm IN ('apart', 'steady', 'together')")]

    db.create_tables([Couple])

    class Member(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+")
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        name = TextField()
        rhythm = TextField()
        ceiling = IntegerField()
        left_at = UtcField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "members"
            constraints = [Check("ceiling BETWEEN 1 AND 5")]

    Member.add_index(
        Member.index(Member.person, unique=True, where=Member.left_at.is_null(), name="members_one_living_couple")
    )
    db.create_tables([Member])

    class Invitation(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        inviter = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        inviter_name = TextField()
        code_hash = TextField(unique=True)
        accepter = ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+")
        accepter_name = TextField(null=True)
        accepter_rhythm = TextField(null=True)
        state = TextField()
        created_at = UtcField()
        expires_at = UtcField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "invitations"
            constraints = [Check("state IN ('pending', 'accepted', 'confirmed', 'declined', 'refused', 'withdrawn')")]

    db.create_tables([Invitation])

    class Contact(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+")
        kind = TextField()
        subject = UUIDField(index=True)
        at = UtcField()
        open_until = UtcField(null=True)
        outcome = TextField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "contacts"
            indexes = ((("person", "couple", "at"), False),)

    db.create_tables([Contact])

    class Attempt(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        count = IntegerField()
        ends_at = UtcField(index=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "attempts"

    db.create_tables([Attempt])

    class Item(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        person = UUIDField()
        kind = TextField()
        subject = UUIDField()
        visible_at = UtcField()
        useless_at = UtcField(null=True)
        seen_at = UtcField(null=True)
        announced_at = UtcField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "items"
            indexes = (
                (("subject", "person", "kind"), True),
                (("person", "visible_at"), False),
            )

    Item.add_index(Item.index(Item.visible_at, where=Item.announced_at.is_null(), name="items_to_announce"))
    db.create_tables([Item])

    class Delivery(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        item = ForeignKeyField(Item, on_delete="CASCADE", backref="+", index=False)
        channel = TextField()
        tries = IntegerField(default=0)
        next_at = UtcField(null=True)
        token = UUIDField(null=True)
        lease_until = UtcField(null=True)
        done_at = UtcField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "deliveries"
            indexes = ((("item", "channel"), True),)

    Delivery.add_index(Delivery.index(Delivery.next_at, where=Delivery.next_at.is_null(False), name="deliveries_due"))
    db.create_tables([Delivery])

    class Activity(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        slug = TextField(unique=True)
        version = IntegerField()
        content = TextField()
        changed_at = UtcField(index=True)
        retired_at = UtcField(null=True)
        owner = ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+", index=False)
        shown_to = ForeignKeyField(Couple, null=True, on_delete="SET NULL", backref="+")
        request = TextField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "activities"
            indexes = ((("owner", "changed_at"), False),)

    db.create_tables([Activity])

    class Prompt(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        slug = TextField(unique=True)
        version = IntegerField()
        content = TextField()
        changed_at = UtcField(index=True)
        retired_at = UtcField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "prompts"

    db.create_tables([Prompt])

    class Date(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        couple = ForeignKeyField(Couple, null=True, on_delete="CASCADE", backref="+", index=False)
        proposer = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        sender = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        awaiting = ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+", index=False)
        activity = ForeignKeyField(Activity, on_delete="RESTRICT", backref="+")
        line = TextField(null=True)
        state = TextField()
        version = IntegerField(default=1)
        request = TextField()
        last_act = TextField()
        answer = TextField(null=True)
        created_at = UtcField()
        moved_at = UtcField()
        expires_at = UtcField(null=True)
        start = UtcField(null=True)
        end = UtcField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "dates"
            indexes = ((("couple", "created_at"), False), (("proposer", "created_at"), False))
            constraints = [
                Check("state IN ('proposed', 'accepted', 'completed', 'declined', 'withdrawn', 'cancelled', 'lapsed')"),
                Check("(state = 'proposed') = (awaiting_id IS NOT NULL)"),
            ]

    Date.add_index(Date.index(Date.expires_at, where=(Date.state == "proposed"), name="dates_open"))
    db.create_tables([Date])

    class SlotRow(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        date = ForeignKeyField(Date, on_delete="CASCADE", backref="+")
        start = UtcField()
        end = UtcField()
        wall = TextField()
        zone = TextField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "slots"

    db.create_tables([SlotRow])

    class Outcome(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        date = ForeignKeyField(Date, on_delete="CASCADE", backref="+", index=False)
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        feeling = TextField()
        rating = IntegerField(null=True)
        noted_at = UtcField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "outcomes"
            indexes = ((("date", "person"), True),)

    db.create_tables([Outcome])

    class Note(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        author = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        kind = TextField()
        body = TextField()
        prompt = ForeignKeyField(Prompt, null=True, on_delete="RESTRICT", backref="+", index=False)
        date = ForeignKeyField(Date, null=True, on_delete="SET NULL", backref="+")
        version = IntegerField(default=1)
        request = TextField()
        created_at = UtcField()
        deleted_at = UtcField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "notes"
            indexes = ((("author", "created_at"), False),)

    db.create_tables([Note])

    class Share(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        note = ForeignKeyField(Note, unique=True, on_delete="CASCADE", backref="+")
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+", index=False)
        shared_at = UtcField()
        recalled_at = UtcField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "shares"
            indexes = ((("couple", "shared_at"), False),)

    db.create_tables([Share])

    class PromptDay(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        day = DateField()
        prompt = ForeignKeyField(Prompt, on_delete="RESTRICT", backref="+", index=False)

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "prompt_days"
            indexes = ((("person", "day"), True),)

    db.create_tables([PromptDay])

    class ProfileRow(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", unique=True)
        interests = TextField()
        causes = TextField()

        class Meta:
            database = db
            legacy_table_names = False
            table_name = "profiles"

    db.create_tables([ProfileRow])
