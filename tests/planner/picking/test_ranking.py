"""The rules of ranking, tried with thousands of made-up activities."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, time, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.picking import ranking
from planner.picking.ranking import LIMITS, SLATE, History, Question, duration_text, fits, rank, score, season
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


def card(number: int, **values: object) -> Card:
    return Card(UUID(int=number), replace(PLAIN, **values))


def some_of(names: object) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(list(names)), min_size=1, unique=True).map(tuple)  # type: ignore[call-overload]


lengths = st.sampled_from([5, 15, 45, 60, 90, 120, 300, 1440, 2880])
activities = st.builds(
    lambda lengths, level, **values: replace(
        PLAIN, duration_min=min(lengths), duration_max=max(lengths), accessibility={"step_free": level}, **values
    ),
    st.tuples(lengths, lengths),
    st.sampled_from(list(v.ACCESS_LEVELS)),
    category=st.sampled_from(list(v.CATEGORIES)), party=st.sampled_from(list(v.PARTIES)),
    setting=st.sampled_from(list(v.SETTINGS)), shelter=st.sampled_from(list(v.SHELTERS)),
    cost_band=st.sampled_from(list(v.COST_BANDS)), energy=st.integers(1, 5), pace=st.integers(1, 5),
    lead_days=st.integers(0, 14), seasons=some_of(v.SEASONS), time_of_day=some_of(v.TIMES_OF_DAY),
    with_children=st.sampled_from(list(v.WITH_CHILDREN)),
)  # fmt: skip
ids = st.integers(0, 40).map(lambda number: UUID(int=number))
cards = st.lists(st.builds(Card, ids, activities), max_size=30, unique_by=lambda card: card.id)
times = st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
questions = st.builds(
    lambda ahead, **values: Question(today=MONDAY, day=MONDAY + timedelta(days=ahead), **values),
    st.integers(-3, 400),
    party=st.sampled_from(["one", "two"]), pace=st.integers(1, 5), hemisphere=st.sampled_from(["north", "south"]),
    start=times, end=times, minutes=st.none() | st.integers(5, 3000), cost_band=st.none() | st.integers(0, 4),
    settings=st.frozensets(st.sampled_from(list(v.SETTINGS))), energy=st.none() | st.integers(1, 5),
    categories=st.frozensets(st.sampled_from(list(v.CATEGORIES)), max_size=3),
    children=st.sampled_from([None, "asleep", "present"]), step_free=st.booleans(),
)  # fmt: skip
histories = st.builds(
    History,
    st.dictionaries(ids, st.integers(-1, 4000)),
    st.dictionaries(st.sampled_from(list(v.CATEGORIES)), st.integers(0, 4000)),
    st.frozensets(ids, max_size=5),
)


@settings(deadline=None, max_examples=150)
@given(cards, questions, histories, st.text(max_size=5))
def test_a_slate_keeps_every_limit_leaves_out_what_rests_and_holds_five_at_most(
    found: list[Card], asked: Question, history: History, seed: str
) -> None:
    slate = rank(found, asked, history, seed)
    fitting = [one for one in found if fits(one.content, asked) and one.id not in history.resting]
    assert len(slate) == min(SLATE, len(fitting))
    assert len({one.card.id for one in slate}) == len(slate)
    assert all(one.card in fitting for one in slate)
    for one in slate:
        for name, limit in LIMITS.items():
            assert limit(one.card.content, asked), name
        assert math.isfinite(score(one.card, history, seed))


@settings(deadline=None, max_examples=60)
@given(cards, questions, histories, st.randoms(use_true_random=False))
def test_the_order_of_the_cards_is_of_no_consequence(
    found: list[Card], asked: Question, history: History, chance: Random
) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert rank(found, asked, history, "seed") == rank(shuffled, asked, history, "seed")


@settings(deadline=None, max_examples=60)
@given(cards, questions, histories)
def test_a_limit_more_never_lets_something_new_through(found: list[Card], asked: Question, history: History) -> None:
    wide = replace(asked, minutes=None, cost_band=None, energy=None, children=None, step_free=False)
    allowed = {one.card.id for one in rank(found, wide, history, "seed", size=100)}
    assert {one.card.id for one in rank(found, asked, history, "seed", size=100)} <= allowed


@settings(deadline=None, max_examples=100)
@given(activities, questions, st.booleans())
def test_reasons_are_true_of_the_activity_and_of_what_was_done(
    content: Activity, asked: Question, was_done: bool
) -> None:
    one = Card(UUID(int=1), content)
    history = History({one.id: 3} if was_done else {})
    found = {reason.code: reason.text for reason in ranking.reasons(one, asked, history)}
    assert 2 <= len(found) <= 4
    assert ("new" in found) == (not was_done)
    assert found["duration"] == duration_text(content)
    assert found["cost"] == ranking.COST_TEXTS[content.cost_band]
    assert (found["cost"] == "free") == (content.cost_band == 0)
    assert "energy" not in found or content.energy <= 2
    assert "setting" not in found or content.setting == "home"
    assert "shelter" not in found or content.shelter == "indoor"


def evenings(count: int) -> list[Card]:
    return [card(number, category=list(v.CATEGORIES)[number % 7]) for number in range(count)]


def asking(**values: object) -> Question:
    return replace(Question("two", MONDAY, MONDAY), **values)


def slate(cards: list[Card], seed: str = "seed", history: History | None = None) -> list[int]:
    return [one.card.id.int for one in rank(cards, asking(), history or History(), seed)]


def test_the_same_seed_gives_the_same_slate_and_other_seeds_give_others() -> None:
    many = evenings(70)
    assert slate(many) == slate(many)
    assert len({tuple(slate(many, seed)) for seed in "abcdefgh"}) == 8


def test_a_slate_from_many_categories_repeats_none() -> None:
    many = evenings(70)
    for seed in "abcdefgh":
        assert len({number % 7 for number in slate(many, seed)}) == SLATE


def test_one_category_alone_still_fills_the_slate() -> None:
    assert len(slate([card(number) for number in range(9)])) == SLATE


def test_what_was_done_today_comes_after_everything_new_and_returns_with_time() -> None:
    many = [card(number) for number in range(SLATE + 1)]
    for seed in "abcdefgh":
        assert 0 not in slate(many, seed, History({UUID(int=0): 0}))
    back = [seed for seed in map(str, range(40)) if 0 in slate(many, seed, History({UUID(int=0): 200}))]
    assert back


def test_a_category_done_lately_gives_way_to_another_one() -> None:
    many = [card(number, category="culture" if number % 2 else "play") for number in range(40)]
    tired = History(categories={"culture": 0})

    def cultured(history: History | None) -> int:
        return sum(number % 2 for seed in map(str, range(40)) for number in slate(many, seed, history))

    assert cultured(tired) < cultured(None)


def test_what_was_done_in_the_future_by_a_clock_set_back_breaks_nothing() -> None:
    assert score(card(1), History({UUID(int=1): -400}, {"play": -400}), "s") >= -2.0


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
    activity = replace(PLAIN, time_of_day=tuple(hours.split()), duration_min=least, duration_max=max(least, 90))
    asked = asking(start=time.fromisoformat(start), end=time.fromisoformat(end))
    assert LIMITS["window"](activity, asked) is fits_in


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
    ("least", "most", "text"),
    [(5, 5, "5 minutes"), (45, 90, "45 to 90 minutes"), (60, 60, "60 minutes"), (60, 120, "60 to 120 minutes"),
     (90, 180, "90 to 180 minutes"), (120, 120, "2 hours"), (120, 180, "2 to 3 hours"), (1440, 1440, "1 day"),
     (1440, 2880, "1 to 2 days"), (300, 1440, "5 to 24 hours"), (2880, 2880, "2 days")],
)  # fmt: skip
def test_a_duration_reads_as_people_say_it(least: int, most: int, text: str) -> None:
    assert duration_text(replace(PLAIN, duration_min=least, duration_max=most)) == text


@pytest.mark.parametrize(
    ("children", "possible"), [("asleep", ["asleep", "yes"]), ("present", ["yes"]), (None, ["no", "asleep", "yes"])]
)
def test_children_decide_what_is_possible(children: str | None, possible: list[str]) -> None:
    found = [
        word
        for word in ("no", "asleep", "yes")
        if LIMITS["children"](replace(PLAIN, with_children=word), asking(children=children))
    ]
    assert found == possible


def test_preparation_takes_its_days() -> None:
    prepared = replace(PLAIN, lead_days=3)
    assert not LIMITS["lead_days"](prepared, asking(day=MONDAY + timedelta(days=2)))
    assert LIMITS["lead_days"](prepared, asking(day=MONDAY + timedelta(days=3)))
