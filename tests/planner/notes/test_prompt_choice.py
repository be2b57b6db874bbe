"""The choice of a prompt, as rules over plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.catalogue.entries import CatalogueEntry
from planner.catalogue.prompts import PromptEntry
from planner.errors import NotFound
from planner.notes.daily_prompt import choose, fits
from seeds.reader import Prompt
from seeds.vocabulary import AUDIENCES, AVOID_AFTER, PROMPT_KINDS

DAY = date(2026, 11, 23)
PLAIN = Prompt(
    slug="plain", text="So?", kind="kindness", tone="warm", pace=1, audience="self", cooldown_days=30, version=1
)


def card(number: int, **values: object) -> PromptEntry:
    return CatalogueEntry(UUID(int=number), replace(PLAIN, **values), False)


prompts = st.builds(
    lambda **values: replace(PLAIN, **values),
    kind=st.sampled_from(list(PROMPT_KINDS)), pace=st.integers(1, 5), audience=st.sampled_from(list(AUDIENCES)),
    cooldown_days=st.integers(0, 120), avoid_after=st.lists(st.sampled_from(list(AVOID_AFTER)), unique=True).map(tuple),
)  # fmt: skip
decks = st.lists(prompts, min_size=1, max_size=12).map(
    lambda contents: [CatalogueEntry(UUID(int=number), prompt, False) for number, prompt in enumerate(contents)]
)
days_ago = st.dictionaries(st.integers(0, 14).map(lambda number: UUID(int=number)), st.integers(-2, 400))


@given(decks, days_ago, st.integers())
def test_a_resting_prompt_is_chosen_only_when_all_rest_and_then_the_longest_rested(
    cards: list[PromptEntry], ago: dict[UUID, int], seed: int
) -> None:
    shown = {prompt: DAY - timedelta(days=days) for prompt, days in ago.items()}
    chosen = choose(cards, shown, DAY, Random(seed))
    resting = {card.id for card in cards if ago.get(card.id, 1000) <= card.content.cooldown_days}
    assert chosen in cards
    assert chosen == choose(cards, shown, DAY, Random(seed))
    if len(resting) < len(cards):
        assert chosen.id not in resting
    else:
        assert ago[chosen.id] == max(ago[card.id] for card in cards)


kinds_chosen = st.frozensets(st.sampled_from(list(PROMPT_KINDS)))


@given(prompts, kinds_chosen, st.none() | st.integers(1, 5), st.frozensets(st.sampled_from(list(AVOID_AFTER))))
def test_a_fitting_prompt_matches_pace_audience_kind_and_mood(
    prompt: Prompt, kinds: frozenset[str], pace: int | None, mood: frozenset[str]
) -> None:
    entry = CatalogueEntry(UUID(int=1), prompt, False)
    if fits(entry, kinds, pace, mood):
        assert prompt.kind in kinds
        assert not mood & set(prompt.avoid_after)
        assert prompt.audience == "self" if pace is None else prompt.pace <= pace
    else:
        assert not fits(entry, kinds, None, mood) or (pace is not None and prompt.pace > pace)


@pytest.mark.parametrize("seed", range(9))
def test_the_kind_that_was_asked_least_recently_comes_next(seed: int) -> None:
    cards = [card(1, kind="memory"), card(2, kind="memory"), card(3, kind="effort"), card(4, kind="quality")]
    yesterday = {UUID(int=1): DAY - timedelta(days=1)}
    assert choose(cards, yesterday, DAY, Random(seed)).content.kind != "memory"
    shown = {**yesterday, UUID(int=3): DAY - timedelta(days=2), UUID(int=4): DAY - timedelta(days=3)}
    assert choose(cards, shown, DAY, Random(seed)).id == UUID(int=2), "prompts of the other kinds rest"


def test_every_rested_prompt_can_be_chosen() -> None:
    cards = [card(number) for number in range(6)]
    assert {choose(cards, {}, DAY, Random(seed)).id for seed in range(200)} == {card.id for card in cards}


@pytest.mark.parametrize(("days", "again"), [(29, False), (30, False), (31, True)])
def test_a_prompt_rests_for_all_its_cooldown_days(days: int, again: bool) -> None:
    resting, other = card(1, cooldown_days=30), card(2, cooldown_days=0)
    shown = {resting.id: DAY - timedelta(days=days)}
    chosen = {choose([resting, other], shown, DAY, Random(seed)).id for seed in range(60)}
    assert (resting.id in chosen) == again


def test_without_prompts_there_is_no_choice() -> None:
    with pytest.raises(NotFound):
        choose([], {}, DAY, Random(1))
