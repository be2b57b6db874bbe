"""Define the hard filters: what an activity must meet to be suggested or found. Pure numpy.

Each filter is written once. It takes the columns of the matrix and the request, and answers for all rows at once. A
search uses the same functions (see `predicate`), so that a filter means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import time
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.recommender.model.feature_matrix import (
    ACCESS,
    CHILD_AGES,
    CHILDREN,
    KINDS,
    LIGHTS,
    PARTIES,
    SEASONS,
    SETTINGS,
    TIMES,
    WEATHERS,
    ActivityItem,
    ItemMatrix,
    Mask,
    bits,
    build,
)
from planner.recommender.model.request import BOTH, RecommendationRequest, seasons
from planner.recommender.model.start_times import DAY, StartSpan, start_span

Columns = Mapping[str, NDArray[Any]]
Filter = Callable[[Columns, RecommendationRequest], "Mask | bool"]

_LONGEST = 15 * DAY
# Activity weathers that are possible in each requested weather. A dark, clear sky needs a dry evening, warm or cold.
_WEATHER = {"wet": ("any",), "dry": ("any", "dry", "dark"), "mild": ("any", "dry", "dark", "mild")}


def _any_of(
    column: str, order: tuple[str, ...], values_of: Callable[[RecommendationRequest], Iterable[str] | None]
) -> Filter:
    def check(columns: Columns, request: RecommendationRequest) -> Mask | bool:
        values = values_of(request)
        return True if values is None else (columns[column] & columns[column].dtype.type(bits(values, order))) != 0

    return check


def _at_most(column: str, limit_of: Callable[[RecommendationRequest], int | None]) -> Filter:
    def check(columns: Columns, request: RecommendationRequest) -> Mask | bool:
        limit = limit_of(request)
        return True if limit is None else columns[column] <= limit

    return check


def _access(feature: str) -> Filter:
    bit = np.uint8(bits([feature], ACCESS))
    return lambda columns, request: feature not in request.access or (columns["access"] & bit) != 0


def _category(columns: Columns, request: RecommendationRequest) -> Mask | bool:
    categories = request.categories
    return True if categories is None else np.array([name in categories for name in KINDS])[columns["category"]]


def _children(columns: Columns, request: RecommendationRequest) -> Mask | bool:
    if request.children in (None, "none"):
        return True
    levels = {"asleep": ("yes", "asleep"), BOTH: ("yes",)}.get(request.children, ("yes", "awake"))
    mask: Mask = (columns["children"] & np.uint8(bits(levels, CHILDREN))) != 0
    if request.children in ("asleep", BOTH):  # an adult stays at home
        mask &= columns["setting"] == bits(["home"], SETTINGS)
    if request.children == "fun":
        ages = np.uint8(bits(request.child_ages or CHILD_AGES, CHILD_AGES))
        fun_for = columns["fun_for"] & ages
        mask &= fun_for == ages if request.child_ages else fun_for != 0
    return mask


def _two_homes(columns: Columns, request: RecommendationRequest) -> Mask | bool:
    """Admit ideas for two homes, unless the two share one and did not ask for such ideas."""
    if not request.lives_together or request.party != "two" or "apart" in (request.categories or ()):
        return True
    mask: Mask = columns["category"] != KINDS.index("apart")
    return mask


def _window(columns: Columns, request: RecommendationRequest) -> Mask | bool:
    if request.start is None and request.end is None and request.daylight is None:
        return True
    fitting = np.zeros(len(columns["times"]), bool)
    for part, light in product(TIMES, LIGHTS):
        span = start_span(part, light, request.daylight)
        starts = _starts_in_window(request, span) if span else []
        if span and starts:
            has_part = (columns["times"] & np.uint8(bits([part], TIMES))) != 0
            rows = np.flatnonzero(has_part & (columns["light"] == LIGHTS.index(light)))
            minutes = columns["minutes"][rows]
            closes = np.where(minutes < span.if_shorter, np.minimum(span.closes, span.ends_by - minutes), span.closes)
            for shift, earliest, end in starts:
                fitting[rows] |= (earliest < closes + shift) & (minutes <= end - earliest)
    return fitting


def _season(columns: Columns, request: RecommendationRequest) -> Mask | bool:
    if not request.is_soon:
        return _any_of("seasons", SEASONS, seasons)(columns, request)
    leads, index = np.unique(columns["lead"], return_inverse=True)
    in_season = np.array([bits(seasons(request, int(lead)), SEASONS) for lead in leads], np.uint8)
    mask: Mask = (columns["seasons"] & in_season[index]) != 0
    return mask


def _lead_days(columns: Columns, request: RecommendationRequest) -> Mask | bool:
    if request.is_soon:
        return True
    if request.ignores_lead:
        return request.day >= request.today
    return columns["lead"] <= (request.day - request.today).days


FILTERS: dict[str, Filter] = {
    "party": _any_of("party", PARTIES, lambda request: (request.party, "either")),
    "pace": _at_most("pace", lambda request: request.pace),
    "season": _season,
    "lead_days": _lead_days,
    "window": _window,
    "minutes": _at_most("minutes", lambda request: request.minutes),
    "cost_band": _at_most("cost", lambda request: request.cost_band),
    "setting": _any_of("setting", SETTINGS, lambda request: request.settings),
    "energy": _at_most("energy", lambda request: request.energy),
    "category": _category,
    "children": _children,
    "two_homes": _two_homes,
    "weather": _any_of("weather", WEATHERS, lambda request: _WEATHER.get(request.weather or "")),
    "alcohol_free": lambda columns, request: not request.alcohol_free or columns["alcohol"] == 0,
    **{feature: _access(feature) for feature in ACCESS},
}
"""The filters by the name that readers see. See request.RELAXABLE for those that a reader may drop."""


def eligible(matrix: ItemMatrix, request: RecommendationRequest, names: Iterable[str] = FILTERS) -> Mask:
    """Return the mask of the rows that pass the named filters of the request."""
    mask = np.ones(len(matrix), bool)
    for name in names:
        mask &= FILTERS[name](matrix.columns, request)
    return mask


def predicate(
    matrix: ItemMatrix, request: RecommendationRequest, names: Iterable[str]
) -> Callable[[ActivityItem], bool]:
    """Return a function that tells whether an item passes the filters, inside or outside the matrix."""
    chosen_names = tuple(names)
    mask = eligible(matrix, request, chosen_names).tolist()

    def keeps(item: ActivityItem) -> bool:
        row = matrix.row(item.id)
        return mask[row] if row is not None else bool(eligible(build([item]), request, chosen_names)[0])

    return keeps


def _starts_in_window(request: RecommendationRequest, span: StartSpan) -> list[tuple[int, int, int]]:
    """Return for each day that the window reaches: its first minute, the earliest start, and the end of the window.

    A day trip that sets out in the morning may last into the evening. A window may also reach into the days beside it:
    one from 23:00 to 10:00 has a morning.
    """
    if request.start is None and request.end is None:  # it begins on the day, and ends when it likes
        return [(0, span.opens, span.closes + _LONGEST)]
    start = _minutes(request.start) if request.start else 0
    end = _minutes(request.end) if request.end else DAY
    if end <= start:  # past midnight
        end += DAY
    starts = ((shift, max(start, span.opens + shift), end) for shift in (0, DAY, -DAY))
    return [(shift, earliest, end) for shift, earliest, end in starts if earliest < min(span.closes + shift, end)]


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
