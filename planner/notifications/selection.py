"""Which items reach a person over which channel, and when. It reads only what that person chose.

Push is sparing. It rings neither in quiet hours, nor more than twice a week beside the person's dates. What it leaves
out is in the app.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from planner.accounts import accounts
from planner.clock import local_day, to_utc, to_zone
from planner.notifications import preferences
from planner.notifications.preferences import DEFAULTS, NOTE, PROMPT, PROPOSAL, PUSH, REMINDER, Preferences

MOST_PUSHES = 2
"""Pushes a week to a person, beside those of dates."""
WEEK = timedelta(days=7)
ALWAYS = ("new_sign_in", "new_passkey", "invitation_accepted", "couple_begun")
"""Kinds that reach each device and mailbox. The first two warn of a stranger, and a person waits for the others."""
_GROUPS = {
    REMINDER: ("date_tomorrow", "date_soon", "date_feedback", "date_off", "ritual_stopped", "talk_resumes"),
    PROPOSAL: (
        "date_proposed",
        "date_countered",
        "date_accepted",
        "date_declined",
        "date_another_time",
        "date_another_idea",
        "date_recorded",
        "date_not_so",
        "date_move_offered",
        "date_moved",
        "date_stays",
        "date_edited",
        "date_waits",
        "talk_opened",
    ),
    PROMPT: ("prompt_of_day",),
    NOTE: (
        "note_shared",
        "date_photo",
        "request_made",
        "request_countered",
        "request_accepted",
        "question_opened",
        "day_offered",
    ),
}
GROUP_OF = {kind: group for group, kinds in _GROUPS.items() for kind in kinds}
"""The group of each kind. A kind without a group, such as a lower pace, rings nowhere: it can wait."""
COUNTED = tuple(kind for kind, group in GROUP_OF.items() if group != REMINDER)
"""The kinds that count against `MOST_PUSHES`."""
_LONG_DATE = timedelta(hours=12)
"""A cancelled date that ends so long after the quiet hours may begin in them."""


class Announced(NamedTuple):
    """An item that became visible, and is to be announced."""

    id: UUID
    person: UUID
    kind: str
    visible_at: datetime
    expires_at: datetime | None


class Planned(NamedTuple):
    """A delivery to plan: an item, and when it is due. `next_at` is later if the clock is late."""

    item: Announced
    due_at: datetime
    next_at: datetime


def plan(channel: str, items: Collection[Announced], pushes: Mapping[UUID, int], now: datetime) -> list[Planned]:
    """Return the deliveries of items over a channel. `pushes` has the pushes of each person in the last week."""
    if channel not in preferences.CHANNELS:
        return [Planned(item, item.visible_at, now) for item in items]
    persons = {item.person for item in items}
    chosen, zones, left = preferences.of(persons), accounts.get_zones(persons), dict(pushes)
    planned = []
    for item in items:
        own = chosen.get(item.person, DEFAULTS)
        if not _is_wanted(item.kind, channel, own):
            continue
        if channel == PUSH and item.kind in COUNTED:
            left[item.person] = left.get(item.person, 0) + 1
            if left[item.person] > MOST_PUSHES:
                continue
        due_at = _due_at(item, own)
        if channel == PUSH:
            zone = zones.get(item.person, "UTC")
            times = [_after_quiet_hours(item, at, own, zone) for at in (due_at, max(due_at, now))]
        else:
            times = [due_at, max(due_at, now)]
        if times[0] is not None and times[1] is not None:
            planned.append(Planned(item, times[0], times[1]))
    return planned


def _is_wanted(kind: str, channel: str, own: Preferences) -> bool:
    if kind in ALWAYS:
        return True
    if kind == "date_tomorrow" and not own.day_before:
        return False
    return channel in own.channels.get(GROUP_OF.get(kind, ""), ())


def _due_at(item: Announced, own: Preferences) -> datetime:
    """Return when an item is due: when it is visible, or the chosen time before a date that starts soon."""
    if item.kind == "date_soon" and item.expires_at:
        return max(item.visible_at, item.expires_at - timedelta(minutes=own.minutes_before))
    return item.visible_at


def _after_quiet_hours(item: Announced, at: datetime, own: Preferences, zone: str) -> datetime | None:
    """Return `at`, or the end of the quiet hours. Return None for an item that is useless by then.

    What is about a date that begins in these hours does not wait.
    """
    end = quiet_until(at, own.quiet_from, own.quiet_until, zone)
    if end is None:
        return at
    if item.kind == "date_soon" and item.expires_at and item.expires_at <= end:
        return at
    if item.kind == "date_off" and item.expires_at and item.expires_at <= end + _LONG_DATE:
        return at  # the item lasts until the end of the date
    return None if item.expires_at and item.expires_at <= end else end


def quiet_until(at: datetime, begins: time | None, ends: time | None, zone: str) -> datetime | None:
    """Return the end of the quiet hours that hold `at`, or None outside of them."""
    if begins is None or ends is None or begins == ends:
        return None
    wall = to_zone(at, zone).time()
    passes_midnight = ends < begins
    if not (wall >= begins or wall < ends if passes_midnight else begins <= wall < ends):
        return None
    day = local_day(at, zone) + timedelta(days=1 if passes_midnight and wall >= begins else 0)
    return to_utc(datetime.combine(day, ends), zone)
