"""Find the open pauses at each tick without reading the agreed dates of all couples."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "pauses_ended_at" ON "pauses" ("ended_at")')
