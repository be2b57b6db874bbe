"""What one of two votes in private never reaches the other: twin worlds, the same rows twice, ids, keys and all.

In one of them Alice votes, takes back or takes space; everything that Bob can ask is then answered alike, but for what
planner/recommender says: from the next day on his slates are drawn with other weights, from the next month on other
things rest, and both are such as could have been without her vote.
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
from tests.people import Cast, Person, pair
from tests.racing import strangers
from tests.spaces import take
from tests.twins import Twins

Clock = time_machine.Traveller


QUESTIONS = (
    "/suggestions", "/suggestions?more=1", "/suggestions?more=2", "/suggestions?more=3", "/suggestions?party=one",
    "/suggestions?category=move", "/suggestions?setting=away&minutes=60",
    "/suggestions?when=2026-12-05T09:00/2026-12-06T22:00",
)  # fmt: skip
LISTS = (
    "/activities?party=two&limit=100", "/activities?party=two&limit=100&category=play", "/activities?q=walk&party=two",
    "/activities?limit=100", "/deck", "/matches", "/me/profile", "/me", "/today?idea=false", "/inbox",
    "/dates", "/couple",
)  # fmt: skip


def answers(person: Person, paths: tuple[str, ...]) -> list[object]:
    """Return the status, headers and body of each answer."""
    found: list[object] = []
    for path in paths:
        answer = person.request("GET", path)
        found.append((path, answer.status_code, sorted(answer.headers), answer.data))
    return found


@pytest.fixture
def twins(app: Flask) -> Twins:
    # What a process reads or makes once, whoever asks, is no sign of anything.
    (stranger, other) = strangers(app, "Eve", "Fay")
    pair(stranger, other)
    answers(stranger, (*QUESTIONS, *LISTS))
    return Twins()


@pytest.fixture
def lived(cast: Cast, stopped_clock: Clock) -> Cast:
    """Two who have voted on a first deck, a few days ago."""
    for person in (cast.alice, cast.bob):
        for number, card in enumerate(dealt(person)):
            vote(person, card, ("like", "pass", "like")[number % 3])
    stopped_clock.move_to(NOON + timedelta(days=3))
    return cast


ACTS: dict[str, Callable[[Cast], object]] = {
    "a like": lambda cast: vote(cast.alice, dealt(cast.alice)[0], "like"),
    "a like of what is on his slate": lambda cast: vote(cast.alice, ids(cast.bob)[0], "like"),
    "a pass": lambda cast: vote(cast.alice, ids(cast.bob)[0], "pass"),
    "a never": lambda cast: vote(cast.alice, ids(cast.bob)[0], "never"),
    "ten nevers": lambda cast: [vote(cast.alice, one, "never") for one in dealt(cast.alice)],
    "taking back": lambda cast: retract(cast.alice, _liked(cast)),
    "another vote": lambda cast: vote(cast.alice, _liked(cast), "never"),
    "limits": lambda cast: put_profile(cast.alice, cost_band=0, access=["step_free"], dislikes=["walk"]),
}


def _liked(cast: Cast) -> str:
    return str(cast.alice.get("/activities?vote=like")["items"][0]["id"])


@pytest.mark.parametrize("act", ACTS)
def test_until_the_day_is_over_nothing_at_all_can_be_told(
    lived: Cast, twins: Twins, stopped_clock: Clock, act: str
) -> None:
    """Asked before or after, the same question or a new one: not one byte, header or statement differs."""
    bob = lived.bob
    # In both worlds Alice and Bob have looked, and Alice has her cards.
    answers(bob, QUESTIONS[:1]), answers(lived.alice, QUESTIONS[:1]), dealt(lived.alice), dealt(bob)
    twins.part()
    ACTS[act](lived)
    for hours in (0, 6, 11):
        stopped_clock.move_to(NOON + timedelta(days=3, hours=hours))
        here, there = twins.both(lambda: answers(bob, (*QUESTIONS, *LISTS)))
        assert here == there, hours


@pytest.mark.parametrize("act", ["a like", "a never", "ten nevers", "taking back", "another vote"])
def test_until_the_month_is_over_searches_counts_decks_and_matches_tell_nothing(
    lived: Cast, twins: Twins, stopped_clock: Clock, act: str
) -> None:
    bob = lived.bob
    dealt(lived.alice)
    twins.part()
    ACTS[act](lived)
    for days in (4, 6, 7):
        stopped_clock.move_to(NOON + timedelta(days=days))
        here, there = twins.both(lambda: answers(bob, LISTS))
        assert here == there, days


def listed(person: Person) -> set[str]:
    """What a search for two finds in all, page by page."""
    found, after = set[str](), ""
    while after is not None:
        page = person.get(f"/activities?party=two&limit=100{after and f'&after={after}'}")
        found |= {one["id"] for one in page["items"]}
        after = page["next"]
    return found


def test_with_the_next_month_a_never_rests_in_the_place_of_another(
    lived: Cast, twins: Twins, stopped_clock: Clock
) -> None:
    alice, bob = lived.alice, lived.bob
    for_two = [one["id"] for one in alice.get("/activities?limit=100")["items"] if one["party"] != "one"]
    twins.part()
    chosen = for_two[:6]
    for one in chosen:
        vote(alice, one, "never")
    for month in (12, 13, 14):
        day = datetime(2026 + month // 13, (month - 1) % 12 + 1, 2, 12, tzinfo=NOON.tzinfo)
        stopped_clock.move_to(day)
        here, there = twins.both(lambda: listed(bob))
        assert len(here) == len(there), "the count tells nothing"
        assert not here & set(chosen)
        assert there - here <= set(chosen)
        assert len(here - there) == len(there & set(chosen))
        for paths in (QUESTIONS, ("/suggestions?category=cook_taste,play,learn",)):
            for path in paths:
                shown = {one["activity"]["id"] for one in bob.get(path)["items"]}
                assert "party=one" in path or not shown & set(chosen)
    # What rests can still be read and proposed as anything: no refusal tells it from the rest.
    read, twin = twins.both(lambda: [bob.request("GET", f"/activities/{one}").data for one in chosen])
    assert read == twin
    slots = [{"wall": "2027-02-20T19:00"}]
    offers = twins.both(lambda: bob.request("POST", "/dates", {"activity": chosen[0], "slots": slots}).status_code)
    assert offers == (201, 201)
    # Taken back, it is there again with the month after: not before, and not later.
    for one in chosen:
        retract(alice, one)
    assert not listed(bob) & set(chosen[1:])
    stopped_clock.move_to(datetime(2027, 3, 2, 12, tzinfo=NOON.tzinfo))
    here, there = twins.both(lambda: listed(bob))
    assert here == there


def test_ones_own_nevers_do_not_bare_the_others(lived: Cast, twins: Twins, stopped_clock: Clock) -> None:
    """Somebody who sets everything aside but what rests would see the other's nevers, if both shared one quarter."""
    alice, bob = lived.alice, lived.bob
    december = datetime(2026, 12, 2, 12, tzinfo=NOON.tzinfo)
    stopped_clock.move_to(december)
    sealed = min(listed(bob))  # which would not rest then by itself
    stopped_clock.move_to(NOON + timedelta(days=3))
    twins.part()
    vote(alice, sealed, "never")
    others = [one["id"] for one in bob.get("/activities?party=two&limit=100")["items"] if one["id"] != sealed]
    for one in others[:60]:
        vote(bob, one, "never")
    stopped_clock.move_to(december)
    own = {one["id"] for one in bob.get("/activities?vote=never&limit=100")["items"]}
    here, there = twins.both(lambda: listed(bob))
    assert len(own) == 60
    assert len(here) == len(there)
    assert there - here == {sealed}
    assert len(own & here) > 30, "one's own stay in one's own search, where they can be taken back"


