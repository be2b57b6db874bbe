"""Test the rules of ranking with thousands of generated activities, requests and couples."""

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
from hypothesis import given
from hypothesis import strategies as st

from planner.recommender.model.feature_matrix import build
from planner.recommender.model.filters import FILTERS, eligible
from planner.recommender.model.preference_model import PersonFeedback, Rating, Vote, fit, votes_for_partner
from planner.recommender.model.ranking import (
    HYPERPARAMETERS,
    SLATE,
    History,
    Hyperparameters,
    Slate,
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
from tests.cards import MONDAY, Card, asking, card, decks, easy_requests, histories, needs, person_feedback, requests
from tests.properties import examples

EMPTY = PersonFeedback()
group_feedback = st.lists(person_feedback, min_size=1, max_size=2)


def ids_of(slate: Slate) -> list[int]:
    return [idea.card.id.int for idea in slate.ideas]


@examples(50)
@given(
    decks,
    requests,
    needs,
    group_feedback,
    histories,
    st.text(max_size=5),
    st.frozensets(st.integers(0, 40), max_size=4),
)
def test_a_slate_has_at_most_five_items_that_pass_every_filter(
    deck: list[Card],
    request: RecommendationRequest,
    other: HardConstraints,
    persons: list[PersonFeedback],
    history: History,
    seed: str,
    seen: frozenset[int],
) -> None:
    skip = {UUID(int=number) for number in seen}
    matrix = build(deck)
    slate = rank(matrix, request, persons, history, seed, others=[other], skip=skip)
    passing = [
        eligible(matrix, person, [name]) for name in FILTERS for person in (request, merge_constraints(request, other))
    ]
    fit_both = [
        item
        for item, fits in zip(deck, np.all(passing, axis=0), strict=True)
        if fits and item.id not in history.excluded
    ]
    remaining = [item for item in fit_both if item.id not in skip]
    assert slate.fitting == len(fit_both)
    assert len(slate.ideas) == min(SLATE, len(remaining))
    assert len(set(ids_of(slate))) == len(slate.ideas)
    assert all(idea.card in remaining for idea in slate.ideas)
    assert slate.relax == () or len(fit_both) < SLATE


@examples(50)
@given(decks, group_feedback, histories)
def test_every_score_is_a_finite_number(deck: list[Card], persons: list[PersonFeedback], history: History) -> None:
    matrix = build(deck)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        preferences = [fit(matrix, feedback) for feedback in persons]
        scores = score(matrix, preferences, persons, history)
        assert scores.shape == (len(deck),)
        assert np.isfinite(scores).all()


def test_a_thousand_answers_and_extreme_numbers_still_give_a_slate() -> None:
    deck = [card(number, energy=9999, novelty=-9999, cost_band=number % 5, duration_min=10**6) for number in range(300)]
    votes = [Vote(deck[number % 300].id, "like") for number in range(1000)]
    dates = [Rating(deck[number % 300].id, "lighter", 10**6) for number in range(1000)]
    request = asking(energy=10**6, minutes=10**7)
    slate = rank(
        build(deck), request, [PersonFeedback(votes, dates), PersonFeedback(votes[::-1], dates)], History(), "x"
    )
    assert len(slate.ideas) == SLATE


@examples(25)
@given(decks, easy_requests, group_feedback, histories, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    deck: list[Card], request: RecommendationRequest, persons: list[PersonFeedback], history: History, chance: Random
) -> None:
    shuffled = list(deck)
    chance.shuffle(shuffled)
    cut = chance.randint(0, len(deck))
    slate = rank(build(deck), request, persons, history, "seed")
    assert rank(build(shuffled), request, persons, history, "seed") == slate
    # Appended own ideas are rows like any other.
    assert rank(build(deck[:cut]).with_items(deck), request, persons, history, "seed") == slate


def test_row_order_does_not_break_ties_between_equal_ideas() -> None:
    """Generated decks rarely hold many equal items. These are exactly equal."""
    equal_items = [card(number) for number in range(24)]
    reordered = (equal_items[::-1], equal_items[7:] + equal_items[:7], equal_items[::2] + equal_items[1::2])
    for seed in "abcdefgh":
        slate = slate_of(equal_items, seed)
        assert [slate_of(rows, seed) for rows in reordered] == [slate] * len(reordered)


@examples(25)
@given(decks, easy_requests, person_feedback, histories)
def test_swapping_two_equal_people_changes_nothing(
    deck: list[Card], request: RecommendationRequest, feedback: PersonFeedback, history: History
) -> None:
    one, other = replace(feedback, votes=list(feedback.votes)), replace(feedback, ratings=list(feedback.ratings))
    matrix = build(deck)
    assert rank(matrix, request, [one, other], history, "s") == rank(matrix, request, [other, one], history, "s")


@examples(25)
@given(decks, person_feedback, person_feedback, histories)
def test_the_engine_treats_two_people_alike(
    deck: list[Card], one: PersonFeedback, other: PersonFeedback, history: History
) -> None:
    matrix = build(deck)
    preferences = [fit(matrix, feedback) for feedback in (one, other)]
    here = score(matrix, preferences, [one, other], history)
    there = score(matrix, preferences[::-1], [other, one], history)
    np.testing.assert_allclose(here, there, atol=1e-6)


@examples(25)
@given(decks, requests, needs, histories)
def test_a_short_slate_lists_which_own_wishes_to_relax_and_how_many_would_fit(
    deck: list[Card], request: RecommendationRequest, other: HardConstraints, history: History
) -> None:
    matrix = build(deck)
    slate = rank(matrix, request, [EMPTY, EMPTY], history, "s", others=[other])
    counts = {}
    # Counts use the reader's own limits alone: the partner's limits change none of them.
    own = rank(matrix, request, [EMPTY, EMPTY], history, "s").fitting
    for name in RELAXABLE:
        fitting = rank(matrix, without(request, name), [EMPTY, EMPTY], history, "s").fitting
        if fitting > own:
            counts[name] = fitting
    if slate.fitting < SLATE:
        assert dict(slate.relax) == counts
        assert [wish.fitting for wish in slate.relax] == sorted(counts.values(), reverse=True)
    else:
        assert slate.relax == ()


def evenings(count: int) -> list[Card]:
    return [card(number, category=list(v.CATEGORIES)[number % 7]) for number in range(count)]


def slate_of(
    deck: Sequence[Card],
    seed: str = "seed",
    history: History | None = None,
    persons: Sequence[PersonFeedback] = (EMPTY, EMPTY),
    hyperparameters: Hyperparameters = HYPERPARAMETERS,
    **more: Any,
) -> list[int]:
    return ids_of(
        rank(build(deck), asking(), persons, history or History(), seed, hyperparameters=hyperparameters, **more)
    )


def share(deck: Sequence[Card], wanted: Any, **given: Any) -> float:
    """Return how often a wanted item is on a slate of one, over 200 seeds."""
    slates = [slate_of(deck, str(seed), size=1, **given) for seed in range(200)]
    return sum(bool(wanted(slate[0])) for slate in slates) / len(slates)


def test_the_same_seed_gives_the_same_slate_and_other_seeds_give_others() -> None:
    deck = evenings(70)
    assert slate_of(deck) == slate_of(deck)
    assert len({tuple(slate_of(deck, seed)) for seed in "abcdefgh"}) == 8


def test_equal_ideas_are_drawn_evenly() -> None:
    ten = [card(number) for number in range(10)]
    counts = np.bincount([slate_of(ten, str(seed), size=1)[0] for seed in range(1000)], minlength=10)
    assert ((counts - 100) ** 2 / 100).sum() < 27.9  # chi-squared with 9 degrees of freedom, one in a thousand


def reader_of_likes(*numbers: int) -> PersonFeedback:
    return PersonFeedback([Vote(UUID(int=number), "like") for number in numbers])


def test_a_slate_has_at_most_two_liked_ideas_unless_nothing_else_fits() -> None:
    deck = evenings(20)
    reader = reader_of_likes(*range(10))
    for seed in "abcdefgh":
        assert len([number for number in slate_of(deck, seed, persons=[reader, EMPTY]) if number < 10]) <= 2
    assert len(slate_of(deck[:10], persons=[reader, EMPTY])) == 5


def test_ideas_that_both_like_do_not_count_as_liked_by_the_reader() -> None:
    deck, both = evenings(20), {UUID(int=number) for number in range(4)}
    group = [reader_of_likes(*range(10)), reader_of_likes(*range(4))]
    slates = [slate_of(deck, seed, History(liked_by_both=both), group) for seed in "abcdefgh"]
    assert max(len([number for number in slate if number < 4]) for slate in slates) > 2
    assert max(len([number for number in slate if 4 <= number < 10]) for slate in slates) <= 2


def test_a_slate_has_a_new_idea_and_liked_ones_that_rest_come_last() -> None:
    deck = evenings(20)
    fond, ids = reader_of_likes(0, 7, 14), [UUID(int=number) for number in range(20)]
    history = History(shown=ids[:19])
    for seed in "abcdefgh":
        assert 19 in slate_of(deck, seed, history, [fond, EMPTY])
        assert not {0, 7} & set(slate_of(deck, seed, replace(history, resting={ids[0], ids[7]}), [fond, EMPTY]))
    assert len(slate_of(deck[:4], history=replace(history, resting=ids))) == 4


def test_further_slates_repeat_nothing_until_nothing_is_left() -> None:
    deck, seen = evenings(23), list[int]()
    for size in (5, 5, 5, 5, 3, 0):
        slate = slate_of(deck, skip={UUID(int=number) for number in seen})
        assert len(slate) == size
        seen += slate
    assert sorted(seen) == list(range(23))


def test_a_slate_from_many_categories_repeats_none() -> None:
    deck = evenings(70)
    for seed in "abcdefgh":
        assert len({number % 7 for number in slate_of(deck, seed)}) == SLATE


def test_one_category_alone_still_fills_the_slate() -> None:
    assert len(slate_of([card(number) for number in range(9)])) == SLATE


def test_excluded_items_are_neither_shown_nor_counted() -> None:
    deck = [card(number, cost_band=number % 2) for number in range(12)]
    excluded = {item.id for item in deck[:8]}
    slate = rank(build(deck), asking(cost_band=0), [EMPTY] * 2, History(excluded=excluded), "s")
    assert sorted(ids_of(slate)) == [8, 10]
    assert slate.fitting == 2
    assert dict(slate.relax) == {"cost_band": 4}


def test_an_activity_done_today_comes_last_and_returns_with_time() -> None:
    deck = [card(number) for number in range(SLATE + 1)]
    for seed in "abcdefgh":
        assert 0 not in slate_of(deck, seed, History({UUID(int=0): 0}))
    back = [seed for seed in map(str, range(60)) if 0 in slate_of(deck, seed, History({UUID(int=0): 4000}))]
    assert back


def test_fatigue_decays_as_documented() -> None:
    matrix = build([card(0), card(1, category="culture")])
    preferences = [fit(matrix, EMPTY)] * 2
    for days in (0, 7, 60, 400):
        history = History({UUID(int=0): days}, {"play": days})
        one, other = score(matrix, preferences, [EMPTY] * 2, history)
        item, category = 1 - 0.95 * math.exp(-days / 60), 1 - 0.25 * math.exp(-days / 10)
        assert math.isclose(one, 0.5 * item * category, rel_tol=1e-6)
        assert math.isclose(other, 0.5, rel_tol=1e-6)


def test_a_category_done_recently_gives_way_to_another() -> None:
    deck = [card(number, category="culture" if number % 2 else "play") for number in range(40)]
    assert share(deck, lambda one: one % 2) > 0.3
    assert share(deck, lambda one: one % 2, history=History(categories={"culture": 0})) < 0.05


def test_a_date_tires_of_no_idea_in_another_category() -> None:
    matrix = build([card(number, category="culture" if number else "play", tags=("music",)) for number in range(3)])
    scores = score(matrix, [fit(matrix, EMPTY)] * 2, [EMPTY] * 2, History({UUID(int=0): 0}, {"play": 0}))
    assert scores.tolist()[1:] == [0.5, 0.5]


def test_a_date_in_the_future_counts_as_done_today() -> None:
    matrix = build([card(1)])
    preferences = [fit(matrix, EMPTY)] * 2
    scores = [
        score(matrix, preferences, [EMPTY] * 2, History({UUID(int=1): days}, {"play": days})) for days in (-400, 0)
    ]
    assert scores[0] == scores[1]


def test_an_item_shown_often_and_never_liked_gives_way() -> None:
    deck = evenings(7)
    never, once, often = (
        share(deck, lambda one: one == 0, history=History(impressions={UUID(int=0): days}))
        for days in (0, 1, HYPERPARAMETERS.max_impressions)
    )
    assert never > once >= often
    assert often < 0.03


def test_impressions_count_up_to_a_maximum() -> None:
    matrix = build([card(0)])
    preferences = [fit(matrix, EMPTY)] * 2
    days = (0, 1, 2, HYPERPARAMETERS.max_impressions, 100)
    scores = [
        float(score(matrix, preferences, [EMPTY] * 2, History(impressions={UUID(int=0): count}))[0]) for count in days
    ]
    steps = np.array([0, 1, 2, HYPERPARAMETERS.max_impressions, HYPERPARAMETERS.max_impressions])
    assert np.allclose(scores, 0.5 * (1 - HYPERPARAMETERS.impression_fatigue * steps))


def liking(*numbers: int, vote: str = "like") -> PersonFeedback:
    return PersonFeedback([Vote(UUID(int=number), vote) for number in numbers])


def test_likes_of_a_category_bring_more_of_it_and_passes_less() -> None:
    deck = [card(number, category=["culture", "play"][number % 2]) for number in range(40)]
    rest = {UUID(int=number) for number in range(10)}
    shares = [
        share(deck, lambda one: one % 2, persons=[feedback] * 2, history=History(excluded=rest))
        for feedback in (liking(1, 3, 5, vote="pass"), EMPTY, liking(1, 3, 5))
    ]
    assert shares[0] < 0.3 < shares[1] < 0.7 < shares[2]


def test_a_good_rating_counts_more_than_a_like() -> None:
    matrix = build([card(1), card(2)])
    liked = fit(matrix, liking(1))
    enjoyed = fit(matrix, PersonFeedback(ratings=[Rating(UUID(int=1), None, 4)]))
    predictions = [matrix.predict(preference.weights[:, None])[1, 0] for preference in (liked, enjoyed)]
    assert predictions[1] > predictions[0] > 0


def test_a_compromise_beats_an_item_that_one_partner_hates_once_enough_is_known() -> None:
    matrix = build([card(0, category="culture"), card(1, category="play")])
    appeals = [np.array([0.9, 0.55]), np.array([0.2, 0.5])]
    preferences = [fit(matrix, EMPTY)._replace(rows=np.arange(2), item_offsets=appeal - 0.5) for appeal in appeals]

    def better(*counts: int) -> bool:
        persons = [PersonFeedback([Vote(UUID(int=100 + at), "like") for at in range(count)]) for count in counts]
        scores = score(matrix, preferences, persons, History())
        return bool(scores[1] > scores[0])

    assert not better(0, 0)
    assert not better(200, 0)  # the person with fewer observations decides how much is known
    assert not better(0, 200)
    assert better(200, 200)


def test_only_votes_enter_the_lists_of_the_partner_and_a_never_counts_as_a_pass() -> None:
    everything = PersonFeedback(
        [Vote(UUID(int=1), "like"), Vote(UUID(int=2), "never"), Vote(UUID(int=3), "pass")],
        [Rating(UUID(int=1), "heavier", 1)], frozenset({"music"}), frozenset({"cause_nature"}), frozenset({"walk"}),
    )  # fmt: skip
    shared = [Vote(UUID(int=1), "like"), Vote(UUID(int=2), "pass"), Vote(UUID(int=3), "pass")]
    assert votes_for_partner(everything) == PersonFeedback(shared)


def test_for_one_person_the_engine_follows_that_persons_preferences() -> None:
    deck = [card(number, category=["culture", "play"][number % 2], party="either") for number in range(40)]
    liking_plays = liking(1, 3, 5, 7)
    first_items = [
        rank(build(deck), asking(party="one"), [liking_plays], History(), str(seed), size=1).ideas[0].card.id.int
        for seed in range(50)
    ]
    assert sum(number % 2 for number in first_items) > 40


def test_extra_scores_are_added_to_each_row() -> None:
    deck = evenings(14)
    extra = np.zeros(14)
    extra[3] = 1.0
    assert slate_of(deck, extra=extra, size=1) == [3]


def test_lead_days_count_from_today() -> None:
    deck = [card(number, lead_days=number) for number in range(8)]
    slate = rank(build(deck), asking(day=MONDAY + timedelta(days=2)), [EMPTY] * 2, History(), "s")
    assert sorted(ids_of(slate)) == [0, 1, 2]
