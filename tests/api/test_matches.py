"""Test matches over HTTP: mutual likes of dealt cards, from the next morning on, at most three."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from planner import scheduler
from planner.recommender import matches
from planner.recommender.matches import Match
from planner.storage import db
from tests.api.test_decks import deck
from tests.api.test_decks import ids as dealt
from tests.api.test_suggestions import few
from tests.api.test_votes import retract, vote
from tests.conftest import NOON
from tests.people import Cast, Person
from tests.racing import together
from tests.spaces import end, take

Clock = time_machine.Traveller
LATER = timedelta(days=8)


@pytest.fixture
def clock(stopped_clock: Clock) -> Clock:
    return stopped_clock


def create_matches(at: datetime) -> int:
    """Create the matches that the clock creates at each tick and every hour."""
    with db.connection():
        return matches.create_due(at) + matches.create_missed(at)


def shown(person: Person) -> set[str]:
    return {item["activity"]["id"] for item in person.get("/matches")["items"]}


def both_like(alice: Person, bob: Person, count: int) -> list[str]:
    cards = [card["id"] for card in deck(alice) if len(card["seasons"]) == 4][:count]
    assert set(cards) <= set(dealt(bob))
    for card in cards:
        vote(alice, card, "like")
        vote(bob, card, "like")
    return cards


def first_days() -> list[datetime]:
    with db.connection():
        return [day for (day,) in db.fetch_all(Match.select(Match.shown_from).order_by(Match.shown_from))]


def test_mutual_likes_of_dealt_cards_show_from_the_next_morning(alice: Person, bob: Person, clock: Clock) -> None:
    inboxes = (alice.inbox(), bob.inbox())
    cards = both_like(alice, bob, 3)
    vote(alice, dealt(alice)[5], "like")
    vote(bob, dealt(bob)[6], "like")
    vote(alice, dealt(alice)[7], "like")
    vote(bob, dealt(bob)[7], "pass")
    assert (create_matches(NOON), create_matches(NOON + timedelta(hours=1))) == (3, 0)
    assert shown(alice) == shown(bob) == set()
    assert set(first_days()) == {datetime(2026, 11, 24, 12, tzinfo=UTC)}
    clock.move_to(NOON + timedelta(days=1))
    assert shown(alice) == shown(bob) == set(cards)
    first_match = alice.get("/matches")["items"][0]
    assert "not a yes" in first_match["text"]
    assert first_match["activity"] == alice.get(f"/activities/{first_match['activity']['id']}")
    assert (alice.inbox(), bob.inbox()) == inboxes


def test_a_like_of_an_undealt_card_makes_no_match(alice: Person, bob: Person, clock: Clock) -> None:
    undealt = [
        item["id"] for item in alice.get("/activities?for=two&limit=100")["items"] if item["id"] not in dealt(alice)
    ]
    for card in undealt[:20]:
        vote(alice, card, "like")
        vote(bob, card, "like")
    assert create_matches(NOON) == 0
    # A card that was dealt to one partner only makes no match.
    half_dealt = dealt(alice)[0]
    vote(alice, half_dealt, "like")
    vote(bob, half_dealt, "like")
    assert create_matches(NOON) == 0
    assert half_dealt not in dealt(bob)
    assert create_matches(NOON) == 0


def test_a_match_stays_and_out_of_season_it_waits(alice: Person, bob: Person, clock: Clock) -> None:
    few(2, seasons=("winter",))
    cards = set(dealt(alice)) & set(dealt(bob))
    for card in cards:
        vote(alice, card, "like")
        vote(bob, card, "like")
    create_matches(NOON)
    for month, expected in ((1, cards), (4, set()), (7, set()), (12, cards)):
        clock.move_to(datetime(2027, month, 20, 12, tzinfo=UTC))
        assert shown(alice) == shown(bob) == expected, month


def test_at_most_three_matches_show_and_they_change_daily(alice: Person, bob: Person, clock: Clock) -> None:
    cards = both_like(alice, bob, 8)
    assert create_matches(NOON) == 8
    seen: set[str] = set()
    orders = set()
    for days in range(8, 25):
        clock.move_to(NOON + timedelta(days=days))
        items = [item["activity"]["id"] for item in alice.get("/matches")["items"]]
        assert len(items) == 3
        assert items == [item["activity"]["id"] for item in alice.get("/matches")["items"]], "the same all day"
        seen |= set(items)
        orders.add(tuple(items))
    assert seen == set(cards)
    assert len(orders) > 10


def test_a_like_taken_back_before_the_match_shows_prevents_it(alice: Person, bob: Person, clock: Clock) -> None:
    first, second = both_like(alice, bob, 2)
    create_matches(NOON)
    retract(alice, first)
    vote(bob, second, "pass")
    assert first_days() == []
    vote(alice, first, "like")
    assert create_matches(NOON + timedelta(hours=2)) == 1
    clock.move_to(NOON + LATER)
    assert shown(alice) == shown(bob) == {first}


@pytest.mark.parametrize("change", ["take back", "pass", "never"])
def test_a_like_taken_back_later_hides_the_match_at_once_and_from_the_partner_at_a_noon(
    alice: Person, bob: Person, clock: Clock, change: str
) -> None:
    (card,) = both_like(alice, bob, 1)
    create_matches(NOON)
    clock.move_to(NOON + LATER)
    retract(alice, card) if change == "take back" else vote(alice, card, change)
    midnight = NOON + LATER + timedelta(hours=12)
    for at, still in (
        (NOON + LATER, True),
        (midnight, True),
        (midnight + timedelta(hours=11.9), True),
        (midnight + timedelta(hours=12), False),
        (midnight + timedelta(days=9), False),
    ):
        clock.move_to(at)
        create_matches(at)
        assert shown(alice) == set()
        assert shown(bob) == ({card} if still else set()), at
    vote(alice, card, "like")
    assert shown(alice) == shown(bob) == {card}


def test_no_match_is_made_in_space_and_the_likes_match_afterwards(alice: Person, bob: Person, clock: Clock) -> None:
    for person in (alice, bob):
        (card,) = both_like(alice, bob, 1)
        create_matches(NOON)
        take(person)
        assert create_matches(NOON + timedelta(hours=1)) == 0
        assert first_days() == [], "a match that no one has seen yet is deleted"
        end(person)
        assert create_matches(NOON + timedelta(hours=3)) == 1
    clock.move_to(NOON + LATER)
    assert shown(alice) == shown(bob) == {card}
    take(alice)
    create_matches(NOON + LATER)
    assert shown(alice) == shown(bob) == {card}, "a match that shows goes on showing"


def test_matches_are_private_to_the_couple_and_end_with_it(cast: Cast, clock: Clock) -> None:
    (card,) = both_like(cast.alice, cast.bob, 1)
    create_matches(NOON)
    clock.move_to(NOON + LATER)
    for outsider in (cast.charlie, cast.dana, cast.sam):
        assert shown(outsider) == set()
    cast.bob.delete("/couple")
    assert shown(cast.alice) == shown(cast.bob) == set()
    assert first_days() == []
    assert create_matches(NOON + LATER) == 0, "old likes make no match for a former couple"
    assert cast.alice.get(f"/activities/{card}")["vote"] == "like"


def test_simultaneous_ticks_make_each_match_once(alice: Person, bob: Person) -> None:
    both_like(alice, bob, 5)
    answers = together(*[lambda: create_matches(NOON)] * 4)
    assert sum(answers) == 5
    assert len(first_days()) == 5


def test_a_like_taken_back_while_the_clock_makes_matches_never_shows(alice: Person, bob: Person, clock: Clock) -> None:
    cards = both_like(alice, bob, 6)
    for number, card in enumerate(cards):
        together(lambda: create_matches(NOON), lambda card=card: retract(alice, card))
        create_matches(NOON)
        assert len(first_days()) == len(cards) - number - 1


def test_a_tick_makes_matches(alice: Person, bob: Person, clock: Clock) -> None:
    cards = both_like(alice, bob, 2)
    scheduler.tick(NOON)
    clock.move_to(NOON + LATER)
    assert shown(alice) == shown(bob) == set(cards)


def test_matches_are_made_by_ticks_and_missed_ones_by_the_housekeeping(
    alice: Person, bob: Person, clock: Clock
) -> None:
    first, second = dealt(alice)[:2]
    assert dealt(bob)[:2] == [first, second]
    vote(alice, first, "like")
    vote(alice, second, "like")
    clock.move_to(NOON + timedelta(days=5))
    vote(bob, first, "like")
    with db.connection():
        assert matches.create_due(NOON + timedelta(days=5, minutes=1)) == 1
    clock.move_to(NOON + timedelta(days=6))
    vote(bob, second, "like")
    with db.connection():
        # No tick ran until the day was over.
        assert matches.create_due(NOON + timedelta(days=7)) == 0
    scheduler.run_housekeeping(NOON + timedelta(days=7))
    assert len(first_days()) == 2


def test_the_first_tick_of_a_space_deletes_unseen_matches(alice: Person, bob: Person) -> None:
    both_like(alice, bob, 2)
    scheduler.tick(NOON)
    assert len(first_days()) == 2
    take(bob)
    scheduler.tick(NOON + timedelta(minutes=1))
    assert first_days() == []


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_no_zone_decides_when_a_match_shows(alice: Person, bob: Person, clock: Clock, zone: str) -> None:
    alice.patch("/me", {"zone": zone}, "*")
    clock.move_to(NOON + timedelta(hours=30))
    bob.patch("/me", {"zone": zone}, "*")
    both_like(alice, bob, 1)
    create_matches(NOON + timedelta(hours=30))
    for hours in (30, 40, 47.99):
        clock.move_to(NOON + timedelta(hours=hours))
        assert shown(alice) == shown(bob) == set()
    clock.move_to(NOON + timedelta(hours=48))
    assert shown(alice) == shown(bob) != set()


def test_the_likes_of_one_deck_match_on_one_day(alice: Person, bob: Person, clock: Clock) -> None:
    """After a space the likes of many decks are due at once. They match one deck a day, the oldest first."""
    take(alice)
    by_deck = []
    for day in range(3):
        clock.move_to(NOON + timedelta(days=day))
        by_deck.append(set(both_like(alice, bob, 2)))
    clock.move_to(NOON + timedelta(days=3))
    end(alice)
    seen: set[str] = set()
    for day, cards in enumerate(by_deck, 3):
        now = NOON + timedelta(days=day)
        assert (create_matches(now), create_matches(now + timedelta(hours=1))) == (2, 0)
        clock.move_to(now + timedelta(days=1))
        with db.connection():
            shows = Match.select(Match.activity).where(Match.shown_from <= now + timedelta(days=1))
            now_seen = {str(activity) for (activity,) in db.fetch_all(shows)}
        assert now_seen - seen == cards
        seen = now_seen


def test_a_match_of_the_same_deck_may_follow_on_the_same_day(alice: Person, bob: Person, clock: Clock) -> None:
    first, second, older = dealt(alice)[:3]
    assert dealt(bob)[:3] == [first, second, older]
    vote(alice, older, "like")
    clock.move_to(NOON + timedelta(days=1))
    todays = both_like(alice, bob, 2)
    assert create_matches(NOON + timedelta(days=1)) == 2
    vote(bob, older, "like")
    assert create_matches(NOON + timedelta(days=1, hours=1)) == 0, "another deck waits"
    for person in (alice, bob):
        vote(person, dealt(alice)[5], "like")
    assert dealt(alice)[5] not in todays
    assert create_matches(NOON + timedelta(days=1, hours=2)) == 1
    assert create_matches(NOON + timedelta(days=2)) == 1
