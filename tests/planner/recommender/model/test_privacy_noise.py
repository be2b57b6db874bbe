"""Sealed means sealed: how little one vote of one person can change of what the other is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.recommender.model.feature_matrix import Floats, ItemMatrix, build
from planner.recommender.model.filters import eligible
from planner.recommender.model.preference_model import PersonFeedback, Preferences, Vote, fit
from planner.recommender.model.ranking import HYPERPARAMETERS, MAX_VOTE_INFLUENCE, History, rank, score
from tests.benchmarks.couples import Catalogue, Couple, Life
from tests.benchmarks.picking import deal
from tests.cards import Card, asking, card, decks, histories, person_feedback

COUPLES = 40
DRAWS = 15
"""Slates drawn in either world of each couple."""


def preferences(matrix: ItemMatrix, mine: PersonFeedback, yours: PersonFeedback) -> list[Preferences]:
    return [fit(matrix, mine), fit(matrix, yours, privacy_noise=HYPERPARAMETERS.privacy_noise)]


def flipped(feedback: PersonFeedback, at: int) -> list[PersonFeedback]:
    """The voice with each of the three votes on one of its cards."""
    said = list(feedback.votes)
    return [
        replace(feedback, votes=[*said[:at], Vote(said[at].activity, vote), *said[at + 1 :]])
        for vote in ("like", "pass", "never")
    ]


@settings(deadline=None, max_examples=150)
@given(decks.filter(bool), person_feedback, person_feedback, histories, st.data())
def test_one_vote_of_the_other_moves_no_score_by_more_than_is_stated(
    deck: list[Card], mine: PersonFeedback, yours: PersonFeedback, history: History, data: st.DataObject
) -> None:
    matrix = build(deck)
    # One vote a card, as the table of tastes has it.
    once = {one.activity: one for one in yours.votes} | {deck[0].id: Vote(deck[0].id, "like")}
    yours = replace(yours, votes=list(once.values()))
    worlds = flipped(yours, data.draw(st.integers(0, len(once) - 1)))
    history = replace(history, matches=frozenset())
    scores = [score(matrix, preferences(matrix, mine, world), [mine, world], history) for world in worlds]
    assert np.ptp(scores, axis=0).max() <= MAX_VOTE_INFLUENCE


def test_a_vote_of_the_other_is_spread_over_all_that_is_alike() -> None:
    """Of two activities with the same attributes, nothing tells which one the other liked: but a match does."""
    deck = [card(number, category="play" if number < 3 else "culture") for number in range(6)]
    matrix = build(deck)
    scores = []
    for liked, matches in ((0, ()), (1, ()), (1, (deck[1].id,))):
        yours = PersonFeedback([Vote(deck[liked].id, "like")])
        history = History(matches=frozenset(matches))
        scores.append(score(matrix, preferences(matrix, PersonFeedback(), yours), [PersonFeedback(), yours], history))
    assert (scores[0] == scores[1]).all()
    assert scores[2][1] > scores[1][1]
    mine = PersonFeedback([Vote(deck[0].id, "like")])
    own = score(matrix, preferences(matrix, mine, PersonFeedback()), [mine, PersonFeedback()], History())
    assert own[0] > own[1] == own[2]  # one's own like is one's own


def chance_of(slate: Sequence[int], scores: Floats, features: Floats) -> float:
    """The logarithm of how likely a slate is to be drawn: one softmax a card, less likeness to those before it."""
    like, total = np.zeros(len(scores)), 0.0
    for place, row in enumerate(slate):
        worth = (
            scores - HYPERPARAMETERS.mmr_diversity / (1 - HYPERPARAMETERS.mmr_diversity) * like
        ) / HYPERPARAMETERS.exploration_temperature
        worth[list(slate[:place])] = -np.inf
        total += worth[row] - worth.max() - np.log(np.exp(worth - worth.max()).sum())
        like = np.maximum(like, features @ features[row])
    return float(total)


def variation(couple: Couple, chance: np.random.Generator) -> float:
    """The total variation between what one is shown with a like and with a pass of the other on one dealt card.

    Slates are drawn by the engine in both worlds; each tells, by how likely it is in either, one unbiased estimate.
    """
    life, matrix = Life(), couple.world.matrix
    deal(couple, life, 10)
    mine, yours = (couple.feedback(life, person, 0) for person in range(2))
    request = asking(pace=couple.pace)
    rows = np.flatnonzero(eligible(matrix, request))
    place = {matrix.items[row].id: at for at, row in enumerate(rows)}
    features = matrix.features(rows)[:, 1:]
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    worlds = flipped(yours, int(chance.integers(len(yours.votes))))[:2]
    scores = [score(matrix, preferences(matrix, mine, world), [mine, world], History())[rows] for world in worlds]
    found = []
    for draw in range(DRAWS):
        for here in range(2):
            slate = rank(matrix, request, [replace(mine, causes=frozenset()), worlds[here]], History(), f"{draw}")
            drawn = [place[one.card.id] for one in slate.ideas]
            logs = [chance_of(drawn, one, features) for one in scores]
            found.append(max(0.0, 1 - np.exp(logs[1 - here] - logs[here])))
    return float(np.mean(found))


def test_the_slates_of_one_are_distributed_alike_whichever_way_the_other_voted() -> None:
    """The bound of SWAY, over couples with a first deck of ten: 0.2 on average, 0.4 in the worst.

    Each couple's figure rests on 30 slates (standard error about 0.03), the mean on 1,200 (about 0.015 with the spread
    between couples): two standard errors are allowed for.
    """
    world, chance = Catalogue(), np.random.default_rng(7)
    found = [variation(Couple(world, 700_000 + number), chance) for number in range(COUPLES)]
    assert np.mean(found) < 0.2 + 0.03
    assert max(found) < 0.4 + 0.06
    assert np.mean(found) > 0.02  # it would be nothing if votes did nothing, and the test would say nothing


def test_the_stated_chances_are_those_of_the_engine() -> None:
    """The likelihoods above are worth something only if the engine draws by them."""
    deck = [card(number, category=["play", "culture", "talk"][number % 3]) for number in range(6)]
    matrix = build(deck)
    mine = PersonFeedback([Vote(UUID(int=0), "like"), Vote(UUID(int=4), "pass")])
    scores = score(matrix, preferences(matrix, mine, mine), [mine, mine], History())
    features = matrix.features(np.arange(6))[:, 1:]
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    many = 2000
    counts: dict[tuple[int, ...], int] = {}
    for seed in range(many):
        slate = rank(matrix, asking(), [mine, mine], History(), str(seed), size=2)
        key = tuple(matrix.row(one.card.id) for one in slate.ideas)
        counts[key] = counts.get(key, 0) + 1
    pairs = [(one, other) for one in range(6) for other in range(6) if one != other]
    expected = {pair: many * np.exp(chance_of(pair, scores, features)) for pair in pairs}
    assert np.isclose(sum(expected.values()), many)
    off = sum((counts.get(pair, 0) - due) ** 2 / due for pair, due in expected.items() if due >= 5)
    common = sum(due >= 5 for due in expected.values())
    assert common >= 5
    assert off < common + 4 * np.sqrt(2 * common)  # chi-squared: mean plus four standard deviations
