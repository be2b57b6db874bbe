"""Find the items about a thing without reading those of all people."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "items_with_target" ON "inbox_items" ("target") WHERE ("target" IS NOT NULL)')
