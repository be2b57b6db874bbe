"""Test that private votes of Alice never reach Bob. Each test compares twin worlds with the same rows and ids.

In one world Alice votes, takes a vote back, or takes space. All answers to Bob are then equal, with two exceptions of
planner/recommender. From the next day on, his lists are drawn with other weights. From the next month on, other
activities rest. Both could also happen without her vote.
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
from tests.conftest import NOON
from tests.databases import in_turn
from tests.people import Cast, Person, pair
from tests.racing import strangers
from tests.spaces import take
from tests.twins import Twins

Clock = time_machine.Traveller


QUESTIONS = (
    "/suggestions", "/suggestions?page=1", "/suggestions?page=2", "/suggestions?page=3", "/suggestions?for=one",
    "/suggestions?category=move", "/suggestions?setting=away&minutes=60",
    "/suggestions?when=2026-12-05T09:00/2026-12-06T22:00",
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
    answers(stranger, (*QUESTIONS, *LISTS))
    return Twins()


@pytest.fixture
def voted(cast: Cast, stopped_clock: Clock) -> Cast:
    """Return the cast after Alice and Bob voted on a first deck, a few days ago."""
    for person in (cast.alice, cast.bob):
        for number, card in enumerate(dealt(person)):
            vote(person, card, ("like", "pass", "like")[number % 3])
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
    for hours in (0, 6, 11):
        stopped_clock.move_to(NOON + timedelta(days=3, hours=hours))
        here, there = twins.both(lambda: answers(bob, (*QUESTIONS, *LISTS)))
        assert here == there, hours


@in_turn("act", {act: act for act in ("a like", "a never", "ten nevers", "taking back", "another vote")})
def test_a_vote_changes_no_list_of_the_partner_in_the_same_month(
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


def search_ids(person: Person) -> set[str]:
    """Return the ids of all activities that a search for two finds."""
    activity_ids, after = set[str](), ""
    while after is not None:
        page = person.get(f"/activities?for=two&limit=100{after and f'&after={after}'}")
        activity_ids |= {item["id"] for item in page["items"]}
        after = page["next"]
    return activity_ids


def test_from_the_next_month_on_a_never_rests_in_place_of_another_activity(
    voted: Cast, twins: Twins, stopped_clock: Clock
) -> None:
    alice, bob = voted.alice, voted.bob
    for_two = [item["id"] for item in alice.get("/activities?limit=100")["items"] if item["for"] != "one"]
    twins.part()
    chosen = for_two[:6]
    for activity in chosen:
        vote(alice, activity, "never")
    for month in (12, 13, 14):
        day = datetime(2026 + month // 13, (month - 1) % 12 + 1, 2, 12, tzinfo=NOON.tzinfo)
        stopped_clock.move_to(day)
        here, there = twins.both(lambda: search_ids(bob))
        assert len(here) == len(there), "the count tells nothing"
        assert not here & set(chosen)
        assert there - here <= set(chosen)
        assert len(here - there) == len(there & set(chosen))
        for paths in (QUESTIONS, ("/suggestions?category=cook_taste,play,learn",)):
            for path in paths:
                shown = {item["activity"]["id"] for item in bob.get(path)["items"]}
                assert "for=one" in path or not shown & set(chosen)
    # A resting activity can still be read and proposed, so no refusal tells that it rests.
    read, twin = twins.both(lambda: [bob.request("GET", f"/activities/{activity}").data for activity in chosen])
    assert read == twin
    slots = [{"local_time": "2027-02-20T19:00"}]
    offers = twins.both(lambda: bob.request("POST", "/dates", {"activity_id": chosen[0], "slots": slots}).status_code)
    assert offers == (201, 201)
    # After Alice takes the vote back, the activity returns exactly with the next month.
    for activity_id in chosen:
        retract(alice, activity_id)
    assert not search_ids(bob) & set(chosen[1:])
    stopped_clock.move_to(datetime(2027, 3, 2, 12, tzinfo=NOON.tzinfo))
    here, there = twins.both(lambda: search_ids(bob))
    assert here == there


def test_the_partners_own_nevers_do_not_reveal_a_never(voted: Cast, twins: Twins, stopped_clock: Clock) -> None:
    """Let Bob vote never on most activities. His own votes must not reveal which activity Alice voted never on."""
    alice, bob = voted.alice, voted.bob
    december = datetime(2026, 12, 2, 12, tzinfo=NOON.tzinfo)
    stopped_clock.move_to(december)
    secret = min(search_ids(bob))  # an activity that would not rest without a vote
    stopped_clock.move_to(NOON + timedelta(days=3))
    twins.part()
    vote(alice, secret, "never")
    other_ids = [item["id"] for item in bob.get("/activities?for=two&limit=100")["items"] if item["id"] != secret]
    for other in other_ids[:60]:
        vote(bob, other, "never")
    stopped_clock.move_to(december)
    own = {item["id"] for item in bob.get("/activities?vote=never&limit=100")["items"]}
    here, there = twins.both(lambda: search_ids(bob))
    assert len(own) == 60
    assert len(here) == len(there)
    assert there - here == {secret}
    assert len(own & here) > 30, "Bob still finds his own nevers and can take them back"


def test_suggestions_and_searches_leave_out_the_same(voted: Cast, stopped_clock: Clock) -> None:
    """Compare suggestions and searches. A difference would reveal a never."""
    alice, bob = voted.alice, voted.bob
    activities = alice.get("/activities?limit=100")["items"]
    for activity in activities[:40]:
        vote(bob, activity["id"], "never")
    for card in activities[30:50]:
        vote(alice, card["id"], "never")
    stopped_clock.move_to(datetime(2026, 12, 2, 12, tzinfo=NOON.tzinfo))
    own = {item["id"] for item in bob.get("/activities?vote=never&limit=100")["items"]}
    for category in ("play", "learn", "everyday", "outdoors"):
        question = f"category={category}&day=2026-12-05"
        searched = {item["id"] for item in bob.get(f"/activities?for=two&limit=100&{question}")["items"]}
        suggested = {card_id for more in range(4) for card_id in ids(bob, f"{question}&page={more}")}
        assert suggested == searched - own, category


def test_a_never_of_this_month_is_left_out_of_long_lists_only(voted: Cast, stopped_clock: Clock) -> None:
    alice, bob = voted.alice, voted.bob
    narrow = "category=everyday&energy=1"
    card = ids(bob, narrow)[0]
    wide = [ids(bob)[0], ids(bob)[1]]
    for activity in (card, *wide):
        vote(alice, activity, "never")
    listing = [f"{narrow}&page={more}" for more in range(4)]
    for days in (4, 5, 6, 7):
        stopped_clock.move_to(NOON + timedelta(days=days))
        for more in range(4):
            assert not {card, *wide} & set(ids(bob, f"page={more}"))
            assert not {card, *wide} & set(ids(alice, f"page={more}"))
        assert card in {card_id for question in listing for card_id in ids(bob, question)}, (
            "on a short list, a missing card would reveal the vote"
        )
        assert card not in {card_id for question in listing for card_id in ids(alice, question)}


@in_turn("change", {change: change for change in ("take back", "pass", "never")})
def test_a_match_fades_alike_with_and_without_the_like(
    voted: Cast, twins: Twins, stopped_clock: Clock, change: str
) -> None:
    """Compare all answers to Bob as long as the match lives. None differs."""
    alice, bob = voted.alice, voted.bob
    with db.connection():
        assert matches.create_missed(NOON + timedelta(days=3)) == 7
    begins = datetime(2026, 12, 6, 12, tzinfo=NOON.tzinfo)
    stopped_clock.move_to(begins)
    (card, *_) = [item["activity"]["id"] for item in bob.get("/matches")["items"]]
    twins.part()
    retract(alice, card) if change == "take back" else vote(alice, card, change)
    until = datetime(2026, 12, 24, 12, tzinfo=NOON.tzinfo)
    for days in range(0, (until - begins).days, 3):
        stopped_clock.move_to(begins + timedelta(days=days))
        here, there = twins.both(lambda: answers(bob, (*QUESTIONS, *LISTS)))
        assert here == there, days
    stopped_clock.move_to(datetime(2027, 1, 3, 12, tzinfo=NOON.tzinfo))
    assert twins.both(lambda: bob.get("/matches")) == ({"items": []}, {"items": []})


def test_likes_in_space_look_like_no_likes(cast: Cast, twins: Twins, stopped_clock: Clock) -> None:
    """Let Bob like his cards. Alice likes the same cards in space, or does not vote. Bob gets the same answers.

    Only the weights of his lists differ.
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

        def day(now: datetime = now) -> list[object]:
            with db.connection():
                matches.create_due(now)
                matches.create_missed(now)
            return answers(bob, LISTS)

        here, there = twins.both(day)
        assert here == there, days


