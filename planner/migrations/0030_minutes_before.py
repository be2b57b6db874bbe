"""Move the minutes before a date to the nearest of the four choices. Before, the API took any number."""


def up(migrator, db):
    db.execute_sql(
        'UPDATE "notification_preferences" SET "minutes_before" = CASE WHEN "minutes_before" < 23 THEN 15'
        ' WHEN "minutes_before" < 45 THEN 30 WHEN "minutes_before" < 90 THEN 60 ELSE 120 END'
    )
