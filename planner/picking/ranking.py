"""Ranking: which activities fit a question, in what order, and why. Pure: no database, no clock.

The order comes from a few plain terms, each named below; a seeded draw separates what is about equal, so that the same
question gives the same answer all day and another one tomorrow.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import NamedTuple, Protocol
from uuid import UUID

from seeds.reader import Activity

SLATE = 5
"""How many at once: enough to differ, few enough to read on a phone."""

DONE_REST = 28.0
"""Days after which what was done has half its appeal back."""
CATEGORY_REST = 10.0
"""Days for its whole category: two museums in a row bore before two Sundays do."""
DONE_WEIGHT, CATEGORY_WEIGHT = 1.5, 0.5
NEW_BONUS = 0.25
"""New things done together help couples feel closer (Aron et al. 2000), so newness breaks ties, and no more."""
SAME_CATEGORY = 0.6
"""What each card of a category already on the slate costs the next: five ideas should be five kinds of evening."""

SEASONS = ("winter", "spring", "summer", "autumn")
_DAY = 24 * 60
_HOURS = {"morning": (5, 12), "afternoon": (12, 17), "evening": (17, 22), "night": (22, 29)}
_CHILDREN = {"asleep": ("asleep", "yes"), "present": ("yes",)}


class Card(Protocol):
    """An activity with its id, wherever it comes from."""

    @property
    def id(self) -> UUID:
        """Its id."""

    @property
    def content(self) -> Activity:
        """Its text and attributes."""


@dataclass(frozen=True)
class Question:
    """What is asked: for one or two, on which day, and within which limits. An absent limit is None or empty."""

    party: str
    day: date
    today: date
    pace: int = 5
    hemisphere: str = "north"
    start: time | None = None
    end: time | None = None
    minutes: int | None = None
    cost_band: int | None = None
    settings: frozenset[str] = frozenset()
    energy: int | None = None
    categories: frozenset[str] = frozenset()
    children: str | None = None
    step_free: bool = False


@dataclass(frozen=True)
class History:
    """What was done, in days ago (the latest time), and what rests because it was declined."""

    done: Mapping[UUID, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    resting: frozenset[UUID] = frozenset()


class Reason(NamedTuple):
    """Why a suggestion fits: a stable code and plain words."""

    code: str
    text: str


class Ranked(NamedTuple):
    """One activity on a slate, with the reasons why it fits."""

    card: Card
    reasons: tuple[Reason, ...]


Limit = Callable[[Activity, Question], bool]

# Each limit stands alone, by the name under which a reader may relax it.
LIMITS: dict[str, Limit] = {
    "party": lambda activity, asked: activity.party in (asked.party, "either"),
    "pace": lambda activity, asked: activity.pace <= asked.pace,
    "season": lambda activity, asked: season(asked.day, asked.hemisphere) in activity.seasons,
    "lead_days": lambda activity, asked: activity.lead_days <= (asked.day - asked.today).days,
    "window": lambda activity, asked: _fits_window(activity, asked),
    "minutes": lambda activity, asked: asked.minutes is None or activity.duration_min <= asked.minutes,
    "cost_band": lambda activity, asked: asked.cost_band is None or activity.cost_band <= asked.cost_band,
    "setting": lambda activity, asked: not asked.settings or activity.setting in asked.settings,
    "energy": lambda activity, asked: asked.energy is None or activity.energy <= asked.energy,
    "category": lambda activity, asked: not asked.categories or activity.category in asked.categories,
    "children": lambda activity, asked: (
        asked.children is None or activity.with_children in _CHILDREN.get(asked.children, ())
    ),
    "step_free": lambda activity, asked: (
        not asked.step_free or activity.accessibility["step_free"] in ("yes", "adaptable")
    ),
}


def fits(activity: Activity, asked: Question) -> bool:
    """Whether an activity keeps every limit of the question."""
    for limit in LIMITS.values():  # noqa: SIM110  # asked of every card: all() over a generator takes twice as long
        if not limit(activity, asked):
            return False
    return True


def rank(cards: Iterable[Card], asked: Question, history: History, seed: str, size: int = SLATE) -> list[Ranked]:
    """The slate: at most `size` activities that keep every limit and do not rest, best first, of varied categories."""
    fitting = [card for card in cards if card.id not in history.resting and fits(card.content, asked)]
    scored = sorted(((score(card, history, seed), card) for card in fitting), key=lambda pair: (-pair[0], pair[1].id))
    return [Ranked(card, reasons(card, asked, history)) for card in _varied(scored, size)]


def score(card: Card, history: History, seed: str) -> float:
    """How good an idea it is now: a draw in [0, 1), less what was done lately, a little more for what is new."""
    drawn = int.from_bytes(hashlib.blake2b(f"{seed} {card.id}".encode(), digest_size=8).digest()) / 2**64
    tired = DONE_WEIGHT * _fade(history.done.get(card.id), DONE_REST)
    sated = CATEGORY_WEIGHT * _fade(history.categories.get(card.content.category), CATEGORY_REST)
    return drawn - tired - sated + (NEW_BONUS if card.id not in history.done else 0.0)


def reasons(card: Card, asked: Question, history: History) -> tuple[Reason, ...]:
    """Two to four plain reasons, the most telling first; each is true of the activity or of what the asker did."""
    activity = card.content
    found = [Reason("duration", duration_text(activity)), Reason("cost", COST_TEXTS[activity.cost_band])]
    if card.id not in history.done:
        found.insert(0, Reason("new", _new_text(activity, asked.party)))
    if activity.energy <= 2:
        found.append(Reason("energy", "needs little energy"))
    elif activity.setting == "home":
        found.append(Reason("setting", "at home"))
    elif activity.shelter == "indoor":
        found.append(Reason("shelter", "works in any weather"))
    return tuple(found)


def _new_text(activity: Activity, party: str) -> str:
    if party == "one":
        return "new to you"
    # What each of the two has done alone is theirs to know; of what only two can do, there is nothing to know.
    return "new to both of you" if activity.party == "two" else "new to the two of you"


COST_TEXTS = (
    "free",
    "costs less than a simple meal",
    "costs about as much as a simple meal for two",
    "costs a few simple meals",
    "costs more than a night out",
)


def duration_text(activity: Activity) -> str:
    """ "90 minutes", "2 to 3 hours", "2 days"."""
    least, most = activity.duration_min, activity.duration_max
    unit, minutes = next(
        (unit, minutes)
        for unit, minutes, from_ in (("day", 1440, 1440), ("hour", 60, 120), ("minute", 1, 0))
        if least % minutes == 0 and most % minutes == 0 and least >= from_
    )
    least, most = least // minutes, most // minutes
    amount = str(least) if least == most else f"{least} to {most}"
    return f"{amount} {unit}{'' if most == 1 else 's'}"


def season(day: date, hemisphere: str) -> str:
    """The meteorological season of a day (three calendar months each)."""
    shift = 0 if hemisphere == "north" else 2
    return SEASONS[(day.month % 12 // 3 + shift) % 4]


def _varied(scored: Sequence[tuple[float, Card]], size: int) -> Iterable[Card]:
    left, taken = list(scored), dict[str, int]()
    while left and size > 0:
        best = max(left, key=lambda pair: pair[0] - SAME_CATEGORY * taken.get(pair[1].content.category, 0))
        left.remove(best)
        taken[best[1].content.category] = taken.get(best[1].content.category, 0) + 1
        size -= 1
        yield best[1]


def _fade(days: int | None, half_life: float) -> float:
    return 0.0 if days is None else math.exp2(-max(0, days) / half_life)


def _fits_window(activity: Activity, asked: Question) -> bool:
    if asked.start is None and asked.end is None:
        return True
    start = _minutes(asked.start) if asked.start else 0
    end = _minutes(asked.end) if asked.end else _DAY
    if end <= start:  # past midnight
        end += _DAY
    # It begins in its hours and ends in the window: a day trip that sets out in the morning may last into the evening.
    # The window may also meet the hours of the days beside it (one from 23:00 to 06:00 has a morning).
    beginnings = (
        (max(start, at * 60 + shift), until * 60 + shift)
        for at, until in (_HOURS[name] for name in activity.time_of_day)
        for shift in (-_DAY, 0, _DAY)
    )
    return any(begins < until and begins + activity.duration_min <= end for begins, until in beginnings)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
