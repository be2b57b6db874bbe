"""Define the hard filters: what an activity must meet to be suggested or found. Pure numpy.

Each filter is written once. It takes the columns of the matrix and the request, and answers for all rows at once. A
search uses the same functions (see `predicate`), so that a filter means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.recommender.model.feature_matrix import (
    ACCESS,
    CHILDREN,
    KINDS,
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
from planner.recommender.model.request import HOURS, RecommendationRequest, seasons

Columns = Mapping[str, NDArray[Any]]
Filter = Callable[[Columns, RecommendationRequest], "Mask | bool"]

_DAY = 24 * 60
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
    if request.children is None:
        return True
    mask: Mask = columns["children"] == bits(["yes"], CHILDREN)
    if request.children == "asleep":
        # An adult stays at home, so what works with children is possible there, but no outing.
        mask = mask & (columns["setting"] == bits(["home"], SETTINGS)) | (
            columns["children"] == bits(["asleep"], CHILDREN)
        )
    return mask


def _window(columns: Columns, request: RecommendationRequest) -> Mask | bool:
    if request.start is None and request.end is None:
        return True
    fitting = np.zeros(len(columns["times"]), bool)
    for name, earliest, end in _start_intervals(request):
        in_hours = (columns["times"] & np.uint8(bits([name], TIMES))) != 0
        fitting |= in_hours & (columns["minutes"] <= end - earliest)
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


def _start_intervals(request: RecommendationRequest) -> list[tuple[str, int, int]]:
    """Return when an activity may begin: the part of the day, the earliest start, and the end of the window.

    Times are in minutes of the day. An activity begins in its part of the day and ends in the window. A day trip that
    sets out in the morning may last into the evening. A window may also reach into the days beside it: one from 23:00
    to 06:00 has a morning.
    """
    start = _minutes(request.start) if request.start else 0
    end = _minutes(request.end) if request.end else _DAY
    if end <= start:  # past midnight
        end += _DAY
    intervals = (
        (name, max(start, at * 60 + shift), latest * 60 + shift)
        for name, (at, latest) in HOURS.items()
        for shift in (-_DAY, 0, _DAY)
    )
    return [(name, earliest, end) for name, earliest, latest in intervals if earliest < min(latest, end)]


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
