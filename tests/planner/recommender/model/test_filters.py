"""Test the hard filters: what each admits, how constraints merge, and that a search applies the same."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from planner.recommender.model import filters
from planner.recommender.model.feature_matrix import build
from planner.recommender.model.filters import FILTERS, eligible, predicate
from planner.recommender.model.preference_model import PersonFeedback
from planner.recommender.model.ranking import History, rank
from planner.recommender.model.request import (
    RELAXABLE,
    HardConstraints,
    RecommendationRequest,
    merge_constraints,
    season,
    without,
)
from planner.sun import Daylight
from seeds.reader import Activity
from tests.cards import MONDAY, Card, asking, card, decks, needs, requests, times
from tests.properties import examples

# A plain definition of each filter for one activity, to compare with the arrays. The window has its own table below.
DEFINITIONS: dict[str, Any] = {
    "party": lambda item, request: item.party in (request.party, "either"),
    "pace": lambda item, request: item.pace <= request.pace,
    "season": lambda item, request: any(
        season(day, request.hemisphere) in item.seasons for day in days_of(item, request)
    ),
    "lead_days": lambda item, request: (
        request.is_soon
        or (
            request.day >= request.today
            if request.ignores_lead
            else request.today + timedelta(days=item.lead_days) <= request.day
        )
    ),
    "minutes": lambda item, request: request.minutes is None or item.duration_min <= request.minutes,
    "cost_band": lambda item, request: request.cost_band is None or item.cost_band <= request.cost_band,
    "setting": lambda item, request: request.settings is None or item.setting in request.settings,
    "energy": lambda item, request: request.energy is None or item.energy <= request.energy,
    "category": lambda item, request: request.categories is None or item.category in request.categories,
    "children": lambda item, request: {
        None: True,
        "none": True,
        "present": item.with_children in ("yes", "awake"),
        "asleep": item.with_children in ("asleep", "yes") and item.setting == "home",
        "both": item.with_children == "yes" and item.setting == "home",
        "fun": item.with_children in ("yes", "awake")
        and bool(item.fun_for)
        and request.child_ages <= frozenset(item.fun_for),
    }[request.children],
    "two_homes": lambda item, request: (
        not request.lives_together
        or request.party != "two"
        or item.category != "apart"
        or "apart" in (request.categories or ())
    ),
    "weather": lambda item, request: (
        item.weather == "any"
        or request.weather in (None, "mild")
        or (request.weather == "dry" and item.weather != "mild")
    ),
    "alcohol_free": lambda item, request: not request.alcohol_free or "wine" not in item.summary,
}


def days_of(item: Activity, request: RecommendationRequest) -> list[date]:
    """Return the days on which a request asks for an activity."""
    first, last = request.first_day or request.day, request.day
    if request.is_soon:
        first = request.today + timedelta(days=item.lead_days)
        last = max(first, request.today + timedelta(days=13))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def passes(name: str, activity: Activity, request: RecommendationRequest) -> bool:
    if name in DEFINITIONS:
        return bool(DEFINITIONS[name](activity, request))
    return name not in request.access or activity.accessibility.get(name) in ("yes", "adaptable")


@examples(50)
@given(decks, requests, st.sampled_from([None, "none", "asleep", "present", "fun"]))
def test_each_filter_agrees_with_its_plain_definition(
    deck: list[Card], request: RecommendationRequest, children: str | None
) -> None:
    matrix, request = build(deck), replace(request, children=children)
    for name in FILTERS.keys() - {"window"}:
        assert eligible(matrix, request, [name]).tolist() == [passes(name, item.content, request) for item in deck], (
            name
        )


@examples(25)
@given(decks, decks, requests)
def test_a_search_applies_the_same_filters_to_items_outside_the_matrix(
    deck: list[Card], more: list[Card], request: RecommendationRequest
) -> None:
    matrix = build(deck)
    keep = predicate(matrix, request, FILTERS)
    for item in [*deck, *(item for item in more if matrix.row(item.id) is None)]:
        assert keep(item) == eligible(build([item]), request)[0]


@examples(25)
@given(decks, requests, needs, needs)
def test_merged_constraints_are_the_intersection_of_both(
    deck: list[Card], request: RecommendationRequest, mine: HardConstraints, yours: HardConstraints
) -> None:
    matrix = build(deck)
    alone = [eligible(matrix, merge_constraints(request, person)) for person in (mine, yours)]
    assert (eligible(matrix, merge_constraints(request, mine, yours)) == (alone[0] & alone[1])).all()
    assert (eligible(matrix, merge_constraints(request, mine)) <= eligible(matrix, request)).all()
    assert merge_constraints(request, mine, yours) == merge_constraints(request, yours, mine)
    assert merge_constraints(request, mine, mine) == merge_constraints(request, mine)


@examples(25)
@given(decks, requests, st.sampled_from(sorted(RELAXABLE.keys() - {"day"})))
def test_dropping_a_limit_never_excludes_more(deck: list[Card], request: RecommendationRequest, name: str) -> None:
    assume(name != "lead_days" or request.day >= request.today)  # no preparation makes a past day possible
    matrix = build(deck)
    free = without(request, name)
    assert eligible(matrix, free, [name]).all()
    assert (eligible(matrix, request) <= eligible(matrix, free)).all()
    assert (eligible(matrix, free) == eligible(matrix, request, FILTERS.keys() - {name})).all()


def fits(name: str, request: RecommendationRequest, **values: Any) -> bool:
    return bool(eligible(build([card(1, **values)]), request, [name])[0])


@pytest.mark.parametrize(
    ("start", "end", "hours", "least", "fits_in"),
    [
        ("18:00", "22:00", "evening", 60, True),
        ("18:00", "18:30", "evening", 60, False),
        ("08:00", "12:00", "evening", 60, False),
        ("16:30", "17:30", "evening", 60, False),
        ("16:00", "18:00", "evening", 60, True),
        ("12:00", "13:00", "afternoon", 60, True),
        ("23:00", "01:00", "night", 120, True),
        ("23:00", "00:30", "night", 120, False),
        ("01:00", "04:00", "night", 60, False),
        ("21:00", "00:00", "evening", 60, True),
        ("23:00", "10:00", "morning", 120, True),
        ("23:00", "09:30", "morning", 120, False),
        ("06:00", "08:30", "morning", 60, False),
        ("20:00", "02:00", "evening", 241, False),
        ("20:00", "02:00", "evening", 239, True),
        ("20:00", "06:00", "evening", 600, True),
        ("22:00", "05:00", "afternoon", 15, False),
        ("10:00", "10:00", "evening", 60, True),
        ("09:00", "21:00", "morning", 600, True),
        ("09:00", "15:00", "morning", 600, False),
        ("10:20", "14:20", "morning afternoon", 240, True),
        ("11:00", "13:59", "morning afternoon", 180, False),
        ("04:00", "05:00", "morning evening", 15, False),
    ],
)
def test_a_window_admits_what_can_be_done_at_its_hours(
    start: str, end: str, hours: str, least: int, fits_in: bool
) -> None:
    values: dict[str, Any] = {"time_of_day": tuple(hours.split()), "duration_min": least}
    request = asking(start=time.fromisoformat(start), end=time.fromisoformat(end))
    assert fits("window", request, **values) is fits_in


def test_without_hours_only_the_sun_of_the_day_counts() -> None:
    polar_night = asking(daylight=Daylight(None, None, None, None, 0))
    white_night = asking(daylight=Daylight(0, None, None, 1440, None))
    assert [fits("window", polar_night, light=light) for light in ("any", "day", "dark")] == [True, False, True]
    assert [fits("window", white_night, light=light) for light in ("any", "day", "dark")] == [True, True, False]
    assert fits("window", white_night, duration_min=2880, duration_max=2880)


@examples(50)
@given(decks, times, times)
def test_an_activity_that_fits_a_window_can_begin_in_it(deck: list[Card], start: time | None, end: time | None) -> None:
    """Try every minute of the window in turn."""
    request = asking(start=start, end=end)
    opens = start.hour * 60 + start.minute if start else 0
    closes = end.hour * 60 + end.minute if end else 1440
    closes += 1440 if closes <= opens else 0
    for item, fit in zip(deck, eligible(build(deck), request, ["window"]), strict=True):
        minutes = range(opens, closes - item.content.duration_min + 1)
        can_begin = any(
            (part := part_of_day(at // 60 % 24)) in item.content.time_of_day
            and (part != "evening" or not 1440 - at % 1440 <= item.content.duration_min < 360)
            for at in minutes
        )
        assert fit == (can_begin or (start is None and end is None))


def part_of_day(hour: int) -> str:
    return ["", "morning", "afternoon", "evening", "night"][sum(hour >= begins for begins in (8, 12, 17, 22))]


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)))
def test_the_south_has_the_opposite_season(day: date) -> None:
    order = ("winter", "spring", "summer", "autumn")
    assert order.index(season(day, "south")) == (order.index(season(day, "north")) + 2) % 4


@pytest.mark.parametrize(
    ("day", "north"),
    [("2026-02-28", "winter"), ("2026-03-01", "spring"), ("2026-06-01", "summer"), ("2026-09-01", "autumn"),
     ("2026-11-30", "autumn"), ("2026-12-01", "winter"), ("2027-01-01", "winter")],
)  # fmt: skip
def test_seasons_begin_with_their_month(day: str, north: str) -> None:
    assert season(date.fromisoformat(day), "north") == north


@pytest.mark.parametrize(
    ("children", "possible"),
    [
        ("asleep", ["asleep", "yes"]),
        ("present", ["awake", "yes"]),
        ("none", ["no", "asleep", "awake", "yes"]),
        (None, ["no", "asleep", "awake", "yes"]),
    ],
)
def test_children_decide_what_is_possible(children: str | None, possible: list[str]) -> None:
    levels = ("no", "asleep", "awake", "yes")
    assert [level for level in levels if fits("children", asking(children=children), with_children=level)] == possible


def test_outings_are_excluded_while_children_sleep() -> None:
    for setting, possible in {"home": True, "out": False, "away": False}.items():
        for level in ("asleep", "yes"):
            assert fits("children", asking(children="asleep"), with_children=level, setting=setting) is possible


def test_fun_for_children_is_fun_for_all_of_their_ages() -> None:
    for ages, possible in {(): True, ("small",): True, ("small", "school"): True, ("teens",): False}.items():
        request = asking(children="fun", child_ages=frozenset(ages))
        assert fits("children", request, with_children="yes", fun_for=("small", "school")) is possible
    assert not fits("children", asking(children="fun"), with_children="yes")


def test_lead_days_are_respected() -> None:
    assert not fits("lead_days", asking(day=MONDAY + timedelta(days=2)), lead_days=3)
    assert fits("lead_days", asking(day=MONDAY + timedelta(days=3)), lead_days=3)


def test_unknown_accessibility_does_not_meet_a_need() -> None:
    for level, possible in {"yes": True, "adaptable": True, "no": False, "unknown": False}.items():
        assert fits("seated", asking(access=frozenset({"seated"})), accessibility={"seated": level}) is possible
    assert not fits("quiet", asking(access=frozenset({"quiet"})), accessibility={})


# For each need of one person, an idea that it rules out. The plain card meets all of them.
EXCLUDED_BY: dict[str, tuple[Any, dict[str, Any]]] = {
    "cost_band": (1, {"cost_band": 2}),
    "settings": (frozenset({"home"}), {"setting": "out"}),
    "access": (frozenset({"step_free"}), {"accessibility": {"step_free": "no"}}),
    "alcohol_free": (True, {"summary": "With a glass of wine."}),
    "children": ("asleep", {"with_children": "no"}),
    "lives_together": (True, {"category": "apart"}),
}


@pytest.mark.parametrize("name", [each.name for each in fields(HardConstraints) if each.name != "child_ages"])
def test_either_partners_limit_excludes_an_activity_for_two(name: str) -> None:
    need, values = EXCLUDED_BY[name]
    matrix = build([card(0, with_children="asleep"), card(1, **{"with_children": "asleep", **values})])
    for mine, yours, shown in (({}, {}, [0, 1]), ({name: need}, {}, [0]), ({}, {name: need}, [0])):
        slate = rank(
            matrix,
            asking(**mine),
            [PersonFeedback(), PersonFeedback()],
            History(),
            "s",
            others=[HardConstraints(**yours)],
        )
        assert sorted(item.card.id.int for item in slate.ideas) == shown


def test_disjoint_settings_leave_no_setting() -> None:
    request = merge_constraints(asking(settings=frozenset({"home"})), HardConstraints(settings=frozenset({"out"})))
    assert request.settings == frozenset()
    assert not fits("setting", request, setting="home")


def test_children_of_either_partner_who_are_awake_count_for_both() -> None:
    for mine, yours in ((None, "present"), ("present", None)):
        assert merge_constraints(asking(children=mine), HardConstraints(children=yours)).children == "present"
    for mine, yours in (("asleep", "present"), ("present", "asleep")):
        merged = merge_constraints(asking(children=mine), HardConstraints(children=yours))
        fitting = [
            (level, setting)
            for level in ("no", "asleep", "awake", "yes")
            for setting in ("home", "out")
            if fits("children", merged, with_children=level, setting=setting)
        ]
        assert fitting == [("yes", "home")]
    assert merge_constraints(asking(), HardConstraints(children="asleep")).children == "asleep"


def test_every_relaxable_limit_is_a_filter_and_none_is_a_need_of_a_body() -> None:
    assert RELAXABLE.keys() - {"day"} <= filters.FILTERS.keys()
    assert RELAXABLE.keys().isdisjoint({"party", "step_free", "alcohol_free", "season"})
    fields = {name for names in RELAXABLE.values() for name in names}
    wide = replace(asking(), cost_band=0, energy=1, minutes=5, start=time(1), end=time(2), pace=2, children="present")
    for name in RELAXABLE:
        changed = {field for field in fields if getattr(without(wide, name), field) != getattr(wide, field)}
        assert changed <= set(RELAXABLE[name])
