"""Pace, rhythm and budget as rules: plain values in, plain values out. No database, no present.

Rhythm is how often, pace is how close. Both are chosen privately; the calmer choice counts for the two. Less counts at
once, for both (openly) or in one's own view (quietly). More counts from the next morning after both asked for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from planner.clock import next_midnight

PACES = {
    1: "afar: alone, or each at their own place",
    2: "light: in public, up to 90 minutes, easy to leave",
    3: "shared: a task or half a day together",
    4: "home: personal talk, memories, commitments",
    5: "close: overnight, closeness",
}
# Calmest first.
RHYTHMS = ("apart", "gentle", "together")


class Quota(NamedTuple):
    """What one person may put before the other: proposals open at once, and acts in rolling seven days."""

    open_proposals: int
    proposals: int
    shared: int


QUOTAS = {
    "together": Quota(open_proposals=5, proposals=20, shared=70),
    "gentle": Quota(open_proposals=1, proposals=3, shared=7),
    "apart": Quota(open_proposals=1, proposals=1, shared=2),
}
WINDOW = timedelta(days=7)

RHYTHMS_WITH_COOLDOWN = ("apart", "gentle")
"""The rhythms in which noes in a row make their sender wait."""
DECLINED_OUTCOMES = ("no", "lapsed")
"""How a proposal ends that is a no. "Another time", "another idea" and an own withdrawal are neither no nor yes."""
COOLDOWN_AFTER_TWO = timedelta(days=14)
COOLDOWN_AFTER_THREE = timedelta(days=90)
THREE_WITHIN = timedelta(days=60)
LOOK_BACK = THREE_WITHIN + COOLDOWN_AFTER_THREE + WINDOW
"""What was proposed before that decides no wait any more: two noes half a year apart are no row."""

COOLDOWN_ANSWERS = ("no", "another_idea")
"""The answers after which an activity rests for the one who offered it."""
ACTIVITY_COOLDOWN = {"together": timedelta(days=14), "gentle": timedelta(days=60), "apart": timedelta(days=60)}

# Where a rhythm starts: a pair that lives together needs no ceremony, one that is apart starts with coffee in public.
FIRST_MAX_PACES = {"together": 5, "gentle": 3, "apart": 2}

INVITATION_LIFE = timedelta(hours=72)
_INVITATIONS = 3
_INVITATION_WINDOW = timedelta(days=30)
_INVITATION_PAUSE = timedelta(days=60)


def calmer(one: str, other: str) -> str:
    """The calmer of two rhythms: the one that counts."""
    return min(one, other, key=RHYTHMS.index)


def own_pace(counts: int, quiet: int | None) -> int:
    """The pace in one person's own view: what counts for the two, or less, as they chose quietly."""
    return counts if quiet is None else min(counts, quiet)


def own_rhythm(counts: str, quiet: str | None) -> str:
    """The rhythm in one person's own view, likewise."""
    return counts if quiet is None else calmer(counts, quiet)


LOWER_FOR_BOTH, LOWER_PRIVATELY, UNCHANGED, REQUEST_RAISE = "calm", "hush", "keep", "ask"
"""What a choice comes to: less for both, less for oneself alone, as it stands, more once the other asks, too."""


def pace_choice(asked: int, counts: int, quietly: bool) -> str | None:
    """What a choice of pace comes to beside the pace that counts; None where it cannot be made.

    Up goes one step at a time. Quietly is downwards only: nobody can come closer alone.
    """
    return None if asked > counts + 1 else _choice(asked, counts, quietly)


def rhythm_choice(asked: str, counts: str, quietly: bool) -> str | None:
    """What a choice of rhythm comes to beside the rhythm that counts; None where it cannot be made."""
    return _choice(RHYTHMS.index(asked), RHYTHMS.index(counts), quietly)


def _choice(asked: int, counts: int, quietly: bool) -> str | None:
    if quietly:
        return LOWER_PRIVATELY if asked < counts else None
    return LOWER_FOR_BOTH if asked < counts else UNCHANGED if asked == counts else REQUEST_RAISE


def next_morning(zones: Collection[str], now: datetime) -> datetime:
    """Return the latest of the next midnights in these zones: everyone has a new day by then."""
    return max(next_midnight(now, zone) for zone in zones)


def cooldown_until(noes: Iterable[datetime], cleared: datetime | None) -> datetime | None:
    """Until when somebody waits before the next proposal; None without a wait.

    Two noes in a row: 14 days from the second. Three within 60 days: 90 days from the third. `cleared` is the last
    moment at which the other said yes, or came forward by themselves: what was before it counts no more.
    """
    row = sorted(at for at in noes if cleared is None or at > cleared)
    waits = [second + COOLDOWN_AFTER_TWO for second in row[1:]]
    waits += [
        third + COOLDOWN_AFTER_THREE for first, third in zip(row, row[2:], strict=False) if third - first < THREE_WITHIN
    ]
    return max(waits, default=None)


def activity_cooldown_until(declined_at: datetime, rhythm: str | None) -> datetime:
    """Until when a declined activity rests for the one who offered it."""
    return declined_at + ACTIVITY_COOLDOWN[rhythm or "apart"]


def opens_at(most: int, releases: Collection[datetime], now: datetime) -> datetime:
    """When one more act is possible: `now`, or the moment at which enough earlier acts stop counting.

    `releases` are the instants at which each act that counts stops counting.
    """
    counting = sorted(release for release in releases if release > now)
    return now if len(counting) < most else counting[len(counting) - most]


def next_invitation_at(made: Iterable[datetime], now: datetime) -> datetime:
    """When a person may invite (again): three invitations within 30 days close it for 60 days after the third."""
    times = sorted(made)
    opens = now
    for first, third in zip(times, times[_INVITATIONS - 1 :], strict=False):
        if third - first < _INVITATION_WINDOW:
            opens = max(opens, third + _INVITATION_PAUSE)
    return opens
