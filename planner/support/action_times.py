"""Times for the actions of a self-care plan: spread over each week, when the person is free. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from planner import clock
from planner.calendars.free_windows import WEEKDAYS, FreeWindows, Span, Spans
from seeds.guidance import Action, SelfCarePlan

_USUAL_HOUR = time(18)
_HOURS = {"morning": (5, 12), "afternoon": (12, 17), "evening": (17, 22), "night": (22, 24)}
"""The first and the last hour of each part of the day, for actions whose words name it."""
_USUAL_HOURS = {"morning": time(9), "afternoon": time(15), "evening": time(19), "night": time(22)}
_FIRST, _LAST = time(6), time(22, 30)
_GRID = timedelta(minutes=30)


class Wish(NamedTuple):
    """On which of WEEKDAYS a person likes the actions, and at what hour. Empty: on any day, at an hour that is free.

    An action whose words name a part of the day is in that part, whatever the hour.
    """

    weekdays: tuple[str, ...] = ()
    at: time | None = None


def days_of_week(plan: SelfCarePlan, starts_on: date, week: int) -> list[date]:
    """Return the days of one week of a plan. The last week may be shorter."""
    first = 7 * (week - 1)
    return [starts_on + timedelta(days=number) for number in range(first, min(first + 7, plan.days))]


def suggest(
    plan: SelfCarePlan, starts_on: date, wish: Wish, windows: FreeWindows, zone: str, now: datetime
) -> dict[int, datetime]:
    """Return a wall time for each action of a plan, by its number. An action without a free time has none."""
    times: dict[int, datetime] = {}
    for week in range(1, plan.weeks + 1):
        actions = [number for number, action in enumerate(plan.actions) if action.week == week]
        days = _preferred_days(days_of_week(plan, starts_on, week), wish)
        for place, number in enumerate(actions):
            middle = (2 * place + 1) * len(days) // (2 * len(actions))
            taken = [_span(wall, plan.actions[other].minutes, zone) for other, wall in times.items()]
            wall = _first_free(days, middle, plan.actions[number], wish.at, windows, taken, zone, now)
            if wall:
                times[number] = wall
    return times


def _preferred_days(days: list[date], wish: Wish) -> list[date]:
    return [day for day in days if WEEKDAYS[day.weekday()] in wish.weekdays] or days


def _first_free(
    days: Sequence[date],
    middle: int,
    action: Action,
    at: time | None,
    windows: FreeWindows,
    taken: Sequence[Span],
    zone: str,
    now: datetime,
) -> datetime | None:
    """Return a free time on the day in the middle, or on the day next to it. Days with an action come last."""
    used = {clock.to_zone(begins, zone).date() for begins, _ in taken}
    in_order = sorted(days, key=lambda day: (day in used, abs((day - days[middle]).days), day))
    for spans in (windows.possible,) if at else (windows.usual, windows.possible):
        for day in in_order:
            for wall in _walls(day, at, action.time_of_day):
                span = _span(wall, action.minutes, zone)
                if span[0] > now and _is_within(span, spans) and not any(_overlap(span, other) for other in taken):
                    return wall
    return None


def _walls(day: date, at: time | None, parts: Sequence[str]) -> Iterator[datetime]:
    """Yield the wished time of a day, then others by their distance from it. All are in these parts of the day."""
    if not at or not _is_in(at, parts):
        at = _USUAL_HOURS[parts[0]] if parts else _USUAL_HOUR
    wished = datetime.combine(day, at)
    yield wished
    wall, others = datetime.combine(day, _FIRST), []
    while wall.time() <= _LAST:
        if _is_in(wall.time(), parts):
            others.append(wall)
        wall += _GRID
    yield from sorted(others, key=lambda other: (abs(other - wished), other))


def _is_in(at: time, parts: Sequence[str]) -> bool:
    return not parts or any(first <= at.hour < last for first, last in (_HOURS[part] for part in parts))


def _span(wall: datetime, minutes: int, zone: str) -> Span:
    begins = clock.to_utc(wall, zone)
    return begins, begins + timedelta(minutes=minutes)


def _is_within(span: Span, spans: Spans) -> bool:
    return any(begins <= span[0] and span[1] <= ends for begins, ends in spans)


def _overlap(first: Span, second: Span) -> bool:
    return first[0] < second[1] and second[0] < first[1]
