"""Find the dates that wait for their partner's word at each tick, without reading all agreed dates."""


def up(migrator, db):
    db.execute_sql('CREATE INDEX "dates_recorded" ON "dates" ("start") WHERE ("recorded" AND ("state" = \'accepted\'))')