def test_suggestions_and_searches_leave_out_the_same(lived: Cast, stopped_clock: Clock) -> None:
    """Else what is missing in the one and there in the other would be a never."""
    alice, bob = lived.alice, lived.bob
    found = alice.get("/activities?limit=100")["items"]
    for one in found[:40]:
        vote(bob, one["id"], "never")
    for one in found[30:50]:
        vote(alice, one["id"], "never")
    stopped_clock.move_to(datetime(2026, 12, 2, 12, tzinfo=NOON.tzinfo))
    own = {one["id"] for one in bob.get("/activities?vote=never&limit=100")["items"]}
    for category in ("play", "learn", "everyday", "outdoors"):
        question = f"category={category}&day=2026-12-05"
        searched = {one["id"] for one in bob.get(f"/activities?party=two&limit=100&{question}")["items"]}
        suggested = {one for more in range(4) for one in ids(bob, f"{question}&more={more}")}
        assert suggested == searched - own, category


def test_a_never_of_this_month_is_left_out_where_nobody_can_miss_it(lived: Cast, stopped_clock: Clock) -> None:
    alice, bob = lived.alice, lived.bob
    narrow = "category=everyday&energy=1"
    card = ids(bob, narrow)[0]
    wide = [ids(bob)[0], ids(bob)[1]]
    for one in (card, *wide):
        vote(alice, one, "never")
    listing = [f"{narrow}&more={more}" for more in range(4)]
    for days in (4, 5, 6, 7):
        stopped_clock.move_to(NOON + timedelta(days=days))
        for more in range(4):
            assert not {card, *wide} & set(ids(bob, f"more={more}"))
            assert not {card, *wide} & set(ids(alice, f"more={more}"))
        assert card in {one for question in listing for one in ids(bob, question)}, "there, it would be missed"
        assert card not in {one for question in listing for one in ids(alice, question)}


