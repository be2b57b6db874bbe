"""Generated activities, requests and people for tests of the recommender."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from planner.recommender.model.preference_model import PersonFeedback, Rating, Vote
from planner.recommender.model.ranking import History
from planner.recommender.model.request import HardConstraints, RecommendationRequest
from seeds import vocabulary as v
from seeds.reader import Activity

MONDAY = date(2026, 11, 23)

PLAIN = Activity(
    slug="plain", title="Plain", summary="Plain.", category="play", tags=(), party="two", setting="home",
    shelter="indoor", duration_min=60, duration_max=90, cost_band=0, energy=2, novelty=2, pace=2, lead_days=0,
    seasons=tuple(v.SEASONS), weather="any", time_of_day=("evening",), with_children="no",
    accessibility={"step_free": "yes"}, steps=("Start.",), starter="So?", variations=(), version=1,
)  # fmt: skip


class Card(NamedTuple):
    id: UUID
    content: Activity


def card(number: int, **values: Any) -> Card:
    return Card(UUID(int=number), replace(PLAIN, **values))


def asking(**values: Any) -> RecommendationRequest:
    return replace(RecommendationRequest(party="two", day=MONDAY, today=MONDAY), **values)


def some_of(names: Any, min_size: int = 1, max_size: int | None = None) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(list(names)), min_size=min_size, max_size=max_size, unique=True).map(tuple)


def set_of(names: Any, max_size: int = 2) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(list(names)), max_size=max_size)


lengths = st.sampled_from([1, 5, 15, 45, 60, 90, 120, 300, 1440, 2880, 20160])
levels = st.fixed_dictionaries({name: st.sampled_from(list(v.ACCESS_LEVELS)) for name in v.ACCESS_FEATURES})
activities = st.builds(
    lambda lengths, **values: replace(PLAIN, duration_min=min(lengths), duration_max=max(lengths), **values),
    st.tuples(lengths, lengths), accessibility=levels | st.just({}),
    category=st.sampled_from(list(v.CATEGORIES)), tags=some_of(v.TAGS, 0, 4), party=st.sampled_from(list(v.PARTIES)),
    setting=st.sampled_from(list(v.SETTINGS)), shelter=st.sampled_from(list(v.SHELTERS)),
    cost_band=st.sampled_from(list(v.COST_BANDS)), energy=st.integers(1, 5), novelty=st.integers(1, 5),
    pace=st.integers(1, 5), lead_days=st.integers(0, 14), seasons=some_of(v.SEASONS),
    weather=st.sampled_from(list(v.WEATHERS)), time_of_day=some_of(v.TIMES_OF_DAY),
    with_children=st.sampled_from(list(v.WITH_CHILDREN)), light=st.sampled_from(list(v.LIGHTS)),
    fun_for=some_of(v.CHILD_AGES, 0), summary=st.sampled_from(["Plain.", "With a glass of wine."]),
)  # fmt: skip
ids = st.integers(0, 40).map(lambda number: UUID(int=number))
decks = st.lists(st.builds(Card, ids, activities), max_size=30, unique_by=lambda card: card.id)

times = st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
needs_of: dict[str, Any] = {
    "cost_band": st.none() | st.integers(0, 4), "settings": st.none() | set_of(v.SETTINGS, 3),
    "access": set_of(v.ACCESS_FEATURES),
    "alcohol_free": st.booleans(), "children": st.sampled_from([None, "asleep", "present"]),
    "child_ages": set_of(v.CHILD_AGES), "lives_together": st.none() | st.booleans(),
}  # fmt: skip
needs = st.builds(HardConstraints, **needs_of)
requests = st.builds(
    lambda ahead, **values: RecommendationRequest(today=MONDAY, day=MONDAY + timedelta(days=ahead), **values),
    st.integers(-3, 400),
    party=st.sampled_from(["one", "two"]), pace=st.integers(1, 5), hemisphere=st.sampled_from(["north", "south"]),
    is_soon=st.booleans(), start=times, end=times, minutes=st.none() | st.integers(5, 3000),
    energy=st.none() | st.integers(1, 5),
    categories=st.none() | set_of(v.CATEGORIES, 3), weather=st.sampled_from([None, "wet", "dry", "mild"]), **needs_of,
)  # fmt: skip
# Requests that most activities fit, for tests that need slates.
easy_requests = st.builds(
    lambda **values: asking(day=MONDAY + timedelta(days=20), **values),
    party=st.sampled_from(["one", "two"]), cost_band=st.none() | st.integers(1, 4),
    children=st.sampled_from([None, "asleep"]), access=set_of(v.ACCESS_FEATURES, 1),
)  # fmt: skip

days = st.integers(-(10**6), 10**6)
votes = st.builds(Vote, ids, st.sampled_from(["like", "pass", "never"]))
ratings = st.builds(Rating, ids, st.sampled_from([None, "lighter", "same", "heavier"]), st.none() | st.integers(1, 5))
person_feedback = st.builds(
    PersonFeedback, st.lists(votes, max_size=25), st.lists(ratings, max_size=10),
    set_of(v.INTERESTS, 4), set_of(v.CAUSES, 3), set_of(v.TAGS, 2),
)  # fmt: skip
histories = st.builds(
    History, st.dictionaries(ids, days), st.dictionaries(st.sampled_from(list(v.CATEGORIES)), days),
    st.frozensets(ids, max_size=5), st.frozensets(ids, max_size=5), st.dictionaries(ids, st.integers(0, 10**6)),
    after_heavy=st.booleans(),
)  # fmt: skip
