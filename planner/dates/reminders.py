"""Reminders: the inbox items of an agreed date, before it and after it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import peewee

from planner import inbox
from planner.accounts import accounts
from planner.clock import local_day, next_midnight, start_of_day, to_utc
from planner.dates import slots
from planner.dates.offers import Offer
from planner.dates.slots import Slot
from planner.inbox import Item, NewItem
from planner.notifications import preferences
from planner.notifications.preferences import PreferencesRow
from planner.storage import db
from planner.storage.cached_queries import Reading

AHEAD = _TOMORROW, _SOON = ("date_tomorrow", "date_soon")
"""The kinds of reminders before a date."""
AFTER = "date_feedback"
FEEDBACK_WAIT = timedelta(hours=1)
FEEDBACK_LIFE = timedelta(days=14)
_EVENING, _MORNING = time(18), time(10)
_OFFER_WAITS = timedelta(days=1)


def remind(persons: list[UUID], date_id: UUID, slot: Slot, now: datetime, small: bool = False) -> None:
    """Schedule the inbox items of a date for each person: two reminders and the feedback request.

    Whole days begin at midnight. They have one reminder, on the evening before, and the request waits for the morning.
    A small date has the reminder shortly before it, and no more.
    """
    items: list[NewItem] = []
    for person, zone in accounts.get_zones(persons).items():
        for kind, (at, until) in (_before_days(slot, zone) if slot.all_day else _before(slot, zone)).items():
            # Skip reminders whose moment has passed. On Friday noon, "tomorrow" would be wrong for a date on Friday.
            if now < at < until and not (small and kind == _TOMORROW):
                items.append(NewItem(person, kind, date_id, at, until))
        if small:
            continue
        asked_at = _next(_MORNING, slot.end, zone) if slot.all_day else slot.end + FEEDBACK_WAIT
        items.append(NewItem(person, AFTER, date_id, asked_at, asked_at + FEEDBACK_LIFE))
    inbox.add_all(items)


def is_small(date_id: UUID) -> bool:
    """Return whether a date ahead has no feedback request, because it was planned as a small one."""
    return not Item.select().where(Item.subject == date_id, Item.kind == AFTER).exists()


def _before(slot: Slot, zone: str) -> dict[str, tuple[datetime, datetime]]:
    """Return when each reminder of a time of day is visible for a person in a zone."""
    soon = slot.start - timedelta(hours=2)
    midnight = start_of_day(local_day(slot.start, zone), zone)  # from then on it is not tomorrow for this person
    return {
        _TOMORROW: (slots.day_before(slot, zone), min(midnight, soon)),
        _SOON: (soon, slot.start),
    }


def _before_days(slot: Slot, zone: str) -> dict[str, tuple[datetime, datetime]]:
    """Return when the reminder of whole days is visible: from the last evening before they begin."""
    evening = _next(_EVENING, slot.start - timedelta(days=1), zone)
    # These days are those of another zone: where the person is, they may begin at noon.
    return {_TOMORROW: (evening, min(next_midnight(evening, zone), slot.start))}


def _next(hour: time, after: datetime, zone: str) -> datetime:
    """Return the next instant from `after` on at which the clocks of a zone show this hour."""
    day = local_day(after, zone)
    today = to_utc(datetime.combine(day, hour), zone)
    return today if today >= after else to_utc(datetime.combine(day + timedelta(days=1), hour), zone)


def list_times(person: UUID, dates: Collection[UUID]) -> dict[UUID, tuple[datetime, ...]]:
    """Return when a person is reminded of these dates, the first time first, as the person chose."""
    times: dict[UUID, list[datetime]] = {}
    rows = times_reading(person, dates).rows() if dates else []
    for date_id, kind, visible_at, expires_at, day_before, minutes_before in rows:
        if kind == _SOON:
            minutes = preferences.DEFAULTS.minutes_before if minutes_before is None else minutes_before
            times.setdefault(date_id, []).append(max(visible_at, expires_at - timedelta(minutes=minutes)))
        elif day_before in (None, True):
            times.setdefault(date_id, []).append(visible_at)
    return {date_id: tuple(sorted(instants)) for date_id, instants in times.items()}


def times_reading(person: UUID, dates: Collection[UUID]) -> Reading:
    """Return the reading of the items that remind a person of dates."""
    return _list_times.on(person, list(dates))


@db.cached_query
def _list_times(person: Any, dates: Any) -> Any:
    chosen = PreferencesRow.day_before, PreferencesRow.minutes_before
    query = Item.select(Item.subject, Item.kind, Item.visible_at, Item.expires_at, *chosen)
    query = query.join(PreferencesRow, peewee.JOIN.LEFT_OUTER, on=(PreferencesRow.person == Item.person))
    return query.where(Item.subject.in_(dates), Item.person == person, Item.kind.in_(AHEAD))


def remind_of_offer(person: UUID, date_id: UUID, offer: Offer, now: datetime) -> None:
    """Schedule one quiet item a day before an offer lapses, without a notification. Shorter offers get none."""
    at = offer.expires_at - _OFFER_WAITS
    if at - now >= _OFFER_WAITS:
        inbox.withdraw(date_id, ["date_waits"], person)
        inbox.add(person, "date_waits", date_id, at, offer.expires_at, notify=False)
