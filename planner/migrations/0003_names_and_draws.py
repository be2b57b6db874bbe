"""Store changes of names, and the partner's name at the start of a space. Index dates ahead and unseen items."""

from peewee import TextField

from planner.storage.columns import UtcDateTimeField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("members", "name_changed_at", UtcDateTimeField(null=True)),
        migrator.add_column("pauses", "partner_name", TextField(null=True)),
        migrator.add_index("dates", ("couple_id", "state", "end")),
        migrator.add_index("dates", ("proposer_id", "state", "end")),
    )
    db.execute_sql('CREATE INDEX "items_unseen" ON "inbox_items" ("person", "visible_at") WHERE ("seen_at" IS NULL)')
