"""Test that private votes of Alice never reach Bob. Each test compares twin worlds with the same rows and ids.

In one world Alice votes, rates a date, changes her tags, or takes space. All answers to Bob are then equal, with one
exception: her likes and passes shape his suggestions from the next day on. A never weighs there as a pass.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask

from planner.recommender import matches
from planner.storage import db
from tests.api.test_decks import ids as dealt
from tests.api.test_profiles import put as put_profile
from tests.api.test_suggestions import ids
from tests.api.test_votes import retract, vote
from tests.campaigns import ground
from tests.conftest import NOON
from tests.databases import in_turn
from tests.dates import agreed, slot
from tests.people import Cast, Person, pair
from tests.racing import strangers
from tests.spaces import take
from tests.twins import Twins

Clock = time_machine.Traveller


QUESTIONS = (
    "/suggestions", "/suggestions?page=1", "/suggestions?page=2", "/suggestions?page=3", "/suggestions?for=one",
    "/suggestions?category=move", "/suggestions?setting=away&minutes=60",
    "/suggestions?when=2026-12-05T09:00/2026-12-06T22:00", "/suggestions?day=2026-12-05", "/suggestions?day=2026-12-12",
)  # fmt: skip
LISTS = (
    "/activities?for=two&limit=100", "/activities?for=two&limit=100&category=play", "/activities?q=walk&for=two",
    "/activities?limit=100", "/deck", "/matches", "/me/profile", "/me", "/today?idea=false", "/inbox",
    "/dates", "/couple",
)  # fmt: skip


def answers(person: Person, paths: tuple[str, ...]) -> list[object]:
    """Return the status, headers and body of each answer."""
    comparable: list[object] = []
    for path in paths:
        answer = person.request("GET", path)
        comparable.append((path, answer.status_code, sorted(answer.headers), answer.data))
    return comparable


@pytest.fixture
def twins(app: Flask) -> Twins:
    # A process loads some things once, at the first request. These statements must not differ between the worlds.
    (stranger, other) = strangers(app, "Eve", "Fay")
    pair(stranger, other)
    answers(stranger, (QUESTIONS[0], *LISTS))
    return Twins()


@pytest.fixture(scope="session")
def rows_with_votes() -> dict[str, ground.Rows]:
    """Return a place for the rows of each database after the first votes: most tests here begin with them."""
    return {}


@pytest.fixture
def voted(cast: Cast, stopped_clock: Clock, database: str, rows_with_votes: dict[str, ground.Rows]) -> Cast:
    """Return the cast after Alice and Bob voted on a first deck, a few days ago."""
    kind = database.partition(":")[0]
    if kind in rows_with_votes:
        ground.put_back(rows_with_votes[kind])
    else:
        for person in (cast.alice, cast.bob):
            for number, card in enumerate(dealt(person)):
                vote(person, card, ("like", "pass", "like")[number % 3])
        rows_with_votes[kind] = ground.keep()
    stopped_clock.move_to(NOON + timedelta(days=3))
    return cast


ACTS: dict[str, Callable[[Cast], object]] = {
    "a like": lambda cast: vote(cast.alice, dealt(cast.alice)[0], "like"),
    "a like of an idea on his list": lambda cast: vote(cast.alice, ids(cast.bob)[0], "like"),
    "a pass": lambda cast: vote(cast.alice, ids(cast.bob)[0], "pass"),
    "a never": lambda cast: vote(cast.alice, ids(cast.bob)[0], "never"),
    "ten nevers": lambda cast: [vote(cast.alice, card, "never") for card in dealt(cast.alice)],
    "taking back": lambda cast: retract(cast.alice, _liked(cast)),
    "another vote": lambda cast: vote(cast.alice, _liked(cast), "never"),
    "limits": lambda cast: put_profile(cast.alice, cost_band=0, access=["step_free"], dislikes=["walk"]),
}


def _liked(cast: Cast) -> str:
    return str(cast.alice.get("/activities?vote=like")["items"][0]["id"])


@in_turn("act", {act: act for act in ACTS})
def test_a_vote_changes_no_answer_to_the_partner_on_the_same_day(
    voted: Cast, twins: Twins, stopped_clock: Clock, act: str
) -> None:
    """Compare all answers to Bob, to old and new questions. No byte, header or statement differs."""
    bob = voted.bob
    # In both worlds, Alice and Bob have read their lists and cards.
    answers(bob, QUESTIONS[:1]), answers(voted.alice, QUESTIONS[:1]), dealt(voted.alice), dealt(bob)
    twins.part()
    ACTS[act](voted)
    for hours in (0, 11):
        stopped_clock.move_to(NOON + timedelta(days=3, hours=hours))
        here, there = twins.both(lambda: answers(bob, (*QUESTIONS, *LISTS)))
        assert here == there, hours


@in_turn("act", {act: act for act in ("a like", "a never", "ten nevers", "taking back", "another vote")})
def test_a_vote_changes_no_answer_to_the_partner_but_suggestions(
    voted: Cast, twins: Twins, stopped_clock: Clock, act: str
) -> None:
    bob = voted.bob
    dealt(voted.alice)
    twins.part()
    ACTS[act](voted)
    for days in (4, 6, 7):
        stopped_clock.move_to(NOON + timedelta(days=days))
        here, there = twins.both(lambda: answers(bob, LISTS))
        assert here == there, days


def weeks_of_answers(twins: Twins, person: Person, clock: Clock, first_day: int = 4) -> None:
    """Compare all answers to a person: on two days, and after months. No byte differs."""
    for days in (first_day, first_day + 1, 100):
        clock.move_to(NOON + timedelta(days=days))
        here, there = twins.both(lambda: answers(person, (*QUESTIONS, *LISTS)))
        assert here == there, days


def test_a_never_looks_to_the_partner_like_a_pass(voted: Cast, twins: Twins, stopped_clock: Clock) -> None:
    alice, bob = voted.alice, voted.bob
    chosen = {*ids(bob), *dealt(alice)}
    words = iter(("never", "pass"))  # the twin world comes first

    def cast_votes() -> None:
        word = next(words)
        for activity in chosen:
            vote(alice, activity, word)

    twins.part()
    twins.both(cast_votes)
    weeks_of_answers(twins, bob, stopped_clock)
    counts = twins.both(lambda: len(alice.get("/activities?vote=never&limit=100")["items"]))
    assert counts == (0, len(chosen))


def test_a_never_looks_like_a_pass_when_passes_come_back(voted: Cast, twins: Twins, stopped_clock: Clock) -> None:
    """Let Alice open her deck after ninety days. There, passes end, and nevers do not. She changes some, too."""
    alice, bob = voted.alice, voted.bob
    passed = [item["id"] for item in alice.get("/activities?vote=pass&limit=100")["items"]]
    chosen = [*ids(bob), *passed]
    words = iter(("never", "pass") * 3)

    def cast_votes() -> None:
        word = next(words)
        for activity in chosen:
            vote(alice, activity, word)

    def take_back_and_vote_again() -> None:
        retract(alice, chosen[0])
        cast_votes()

    twins.part()
    for day, act in ((3, cast_votes), (33, take_back_and_vote_again), (92, lambda: dealt(alice)), (95, cast_votes)):
        stopped_clock.move_to(NOON + timedelta(days=day))
        decks = twins.both(act)
        assert day != 92 or decks[0] != decks[1], "no pass came back"
        for later in (day, day + 1):
            stopped_clock.move_to(NOON + timedelta(days=later))
            here, there = twins.both(lambda: answers(bob, QUESTIONS))
            assert here == there, later


def test_no_list_of_the_partner_is_shorter_because_of_a_never(voted: Cast, stopped_clock: Clock) -> None:
    alice, bob = voted.alice, voted.bob
    narrow = "category=everyday&energy=1"
    fitting = [card for page in range(4) for card in ids(bob, f"{narrow}&page={page}")]
    for card in fitting:
        vote(alice, card, "never")
    stopped_clock.move_to(NOON + timedelta(days=4))
    assert {card for page in range(4) for card in ids(bob, f"{narrow}&page={page}")} == set(fitting)
    assert not {card for page in range(4) for card in ids(alice, f"{narrow}&page={page}")} & set(fitting)


PRIVATE: dict[str, Callable[[Cast, str], object]] = {
    "a bad date": lambda cast, date: rate(cast.alice, date, "heavier", 1),
    "a good date": lambda cast, date: rate(cast.alice, date, "lighter", 5),
    "disliked tags": lambda cast, _: put_profile(cast.alice, dislikes=["walk", "games", "food", "music"]),
    "interests": lambda cast, _: put_profile(cast.alice, interests=["games", "art", "food"], causes=["cause_nature"]),
}


def rate(person: Person, date: str, feeling: str, rating: int) -> None:
    person.put(f"/dates/{date}/feedback", {"feeling": feeling, "rating": rating})


@in_turn("act", {act: act for act in PRIVATE})
def test_feedback_and_tags_never_reach_the_partner(voted: Cast, twins: Twins, stopped_clock: Clock, act: str) -> None:
    """Compare Alice's own lists too: there the act shows, so the test is not empty."""
    date = agreed(voted.alice, voted.bob, slots=[slot(NOON + timedelta(days=4))])
    stopped_clock.move_to(NOON + timedelta(days=12))
    twins.part()
    PRIVATE[act](voted, date["id"])
    weeks_of_answers(twins, voted.bob, stopped_clock, first_day=12)
    for days in (13, 14, 15):
        stopped_clock.move_to(NOON + timedelta(days=days))
        mine, twin = twins.both(lambda: [ids(voted.alice, f"page={page}") for page in range(4)])
        if mine != twin:
            return
    raise AssertionError("the act changes no list of its author")


