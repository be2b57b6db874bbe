"""Drop consent to learning, earlier outcomes and the begin of a deck's day; add the zone that days are counted in."""


def up(migrator, db):
    migrator.migrate(migrator.drop_column("profiles", "learns_since"))
    migrator.migrate(migrator.drop_column("outcomes", "earlier"))
