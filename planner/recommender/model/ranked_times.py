"""Rank times for two people or one, and say which own constraint leaves no time. Pure.

The partner counts only by what both have in common: the answer is a function of the common windows. So two partners
with the same common windows lead to the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from planner import clock
from planner.calendars import free_windows
from planner.calendars.free_windows import NEVER, Availability, FreeWindows, Span, Spans
from planner.recommender.model.free_slots import (
    MAX_SLOTS,
    FreeSlot,
    FreeTime,
    Meeting,
    Occasion,
    SchedulingBounds,
    Window,
)
from seeds.reader import Activity

MAX_TIMES = 10
DAYS_AHEAD = 28

REASONS = ("usually_free_both", "usually_free", "nothing_planned_both", "nothing_planned", "late")
CONSTRAINTS = (
    *free_windows.LABELS,
    "no_label",
    "days",
    "dates",
    "calendars",
    "minutes",
    "activity",
    "notice",
    "range",
)
"""Own constraints that a person may relax if nothing fits, in the order in which the answer names them."""

SHORTEST = 30
"""The minutes that are tried if a longer time does not fit."""

_PREFERRED_PARTS = ("evening", "afternoon", "morning", "night", "early")
_USUAL_PARTS, _OTHER_PARTS = _PREFERRED_PARTS, _PREFERRED_PARTS[:3]
_LEAD = timedelta(days=1)
"""What begins sooner comes after what begins later: few people can arrange an evening on its afternoon."""


def meeting(minutes: int) -> Meeting:
    """Return a meeting of so many minutes by day. It is at night only if those concerned are usually free then."""
    return Meeting(minutes, minutes, _OTHER_PARTS)


class Schedule(NamedTuple):
    """What decides when a person can be free. The plans are those known in the window."""

    availability: Availability
    zone: str
    dates: Spans = ()
    calendars: Spans = ()

    def windows(self, begins: datetime, ends: datetime) -> FreeWindows:
        """Return when the person can be free between two instants."""
        windows = free_windows.list_windows(self.availability, self.zone, begins, ends)
        return free_windows.without_plans(windows, free_windows.merge(self.dates + self.calendars))


class Search(NamedTuple):
    """A search for times: the viewer's schedule, the partner's windows if both agreed, when, and for what.

    `begins`, `ends` and the last possible `furthest` are wall times in the zone of the viewer; the schedules reach to
    the last. `notice` is how long before it a time must be arranged. `shorter` is tried if the occasion does not fit.
    """

    mine: Schedule
    theirs: FreeWindows | None
    begins: datetime
    ends: datetime
    furthest: datetime
    bounds: SchedulingBounds
    notice: timedelta = timedelta()
    occasion: Occasion = meeting(90)
    shorter: Occasion | None = None


class RankedTime(NamedTuple):
    """A time that fits, and why."""

    local_time: datetime
    zone: str
    minutes: int
    reason: str


class SharedTime(NamedTuple):
    """The free time of a search: when those concerned are usually free, and when nothing forbids it."""

    usual: FreeTime
    possible: FreeTime
    late: Spans


def prepare(search: Search) -> SharedTime:
    """Return the free time of a search. It serves any number of activities."""
    windows = _windows(search)
    return SharedTime(_within(search, windows.usual), _within(search, windows.possible), windows.late)


def _windows(search: Search) -> FreeWindows:
    windows = search.mine.windows(*_instants(search))
    return free_windows.common(windows, search.theirs) if search.theirs else windows


def _within(search: Search, spans: Spans) -> FreeTime:
    window = Window(search.begins, search.ends, search.mine.zone)
    return FreeTime(window, search.bounds._replace(busy=free_windows.complement(spans, *_instants(search))))


def _instants(search: Search) -> Span:
    return clock.to_utc(search.begins, search.mine.zone), clock.to_utc(search.ends, search.mine.zone)


def find_slots(time: SharedTime, activity: Activity, most: int = MAX_SLOTS) -> list[FreeSlot]:
    """Return times for an activity on different days if possible, the earliest first: usual ones, or else others."""
    return time.usual.find_slots(activity, most) or time.possible.find_slots(activity, most)


def find(search: Search) -> list[RankedTime]:
    """Return up to ten times: usual ones first, not late, spread over the days, soon but not at once."""
    time = prepare(search)
    usual = set(time.usual.list_starts(_at_any_hour(search.occasion)))
    ranks = {slot: _Rank(False, *_drawbacks(slot, time.late, search)) for slot in usual}
    for slot in time.possible.list_starts(search.occasion):
        ranks.setdefault(slot, _Rank(True, *_drawbacks(slot, time.late, search)))
    chosen: list[FreeSlot] = []
    for slot in _spread(ranks):
        if len(chosen) < MAX_TIMES and not any(_overlap(slot, other) for other in chosen):
            chosen.append(slot)
    return [RankedTime(*slot, _reason(ranks[slot], search.theirs is not None)) for slot in chosen]


class _Rank(NamedTuple):
    """The drawbacks of a slot, the worst first."""

    is_unusual: bool
    is_late: bool
    is_at_once: bool


def _at_any_hour(occasion: Occasion) -> Occasion:
    """Return a meeting at any hour: who is usually free at night may meet at night."""
    return occasion._replace(time_of_day=_USUAL_PARTS) if isinstance(occasion, Meeting) else occasion


def _drawbacks(slot: FreeSlot, late: Spans, search: Search) -> tuple[bool, bool]:
    span = _span(slot)
    return bool(free_windows.intersect((span,), late)), span[0] < search.bounds.earliest + _LEAD


def _spread(ranks: dict[FreeSlot, _Rank]) -> list[FreeSlot]:
    """Return the slots in order: of equal ones, the first of each day before the second of any."""
    numbers: dict[tuple[object, ...], int] = {}
    keys: dict[FreeSlot, tuple[object, ...]] = {}
    for slot in sorted(ranks, key=lambda slot: (ranks[slot], slot.local_time.date(), _part(slot), slot)):
        rank, day = ranks[slot], slot.local_time.date()
        number = numbers[rank.is_unusual, rank.is_late, day] = numbers.get((rank.is_unusual, rank.is_late, day), -1) + 1
        keys[slot] = (rank.is_unusual, rank.is_late, number, rank.is_at_once, slot)
    return sorted(keys, key=lambda slot: keys[slot])


def _part(slot: FreeSlot) -> int:
    hour = slot.local_time.hour
    part = "early" if hour < 8 else "morning" if hour < 12 else "afternoon" if hour < 17 else "evening"
    return _PREFERRED_PARTS.index("night" if hour >= 22 else part)


def _span(slot: FreeSlot) -> Span:
    begins = clock.to_utc(slot.local_time, slot.zone)
    return begins, begins + timedelta(minutes=slot.minutes)


def _overlap(first: FreeSlot, second: FreeSlot) -> bool:
    (begins, ends), (other_begins, other_ends) = _span(first), _span(second)
    return begins < other_ends and other_begins < ends


def _reason(rank: _Rank, for_both: bool) -> str:
    if rank.is_late:
        return "late"
    reason = "nothing_planned" if rank.is_unusual else "usually_free"
    return f"{reason}_both" if for_both else reason


def list_relaxable(search: Search) -> list[str]:
    """Return the own constraints without which a time would fit, each tried alone.

    Hours and plans are named only if they leave no time for the viewer alone. Tried together with the partner's, they
    would tell when the partner is free outside of the common windows.
    """
    alone = search._replace(theirs=None)
    own = [] if fits(alone) else [name for name, relaxed in _without_own(alone) if fits(relaxed)]
    return own + [name for name, relaxed in _other_questions(search) if fits(relaxed)]


def fits(search: Search) -> bool:
    """Return whether any time fits."""
    windows, any_hour = _windows(search), _at_any_hour(search.occasion)
    if _within(search, windows.possible).fits(search.occasion):
        return True
    return any_hour != search.occasion and _within(search, windows.usual).fits(any_hour)


def _without_own(search: Search) -> Iterator[tuple[str, Search]]:
    """Yield the search without each kind of hours and plans of the viewer."""
    mine = search.mine
    for label in _labels(mine.availability):
        yield label or "no_label", _with(search, availability=mine.availability.without_label(label))
    if any(day.kind == NEVER for day in mine.availability.days):
        yield "days", _with(search, availability=mine.availability._replace(days=()))
    if mine.dates:
        yield "dates", _with(search, dates=())
    if mine.calendars:
        yield "calendars", _with(search, calendars=())


def _other_questions(search: Search) -> Iterator[tuple[str, Search]]:
    """Yield the search for a shorter time, without the activity, without notice, and on more days."""
    bounds = search.bounds
    if search.shorter:
        yield "minutes", search._replace(occasion=search.shorter)
    if not isinstance(search.occasion, Meeting):
        yield "activity", search._replace(occasion=meeting(search.occasion.duration_min))
    if search.notice:
        yield "notice", search._replace(bounds=bounds._replace(earliest=bounds.earliest - search.notice))
    if search.furthest > search.ends:
        yield "range", search._replace(ends=search.furthest)


def _labels(availability: Availability) -> Iterable[str | None]:
    labels = {each.label for each in availability.week if each.kind == NEVER}
    return [label for label in (*free_windows.LABELS, None) if label in labels]


def _with(search: Search, **values: object) -> Search:
    return search._replace(mine=search.mine._replace(**values))  # type: ignore[arg-type]
