"""Rituals as each participant sees them, and the times of a stretch that are by the rule only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from planner.catalogue import activities
from planner.catalogue.activities import ActivityEntry
from planner.contact.viewer import Viewer
from planner.dates import recurrence, rituals, state_machine
from planner.dates.recurrence import Occurrence, Rule
from planner.dates.rituals import MadeDate, RitualRow
from planner.errors import NotFound

MOST_UPCOMING = 10
"""The most times ahead that a ritual shows."""


class RitualTime(NamedTuple):
    """One time ahead. `date` is None for a later time, which is not a date yet.

    `wall` is its wall time by the rule, from which a date may have moved. `left` is how many times are left from this
    one on, if the rule has a count. A date that moved to whole days has a first day and their number.
    """

    ritual: UUID
    activity: ActivityEntry
    date: UUID | None
    start: datetime
    end: datetime
    wall: datetime
    left: int | None
    first_day: dt.date | None = None
    days: int | None = None

    @property
    def end_day(self) -> dt.date | None:
        """Return the day after the last of whole days."""
        return self.first_day + timedelta(days=self.days) if self.first_day and self.days else None


class RitualView(NamedTuple):
    """A ritual as one participant sees it. `date` is its first date, which offered it."""

    id: UUID
    date: UUID
    activity: ActivityEntry
    with_partner: bool
    state: str
    sender_is_me: bool
    rule: Rule
    local_time: datetime
    zone: str
    minutes: int
    replaces: UUID | None
    upcoming: tuple[RitualTime, ...]


def find(viewer: Viewer, ritual: UUID, now: datetime) -> RitualView:
    """Return a ritual of the viewer alone or of their couple. Raise NotFound."""
    row = rituals.find_row(viewer.id, viewer.couple, ritual)
    if row is None:
        raise NotFound
    return _views(viewer, [row], now)[0]


def list_open(viewer: Viewer, now: datetime) -> list[RitualView]:
    """Return the rituals that run or are offered, in the order in which they began."""
    return _views(viewer, rituals.list_open(viewer.id, viewer.couple, now), now)


def list_times(viewer: Viewer, begins: datetime, ends: datetime, now: datetime) -> list[RitualTime]:
    """Return the times of running rituals in a stretch that are not dates yet, in order."""
    rows = _running(viewer, now)
    known = _activities(rows)
    times = [_time(row, known[row.activity_id], occurrence) for row, occurrence in _later(rows, begins, ends, now)]
    return sorted(times, key=lambda time: (time.start, time.ritual))


def list_starts_together(viewer: Viewer, ends: datetime, now: datetime) -> list[datetime]:
    """Return the starts up to an instant of the couple's rituals that are not dates yet. At most two queries."""
    rows = [row for row in _running(viewer, now) if row.couple_id]
    return [occurrence.at for _, occurrence in _later(rows, now, ends, now)]


def _running(viewer: Viewer, now: datetime) -> list[RitualRow]:
    rows = rituals.list_open(viewer.id, viewer.couple, now)
    return [row for row in rows if row.state(now) == rituals.RUNNING]


def _later(
    rows: list[RitualRow], begins: datetime, ends: datetime, now: datetime
) -> Iterator[tuple[RitualRow, Occurrence]]:
    made = rituals.made_dates([row.id for row in rows], now)
    for row in rows:
        occurrences = recurrence.expand(row.rule, row.start, row.zone, max(begins, now), ends)
        yield from ((row, occurrence) for occurrence in _not_made(row, made, occurrences))


def _views(viewer: Viewer, rows: list[RitualRow], now: datetime) -> list[RitualView]:
    known = _activities(rows)
    made = rituals.made_dates([row.id for row in rows], now)
    return [
        RitualView(
            row.id,
            row.date_id,
            known[row.activity_id],
            row.couple_id is not None,
            row.state(now),
            row.sender_id == viewer.id,
            row.rule,
            row.start,
            row.zone,
            row.minutes,
            row.replaces_id,
            tuple(_upcoming(row, known[row.activity_id], made, now)),
        )
        for row in rows
    ]


def _upcoming(row: RitualRow, activity: ActivityEntry, made: list[MadeDate], now: datetime) -> list[RitualTime]:
    if row.state(now) not in (rituals.OFFERED, rituals.RUNNING):
        return []
    dates = [
        _time_of_date(row, activity, date, date.start, date.end)
        for date in made
        if date.ritual == row.id and date.state == state_machine.ACCEPTED and date.start and date.end and date.end > now
    ]
    if row.state(now) == rituals.OFFERED:
        made = []
    later = _not_made(row, made, recurrence.iterate(row.rule, row.start, row.zone, now))
    times = [_time(row, activity, occurrence) for occurrence in islice(later, max(0, MOST_UPCOMING - len(dates)))]
    return sorted([*dates, *times], key=lambda time: time.start)[:MOST_UPCOMING]


def _time_of_date(
    row: RitualRow, activity: ActivityEntry, date: MadeDate, start: datetime, end: datetime
) -> RitualTime:
    left = _left(row, date.wall)
    return RitualTime(row.id, activity, date.date, start, end, date.wall, left, date.first_day, date.days)


def _not_made(row: RitualRow, made: list[MadeDate], occurrences: Iterable[Occurrence]) -> Iterable[Occurrence]:
    walls = {date.occurrence for date in made if date.ritual == row.id}
    return (occurrence for occurrence in occurrences if rituals.to_text(occurrence.wall) not in walls)


def _time(row: RitualRow, activity: ActivityEntry, occurrence: Occurrence) -> RitualTime:
    left = _left(row, occurrence.wall)
    return RitualTime(row.id, activity, None, occurrence.at, occurrence.at + row.length, occurrence.wall, left)


def _left(row: RitualRow, wall: datetime) -> int | None:
    return recurrence.count_left(row.rule, row.start, wall)


def _activities(rows: list[RitualRow]) -> dict[UUID, ActivityEntry]:
    return activities.get_many_including_retired([row.activity_id for row in rows])
