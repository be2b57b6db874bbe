"""Pace, rhythm and budget as rules: plain values in, plain values out. No database, no clock.

Rhythm is how often, pace is how close. Both are chosen privately; the calmer choice counts for the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

PACES = {
    1: "afar: alone, or each at their own place",
    2: "light: in public, up to 90 minutes, easy to leave",
    3: "shared: a task or half a day together",
    4: "home: personal talk, memories, commitments",
    5: "close: overnight, closeness",
}
# Calmest first.
RHYTHMS = ("apart", "steady", "together")


class Allowance(NamedTuple):
    """What one person may put before the other: proposals open at once, and acts in rolling seven days."""

    open_proposals: int
    proposals: int
    shared: int


BUDGET = {
    "together": Allowance(open_proposals=5, proposals=20, shared=70),
    "steady": Allowance(open_proposals=1, proposals=3, shared=7),
    "apart": Allowance(open_proposals=1, proposals=1, shared=2),
}
WINDOW = timedelta(days=7)

# Where a rhythm starts: a pair that lives together needs no ceremony, one that is apart starts with coffee in public.
FIRST_CEILINGS = {"together": 5, "steady": 3, "apart": 2}

INVITATION_LIFE = timedelta(hours=72)
_INVITATIONS = 3
_INVITATION_WINDOW = timedelta(days=30)
_INVITATION_PAUSE = timedelta(days=60)


def calmer(one: str, other: str) -> str:
    """The calmer of two rhythms: the one that counts."""
    return min(one, other, key=RHYTHMS.index)


def couple_pace(ceilings: Iterable[int]) -> int:
    """The couple's pace: the lower of the two ceilings."""
    return min(ceilings)


def opens_at(most: int, releases: Collection[datetime], now: datetime) -> datetime:
    """When one more act is possible: `now`, or the moment at which enough earlier acts stop counting.

    `releases` are the instants at which each act that counts stops counting.
    """
    counting = sorted(release for release in releases if release > now)
    return now if len(counting) < most else counting[len(counting) - most]


def invitation_opens_at(made: Iterable[datetime], now: datetime) -> datetime:
    """When a person may invite (again): three invitations within 30 days close it for 60 days after the third."""
    times = sorted(made)
    opens = now
    for first, third in zip(times, times[_INVITATIONS - 1 :], strict=False):
        if third - first < _INVITATION_WINDOW:
            opens = max(opens, third + _INVITATION_PAUSE)
    return opens
