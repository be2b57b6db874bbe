"""Find the holds of a date without reading all holds."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "holds_subject" ON "holds" ("subject")')
