"""All tables of the first release."""

import uuid

from peewee import Check, DateField, ForeignKeyField, IntegerField, Model, TextField, UUIDField

from planner.storage.columns import UtcDateTimeField


def up(migrator, db):
    class Table(Model):
        id = UUIDField(primary_key=True, default=uuid.uuid4)

        class Meta:
            database = db
            legacy_table_names = False

    class ServerKey(Table):
        purpose = TextField(unique=True)
        secret = TextField()

        class Meta:
            table_name = "server_keys"

    class InstanceFlag(Table):
        name = TextField(unique=True)
        off_at = UtcDateTimeField()

        class Meta:
            table_name = "instance_flags"

    class Lease(Table):
        name = TextField(unique=True)
        holder = TextField()
        expires_at = UtcDateTimeField()

        class Meta:
            table_name = "leases"

    class Person(Table):
        sign_in_name = TextField(unique=True)
        display_name = TextField()
        password_hash = TextField()
        recovery_hash = TextField()
        zone = TextField()
        day_zone = TextField(null=True)
        day_zone_until = UtcDateTimeField(null=True)
        version = IntegerField(default=1)
        created_at = UtcDateTimeField()
        deleted_at = UtcDateTimeField(null=True)
        deleted_by = TextField(null=True)
        erased_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "persons"

    Person.add_index(Person.index(Person.deleted_at, where=Person.deleted_at.is_null(False), name="persons_deleted"))

    class Session(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        token_hash = TextField(unique=True)
        device = TextField()
        created_at = UtcDateTimeField()
        used_on = DateField()

        class Meta:
            table_name = "sessions"

    class Couple(Table):
        rhythm = TextField()
        pace = IntegerField()
        began_at = UtcDateTimeField()
        review_at = UtcDateTimeField(null=True, index=True)
        ended_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "couples"
            constraints = [
                Check("pace BETWEEN 1 AND 5"),
                Check("rhythm IN ('apart', 'gentle', 'together')"),
            ]

    class Member(Table):
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+")
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        name = TextField()
        rhythm = TextField()
        max_pace = IntegerField()
        quiet_pace = IntegerField(null=True)
        quiet_rhythm = TextField(null=True)
        quiet_rhythm_since = UtcDateTimeField(null=True)
        requested_pace = IntegerField(null=True)
        pace_since = UtcDateTimeField(null=True)
        left_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "members"
            constraints = [
                Check("max_pace BETWEEN 1 AND 5"),
            ]

    Member.add_index(
        Member.index(Member.person, unique=True, where=Member.left_at.is_null(), name="members_one_couple")
    )

    class Invitation(Table):
        inviter = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        inviter_name = TextField()
        code_hash = TextField(unique=True)
        accepter = ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+")
        accepter_name = TextField(null=True)
        accepter_rhythm = TextField(null=True)
        state = TextField()
        created_at = UtcDateTimeField()
        expires_at = UtcDateTimeField()

        class Meta:
            table_name = "invitations"
            constraints = [
                Check("state IN ('pending', 'accepted', 'confirmed', 'declined', 'refused', 'withdrawn')"),
            ]

    class ContactEvent(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+")
        kind = TextField()
        subject = UUIDField(index=True)
        pace = IntegerField(null=True)
        at = UtcDateTimeField()
        open_until = UtcDateTimeField(null=True)
        outcome = TextField(null=True)

        class Meta:
            table_name = "contact_events"
            indexes = ((("person", "couple", "at"), False),)

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
            constraints = [
                Check("kind IN ('note', 'idea', 'message')"),
            ]
            indexes = ((("person", "at"), False),)

    class Pause(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+")
        kind = TextField()
        sentence = TextField(null=True)
        until = DateField(null=True)
        said_at = UtcDateTimeField(null=True)
        started_at = UtcDateTimeField()
        ended_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "pauses"
            constraints = [
                Check("kind IN ('quiet', 'said')"),
            ]
            indexes = ((("person", "started_at"), False),)

    Pause.add_index(Pause.index(Pause.person, unique=True, where=Pause.ended_at.is_null(), name="pauses_one_open"))

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
                Check("kind IN ('date', 'note', 'idea', 'item')"),
                Check("reason IN ('space', 'pace', 'rhythm')"),
                Check("(reason = 'space') = (space_id IS NOT NULL)"),
            ]
            indexes = ((("person", "subject", "arrived_at"), True),)

    class RateLimitCounter(Table):
        count = IntegerField()
        ends_at = UtcDateTimeField(index=True)

        class Meta:
            table_name = "rate_limit_counters"

    class FormerCoupleAccess(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+")
        until = UtcDateTimeField(index=True)

        class Meta:
            table_name = "former_couple_access"
            indexes = ((("person", "couple"), True),)

    class Block(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        other_hmac = TextField()
        name = TextField()
        at = UtcDateTimeField()
        invitation = UUIDField(null=True)

        class Meta:
            table_name = "blocks"
            indexes = ((("person", "other_hmac"), True),)

    class GlobalBlock(Table):
        person_hmac = TextField(unique=True)
        at = UtcDateTimeField()

        class Meta:
            table_name = "global_blocks"

    class Item(Table):
        person = UUIDField()
        kind = TextField()
        subject = UUIDField()
        visible_at = UtcDateTimeField()
        expires_at = UtcDateTimeField(null=True)
        seen_at = UtcDateTimeField(null=True)
        queued_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "inbox_items"
            indexes = ((("subject", "person", "kind"), True), (("person", "visible_at"), False))

    Item.add_index(Item.index(Item.visible_at, where=Item.queued_at.is_null(), name="items_to_announce"))

    class Delivery(Table):
        item = ForeignKeyField(Item, on_delete="CASCADE", backref="+", index=False)
        channel = TextField()
        tries = IntegerField(default=0)
        next_at = UtcDateTimeField(null=True)
        token = UUIDField(null=True)
        lease_until = UtcDateTimeField(null=True)
        done_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "deliveries"
            indexes = ((("item", "channel"), True),)

    Delivery.add_index(Delivery.index(Delivery.next_at, where=Delivery.next_at.is_null(False), name="deliveries_due"))

    class Activity(Table):
        slug = TextField(unique=True)
        version = IntegerField()
        content = TextField()
        changed_at = UtcDateTimeField(index=True)
        retired_at = UtcDateTimeField(null=True)
        owner = ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+", index=False)
        shown_to = ForeignKeyField(Couple, null=True, on_delete="SET NULL", backref="+")
        copy_of = ForeignKeyField("self", null=True, on_delete="SET NULL", backref="+")
        request = TextField(null=True)

        class Meta:
            table_name = "activities"
            indexes = ((("owner", "changed_at"), False),)

    class Prompt(Table):
        slug = TextField(unique=True)
        version = IntegerField()
        content = TextField()
        changed_at = UtcDateTimeField(index=True)
        retired_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "prompts"

    class Date(Table):
        couple = ForeignKeyField(Couple, null=True, on_delete="CASCADE", backref="+", index=False)
        proposer = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        sender = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        awaiting = ForeignKeyField(Person, null=True, on_delete="CASCADE", backref="+", index=False)
        activity = ForeignKeyField(Activity, on_delete="RESTRICT", backref="+")
        message = TextField(null=True)
        state = TextField()
        version = IntegerField(default=1)
        request = TextField()
        last_request_digest = TextField()
        answer = TextField(null=True)
        created_at = UtcDateTimeField()
        moved_at = UtcDateTimeField()
        offered_at = UtcDateTimeField(null=True)
        expires_at = UtcDateTimeField(null=True)
        start = UtcDateTimeField(null=True)
        end = UtcDateTimeField(null=True)

        class Meta:
            table_name = "dates"
            constraints = [
                Check("state IN ('proposed', 'accepted', 'completed', 'declined', 'withdrawn', 'cancelled', 'lapsed')"),
                Check("(state = 'proposed') = (awaiting_id IS NOT NULL)"),
            ]
            indexes = ((("couple", "created_at"), False), (("proposer", "created_at"), False))

    Date.add_index(Date.index(Date.expires_at, where=(Date.state == "proposed"), name="dates_open"))

    class SlotRow(Table):
        date = ForeignKeyField(Date, on_delete="CASCADE", backref="+")
        start = UtcDateTimeField()
        end = UtcDateTimeField()
        wall = TextField()
        zone = TextField()

        class Meta:
            table_name = "slots"

    class FeedbackRow(Table):
        date = ForeignKeyField(Date, on_delete="CASCADE", backref="+", index=False)
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        feeling = TextField()
        rating = IntegerField(null=True)
        noted_at = UtcDateTimeField()

        class Meta:
            table_name = "feedback"
            indexes = ((("date", "person"), True),)

    class Rsvp(Table):
        date = ForeignKeyField(Date, on_delete="CASCADE", backref="+", index=False)
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+")
        off_at = UtcDateTimeField(null=True, index=True)

        class Meta:
            table_name = "rsvps"
            indexes = ((("date", "person"), True),)

    class Note(Table):
        author = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        kind = TextField()
        body = TextField()
        prompt = ForeignKeyField(Prompt, null=True, on_delete="RESTRICT", backref="+", index=False)
        date = ForeignKeyField(Date, null=True, on_delete="SET NULL", backref="+")
        version = IntegerField(default=1)
        request = TextField()
        created_at = UtcDateTimeField()
        deleted_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "notes"
            indexes = ((("author", "created_at"), False),)

    class Share(Table):
        note = ForeignKeyField(Note, on_delete="CASCADE", backref="+", unique=True)
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+", index=False)
        shared_at = UtcDateTimeField()
        recalled_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "shares"
            indexes = ((("couple", "shared_at"), False),)

    class PromptDay(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        day = DateField()
        prompt = ForeignKeyField(Prompt, on_delete="RESTRICT", backref="+", index=False)

        class Meta:
            table_name = "prompt_days"
            indexes = ((("person", "day"), True),)

    class ProfileRow(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", unique=True)
        interests = TextField()
        causes = TextField()
        limits = TextField(null=True)
        before = TextField(null=True)
        effective_from = UtcDateTimeField(null=True)

        class Meta:
            table_name = "profiles"

    class VoteRow(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        activity = ForeignKeyField(Activity, on_delete="CASCADE", backref="+")
        vote = TextField()
        effective_from = UtcDateTimeField(index=True)
        until = UtcDateTimeField(null=True)

        class Meta:
            table_name = "votes"
            constraints = [
                Check("vote IN ('like', 'pass', 'never')"),
            ]
            indexes = ((("person", "activity"), False),)

    VoteRow.add_index(
        VoteRow.index(
            VoteRow.person, VoteRow.activity, unique=True, where=VoteRow.until.is_null(), name="votes_one_active"
        )
    )

    class DealtCard(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        activity = ForeignKeyField(Activity, on_delete="CASCADE", backref="+")
        day = DateField()
        position = IntegerField()

        class Meta:
            table_name = "dealt_cards"
            indexes = ((("person", "day", "position"), True), (("person", "activity"), False))

    class Match(Table):
        couple = ForeignKeyField(Couple, on_delete="CASCADE", backref="+", index=False)
        activity = ForeignKeyField(Activity, on_delete="CASCADE", backref="+")
        made_at = UtcDateTimeField()
        shown_from = UtcDateTimeField()

        class Meta:
            table_name = "matches"
            indexes = ((("couple", "activity"), True),)

    class RecommendationRow(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", index=False)
        day = DateField(index=True)
        question = TextField()
        cards = TextField()

        class Meta:
            table_name = "recommendation_log"
            indexes = ((("person", "day", "question"), True),)

    class HelpRow(Table):
        person = ForeignKeyField(Person, on_delete="CASCADE", backref="+", unique=True)
        stuck_since = UtcDateTimeField(null=True)
        counselling_away_at = UtcDateTimeField(null=True)
        review_away_at = UtcDateTimeField(null=True)

        class Meta:
            table_name = "help_cards"

    db.create_tables(
        [
            ServerKey,
            Lease,
            InstanceFlag,
            Person,
            Session,
            Couple,
            Member,
            Invitation,
            ContactEvent,
            ReceivedCopy,
            Pause,
            Hold,
            RateLimitCounter,
            FormerCoupleAccess,
            Block,
            GlobalBlock,
            Item,
            Delivery,
            Activity,
            Prompt,
            Date,
            SlotRow,
            FeedbackRow,
            Rsvp,
            Note,
            Share,
            PromptDay,
            ProfileRow,
            VoteRow,
            DealtCard,
            Match,
            RecommendationRow,
            HelpRow,
        ]
    )
