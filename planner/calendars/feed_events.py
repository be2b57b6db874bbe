"""What a feed has: agreed dates, and each ritual as an event that repeats."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.calendars import date_events, ritual_events
from planner.calendars.date_events import IN_CALENDARS
from planner.calendars.ics_export import CalendarEvent
from planner.calendars.ritual_events import Period, RitualTimes
from planner.contact.holds import is_held
from planner.dates import dates, recurrence, rituals, state_machine
from planner.dates.dates import Date
from planner.dates.rituals import Ritual, RitualDate
from planner.dates.slots import LONGEST
from planner.storage import db

MOST = 1000
"""The most dates without a ritual: the past ones first, then the next ones ahead."""
MOST_RITUALS = 100
"""The most rituals: those that run, then those that ended last. A feed has the dates of more one by one."""
RETENTION = timedelta(days=30)
"""How long a feed has a date after its end, and a cancelled date after it was cancelled."""

_LONGEST = LONGEST + timedelta(days=1)  # a day more for any zone


class _RitualRow(NamedTuple):
    """A ritual, what a feed needs of its first date, and when the ritual that replaces it last moved."""

    id: UUID
    rule: str
    local_time: str
    zone: str
    minutes: int
    ended_at: datetime | None
    activity: UUID
    created_at: datetime
    offered_at: datetime | None
    replaced_at: datetime | None

    @property
    def times(self) -> RitualTimes:
        """Return its times by the rule."""
        start, length = datetime.fromisoformat(self.local_time), timedelta(minutes=self.minutes)
        return RitualTimes(recurrence.parse(self.rule), start, self.zone, length, self.ended_at)

    def event(self, title: str) -> CalendarEvent:
        """Return it as an event at its start.

        Its version and its last change are those of its offer, not of its first date: that one may be edited and
        completed. A change from some day on, and its end, are changes of it.
        """
        changes = [at for at in (self.replaced_at, self.ended_at) if at]
        changed_at = max([self.offered_at or self.created_at, *changes])
        return CalendarEvent(str(self.id), title, self.times.first_slot(), 1 + len(changes), changed_at)


def list_events(person: UUID, couple: UUID | None, now: datetime) -> list[CalendarEvent]:
    """Return the agreed dates and the rituals of a person and their couple, ordered by start, without held ones."""
    period = Period(now - RETENTION, now)
    shown = [_RitualRow(*row) for row in _rituals(person, couple, period.since, MOST_RITUALS)]
    ritual_ids = [ritual.id for ritual in shown]
    single = [date for (date,) in _single(person, couple, period.since, ritual_ids, MOST)]
    times_by_rule = _times_by_rule(person, couple, ritual_ids, period.since)
    events = {event.uid: event for event in date_events.read([*single, *times_by_rule])}
    dates_of: dict[UUID, dict[datetime, CalendarEvent]] = defaultdict(dict)
    for date, (ritual, occurrence) in times_by_rule.items():
        if event := events.pop(str(date), None):
            dates_of[ritual][datetime.fromisoformat(occurrence)] = event
    titles = date_events.titles_of([ritual.activity for ritual in shown])
    repeating = [
        event
        for ritual in shown
        for event in ritual_events.list_events(
            ritual.event(titles[ritual.activity]), ritual.times, dates_of[ritual.id], period
        )
    ]
    return sorted([*events.values(), *repeating], key=lambda event: (event.slot.start, event.uid))


def _times_by_rule(
    person: UUID, couple: UUID | None, ritual_ids: list[UUID], since: datetime
) -> dict[UUID, tuple[UUID, str]]:
    """Return the dates of rituals that a feed needs: the ritual, and the time by its rule."""
    if not ritual_ids:
        return {}
    earliest = rituals.to_text((since - _LONGEST).replace(tzinfo=None))
    rows = _dates_of(person, couple, ritual_ids, since, earliest)
    return {date: (ritual, occurrence) for date, ritual, occurrence in rows}


def _recent(me: Any, couple: Any, since: Any) -> list[Any]:
    is_recent = (Date.state != state_machine.CANCELLED) | (Date.moved_at > since)
    recent = Date.state.in_(IN_CALENDARS) & (Date.end > since) & is_recent
    return [each & recent for each in dates.scopes(me, couple)]


@db.cached_query
def _single(me: Any, couple: Any, since: Any, ritual_ids: Any, most: Any) -> Any:
    """Return the query of the dates of no ritual, or of a ritual that the feed does not have."""
    of_ritual = RitualDate.select(RitualDate.id).where(RitualDate.date == Date.id, RitualDate.ritual.in_(ritual_ids))
    wanted = ~is_held(me, Date.id) & ~peewee.fn.EXISTS(of_ritual)
    lists = [each & wanted for each in _recent(me, couple, since)]
    return Date.select(Date.id).where(dates.in_one_of(lists, soonest=most)).order_by(Date.end, Date.id).limit(most)


@db.cached_query
def _dates_of(me: Any, couple: Any, ritual_ids: Any, since: Any, earliest: Any) -> Any:
    """Return the query of the dates of rituals whose time is not over, or was not by the rule."""
    by_rule = RitualDate.alias()
    recent = by_rule.select(by_rule.date.alias("id"))
    recent = recent.where(by_rule.ritual.in_(ritual_ids), by_rule.occurrence > earliest)
    wanted = dates.in_any([*dates.each_of(_recent(me, couple, since)), recent])
    columns = (RitualDate.date, RitualDate.ritual, RitualDate.occurrence)
    return RitualDate.select(*columns).join(Date).where(RitualDate.ritual.in_(ritual_ids), wanted)


@db.cached_query
def _rituals(me: Any, couple: Any, since: Any, most: Any) -> Any:
    """Return the query of the rituals that run or ended lately. One that begins with a held date is out of view."""
    newer, newer_date, outer = Ritual.alias(), Date.alias(), peewee.JOIN.LEFT_OUTER
    has_begun = newer.due_at.is_null(False) | newer.ended_at.is_null(False)
    of_ritual = (Ritual.id, Ritual.rule, Ritual.local_time, Ritual.zone, Ritual.minutes, Ritual.ended_at)
    of_date = (Date.activity, Date.created_at, Date.offered_at, newer_date.moved_at)
    alone, together = dates.scopes(me, couple)
    return (
        Ritual.select(*of_ritual, *of_date)
        .join_from(Ritual, Date)
        .join_from(Ritual, newer, outer, on=((newer.replaces == Ritual.id) & has_begun))
        .join_from(newer, newer_date, outer, on=(newer.date == newer_date.id))
        .where(alone | together, ~is_held(me, Date.id), Ritual.due_at.is_null(False) | (Ritual.ended_at > since))
        .order_by(Ritual.ended_at.is_null(False), Ritual.ended_at.desc(), Ritual.id)
        .limit(most)
    )