def test_a_search_and_the_suggestions_hold_the_same(voted: Cast, stopped_clock: Clock) -> None:
    alice, bob = voted.alice, voted.bob
    activities = alice.get("/activities?limit=100")["items"]
    for activity in activities[:40]:
        vote(bob, activity["id"], "never")
    for card in activities[30:50]:
        vote(alice, card["id"], "never")
    stopped_clock.move_to(datetime(2026, 12, 2, 12, tzinfo=NOON.tzinfo))
    own = {item["id"] for item in bob.get("/activities?vote=never&limit=100")["items"]}
    for question in ("category=play&energy=1", "category=everyday&energy=1", "category=outdoors&cost_band=0"):
        searched = {item["id"] for item in bob.get(f"/activities?for=two&limit=100&{question}&day=2026-12-05")["items"]}
        suggested = {card_id for page in range(4) for card_id in ids(bob, f"{question}&day=2026-12-05&page={page}")}
        assert suggested == searched - own, question


def test_likes_in_space_look_like_no_likes(cast: Cast, twins: Twins, stopped_clock: Clock) -> None:
    """Let Bob like his cards. Alice likes the same cards in space, or does not vote. Bob gets the same answers.

    Only his suggestions differ.
    """
    alice, bob = cast.alice, cast.bob
    dealt(alice)
    for card in dealt(bob):
        vote(bob, card, "like")
    twins.part()
    take(alice)
    for card in dealt(alice):
        vote(alice, card, "like")
    for days in range(10):
        now = NOON + timedelta(days=days)
        stopped_clock.move_to(now)
        # A match stays: one that came on a day would still be there two days later.
        paths = LISTS if days % 3 == 0 else ()

        def day(now: datetime = now, paths: tuple[str, ...] = paths) -> list[object]:
            with db.connection():
                matches.create_due(now)
                matches.create_missed(now)
            return answers(bob, paths)

        here, there = twins.both(day)
        assert here == there, days
