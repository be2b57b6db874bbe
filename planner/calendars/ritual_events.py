"""Rituals as events that repeat (RFC 5545), and their dates that differ from the rule. Pure functions, no database.

The event of a ritual begins with its first time that a feed still has. It has an RRULE, so calendars show times long
before their dates exist. A date that was moved replaces its time (RECURRENCE-ID), and so does a cancelled one. The rule
leaves out a time that has no date any more (EXDATE).

Programs disagree on some times of the night when clocks change. The start or the end is skipped or shown twice, or the
offset changes in between. The rule leaves out such a time, and it is an event of its own, with its own UID. Some
programs do not even leave out a start that is skipped or shown twice. There the rule ends, and another event goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from planner import clock
from planner.calendars import zone_changes
from planner.calendars.ics_export import CalendarEvent, Repeat
from planner.calendars.zone_changes import Change
from planner.dates import recurrence
from planner.dates.recurrence import Occurrence, Rule
from planner.dates.slots import Slot

YEARS_AHEAD = 10
"""For how many years a feed has the changes of clocks, and the times of a ritual on those nights."""

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_NO_ID = UUID(int=0)


class RitualTimes(NamedTuple):
    """The times of a ritual by its rule, from a wall time on."""

    rule: Rule
    start: datetime
    zone: str
    length: timedelta
    ended_at: datetime | None = None

    def without_count(self) -> RitualTimes:
        """Return the same times up to a day. A count would be wrong for an event that begins later."""
        last = recurrence.last_wall(self.rule, self.start)
        ended_on = clock.local_day(self.ended_at, self.zone) if self.ended_at else None
        days = [day for day in (last and last.date(), ended_on) if day]
        return self._replace(rule=replace(self.rule, count=None, until=min(days, default=None)))

    def first_slot(self) -> Slot:
        """Return the first time as a slot."""
        return self.slot(Occurrence(self.start, clock.to_utc(self.start, self.zone)))

    def slot(self, time: Occurrence) -> Slot:
        """Return a time of the ritual as a slot."""
        return Slot(_NO_ID, time.at, time.at + self.length, time.wall, self.zone)

    def ending_after(self, at: datetime) -> Iterator[Occurrence]:
        """Yield the times that end after an instant."""
        times = recurrence.iterate(self.rule, self.start, self.zone, at - self.length)
        return (time for time in times if time.at + self.length > at)

    def between(self, begins: datetime, ends: datetime) -> list[Occurrence]:
        """Return the times that start from an instant on and before another."""
        return recurrence.expand(self.rule, self.start, self.zone, begins, ends)


class Period(NamedTuple):
    """What a feed has: the events that end after `since`. The dates ahead of `now` may not exist yet."""

    since: datetime
    now: datetime

    def has(self, date: CalendarEvent) -> bool:
        """Return whether the feed has a date: not one that is over, or was cancelled long ago."""
        return date.slot.end > self.since and not self.was_cancelled(date)

    def was_cancelled(self, date: CalendarEvent) -> bool:
        """Return whether a date was cancelled long ago."""
        return date.is_cancelled and date.changed_at <= self.since


class _Stretch(NamedTuple):
    """A part of a ritual that all programs read alike: its first time, and the rule to its last day."""

    uid: str
    first: Occurrence
    rule: Rule


def list_events(
    ritual: CalendarEvent, times: RitualTimes, dates: Mapping[datetime, CalendarEvent], period: Period
) -> list[CalendarEvent]:
    """Return the events of a ritual that has begun.

    `ritual` has its UID, title, version and last change. `dates` are its dates, by their wall times by the rule.
    """
    times = times.without_count()
    known = _known_times(times, dates, period)
    odd = {time.wall: time for time in _odd_times(times, period.since.year) if times.slot(time).end > period.since}
    off = {time.wall for time in known if _is_off(time, times, dates.get(time.wall), period)}
    left_out = off | odd.keys()
    ritual = ritual._replace(changed_at=max([ritual.changed_at, *_ends_of_cancelled(dates.values(), period)]))
    stretches = list(_stretches(ritual.uid, times, odd.values(), left_out, period.since))
    planned = {time.wall: times.slot(time) for time in known if time.wall not in left_out}
    to_come = [times.slot(odd[wall]) for wall in sorted(odd.keys() - off - dates.keys())]
    return [
        *(_repeating(ritual, times, stretch, left_out, period.since.year + YEARS_AHEAD) for stretch in stretches),
        *_of_dates(ritual, stretches, planned, dates, period),
        *(_alone(ritual, slot.local_time, ritual._replace(slot=slot, version=0)) for slot in to_come),
    ]


def _of_dates(
    ritual: CalendarEvent,
    stretches: Iterable[_Stretch],
    planned: Mapping[datetime, Slot],
    dates: Mapping[datetime, CalendarEvent],
    period: Period,
) -> Iterator[CalendarEvent]:
    """Yield an event for each date that the rule does not have at its time."""
    for wall, date in dates.items():
        if wall not in planned:
            if period.has(date):
                yield _alone(ritual, wall, date)
        elif _differs(date, planned[wall], ritual.title):
            yield _replacing(ritual, stretches, planned[wall], date)


def _known_times(times: RitualTimes, dates: Iterable[datetime], period: Period) -> list[Occurrence]:
    """Return the times that may have dates: the past ones, and those up to the last date."""
    until = max([period.now, *(clock.to_utc(wall, times.zone) for wall in dates)]) + _SECOND
    if times.ended_at:
        until = max(until, times.ended_at + 2 * _DAY)  # its last day by the rule, in any zone
    known = times.between(period.since - times.length, until)
    return [time for time in known if times.slot(time).end > period.since]


def _is_off(time: Occurrence, times: RitualTimes, date: CalendarEvent | None, period: Period) -> bool:
    """Return whether a time has no date: it was cancelled long ago, or the server was off."""
    if date is None:
        return time.at <= period.now or times.ended_at is not None
    return period.was_cancelled(date)


def _ends_of_cancelled(dates: Iterable[CalendarEvent], period: Period) -> list[datetime]:
    """Return when cancelled dates went out of the feed. The rule has left them out since then."""
    return [date.changed_at + (period.now - period.since) for date in dates if period.was_cancelled(date)]


def _stretches(
    uid: str, times: RitualTimes, odd: Iterable[Occurrence], left_out: Collection[datetime], since: datetime
) -> Iterator[_Stretch]:
    """Yield the stretches of a ritual. Most have one. A stretch ends before a start that is skipped or shown twice."""
    breaks = [time for time in odd if not zone_changes.is_clear(time.wall, times.zone)]
    for time in (*breaks, None):
        until = time.wall.date() - _DAY if time else times.rule.until
        rule = replace(times.rule, until=until)
        ahead = times._replace(rule=rule).ending_after(since)
        first = next((each for each in ahead if each.wall not in left_out), None)
        if first:
            yield _Stretch(uid, first, rule)
        if time:
            # An event alone has the day and the hour in its UID.
            uid, since = f"{uid.partition('.')[0]}.{time.wall:%Y%m%d}", time.at + times.length


def _repeating(
    ritual: CalendarEvent, times: RitualTimes, stretch: _Stretch, left_out: Collection[datetime], last_year: int
) -> CalendarEvent:
    first, until = stretch.first.wall, stretch.rule.until
    last_year = max(first.year, min(last_year, until.year if until else last_year))
    skipped = tuple(sorted(wall for wall in left_out if wall > first and not (until and wall.date() > until)))
    rule = recurrence.to_rrule(stretch.rule, times.start, times.zone)
    repeat = Repeat(rule, skipped, last_year)
    return ritual._replace(uid=stretch.uid, slot=times.slot(stretch.first), repeat=repeat)


def _replacing(
    ritual: CalendarEvent, stretches: Iterable[_Stretch], planned: Slot, date: CalendarEvent
) -> CalendarEvent:
    """Return a date that differs from the rule as an event that replaces its time."""
    uids = [stretch.uid for stretch in stretches if stretch.first.wall <= planned.local_time]
    return _changed(ritual, date)._replace(uid=uids[-1], replaces=(planned.local_time, planned.zone))


def _differs(date: CalendarEvent, planned: Slot, title: str) -> bool:
    return date.is_cancelled or date.title != title or date.slot._replace(id=_NO_ID) != planned


def _alone(ritual: CalendarEvent, wall: datetime, date: CalendarEvent) -> CalendarEvent:
    """Return a date of a ritual as an event of its own. It is the same one before and after the date is made."""
    return _changed(ritual, date)._replace(uid=f"{ritual.uid}.{wall:%Y%m%dT%H%M}")


def _changed(ritual: CalendarEvent, date: CalendarEvent) -> CalendarEvent:
    # The clock makes a date without any change of the ritual: that is its version 1.
    changed_at = date.changed_at if date.version > 1 else ritual.changed_at
    return date._replace(uid=ritual.uid, version=ritual.version + max(date.version, 1), changed_at=changed_at)


@lru_cache(1024)
def _odd_times(times: RitualTimes, first_year: int) -> tuple[Occurrence, ...]:
    """Return the times of some years on which programs disagree."""
    changes = zone_changes.list_changes(times.zone, first_year, first_year + YEARS_AHEAD)
    near = {time.wall: time for change in changes for time in _times_around(times, change)}
    return tuple(time for time in near.values() if not zone_changes.can_repeat(times.slot(time)))


def _times_around(times: RitualTimes, change: Change) -> list[Occurrence]:
    """Return the times that may start or end while the clocks change, or before and after it."""
    after = change.after.utcoffset() or timedelta(0)
    margin = abs(after - change.before)
    begins, ends = change.at - times.length - margin, change.at + margin + _SECOND
    # Most rituals are at another hour. Look at that first, because to expand a rule takes longer.
    first, last = (
        (at + offset).replace(tzinfo=None)
        for at, offset in zip((begins, ends), sorted((change.before, after)), strict=True)
    )
    same_hour = datetime.combine(first.date(), times.start.time())
    if same_hour < first:
        same_hour += _DAY
    return times.between(begins, ends) if same_hour <= last else []
