"""The rules of ranking, tried with thousands of made-up activities, questions and couples."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.recommender.model.feature_matrix import build
from planner.recommender.model.filters import FILTERS, eligible
from planner.recommender.model.preference_model import PersonFeedback, Rating, Vote, fit
from planner.recommender.model.ranking import (
    HYPERPARAMETERS,
    SLATE,
    History,
    Hyperparameters,
    Slate,
    gumbel_order,
    rank,
    score,
)
from planner.recommender.model.request import (
    RELAXABLE,
    HardConstraints,
    RecommendationRequest,
    merge_constraints,
    without,
)
from seeds import vocabulary as v
from tests.cards import MONDAY, Card, asking, card, decks, easy, histories, needs, person_feedback, questions

NOBODY = PersonFeedback()
two_or_one = st.lists(person_feedback, min_size=1, max_size=2)


def ids_of(slate: Slate) -> list[int]:
    return [one.card.id.int for one in slate.ideas]


@settings(deadline=None, max_examples=200)
@given(
    decks, questions, needs, two_or_one, histories, st.text(max_size=5), st.frozensets(st.integers(0, 40), max_size=4)
)
def test_a_slate_keeps_every_limit_leaves_out_what_rests_and_holds_five_at_most(
    deck: list[Card],
    request: RecommendationRequest,
    other: HardConstraints,
    persons: list[PersonFeedback],
    history: History,
    seed: str,
    seen: frozenset[int],
) -> None:
    skip = {UUID(int=one) for one in seen}
    matrix = build(deck)
    slate = rank(matrix, request, persons, history, seed, others=[other], skip=skip)
    kept = [
        eligible(matrix, person, [name]) for name in FILTERS for person in (request, merge_constraints(request, other))
    ]
    fit_both = [
        one for one, fits in zip(deck, np.all(kept, axis=0), strict=True) if fits and one.id not in history.excluded
    ]
    open_ = [one for one in fit_both if one.id not in skip]
    assert slate.fitting == len(fit_both)
    assert len(slate.ideas) == min(SLATE, len(open_))
    assert len(set(ids_of(slate))) == len(slate.ideas)
    assert all(one.card in open_ for one in slate.ideas)
    assert slate.relax == () or len(fit_both) < SLATE


@settings(deadline=None, max_examples=200)
@given(decks, two_or_one, histories, st.text(max_size=3))
def test_no_score_is_anything_but_a_number(
    deck: list[Card], persons: list[PersonFeedback], history: History, seed: str
) -> None:
    matrix = build(deck)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        preferences = [fit(matrix, feedback, feedback.causes) for feedback in persons]
        scores = score(matrix, preferences, persons, history)
        assert scores.shape == (len(deck),)
        assert np.isfinite(scores).all()
        assert np.isfinite(gumbel_order(matrix.keys, seed)).all()


def test_a_thousand_answers_and_the_extremes_of_every_number_break_nothing() -> None:
    deck = [card(number, energy=9999, novelty=-9999, cost_band=number % 5, duration_min=10**6) for number in range(300)]
    words = [Vote(deck[number % 300].id, "like") for number in range(1000)]
    dates = [Rating(deck[number % 300].id, "lighter", 10**6) for number in range(1000)]
    request = asking(energy=10**6, minutes=10**7)
    slate = rank(
        build(deck), request, [PersonFeedback(words, dates), PersonFeedback(words[::-1], dates)], History(), "x"
    )
    assert len(slate.ideas) == SLATE


@settings(deadline=None, max_examples=80)
@given(decks, easy, two_or_one, histories, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_is_of_no_consequence(
    deck: list[Card], request: RecommendationRequest, persons: list[PersonFeedback], history: History, chance: Random
) -> None:
    shuffled = list(deck)
    chance.shuffle(shuffled)
    cut = chance.randint(0, len(deck))
    slate = rank(build(deck), request, persons, history, "seed")
    assert rank(build(shuffled), request, persons, history, "seed") == slate
    # Own ideas that are joined are rows like any other.
    assert rank(build(deck[:cut]).with_items(deck), request, persons, history, "seed") == slate


@pytest.mark.parametrize("near", [HYPERPARAMETERS.exploration_temperature, 0.0])
def test_of_equal_ideas_the_place_of_a_row_decides_nothing(near: float) -> None:
    """Made-up decks seldom hold many that are equally good; without a draw, these are exactly so."""
    equal, hyperparameters = (
        [card(number) for number in range(24)],
        replace(HYPERPARAMETERS, exploration_temperature=near),
    )
    turned = (equal[::-1], equal[7:] + equal[:7], equal[::2] + equal[1::2])
    for seed in "abcdefgh":
        slate = slate_of(equal, seed, hyperparameters=hyperparameters)
        assert [slate_of(rows, seed, hyperparameters=hyperparameters) for rows in turned] == [slate] * len(turned)


@settings(deadline=None, max_examples=80)
@given(decks, easy, person_feedback, histories)
def test_two_equal_people_are_treated_equally_when_swapped(
    deck: list[Card], request: RecommendationRequest, feedback: PersonFeedback, history: History
) -> None:
    one, other = replace(feedback, votes=list(feedback.votes)), replace(feedback, ratings=list(feedback.ratings))
    matrix = build(deck)
    assert rank(matrix, request, [one, other], history, "s") == rank(matrix, request, [other, one], history, "s")


@settings(deadline=None, max_examples=80)
@given(decks, easy, person_feedback, person_feedback, histories)
def test_only_the_readers_seat_makes_a_difference_between_two_people(
    deck: list[Card], request: RecommendationRequest, one: PersonFeedback, other: PersonFeedback, history: History
) -> None:
    """Without what is used for the reader alone, the two may be named in either order."""
    matrix = build(deck)
    hyperparameters = replace(HYPERPARAMETERS, shared_secrets=True)
    preferences = [fit(matrix, feedback, one.causes & other.causes) for feedback in (one, other)]
    here = score(matrix, preferences, [one, other], history, hyperparameters)
    there = score(matrix, preferences[::-1], [other, one], history, hyperparameters)
    np.testing.assert_allclose(here, there, atol=1e-6)


@settings(deadline=None, max_examples=100)
@given(decks, questions, needs, histories)
def test_a_short_slate_says_which_own_wish_to_let_go_of_and_how_many_would_fit(
    deck: list[Card], request: RecommendationRequest, other: HardConstraints, history: History
) -> None:
    matrix = build(deck)
    slate = rank(matrix, request, [NOBODY, NOBODY], history, "s", others=[other])
    counts = {}
    # By the reader's own limits alone: what the other cannot or will not do is in none of the counts.
    own = rank(matrix, request, [NOBODY, NOBODY], history, "s").fitting
    for name in RELAXABLE:
        found = rank(matrix, without(request, name), [NOBODY, NOBODY], history, "s").fitting
        if found > own:
            counts[name] = found
    if slate.fitting < SLATE:
        assert dict(slate.relax) == counts
        assert [one.fitting for one in slate.relax] == sorted(counts.values(), reverse=True)
    else:
        assert slate.relax == ()


def evenings(count: int) -> list[Card]:
    return [card(number, category=list(v.CATEGORIES)[number % 7]) for number in range(count)]


def slate_of(
    deck: Sequence[Card],
    seed: str = "seed",
    history: History | None = None,
    persons: Sequence[PersonFeedback] = (NOBODY, NOBODY),
    hyperparameters: Hyperparameters = HYPERPARAMETERS,
    **more: Any,
) -> list[int]:
    return ids_of(
        rank(build(deck), asking(), persons, history or History(), seed, hyperparameters=hyperparameters, **more)
    )


def share(deck: Sequence[Card], wanted: Any, **given: Any) -> float:
    """How often a wanted card stands on a slate of one, over 200 seeds."""
    found = [slate_of(deck, str(seed), size=1, **given) for seed in range(200)]
    return sum(bool(wanted(one[0])) for one in found) / len(found)


def test_the_same_seed_gives_the_same_slate_and_other_seeds_give_others() -> None:
    many = evenings(70)
    assert slate_of(many) == slate_of(many)
    assert len({tuple(slate_of(many, seed)) for seed in "abcdefgh"}) == 8


def test_what_is_equal_is_drawn_evenly() -> None:
    ten = [card(number) for number in range(10)]
    counts = np.bincount([slate_of(ten, str(seed), size=1)[0] for seed in range(1000)], minlength=10)
    assert ((counts - 100) ** 2 / 100).sum() < 27.9  # chi-squared with 9 degrees of freedom, one in a thousand


def test_more_of_the_same_question_repeats_nothing_until_nothing_is_left() -> None:
    many, seen = evenings(23), list[int]()
    for size in (5, 5, 5, 5, 3, 0):
        found = slate_of(many, skip={UUID(int=one) for one in seen})
        assert len(found) == size
        seen += found
    assert sorted(seen) == list(range(23))


def test_a_slate_from_many_categories_repeats_none() -> None:
    many = evenings(70)
    for seed in "abcdefgh":
        assert len({number % 7 for number in slate_of(many, seed)}) == SLATE


def test_one_category_alone_still_fills_the_slate() -> None:
    assert len(slate_of([card(number) for number in range(9)])) == SLATE


def test_what_rests_is_neither_shown_nor_counted_nor_put_up_for_relaxing() -> None:
    many = [card(number, cost_band=number % 2) for number in range(12)]
    excluded = {one.id for one in many[:8]}
    slate = rank(build(many), asking(cost_band=0), [NOBODY] * 2, History(excluded=excluded), "s")
    assert sorted(ids_of(slate)) == [8, 10]
    assert slate.fitting == 2
    assert dict(slate.relax) == {"cost_band": 4}


def test_what_was_done_today_comes_after_everything_new_and_returns_with_time() -> None:
    many = [card(number) for number in range(SLATE + 1)]
    for seed in "abcdefgh":
        assert 0 not in slate_of(many, seed, History({UUID(int=0): 0}))
    back = [seed for seed in map(str, range(60)) if 0 in slate_of(many, seed, History({UUID(int=0): 400}))]
    assert back


def test_satiation_fades_as_it_is_written() -> None:
    matrix = build([card(0), card(1, category="culture")])
    preferences = [fit(matrix, NOBODY)] * 2
    for days in (0, 7, 60, 400):
        history = History({UUID(int=0): days}, {"play": days})
        one, other = score(matrix, preferences, [NOBODY] * 2, history)
        item, category = 1 - 0.95 * math.exp(-days / 60), 1 - 0.35 * math.exp(-days / 10)
        assert math.isclose(one, 0.5 * item * category, rel_tol=1e-6)
        assert math.isclose(other, 0.5, rel_tol=1e-6)


def test_a_category_done_lately_gives_way_to_another_one() -> None:
    many = [card(number, category="culture" if number % 2 else "play") for number in range(40)]
    assert share(many, lambda one: one % 2) > 0.3
    assert share(many, lambda one: one % 2, history=History(categories={"culture": 0})) < 0.05


def test_what_shares_themes_with_something_done_bores_as_far_as_it_does() -> None:
    tags = (("music", "dance"), ("music", "dance"), ("music", "books"), ("books",), ())
    matrix = build(
        [card(number, category="culture" if number else "play", tags=one) for number, one in enumerate(tags)]
    )
    preferences = [fit(matrix, NOBODY)] * 2
    for days in (0, 15, 200):
        found = score(matrix, preferences, [NOBODY] * 2, History({UUID(int=0): days}))[1:]
        faded = 0.3 * math.exp(-days / 15)
        assert np.allclose(found, [0.5 * math.exp(-faded * like) for like in (1, 0.5, 0, 0)], rtol=1e-5)


def test_what_was_done_in_the_future_by_a_clock_set_back_counts_as_done_today() -> None:
    matrix = build([card(1)])
    preferences = [fit(matrix, NOBODY)] * 2
    found = [
        score(matrix, preferences, [NOBODY] * 2, History({UUID(int=1): days}, {"play": days})) for days in (-400, 0)
    ]
    assert found[0] == found[1]


def test_what_was_shown_often_and_never_liked_gives_way() -> None:
    many = evenings(7)
    never, once, often = (
        share(many, lambda one: one == 0, history=History(impressions={UUID(int=0): days}))
        for days in (0, 1, HYPERPARAMETERS.max_impressions)
    )
    assert never > once >= often
    assert often < 0.03


def test_each_day_on_which_something_was_shown_counts_up_to_a_most() -> None:
    matrix = build([card(0)])
    preferences = [fit(matrix, NOBODY)] * 2
    days = (0, 1, 2, HYPERPARAMETERS.max_impressions, 100)
    found = [
        float(score(matrix, preferences, [NOBODY] * 2, History(impressions={UUID(int=0): count}))[0]) for count in days
    ]
    steps = np.array([0, 1, 2, HYPERPARAMETERS.max_impressions, HYPERPARAMETERS.max_impressions])
    assert np.allclose(found, 0.5 * (1 - HYPERPARAMETERS.impression_fatigue * steps))


def liking(*numbers: int, vote: str = "like") -> PersonFeedback:
    return PersonFeedback([Vote(UUID(int=number), vote) for number in numbers])


def test_likes_of_a_category_bring_more_of_it_and_passes_less() -> None:
    many = [card(number, category=["culture", "play"][number % 2]) for number in range(40)]
    rest = {UUID(int=number) for number in range(10)}
    shares = [
        share(many, lambda one: one % 2, persons=[feedback] * 2, history=History(excluded=rest))
        for feedback in (liking(1, 3, 5, vote="pass"), NOBODY, liking(1, 3, 5))
    ]
    assert shares[0] < 0.3 < shares[1] < 0.7 < shares[2]


def test_an_evening_that_was_good_counts_more_than_a_like() -> None:
    matrix = build([card(1), card(2)])
    liked = fit(matrix, liking(1))
    enjoyed = fit(matrix, PersonFeedback(ratings=[Rating(UUID(int=1), None, 4)]))
    both = [matrix.predict(preference.weights[:, None])[1, 0] for preference in (liked, enjoyed)]
    assert both[1] > both[0] > 0


def test_what_one_would_hate_and_the_other_love_gives_way_to_what_both_like_once_enough_is_known() -> None:
    matrix = build([card(0, category="culture"), card(1, category="play")])
    appeals = [np.array([0.9, 0.55]), np.array([0.2, 0.5])]
    preferences = [fit(matrix, NOBODY)._replace(rows=np.arange(2), item_offsets=appeal - 0.5) for appeal in appeals]
    hyperparameters = replace(HYPERPARAMETERS, shared_secrets=True)

    def better(*many: int) -> bool:
        persons = [PersonFeedback([Vote(UUID(int=100 + at), "like") for at in range(count)]) for count in many]
        found = score(matrix, preferences, persons, History(), hyperparameters)
        return bool(found[1] > found[0])

    assert not better(0, 0)
    assert not better(200, 0)  # the quieter of the two decides how much is known
    assert not better(0, 200)
    assert better(200, 200)


def test_a_cause_counts_when_both_have_chosen_it() -> None:
    many = [card(number, tags=("cause_nature",) if number % 2 else ("calm",)) for number in range(20)]
    for_nature = PersonFeedback(causes=frozenset({"cause_nature"}))
    assert share(many, lambda one: one % 2, persons=[for_nature, for_nature]) > 0.75
    assert share(many, lambda one: one % 2, persons=[for_nature, NOBODY]) == share(many, lambda one: one % 2)


def test_alone_the_same_engine_follows_ones_own_taste() -> None:
    many = [card(number, category=["culture", "play"][number % 2], party="either") for number in range(40)]
    fond = liking(1, 3, 5, 7)
    found = [
        rank(build(many), asking(party="one"), [fond], History(), str(seed), size=1).ideas[0].card.id.int
        for seed in range(50)
    ]
    assert sum(number % 2 for number in found) > 40


def test_a_number_a_row_may_be_added() -> None:
    many = evenings(14)
    extra = np.zeros(14)
    extra[3] = 1.0
    assert slate_of(many, extra=extra, size=1) == [3]


def test_preparation_is_counted_from_today() -> None:
    deck = [card(number, lead_days=number) for number in range(8)]
    found = rank(build(deck), asking(day=MONDAY + timedelta(days=2)), [NOBODY] * 2, History(), "s")
    assert sorted(ids_of(found)) == [0, 1, 2]
