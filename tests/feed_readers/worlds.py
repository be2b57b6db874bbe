"""Random calendars that are hard to read: dates around the changes of clocks, in zones with odd rules."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta
from functools import cache
from uuid import UUID

from planner import clock
from planner.calendars.ics_export import CalendarEvent
from planner.dates.slots import MAX_DAYS, Slot, instants

# Two changes a year, a half-hour change, none, a break (Ramadan), the southern summer, and an ended change.
ZONES = (
    "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "Europe/Dublin",
    "America/Santiago", "Pacific/Apia", "Asia/Tehran", "America/Sao_Paulo", "UTC", "Antarctica/Troll",
)  # fmt: skip
MINUTES = (10, 45, 60, 90, 120, 24 * 60, 14 * 24 * 60)
TITLES = ("A walk; with, signs\\n and lines", "Über" * 30, "猫カフェ" * 12, "Lunch", 'A \\ and "quotes": all of it')
_BEGIN = datetime(2025, 6, 1, tzinfo=UTC)
_DAYS = 3 * 366


def dates(chance: random.Random, count: int) -> list[CalendarEvent]:
    """Return random dates within three years; every second one is near a change of its zone's clocks."""
    return [_date(chance, chance.choice(ZONES)) for _ in range(count)]


def _date(chance: random.Random, zone: str) -> CalendarEvent:
    at = _BEGIN + timedelta(minutes=15 * chance.randrange(_DAYS * 96))
    if (near := changes(zone)) and chance.random() < 0.5:
        at = chance.choice(near) + timedelta(minutes=15 * chance.randint(-16, 16))
    wall = clock.to_zone(at, zone).replace(tzinfo=None, fold=0)
    if chance.random() < 0.3:  # a wall time with the offset of some hours before: the clocks may skip it
        wall = (at + (clock.to_zone(at - timedelta(hours=6), zone).utcoffset() or timedelta())).replace(tzinfo=None)
    start = clock.to_utc(wall, zone)
    slot = Slot(UUID(int=0), start, start + timedelta(minutes=chance.choice(MINUTES)), wall, zone)
    if chance.random() < 0.2:
        midnight, days = datetime.combine(wall, time()), chance.randint(1, MAX_DAYS)
        slot = Slot(UUID(int=0), *instants(midnight, zone, days, timedelta()), midnight, zone, days)
    date_id, changed_at = (
        str(UUID(int=chance.getrandbits(128), version=4)),
        start - timedelta(minutes=chance.randrange(10**5)),
    )
    return CalendarEvent(
        date_id, chance.choice(TITLES), slot, chance.randint(1, 9), changed_at, is_cancelled=chance.random() < 0.2
    )


@cache
def changes(zone: str) -> list[datetime]:
    """Return the hours in which the clocks of a zone change."""
    days = [_BEGIN + timedelta(days=day) for day in range(_DAYS)]
    return [hour for day in days if _is_change(day, 24, zone) for hour in _hours(day) if _is_change(hour, 1, zone)]


def _hours(day: datetime) -> list[datetime]:
    return [day + timedelta(hours=hour) for hour in range(24)]


def _is_change(at: datetime, hours: int, zone: str) -> bool:
    before, after = clock.to_zone(at, zone), clock.to_zone(at + timedelta(hours=hours), zone)
    return before.utcoffset() != after.utcoffset()
