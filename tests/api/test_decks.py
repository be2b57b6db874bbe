"""Test decks over HTTP: varied cards each day, the same all day, within the limits of the viewer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import time_machine
from flask import Flask

from tests.api.answers import ON_SQLITE
from tests.api.test_suggestions import few
from tests.api.test_votes import vote
from tests.conftest import NOON
from tests.people import Cast, Person, pair, shipped, sign_up
from tests.racing import strangers, together

Clock = time_machine.Traveller


def deck(person: Person) -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = person.get("/deck")["items"]
    return cards


def ids(person: Person) -> list[str]:
    return [card["id"] for card in deck(person)]


def test_a_new_person_has_a_varied_deck(app: Flask) -> None:
    kim = sign_up(app, "Kim", "Europe/Lisbon")
    cards = deck(kim)
    assert len(cards) == len({card["id"] for card in cards}) == 20, "a third of the ideas for one"
    assert {card["for"] for card in cards} <= {"one", "either"}
    assert len({card["category"] for card in cards}) >= 6
    assert {card["vote"] for card in cards} == {None}


def test_the_decks_of_a_couple_vary_in_kind_place_and_energy(cast: Cast) -> None:
    for person in (cast.alice, cast.charlie):
        cards = deck(person)
        assert len(cards) == 30
        assert {card["for"] for card in cards} <= {"two", "either"}
        assert len({card["category"] for card in cards}) >= 7
        assert len({card["energy"] for card in cards}) >= 2
    # Charlie and Dana have a low pace. Most of their activities are outside the house, and perhaps all ten cards.
    assert len({card["setting"] for card in deck(cast.alice)}) >= 2
    assert max(card["pace"] for card in deck(cast.charlie)) <= 3


def test_the_first_three_days_bring_what_most_people_think_of_first(alice: Person, stopped_clock: Clock) -> None:
    met: list[str] = []
    for day in range(3):
        stopped_clock.move_to(NOON + timedelta(days=day))
        met += [card["slug"] for card in deck(alice)]
    expected = {each.slug for each in shipped().activities if each.classic and each.lead_days}
    assert len(expected) >= 8
    assert expected <= {*met}
    assert len(met) == len({*met})


def test_the_cards_stay_all_day_and_show_their_votes(alice: Person, stopped_clock: Clock) -> None:
    first = ids(alice)
    vote(alice, first[3], "like")
    vote(alice, first[0], "never")
    stopped_clock.move_to(NOON + timedelta(hours=11))
    assert ids(alice) == first
    assert [card["vote"] for card in deck(alice)] == ["never", None, None, "like"] + [None] * 26
    stopped_clock.move_to(NOON + timedelta(hours=13))
    assert not set(ids(alice)) & set(first)


def test_no_card_comes_twice_or_after_a_vote(alice: Person, stopped_clock: Clock) -> None:
    suggested = alice.get("/suggestions")["items"][0]["activity"]["id"]
    vote(alice, suggested, "like")
    seen: list[str] = []
    sizes = []
    for day in range(6):
        stopped_clock.move_to(NOON + timedelta(days=day))
        seen += ids(alice)
        sizes.append(len(ids(alice)))
    assert len(seen) == len(set(seen))
    assert suggested not in seen
    assert sizes[:3] == [30, 30, 30]
    assert 10 >= sizes[3] >= sizes[4] >= sizes[5] > 0


@ON_SQLITE
def test_a_deck_of_a_person_who_votes_every_day_is_never_empty(alice: Person, stopped_clock: Clock) -> None:
    votes = ("like", "pass", "pass", "never", "pass", "like", "like", "pass")
    number, again = 0, 0
    seen: dict[str, int] = {}
    for day in range(130):  # the first passes come back on day 91
        stopped_clock.move_to(NOON + timedelta(days=day))
        cards = deck(alice)
        assert cards, f"nothing on day {day}"
        assert {card["vote"] for card in cards} <= {None, "like"}
        repeated = [card["id"] for card in cards if card["id"] in seen]
        assert all(day - seen[card] > 90 for card in repeated)
        again += len(repeated)
        for card in cards:
            vote(alice, card["id"], votes[number % len(votes)])
            seen[card["id"]] = day
            number += 1
    assert again > 10


def test_few_cards_come_back_one_by_one_after_two_weeks(alice: Person, stopped_clock: Clock) -> None:
    few(3)
    liked, passed, refused = ids(alice)
    for card, word in ((liked, "like"), (passed, "pass"), (refused, "never")):
        vote(alice, card, word)
    for days in (1, 13):
        stopped_clock.move_to(NOON + timedelta(days=days))
        assert ids(alice) == []
        assert alice.get(f"/activities/{passed}")["vote"] == "pass"
    stopped_clock.move_to(NOON + timedelta(days=14))
    returned = deck(alice)
    stopped_clock.move_to(NOON + timedelta(days=15))
    returned += deck(alice)
    assert sorted((card["id"], card["vote"]) for card in returned) == sorted([(liked, "like"), (passed, None)])
    assert alice.get(f"/activities/{passed}")["vote"] == "pass", "only an old pass ends by itself"
    stopped_clock.move_to(NOON + timedelta(days=16))
    assert ids(alice) == []


@ON_SQLITE
def test_the_deck_of_a_person_alone_is_never_empty(sam: Person, stopped_clock: Clock) -> None:
    for day in range(70):
        stopped_clock.move_to(NOON + timedelta(days=day))
        cards = ids(sam)
        assert cards, f"nothing on day {day}"
        for card in cards:
            vote(sam, card, "pass")


def test_own_ideas_join_the_deck(cast: Cast, stopped_clock: Clock) -> None:
    few(2)
    own = cast.alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors"}, 201)["id"]
    assert own in ids(cast.alice)
    assert own not in ids(cast.bob)
    assert len(ids(cast.bob)) == 2


def test_votes_do_not_change_the_deck_of_the_partner(cast: Cast, stopped_clock: Clock) -> None:
    alice, bob = cast.alice, cast.bob
    assert ids(alice) == ids(bob)
    assert ids(cast.charlie) != ids(alice)[: len(ids(cast.charlie))]
    for card_id in ids(alice):
        vote(alice, card_id, "never")
    for _ in range(3):
        stopped_clock.shift(timedelta(days=1))
        assert ids(alice) == ids(bob)


def test_a_deck_respects_the_limits_of_the_viewer(alice: Person, bob: Person) -> None:
    needs = {"interests": [], "causes": [], "access": ["step_free", "seated"], "cost_band": 0, "settings": ["home"]}
    alice.put("/me/profile", {**needs, "children": "asleep"})
    for card in deck(alice):
        assert card["setting"] == "home"
        assert card["cost_band"] == 0
        assert card["with_children"] in ("asleep", "yes")
        assert {card["accessibility"][name] for name in ("step_free", "seated")} <= {"yes", "adaptable"}
    assert {card["setting"] for card in deck(bob)} != {"home"}


def test_cards_above_the_pace_are_left_out_and_cards_without_a_vote_return(app: Flask, stopped_clock: Clock) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    few(4)
    assert len(ids(ann)) == 4
    stopped_clock.shift(timedelta(days=1))
    assert ids(ann) == []
    stopped_clock.shift(timedelta(days=60))
    assert len(ids(ann)) == 4
    pair(ann, ben, "apart")
    few(4, pace=3, version=99)
    assert ids(ann) == ids(ben) == []


def move_zone(person: Person, zone: str) -> None:
    person.patch("/me", {"zone": zone}, f'"{person.get("/me")["version"]}"')


def move_clock_to(clock: Clock, when: str) -> None:
    clock.move_to(datetime.fromisoformat(f"{when}+00:00"))


def test_a_new_zone_deals_no_second_deck_before_midnight_in_the_old_zone(alice: Person, stopped_clock: Clock) -> None:
    first = ids(alice)
    for zone in ("Pacific/Kiritimati", "Asia/Tokyo", "Pacific/Niue", "Pacific/Kiritimati"):
        move_zone(alice, zone)
        assert alice.get("/deck")["day"] == "2026-11-23"
        assert ids(alice) == first
    move_clock_to(stopped_clock, "2026-11-23T23:59")
    assert ids(alice) == first
    move_clock_to(stopped_clock, "2026-11-24T00:00")
    assert alice.get("/deck")["day"] == "2026-11-24", "14:00 in Kiritimati, the latest zone"
    second = ids(alice)
    assert not set(first) & set(second)
    move_clock_to(stopped_clock, "2026-11-24T09:59")
    assert ids(alice) == second
    move_clock_to(stopped_clock, "2026-11-24T10:00")
    assert alice.get("/deck")["day"] == "2026-11-25"
    assert not set(first + second) & set(ids(alice))


def test_a_day_repeated_after_a_trip_west_has_the_same_cards(alice: Person, stopped_clock: Clock) -> None:
    move_zone(alice, "Pacific/Kiritimati")
    move_clock_to(stopped_clock, "2026-11-24T11:00")
    east = alice.get("/deck")
    assert east["day"] == "2026-11-25"
    move_zone(alice, "Pacific/Honolulu")
    for when, day in (("2026-11-25T09:59", "25"), ("2026-11-25T10:00", "25"), ("2026-11-26T09:59", "25")):
        move_clock_to(stopped_clock, when)
        assert alice.get("/deck") == {**east, "day": f"2026-11-{day}"}
    move_clock_to(stopped_clock, "2026-11-26T10:00")
    assert not {item["id"] for item in east["items"]} & set(ids(alice))


def test_a_new_zone_every_hour_deals_one_deck_a_day(alice: Person, stopped_clock: Clock) -> None:
    zones = ("Pacific/Kiritimati", "Pacific/Niue", "Europe/Lisbon", "Asia/Tokyo", "America/New_York")
    decks: dict[str, list[str]] = {}
    for hour in range(5 * 24):
        stopped_clock.move_to(NOON + timedelta(hours=hour))
        move_zone(alice, zones[hour % len(zones)])
        answer = alice.get("/deck")
        cards = [item["id"] for item in answer["items"]]
        if cards not in decks.values():
            decks[answer["day"]] = cards
    dealt = [card for cards in decks.values() for card in cards]
    assert len(dealt) == len(set(dealt))
    assert len(decks) <= 7, "five days here are seven dates around the world"


def test_two_phones_at_once_get_the_same_cards(app: Flask, stopped_clock: Clock) -> None:
    (ann,) = strangers(app, "Ann")
    for day in range(4):
        stopped_clock.move_to(NOON + timedelta(days=day))
        looks = together(*[lambda: ann.request("GET", "/deck").data] * 4)
        assert len(set(looks)) == 1
        assert looks[0] == ann.request("GET", "/deck").data
