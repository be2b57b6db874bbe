"""Test how little one vote of a person can change what the partner is shown."""

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
"""Number of slates drawn in each world of each couple."""


def fit_both(matrix: ItemMatrix, mine: PersonFeedback, yours: PersonFeedback) -> list[Preferences]:
    return [fit(matrix, mine), fit(matrix, yours, privacy_noise=HYPERPARAMETERS.privacy_noise)]


def flipped(feedback: PersonFeedback, at: int) -> list[PersonFeedback]:
    """Return the feedback with each of the three votes on one of its items."""
    votes = list(feedback.votes)
    return [
        replace(feedback, votes=[*votes[:at], Vote(votes[at].activity, vote), *votes[at + 1 :]])
        for vote in ("like", "pass", "never")
    ]


@settings(deadline=None, max_examples=150)
@given(decks.filter(bool), person_feedback, person_feedback, histories, st.data())
def test_one_vote_of_the_partner_moves_no_score_by_more_than_the_bound(
    deck: list[Card], mine: PersonFeedback, yours: PersonFeedback, history: History, data: st.DataObject
) -> None:
    matrix = build(deck)
    # One vote per item, as in the votes table.
    once = {vote.activity: vote for vote in yours.votes} | {deck[0].id: Vote(deck[0].id, "like")}
    yours = replace(yours, votes=list(once.values()))
    worlds = flipped(yours, data.draw(st.integers(0, len(once) - 1)))
    history = replace(history, matches=frozenset())
    scores = [score(matrix, fit_both(matrix, mine, world), [mine, world], history) for world in worlds]
    assert np.ptp(scores, axis=0).max() <= MAX_VOTE_INFLUENCE


def test_a_vote_of_the_partner_affects_similar_items_equally() -> None:
    """Of two items with equal features, nothing shows which one the partner liked, except a match."""
    deck = [card(number, category="play" if number < 3 else "culture") for number in range(6)]
    matrix = build(deck)
    scores = []
    for liked, matches in ((0, ()), (1, ()), (1, (deck[1].id,))):
        yours = PersonFeedback([Vote(deck[liked].id, "like")])
        history = History(matches=frozenset(matches))
        scores.append(score(matrix, fit_both(matrix, PersonFeedback(), yours), [PersonFeedback(), yours], history))
    assert (scores[0] == scores[1]).all()
    assert scores[2][1] > scores[1][1]
    mine = PersonFeedback([Vote(deck[0].id, "like")])
    own = score(matrix, fit_both(matrix, mine, PersonFeedback()), [mine, PersonFeedback()], History())
    assert own[0] > own[1] == own[2]  # the reader's own like moves the item itself


def log_likelihood(slate: Sequence[int], scores: Floats, features: Floats) -> float:
    """Return the log likelihood of a slate: one softmax for each item, less its similarity to those before it."""
    similarity, log_probability = np.zeros(len(scores)), 0.0
    for position, row in enumerate(slate):
        utility = (
            scores - HYPERPARAMETERS.mmr_diversity / (1 - HYPERPARAMETERS.mmr_diversity) * similarity
        ) / HYPERPARAMETERS.exploration_temperature
        utility[list(slate[:position])] = -np.inf
        log_probability += utility[row] - utility.max() - np.log(np.exp(utility - utility.max()).sum())
        similarity = np.maximum(similarity, features @ features[row])
    return float(log_probability)


def variation(couple: Couple, chance: np.random.Generator) -> float:
    """Estimate the total variation between the reader's slates for the partner's like and pass of one item.

    The engine draws slates in both worlds. Each slate gives an unbiased estimate, from its likelihood in both.
    """
    life, matrix = Life(), couple.world.matrix
    deal(couple, life, 10)
    mine, yours = (couple.person_feedback(life, person, 0) for person in range(2))
    request = asking(pace=couple.pace)
    rows = np.flatnonzero(eligible(matrix, request))
    index_of = {matrix.items[row].id: at for at, row in enumerate(rows)}
    features = matrix.features(rows)[:, 1:]
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    worlds = flipped(yours, int(chance.integers(len(yours.votes))))[:2]
    scores = [score(matrix, fit_both(matrix, mine, world), [mine, world], History())[rows] for world in worlds]
    estimates = []
    for draw in range(DRAWS):
        for here in range(2):
            slate = rank(matrix, request, [replace(mine, causes=frozenset()), worlds[here]], History(), f"{draw}")
            drawn = [index_of[item.card.id] for item in slate.ideas]
            logs = [log_likelihood(drawn, world_scores, features) for world_scores in scores]
            estimates.append(max(0.0, 1 - np.exp(logs[1 - here] - logs[here])))
    return float(np.mean(estimates))


def test_the_slate_distribution_depends_little_on_one_vote_of_the_partner() -> None:
    """Check MAX_VOTE_INFLUENCE with a first deck of ten: 0.2 on average, 0.4 at worst.

    Each couple's figure comes from 30 slates, with a standard error of about 0.03. The mean comes from 1,200, with one
    of about 0.015 including the spread between couples. The test allows two standard errors.
    """
    world, chance = Catalogue(), np.random.default_rng(7)
    variations = [variation(Couple(world, 700_000 + number), chance) for number in range(COUPLES)]
    assert np.mean(variations) < 0.2 + 0.03
    assert max(variations) < 0.4 + 0.06
    assert np.mean(variations) > 0.02  # zero would mean that votes have no effect, and the test would be empty


def test_the_likelihoods_match_the_engine() -> None:
    """The likelihoods above are valid only if the engine draws by them."""
    deck = [card(number, category=["play", "culture", "talk"][number % 3]) for number in range(6)]
    matrix = build(deck)
    mine = PersonFeedback([Vote(UUID(int=0), "like"), Vote(UUID(int=4), "pass")])
    scores = score(matrix, fit_both(matrix, mine, mine), [mine, mine], History())
    features = matrix.features(np.arange(6))[:, 1:]
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    many = 2000
    counts: dict[tuple[int, ...], int] = {}
    for seed in range(many):
        slate = rank(matrix, asking(), [mine, mine], History(), str(seed), size=2)
        key = tuple(matrix.row(idea.card.id) for idea in slate.ideas)
        counts[key] = counts.get(key, 0) + 1
    pairs = [(first, second) for first in range(6) for second in range(6) if first != second]
    expected = {pair: many * np.exp(log_likelihood(pair, scores, features)) for pair in pairs}
    assert np.isclose(sum(expected.values()), many)
    chi_squared = sum((counts.get(pair, 0) - due) ** 2 / due for pair, due in expected.items() if due >= 5)
    frequent = sum(due >= 5 for due in expected.values())
    assert frequent >= 5
    assert chi_squared < frequent + 4 * np.sqrt(2 * frequent)  # chi-squared: mean plus four standard deviations
