"""Describe a request for recommendations, and the hard constraints of everyone it must suit. Pure, plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from planner.sun import Daylight

SEASONS = ("winter", "spring", "summer", "autumn")

SOON_DAYS = 14
"""Days of a request without a day: the next two weeks."""

RELAXABLE: dict[str, Mapping[str, Any]] = {
    "day": {"is_soon": True, "first_day": None},
    "lead_days": {"ignores_lead": True},
    "window": {"start": None, "end": None},
    "minutes": {"minutes": None},
    "cost_band": {"cost_band": None},
    "setting": {"settings": None},
    "energy": {"energy": None},
    "category": {"categories": None},
    "weather": {"weather": None},
    "children": {"children": None},
    "pace": {"pace": 5},
}
"""The limits that may be the cause if little fits, with the fields of a request without each.

Needs of a body are not among them: a hint would suggest to do without.
"""


@dataclass(frozen=True)
class HardConstraints:
    """The limits in one person's profile; an absent limit is None or empty.

    `cost_band` is the maximum. `settings` are the possible places. `access` lists the required features of
    vocabulary.ACCESS_FEATURES. `children` is asleep or present, and `child_ages` has keys of vocabulary.CHILD_AGES.
    `lives_together`: the person shares a home with the partner.
    """

    cost_band: int | None = None
    settings: frozenset[str] | None = None
    access: frozenset[str] = frozenset()
    alcohol_free: bool = False
    children: str | None = None
    child_ages: frozenset[str] = frozenset()
    lives_together: bool | None = None


@dataclass(frozen=True)
class RecommendationRequest(HardConstraints):
    """A request with the reader's own limits.

    `day` is the last day of an interval, and `first_day` its first; without one, `day` is the only day. `is_soon` asks
    for the next two weeks instead: `day` is then today, and each activity counts from the day after its preparation.
    With `wait_days`, those two weeks begin later.
    `ignores_lead` counts activities that could be done on the day if they had been prepared.
    `daylight` is that of the day, and of today if the request is for soon; None if the sun does not count.
    `children` may also be none, or fun for what children of these ages enjoy.
    `party` is one or two (or "" in a search). `pace` and `energy` are maxima; `minutes` is the maximum for the shortest
    form. `start` and `end` are a window on `day`, past midnight if the end is the smaller. `weather` is wet, dry or
    mild.
    """

    party: str = "two"
    day: date = date(2000, 1, 1)
    first_day: date | None = None
    is_soon: bool = False
    wait_days: int = 0
    ignores_lead: bool = False
    today: date = date(2000, 1, 1)
    pace: int = 5
    hemisphere: str = "north"
    daylight: Daylight | None = None
    start: time | None = None
    end: time | None = None
    minutes: int | None = None
    energy: int | None = None
    categories: frozenset[str] | None = None
    weather: str | None = None


BOTH = "both"
"""Children asleep for one partner and present for the second. An idea must suit both: at home, and quiet."""


def merge_constraints(request: RecommendationRequest, *others: HardConstraints) -> RecommendationRequest:
    """Return the request with the strictest limits of all: what one partner cannot do, two cannot do."""
    for constraints in others:
        children = {request.children, constraints.children} - {None}
        request = replace(
            request,
            cost_band=_minimum(request.cost_band, constraints.cost_band),
            settings=_intersection(request.settings, constraints.settings),
            access=request.access | constraints.access,
            alcohol_free=request.alcohol_free or constraints.alcohol_free,
            children=BOTH if len(children) == 2 else next(iter(children), None),
            child_ages=request.child_ages | constraints.child_ages,
            lives_together=_maximum(request.lives_together, constraints.lives_together),
        )
    return request


def without_children(constraints: HardConstraints, request: RecommendationRequest) -> HardConstraints:
    """Return the limits without those on children: a question that names children, or ages, knows better."""
    ages = frozenset[str]() if request.child_ages else constraints.child_ages
    return replace(constraints, children=None, child_ages=ages)


def without(request: RecommendationRequest, limit: str) -> RecommendationRequest:
    """Return the request without one of the reader's limits, named as in RELAXABLE."""
    return replace(request, **RELAXABLE[limit])


def season(day: date, hemisphere: str) -> str:
    """Return the meteorological season of a day (three calendar months each)."""
    shift = 0 if hemisphere == "north" else 2
    return SEASONS[(day.month % 12 // 3 + shift) % 4]


def seasons(request: RecommendationRequest, lead_days: int = 0) -> set[str]:
    """Return the seasons of the days that an activity with this preparation may take place on.

    An interval is shorter than a season.
    """
    days = {request.first_day or request.day, request.day}
    if request.is_soon:
        days = {request.today + timedelta(days=days_ahead(lead_days, request.wait_days)[end]) for end in (0, -1)}
    return {season(day, request.hemisphere) for day in days}


def days_ahead(lead_days: int, wait_days: int = 0) -> range:
    """Return how many days ahead an activity may take place, if the request is for soon.

    With long preparation, it is the first week after it: that has a weekend.
    """
    return range(max(lead_days, wait_days), max(wait_days + SOON_DAYS, lead_days + 7))


def _maximum(first: bool | None, second: bool | None) -> bool | None:
    return second if first is None else first if second is None else max(first, second)


def _minimum(first: int | None, second: int | None) -> int | None:
    return second if first is None else first if second is None else min(first, second)


def _intersection(first: frozenset[str] | None, second: frozenset[str] | None) -> frozenset[str] | None:
    return second if first is None else first if second is None else first & second
