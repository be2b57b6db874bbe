"""Preferences: what each person chose about notifications. Only that person reads them, and only the clock uses them.

A sender's request never reads them. So nothing that the sender gets depends on them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, time
from typing import Any, NamedTuple
from uuid import UUID

import peewee

from planner.accounts import accounts
from planner.accounts.accounts import Person
from planner.notifications import prompt_times
from planner.storage import db
from planner.storage.columns import UtcDateTimeField

PUSH, MAIL = CHANNELS = ("push", "mail")
"""The channels that a person chooses. The others, such as the log, get everything."""
REMINDER, PROPOSAL, PROMPT, NOTE = GROUPS = ("reminder", "proposal", "prompt", "note")
"""The groups of kinds for which a person chooses channels."""
MINUTES_BEFORE = (15, 30, 60, 120)
"""How long before a date the last reminder can ring. The item is in the app two hours before."""


class PreferencesRow(db.Model):
    """The choices of a person. `channels` is JSON, and the weekdays are separated by commas.

    `next_prompt_at` is the next instant at which the clock tells of the question of the day.
    """

    person = peewee.ForeignKeyField(Person, on_delete="CASCADE", unique=True)
    channels = peewee.TextField()
    day_before = peewee.BooleanField()
    minutes_before = peewee.IntegerField()
    quiet_from = peewee.TextField(null=True)
    quiet_until = peewee.TextField(null=True)
    prompt_weekdays = peewee.TextField()
    prompt_at = peewee.TextField()
    cue = peewee.TextField(null=True)
    next_prompt_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "notification_preferences"


PreferencesRow.add_index(
    PreferencesRow.index(
        PreferencesRow.next_prompt_at, where=PreferencesRow.next_prompt_at.is_null(False), name="prompts_due"
    )
)


class Preferences(NamedTuple):
    """What a person chose, or the defaults. Times of day are in the person's zone.

    `channels` has the channels of each group. Quiet hours that end no later than they begin pass midnight.
    """

    channels: dict[str, tuple[str, ...]]
    day_before: bool = True
    minutes_before: int = MINUTES_BEFORE[-1]
    quiet_from: time | None = time(22)
    quiet_until: time | None = time(8)
    prompt_weekdays: tuple[str, ...] = ()
    prompt_at: time = time(19)
    cue: str | None = None


DEFAULTS = Preferences(dict.fromkeys(GROUPS, CHANNELS))
"""Both channels, because each is off until the person adds a device, or confirms an address and switches mails on."""


def get_own(person: UUID) -> Preferences:
    """Return what a person chose."""
    return of([person]).get(person, DEFAULTS)


def of(persons: Collection[UUID]) -> dict[UUID, Preferences]:
    """Return what these persons chose. Those who chose nothing are missing: they have `DEFAULTS`."""
    return {person: _read(*values) for person, *values in _rows(list(persons))}


@db.cached_query
def _rows(persons: Any) -> Any:
    row = PreferencesRow
    times = row.quiet_from, row.quiet_until, row.prompt_weekdays, row.prompt_at, row.cue
    return row.select(row.person, row.channels, row.day_before, row.minutes_before, *times).where(
        row.person.in_(persons)
    )


def _read(channels: str, day_before: bool, minutes: int, *texts: Any) -> Preferences:
    quiet_from, quiet_until, weekdays, prompt_at, cue = texts
    begins, ends = (time.fromisoformat(each) if each else None for each in (quiet_from, quiet_until))
    by_group = {group: tuple(chosen) for group, chosen in json.loads(channels).items()}
    days = tuple(weekdays.split(",")) if weekdays else ()
    return Preferences(by_group, day_before, minutes, begins, ends, days, time.fromisoformat(prompt_at), cue)


def save(person: UUID, chosen: Preferences, now: datetime) -> Preferences:
    """Replace what a person chose. What was queued before stays as it is."""
    with db.write((Person, [person])):
        accounts.check_exists(person)
        zone = accounts.get_zones([person])[person]
        values = {
            "channels": json.dumps(chosen.channels),
            "day_before": chosen.day_before,
            "minutes_before": chosen.minutes_before,
            "quiet_from": _text(chosen.quiet_from),
            "quiet_until": _text(chosen.quiet_until),
            "prompt_weekdays": ",".join(chosen.prompt_weekdays),
            "prompt_at": _text(chosen.prompt_at),
            "cue": chosen.cue,
            "next_prompt_at": prompt_times.next_time(chosen.prompt_weekdays, chosen.prompt_at, zone, now),
        }
        if not PreferencesRow.update(values).where(PreferencesRow.person == person).execute():
            PreferencesRow.create(person=person, **values)
        return get_own(person)


def _text(at: time | None) -> str | None:
    return at.isoformat("minutes") if at else None
