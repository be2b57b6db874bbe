"""The dates of rituals over changes of clocks and of zone rules: wall times hold. Reminders come once a local day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from planner import clock
from planner.accounts.accounts import Person
from planner.dates import ritual_dates, zone_rules
from planner.dates.dates import Date, SlotRow
from planner.dates.rituals import RitualDate
from planner.inbox import Item
from planner.storage import db
from tests.conftest import NOON
from tests.dates import on_wall
from tests.planner.dates.test_zone_rules import HOUR, SANTIAGO, old_rules
from tests.rituals import agreed_ritual

pytestmark = pytest.mark.one_database

# Two people far apart: their clocks change on different days, or never.
ZONES = (
    ("Europe/Lisbon", "America/New_York"),
    ("America/New_York", "Australia/Sydney"),
    ("Australia/Lord_Howe", "Europe/London"),
    ("America/Santiago", "Asia/Kolkata"),
    ("Pacific/Auckland", "America/Santiago"),
)


def made(ritual):
    """Return the dates of a ritual: the wall time by the rule, that of the slot, and the start."""
    columns = (RitualDate.occurrence, SlotRow.local_time, SlotRow.zone, Date.start, Date.id)
    query = RitualDate.select(*columns).join(Date).join(SlotRow, on=(SlotRow.date == Date.id))
    return db.fetch_all(query.where(RitualDate.ritual == UUID(ritual["id"])).order_by(Date.start))


def reminders(person):
    query = Item.select(Item.visible_at, Item.expires_at).where(Item.person == UUID(person.id))
    return db.fetch_all(query.where(Item.kind == "date_tomorrow").order_by(Item.visible_at))


@pytest.mark.parametrize(("zone", "other"), ZONES)
def test_wall_times_hold_over_three_years_and_each_is_reminded_once_a_local_day(alice, bob, zone, other):
    with db.connection(), db.write():
        Person.update(zone=zone).where(Person.id == UUID(alice.id)).execute()
        Person.update(zone=other).where(Person.id == UUID(bob.id)).execute()
    ritual = agreed_ritual(alice, bob, "2026-12-06T09:30", zone)  # clocks change on Sundays
    with db.connection():
        for weeks in range(5, 160, 5):
            ritual_dates.top_up(NOON + timedelta(weeks=weeks))
        dates, items = made(ritual), {person.name: reminders(person) for person in (alice, bob)}
    assert len(dates) > 3 * 52
    walls = [on_wall("2026-12-06T09:30") + timedelta(weeks=number) for number in range(len(dates))]
    assert [date[0] for date in dates] == [date[1] for date in dates] == [f"{wall:%Y-%m-%dT%H:%M}" for wall in walls]
    assert {f"{date[3].astimezone(ZoneInfo(zone)):%H:%M}" for date in dates} == {"09:30"}
    assert len({date[3].astimezone(ZoneInfo(zone)).utcoffset() for date in dates}) == 2  # clocks have changed
    for person, own_zone in ((alice, zone), (bob, other)):
        # The day before is that of the reader.
        tomorrows = [at.astimezone(ZoneInfo(own_zone)).date() + timedelta(days=1) for at, _ in items[person.name]]
        own_days = [date[3].astimezone(ZoneInfo(own_zone)).date() for date in dates]
        assert max(Counter(tomorrows).values()) == 1
        assert tomorrows == own_days


def test_new_rules_of_a_zone_move_the_dates_and_their_reminders(alice, bob):
    with old_rules(-HOUR):
        ritual = agreed_ritual(alice, bob, "2027-04-02T19:00", SANTIAGO, count=4)
        with db.connection():
            ritual_dates.top_up(datetime(2027, 3, 1, tzinfo=UTC))
            before = made(ritual)
    with db.connection():
        assert len(before) == 4
        moved = zone_rules.apply(NOON)
        after = made(ritual)
    assert moved == 4
    for old, new in zip(before, after, strict=True):
        assert new[3] == clock.to_utc(on_wall(new[0]), SANTIAGO) == old[3] + HOUR
    with db.connection():
        assert ritual_dates.top_up(datetime(2027, 3, 2, tzinfo=UTC)) == 0


def test_two_servers_that_tick_at_once_make_each_date_once(alice, bob):
    ritual = agreed_ritual(alice, bob)
    with db.connection():
        later = NOON + timedelta(weeks=2)
        assert [ritual_dates.top_up(later), ritual_dates.top_up(later)] == [1, 0]
        dates = made(ritual)
    assert len({date[0] for date in dates}) == len(dates) == 9
