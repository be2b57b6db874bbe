"""Hard limits: what each lets through, how two persons' merge, and that a search means the same by them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
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
from seeds.reader import Activity
from tests.cards import MONDAY, Card, asking, card, decks, needs, questions, times

# Each limit once more, in the plainest words, for one activity: what it means, against which the arrays are tried.
# The window has a table of its own below.
MEANING: dict[str, Any] = {
    "party": lambda one, request: one.party in (request.party, "either"),
    "pace": lambda one, request: one.pace <= request.pace,
    "season": lambda one, request: season(request.day, request.hemisphere) in one.seasons,
    "lead_days": lambda one, request: request.today + timedelta(days=one.lead_days) <= request.day,
    "minutes": lambda one, request: request.minutes is None or one.duration_min <= request.minutes,
    "cost_band": lambda one, request: request.cost_band is None or one.cost_band <= request.cost_band,
    "setting": lambda one, request: request.settings is None or one.setting in request.settings,
    "energy": lambda one, request: request.energy is None or one.energy <= request.energy,
    "category": lambda one, request: request.categories is None or one.category in request.categories,
    "children": lambda one, request: {
        None: True,
        "present": one.with_children == "yes",
        "asleep": one.with_children == "asleep" or (one.with_children == "yes" and one.setting == "home"),
    }[request.children],
    "weather": lambda one, request: (
        one.weather == "any"
        or request.weather in (None, "mild")
        or (request.weather == "dry" and one.weather != "mild")
    ),
    "alcohol_free": lambda one, request: not request.alcohol_free or "wine" not in one.summary,
}


def holds(name: str, activity: Activity, request: RecommendationRequest) -> bool:
    if name in MEANING:
        return bool(MEANING[name](activity, request))
    return name not in request.access or activity.accessibility.get(name) in ("yes", "adaptable")


@settings(deadline=None, max_examples=200)
@given(decks, questions)
def test_each_limit_means_what_it_says(deck: list[Card], request: RecommendationRequest) -> None:
    matrix = build(deck)
    for name in FILTERS.keys() - {"window"}:
        assert eligible(matrix, request, [name]).tolist() == [holds(name, one.content, request) for one in deck], name


@settings(deadline=None, max_examples=60)
@given(decks, decks, questions)
def test_a_search_keeps_the_same_limits_also_of_cards_that_are_not_in_stock(
    deck: list[Card], more: list[Card], request: RecommendationRequest
) -> None:
    matrix = build(deck)
    keep = predicate(matrix, request, FILTERS)
    for one in [*deck, *(one for one in more if matrix.row(one.id) is None)]:
        assert keep(one) == eligible(build([one]), request)[0]


@settings(deadline=None, max_examples=100)
@given(decks, questions, needs, needs)
def test_two_persons_limits_merge_to_what_both_of_them_keep(
    deck: list[Card], request: RecommendationRequest, one: HardConstraints, other: HardConstraints
) -> None:
    matrix = build(deck)
    alone = [eligible(matrix, merge_constraints(request, person)) for person in (one, other)]
    assert (eligible(matrix, merge_constraints(request, one, other)) == (alone[0] & alone[1])).all()
    assert (eligible(matrix, merge_constraints(request, one)) <= eligible(matrix, request)).all()
    assert merge_constraints(request, one, other) == merge_constraints(request, other, one)
    assert merge_constraints(request, one, one) == merge_constraints(request, one)


@settings(deadline=None, max_examples=60)
@given(decks, questions, st.sampled_from(sorted(RELAXABLE)))
def test_a_wish_let_go_of_never_keeps_more_out(deck: list[Card], request: RecommendationRequest, name: str) -> None:
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
        ("01:00", "04:00", "night", 60, True),
        ("21:00", "00:00", "evening", 60, True),
        ("23:00", "07:00", "morning", 120, True),
        ("23:00", "06:00", "morning", 120, False),
        ("22:00", "05:00", "afternoon", 15, False),
        ("10:00", "10:00", "evening", 60, True),
        ("09:00", "21:00", "morning", 600, True),
        ("09:00", "15:00", "morning", 600, False),
        ("10:20", "14:20", "morning afternoon", 240, True),
        ("11:00", "13:59", "morning afternoon", 180, False),
        ("04:00", "05:00", "morning evening", 15, False),
    ],
)
def test_a_window_holds_what_can_be_done_at_its_hours(
    start: str, end: str, hours: str, least: int, fits_in: bool
) -> None:
    values: dict[str, Any] = {"time_of_day": tuple(hours.split()), "duration_min": least}
    request = asking(start=time.fromisoformat(start), end=time.fromisoformat(end))
    assert fits("window", request, **values) is fits_in


@settings(deadline=None, max_examples=200)
@given(decks, times, times)
def test_what_fits_a_window_has_a_beginning_in_it_in_its_hours(
    deck: list[Card], start: time | None, end: time | None
) -> None:
    """Asked of every minute of the window in turn."""
    request = asking(start=start, end=end)
    opens = start.hour * 60 + start.minute if start else 0
    closes = end.hour * 60 + end.minute if end else 1440
    closes += 1440 if closes <= opens else 0
    for one, fit in zip(deck, eligible(build(deck), request, ["window"]), strict=True):
        minutes = range(opens, closes - one.content.duration_min + 1)
        begins = any(part_of_day(at // 60 % 24) in one.content.time_of_day for at in minutes)
        assert fit == (begins or (start is None and end is None))


def part_of_day(hour: int) -> str:
    return "night" if hour >= 22 or hour < 5 else ["morning", "afternoon", "evening"][(hour >= 12) + (hour >= 17)]


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
    ("children", "possible"), [("asleep", ["asleep", "yes"]), ("present", ["yes"]), (None, ["no", "asleep", "yes"])]
)
def test_children_decide_what_is_possible(children: str | None, possible: list[str]) -> None:
    words = ("no", "asleep", "yes")
    assert [word for word in words if fits("children", asking(children=children), with_children=word)] == possible


def test_while_children_sleep_nobody_goes_bowling() -> None:
    for setting, possible in {"home": True, "out": False, "away": False}.items():
        assert fits("children", asking(children="asleep"), with_children="yes", setting=setting) is possible
    assert fits("children", asking(children="asleep"), with_children="asleep", setting="out")  # a blanket outdoors


def test_preparation_takes_its_days() -> None:
    assert not fits("lead_days", asking(day=MONDAY + timedelta(days=2)), lead_days=3)
    assert fits("lead_days", asking(day=MONDAY + timedelta(days=3)), lead_days=3)


def test_what_is_unknown_of_a_place_is_no_yes() -> None:
    for level, possible in {"yes": True, "adaptable": True, "no": False, "unknown": False}.items():
        assert fits("seated", asking(access=frozenset({"seated"})), accessibility={"seated": level}) is possible
    assert not fits("quiet", asking(access=frozenset({"quiet"})), accessibility={})


# For each need of one person, an idea that it rules out; the plain card keeps all of them.
AGAINST: dict[str, tuple[Any, dict[str, Any]]] = {
    "cost_band": (1, {"cost_band": 2}),
    "settings": (frozenset({"home"}), {"setting": "out"}),
    "access": (frozenset({"step_free"}), {"accessibility": {"step_free": "no"}}),
    "alcohol_free": (True, {"summary": "With a glass of wine."}),
    "children": ("asleep", {"with_children": "no"}),
}


@pytest.mark.parametrize("name", [field.name for field in fields(HardConstraints)])
def test_what_either_of_two_cannot_or_will_not_do_is_not_shown_to_the_two(name: str) -> None:
    need, values = AGAINST[name]
    matrix = build([card(0, with_children="asleep"), card(1, **{"with_children": "asleep", **values})])
    for mine, yours, shown in (({}, {}, [0, 1]), ({name: need}, {}, [0]), ({}, {name: need}, [0])):
        found = rank(
            matrix,
            asking(**mine),
            [PersonFeedback(), PersonFeedback()],
            History(),
            "s",
            others=[HardConstraints(**yours)],
        )
        assert sorted(one.card.id.int for one in found.ideas) == shown


def test_two_who_can_go_nowhere_together_go_nowhere() -> None:
    request = merge_constraints(asking(settings=frozenset({"home"})), HardConstraints(settings=frozenset({"out"})))
    assert request.settings == frozenset()
    assert not fits("setting", request, setting="home")


def test_children_who_are_awake_count_for_both() -> None:
    for one, other in (("asleep", "present"), ("present", "asleep"), (None, "present"), ("present", None)):
        both = merge_constraints(asking(children=one), HardConstraints(children=other))
        assert both.children == "present"
        assert both.settings == (frozenset({"home"}) if one and other else None)
    assert merge_constraints(asking(), HardConstraints(children="asleep")).children == "asleep"


def test_every_relaxable_wish_is_a_limit_and_no_need_is_among_them() -> None:
    assert RELAXABLE.keys() <= filters.FILTERS.keys()
    assert RELAXABLE.keys().isdisjoint({"pace", "party", "step_free", "children", "alcohol_free", "season"})
    fields = {name for names in RELAXABLE.values() for name in names}
    wide = replace(asking(), cost_band=0, energy=1, minutes=5, start=time(1), end=time(2))
    for name in RELAXABLE:
        changed = {field for field in fields if getattr(without(wide, name), field) != getattr(wide, field)}
        assert changed <= set(RELAXABLE[name])
