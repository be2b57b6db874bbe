"""Find the newest notes of the kind memory without reading a person's other notes."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "notes_author_id_kind_created_at" ON "notes" ("author_id", "kind", "created_at")')