COUPLES, DAYS = 5, 40


def test_a_vote_changes_the_lists_of_the_partner_within_the_bound(
    app: Flask, twins: Twins, stopped_clock: Clock
) -> None:
    """Test ranking.MAX_VOTE_INFLUENCE end to end. A vote moves the chance of a list by 0.25 at most on average.

    Five couples live forty days after a first deck, with and without one more like. The partner sees the liked card
    and its category on few more days. The bound allows for two standard errors.
    """
    pairs = []
    for _ in range(COUPLES):
        ann, ben = strangers(app, "Ann", "Ben")
        pair(ann, ben)
        for person in (ann, ben):
            for number, card in enumerate(dealt(person)):
                vote(person, card, ("like", "pass", "like")[number % 3])
        pairs.append((ann, ben))
    twins.part()
    cards = [next(item for item in ben.get("/activities?for=two&limit=100")["items"][at:] if item["vote"] is None)
             for at, (_, ben) in enumerate(pairs)]  # fmt: skip
    for (ann, _), card in zip(pairs, cards, strict=True):
        vote(ann, card["id"], "like")

    def lives() -> list[list[tuple[bool, bool]]]:
        """Tell for each couple and day whether the partner's list has the card, and whether it has its category."""
        days_by_couple: list[list[tuple[bool, bool]]] = [[] for _ in pairs]
        for day in range(DAYS):
            stopped_clock.move_to(NOON + timedelta(days=1 + day))
            for (_, ben), card, days in zip(pairs, cards, days_by_couple, strict=True):
                search_ids = [item["activity"] for item in ben.get("/suggestions")["items"]]
                categories = {activity["category"] for activity in search_ids}
                days.append((card["id"] in {activity["id"] for activity in search_ids}, card["category"] in categories))
        return days_by_couple

    here, there = twins.both(lives)
    for what in (0, 1):
        moved = [
            abs(sum(day[what] for day in days) - sum(day[what] for day in twin_days)) / DAYS
            for days, twin_days in zip(here, there, strict=True)
        ]
        assert sum(moved) / COUPLES < 0.25 + 2 * (0.5 / DAYS / COUPLES) ** 0.5, (what, moved)
        assert max(moved) < 0.45 + 2 * (0.5 / DAYS) ** 0.5, (what, moved)
