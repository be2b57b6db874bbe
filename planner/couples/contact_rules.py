"""Rules for pace, rhythm and the contact budget, as pure functions: no database, no clock.

Rhythm is how often, pace is how close. Each partner chooses both privately, and the calmer choice applies to the
couple. A lower choice applies at once, for both (openly) or in the person's own view (quietly). A higher one applies
from the day after both partners asked for it.
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
RHYTHMS = ("apart", "gentle", "together")


class Quota(NamedTuple):
    """How much one person may send: open proposals at a time, and events in rolling seven days."""

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
"""The rhythms in which declined proposals in a row make their sender wait."""
LAPSED, EXCUSED = "lapsed", "excused"
DECLINED_OUTCOMES = {"no": 1.0, LAPSED: 0.5}
"""The outcomes that count as declined, and how much: silence is half a no.

"Another time", "another idea" and a withdrawal count as neither yes nor no. Neither does an excused lapse: the partner
had little time to answer, was in an announced space, or could no longer accept at a lower pace.
"""
SHORT_OFFER = timedelta(hours=24)
"""A proposal that was open for less time leaves no mark when it lapses."""
GIVEN_BACK_OUTCOMES = ("another_time", "another_idea")
"""The answers that ask for a new proposal. They give the proposal back to its sender."""
COOLDOWN_AFTER_TWO = timedelta(days=14)
COOLDOWN_AFTER_THREE = timedelta(days=90)
THREE_WITHIN = timedelta(days=60)
LOOK_BACK = THREE_WITHIN + COOLDOWN_AFTER_THREE + WINDOW
"""Older proposals cannot affect a cooldown: two that were declined half a year apart are not in a row."""

COOLDOWN_ANSWERS = ("no", "another_idea")
"""The answers after which the sender cannot offer the same activity for a while."""
ACTIVITY_COOLDOWN = {"together": timedelta(days=14), "gentle": timedelta(days=60), "apart": timedelta(days=60)}

ANSWER_NOTICE = {"together": timedelta(minutes=15), "gentle": timedelta(hours=3), "apart": timedelta(hours=3)}
"""How long before its last slot a proposal lapses, by the rhythm of the couple, which both know."""
ANSWER_TIME = timedelta(hours=1)
"""The shortest time that a proposal leaves to answer it."""

WORDS_PACE = 3
"""The lowest pace at which dates carry words: a message or a place."""
MOST_LETTERS_AFAR = 400
"""The most letters of a note, or of an answer for two, at a pace below WORDS_PACE."""

# The first pace of each rhythm: a couple that is apart starts with coffee in public.
FIRST_MAX_PACES = {"together": 5, "gentle": 3, "apart": 2}

INVITATION_LIFE = timedelta(days=7)
MOST_CODES = 30
"""The most invitations of one person in 30 days, also of codes that no one looked up."""
_INVITATIONS = 3
INVITATION_WINDOW = timedelta(days=30)
_INVITATION_PAUSE = timedelta(days=60)


def calmer(first: str, second: str) -> str:
    """Return the calmer of two rhythms: the one in force."""
    return min(first, second, key=RHYTHMS.index)


def own_pace(current: int, quiet: int | None) -> int:
    """Return the pace in one person's view: the couple's pace, or a lower one chosen quietly."""
    return current if quiet is None else min(current, quiet)


def own_rhythm(current: str, quiet: str | None) -> str:
    """Return the rhythm in one person's view: the couple's rhythm, or a calmer one chosen quietly."""
    return current if quiet is None else calmer(current, quiet)


LOWER_FOR_BOTH, LOWER_PRIVATELY, UNCHANGED, REQUEST_RAISE = "calm", "hush", "keep", "ask"
"""The effect of a choice: lower for both, lower for this person, no change, or higher once both ask."""


def pace_choice(chosen: int, current: int, quietly: bool) -> str | None:
    """Return the effect of a chosen pace beside the pace in force, or None if it is not allowed.

    A person can ask for one step up at a time. A quiet choice only goes down, because coming closer needs both.
    """
    return None if chosen > current + 1 else _choice(chosen, current, quietly)


def rhythm_choice(chosen: str, current: str, quietly: bool) -> str | None:
    """Return the effect of a chosen rhythm beside the rhythm in force, or None if it is not allowed."""
    return _choice(RHYTHMS.index(chosen), RHYTHMS.index(current), quietly)


def _choice(chosen: int, current: int, quietly: bool) -> str | None:
    if quietly:
        return LOWER_PRIVATELY if chosen < current else None
    return LOWER_FOR_BOTH if chosen < current else UNCHANGED if chosen == current else REQUEST_RAISE


class Decline(NamedTuple):
    """A proposal that was declined or lapsed: when, and how much it counts."""

    at: datetime
    weight: float = 1.0


def is_short(at: datetime, open_until: datetime) -> bool:
    """Return whether a proposal was open too short to count when it lapses."""
    return open_until - at < SHORT_OFFER


def cooldown_until(declined: Iterable[Decline], cleared: datetime | None) -> datetime | None:
    """Return until when a sender waits before the next proposal, or None without a wait.

    Two declined in a row: 14 days from the second. Three within 60 days: 90 days from the third. Two lapses count as
    one. `cleared` is the last time that the partner accepted or sent something. Answers before it do not count.
    """
    in_a_row = sorted(each for each in declined if cleared is None or each.at > cleared)
    waits = []
    for number, (at, _) in enumerate(in_a_row, start=1):
        if _weigh(in_a_row[:number]) >= 2:
            waits.append(at + COOLDOWN_AFTER_TWO)
        if _weigh(each for each in in_a_row[:number] if at - each.at < THREE_WITHIN) >= 3:
            waits.append(at + COOLDOWN_AFTER_THREE)
    return max(waits, default=None)


def _weigh(declined: Iterable[Decline]) -> float:
    return sum(each.weight for each in declined)


def activity_cooldown_until(declined_at: datetime, rhythm: str | None) -> datetime:
    """Return until when a declined activity rests for the person who offered it."""
    return declined_at + ACTIVITY_COOLDOWN[rhythm or "apart"]


def opens_at(most: int, releases: Collection[datetime], now: datetime) -> datetime:
    """Return when one more event is possible: `now`, or when enough earlier events stop counting.

    `releases` are the times at which the counted events stop counting.
    """
    counting = sorted(release for release in releases if release > now)
    return now if len(counting) < most else counting[len(counting) - most]


def next_invitation_at(met: Iterable[datetime], now: datetime) -> datetime:
    """Return when a person may invite again. Three within 30 days prevent a next one for 60 days after the third.

    `met` are the times of the invitations whose code another person looked up. A code that was lost does not count.
    """
    times = sorted(met)
    opens = now
    for first, third in zip(times, times[_INVITATIONS - 1 :], strict=False):
        if third - first < INVITATION_WINDOW:
            opens = max(opens, third + _INVITATION_PAUSE)
    return opens


def pace_of_text(letters: int) -> int | None:
    """Return the pace that a note or an answer of so many letters needs: None for a short one."""
    return WORDS_PACE if letters > MOST_LETTERS_AFAR else None


def is_too_long(letters: int, own_pace: int) -> bool:
    """Return whether a person at this pace may not send so many letters in a note or an answer."""
    pace = pace_of_text(letters)
    return pace is not None and own_pace < pace
