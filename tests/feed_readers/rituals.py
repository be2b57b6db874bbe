"""Random rituals that are hard to read, with moved, cancelled and missing dates, and the times that programs must find.

Half of them are at an hour in which the clocks of their zone change.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from planner import clock
from planner.calendars import ritual_events
from planner.calendars.feed_events import RETENTION
from planner.calendars.ics_export import CalendarEvent
from planner.calendars.ritual_events import Period, RitualTimes
from planner.dates import recurrence
from planner.dates.recurrence import DAILY, MONTHLY, WEEKLY, Rule
from planner.dates.ritual_dates import HORIZON
from planner.dates.slots import MAX_DAYS, Slot, instants
from tests.feed_readers import Occurrence, status, times_of, worlds

# Two changes a year, in the north and in the south, by half an hour, at midnight, with a winter time; and none. The
# changes of some other zones are forecasts, and libical has older ones.
ZONES = (
    "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Europe/Dublin", "Asia/Kolkata",
    "UTC",
)  # fmt: skip
READ_BY_LIBICAL = tuple(zone for zone in ZONES if zone != "Australia/Lord_Howe")
"""libical 3 thinks that half an hour of Lord Howe does not exist, on the 8th of October 2028."""
YEARS = timedelta(days=3 * 366)
_MINUTES = (10, 60, 60, 90, 120, 26 * 60, 9 * 24 * 60)
_BEGIN = datetime(2026, 1, 1)
_DAY = timedelta(days=1)


class Span(NamedTuple):
    """An event of a ritual as each program has to find it."""

    ritual: str
    title: str
    status: str
    start: datetime
    end: datetime


class World(NamedTuple):
    """A ritual at a moment, with its dates by their wall times by the rule."""

    event: CalendarEvent
    times: RitualTimes
    dates: dict[datetime, CalendarEvent]
    period: Period

    @property
    def until(self) -> datetime:
        """Return the instant up to which programs read."""
        return self.period.now + YEARS

    def events(self) -> list[CalendarEvent]:
        """Return the events of a feed."""
        return ritual_events.list_events(*self)

    def is_read_by_libical(self) -> bool:
        """Return whether libical 3 can read the ritual.

        It finds the last Monday of a month by going back from the last day. If the clocks go forward on that day, the
        time may not exist there, and libical is an hour late on the Monday, too.
        """
        return self.times.rule.by != "last_weekday" or self.times.start.hour > 2

    def expected(self) -> list[Span]:
        """Return the events of three years, from the dates and the expansion of the rule alone."""
        (rule, start, zone, length, ended_at), (since, now) = self.times, self.period
        by_rule = recurrence.expand(rule, start, zone, since - length, self.until)
        slots = [slot_of(each.wall, zone, length) for each in by_rule if each.wall not in self.dates and each.at > now]
        ahead = [] if ended_at else [self.event._replace(slot=slot) for slot in slots]
        dates = [date for date in self.dates.values() if not (date.is_cancelled and date.changed_at <= since)]
        return self.within(
            Span(self.event.uid, date.title, status(date), *times_of(date.slot)) for date in ahead + dates
        )

    def found(self, occurrences: list[Occurrence]) -> list[Span]:
        """Return the events of three years as a program found them."""
        return self.within(Span(each.uid[:36], each.title, each.status, each.start, each.end) for each in occurrences)

    def within(self, spans: Iterable[Span]) -> list[Span]:
        """Return those of the events that the feed has for certain, in order. Whole days end in no zone."""
        return sorted(s for s in spans if s.end > self.period.since + _DAY and s.start < self.until - _DAY)


def slot_of(wall: datetime, zone: str, length: timedelta) -> Slot:
    """Return a slot at a wall time."""
    start = clock.to_utc(wall, zone)
    return Slot(UUID(int=0), start, start + length, wall, zone)


def world(chance: random.Random, zones: Sequence[str] = ZONES) -> World:
    """Return a random ritual in one of the zones, at a moment in its first two years."""
    zone, length = chance.choice(zones), timedelta(minutes=chance.choice(_MINUTES))
    start = _start(chance, zone, length)
    now = clock.to_utc(start, zone) + timedelta(days=chance.randrange(700), hours=chance.randrange(24))
    ended_at = now - timedelta(minutes=chance.randrange(1, 40_000)) if chance.random() < 0.1 else None
    event = CalendarEvent(
        str(UUID(int=chance.getrandbits(128), version=4)), "Walk", slot_of(start, zone, length), 2, now - 400 * _DAY
    )
    times = RitualTimes(_rule(chance, start), start, zone, length, ended_at)
    return World(event, times, _dates(chance, event, times, now), Period(now - RETENTION, now))


def _start(chance: random.Random, zone: str, length: timedelta) -> datetime:
    changes = worlds.changes(zone)
    day = _BEGIN + timedelta(days=chance.randrange(365))
    if not changes or chance.random() < 0.5:
        return day + timedelta(minutes=15 * chance.randrange(96))
    at = chance.choice(changes) + timedelta(minutes=15 * chance.randint(-8, 8)) - chance.choice((0, 1)) * length
    wall = clock.to_zone(at, zone).replace(tzinfo=None, fold=0)
    # On the same weekday, so that a weekly ritual meets the change.
    return wall - timedelta(days=7 * ((wall - day).days // 7))


def _rule(chance: random.Random, start: datetime) -> Rule:
    rule = Rule(chance.choice((*recurrence.FREQUENCIES, DAILY, WEEKLY)), chance.choice((1, 1, 1, 2, 3)))
    if rule.frequency == WEEKLY and chance.random() < 0.4:
        rule = replace(rule, weekdays=tuple(sorted({start.weekday(), chance.randrange(7)})))
    if rule.frequency == MONTHLY:
        rules = [replace(rule, by=by) for by in recurrence.MONTH_DAYS]
        rule = chance.choice([each for each in rules if not list(recurrence.faults(each, start))])
    ends = chance.random()
    if ends < 0.2:
        return replace(rule, count=chance.randint(2, 500))
    return replace(rule, until=start.date() + chance.randint(1, 1500) * _DAY) if ends < 0.4 else rule


def _dates(
    chance: random.Random, event: CalendarEvent, times: RitualTimes, now: datetime
) -> dict[datetime, CalendarEvent]:
    """Return the dates up to some weeks ahead: some moved, some cancelled, and a few missing."""
    ends = times.ended_at or now + HORIZON
    made = recurrence.expand(times.rule, times.start, times.zone, now - 60 * _DAY, ends)
    return {each.wall: _date(chance, event, times, each.wall, now) for each in made if chance.random() < 0.97}


def _date(
    chance: random.Random, event: CalendarEvent, times: RitualTimes, wall: datetime, now: datetime
) -> CalendarEvent:
    slot, changed_at = slot_of(wall, times.zone, times.length), now - timedelta(minutes=chance.randrange(60 * 24 * 60))
    uid = str(UUID(int=chance.getrandbits(128), version=4))
    fate = chance.random()
    if fate < 0.15:
        zone = times.zone if fate < 0.1 else chance.choice(ZONES)
        minutes = timedelta(minutes=15 * chance.randint(-96 * 20, 96 * 20))
        slot = slot_of(wall + minutes, zone, timedelta(minutes=chance.choice(_MINUTES)))
        if chance.random() < 0.2:  # to whole days
            midnight, days = datetime.combine(slot.local_time, time()), chance.randint(1, MAX_DAYS)
            slot = Slot(slot.id, *instants(midnight, zone, days, timedelta()), midnight, zone, days)
    is_cancelled = 0.12 < fate < 0.3
    version = 1 if fate > 0.4 else chance.randint(2, 9)
    return CalendarEvent(uid, event.title, slot, version, changed_at, is_cancelled)