@pytest.mark.parametrize("change", ["take back", "pass", "never"])
def test_a_match_fades_alike_whether_or_not_the_like_still_stands(
    lived: Cast, twins: Twins, stopped_clock: Clock, change: str
) -> None:
    """Its whole life long, not one answer of Bob's differs: lists, slates, reasons and all."""
    alice, bob = lived.alice, lived.bob
    with db.connection():
        assert matches.create_missed(NOON + timedelta(days=3)) == 7
    begins = datetime(2026, 12, 6, 12, tzinfo=NOON.tzinfo)
    stopped_clock.move_to(begins)
    (card, *_) = [one["activity"]["id"] for one in bob.get("/matches")["items"]]
    twins.part()
    retract(alice, card) if change == "take back" else vote(alice, card, change)
    until = datetime(2026, 12, 24, 12, tzinfo=NOON.tzinfo)
    for days in range(0, (until - begins).days, 3):
        stopped_clock.move_to(begins + timedelta(days=days))
        here, there = twins.both(lambda: answers(bob, (*QUESTIONS, *LISTS)))
        assert here == there, days
    stopped_clock.move_to(datetime(2027, 1, 3, 12, tzinfo=NOON.tzinfo))
    assert twins.both(lambda: bob.get("/matches")) == ({"items": []}, {"items": []})


def test_space_looks_like_liking_nothing(cast: Cast, twins: Twins, stopped_clock: Clock) -> None:
    """Bob likes what he is dealt. Here Alice likes the same cards, in space; there she is dealt hers and says nothing
    of them: he is answered the same, day for day, in all but the weights of his slates.
    """
    alice, bob = cast.alice, cast.bob
    dealt(alice)
    for one in dealt(bob):
        vote(bob, one, "like")
    twins.part()
    take(alice)
    for one in dealt(alice):
        vote(alice, one, "like")
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


def test_from_the_next_day_on_a_vote_tilts_the_others_slates_no_further_than_is_stated(
    app: Flask, twins: Twins, stopped_clock: Clock
) -> None:
    """The bound of ranking.MAX_VOTE_INFLUENCE, end to end: the chance of a slate moves by 0.25 at most on average.

    Five couples, each after a first deck, over forty days with and without one more like: neither the card that was
    liked nor anything of its category is shown to the other on many more days. (Two standard errors are allowed for.)
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
    cards = [next(one for one in ben.get("/activities?party=two&limit=100")["items"][at:] if one["vote"] is None)
             for at, (_, ben) in enumerate(pairs)]  # fmt: skip
    for (ann, _), card in zip(pairs, cards, strict=True):
        vote(ann, card["id"], "like")

    def lives() -> list[list[tuple[bool, bool]]]:
        """For each couple and day: whether the card, and whether one of its category, is on the other's slate."""
        found: list[list[tuple[bool, bool]]] = [[] for _ in pairs]
        for day in range(DAYS):
            stopped_clock.move_to(NOON + timedelta(days=1 + day))
            for (_, ben), card, days in zip(pairs, cards, found, strict=True):
                slate = [one["activity"] for one in ben.get("/suggestions")["items"]]
                days.append((
                    card["id"] in {one["id"] for one in slate}, card["category"] in {one["category"] for one in slate}
                ))  # fmt: skip
        return found

    here, there = twins.both(lives)
    for what in (0, 1):
        moved = [
            abs(sum(day[what] for day in one) - sum(day[what] for day in other)) / DAYS
            for one, other in zip(here, there, strict=True)
        ]
        assert sum(moved) / COUPLES < 0.25 + 2 * (0.5 / DAYS / COUPLES) ** 0.5, (what, moved)
        assert max(moved) < 0.45 + 2 * (0.5 / DAYS) ** 0.5, (what, moved)
