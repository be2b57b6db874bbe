"""Let each tick find the dates that a partner has not confirmed, without reading all agreed dates."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "dates_recorded" ON "dates" ("start") WHERE ("recorded" AND ("state" = \'accepted\'))')
