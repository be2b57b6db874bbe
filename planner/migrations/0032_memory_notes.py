"""Find the newest notes of the kind memory without reading a person's other notes."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "notes_memories" ON "notes" ("author_id", "created_at") WHERE ("kind" = \'memory\')')
