"""Decks over HTTP: ten varied cards a day, the same all day, within the reader's own limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import time_machine
from flask import Flask

from tests.api.test_suggestions import few
from tests.api.test_tastes import vote
from tests.conftest import NOON
from tests.people import Cast, Person, pair, sign_up
from tests.racing import strangers, together

Clock = time_machine.Traveller


def deck(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get("/deck")["items"]
    return found


def ids(person: Person) -> list[str]:
    return [one["id"] for one in deck(person)]


def test_the_first_deck_is_there_right_after_signing_up_and_varied(app: Flask) -> None:
    kim = sign_up(app, "Kim", "Europe/Lisbon")
    cards = deck(kim)
    assert len(cards) == len({one["id"] for one in cards}) == 10
    assert {one["party"] for one in cards} <= {"one", "either"}
    assert len({one["category"] for one in cards}) >= 6
    assert {one["taste"] for one in cards} == {None}


def test_a_couples_decks_vary_in_kind_place_and_effort(cast: Cast) -> None:
    for person in (cast.alice, cast.charlie):
        cards = deck(person)
        assert len(cards) == 10
        assert {one["party"] for one in cards} <= {"two", "either"}
        assert len({one["category"] for one in cards}) >= 7
        assert len({one["energy"] for one in cards}) >= 2
    # Of what two who are not close yet may do, most is out of the house: their ten may all be.
    assert len({one["setting"] for one in deck(cast.alice)}) >= 2
    assert max(one["pace"] for one in deck(cast.charlie)) <= 3


def test_the_cards_of_a_day_stay_and_answered_ones_are_marked(alice: Person, stopped_clock: Clock) -> None:
    first = ids(alice)
    vote(alice, first[3], "like")
    vote(alice, first[0], "never")
    stopped_clock.move_to(NOON + timedelta(hours=11))
    assert ids(alice) == first
    assert [one["taste"] for one in deck(alice)] == ["never", None, None, "like"] + [None] * 6
    stopped_clock.move_to(NOON + timedelta(hours=13))
    assert not set(ids(alice)) & set(first)


def test_no_card_comes_twice_and_none_that_was_voted_on(alice: Person, stopped_clock: Clock) -> None:
    elsewhere = alice.get("/suggestions")["items"][0]["activity"]["id"]
    vote(alice, elsewhere, "like")
    seen: list[str] = []
    for day in range(6):
        stopped_clock.move_to(NOON + timedelta(days=day))
        seen += ids(alice)
    assert len(seen) == len(set(seen)) == 60
    assert elsewhere not in seen


def test_partners_are_dealt_in_one_order_whatever_the_other_votes(cast: Cast, stopped_clock: Clock) -> None:
    alice, bob = cast.alice, cast.bob
    assert ids(alice) == ids(bob)
    assert ids(cast.charlie) != ids(alice)[: len(ids(cast.charlie))]
    for one in ids(alice):
        vote(alice, one, "never")
    for _ in range(3):
        stopped_clock.shift(timedelta(days=1))
        assert ids(alice) == ids(bob)


def test_a_deck_keeps_the_readers_own_limits(alice: Person, bob: Person) -> None:
    needs = {"interests": [], "causes": [], "access": ["step_free", "seated"], "cost_band": 0, "settings": ["home"]}
    alice.put("/me/profile", {**needs, "children": "asleep"})
    for one in deck(alice):
        assert one["setting"] == "home"
        assert one["cost_band"] == 0
        assert one["with_children"] in ("asleep", "yes")
        assert {one["accessibility"][name] for name in ("step_free", "seated")} <= {"yes", "adaptable"}
    assert {one["setting"] for one in deck(bob)} != {"home"}


def test_what_goes_above_the_pace_is_left_out_and_a_card_that_got_no_answer_comes_again(
    app: Flask, stopped_clock: Clock
) -> None:
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


def test_a_zone_moved_ahead_brings_no_second_deck(alice: Person, stopped_clock: Clock) -> None:
    """Neither at the same moment nor soon after; each day's cards stand all day, and a short trip takes none away."""

    def look(at: str, zone: str) -> tuple[str, list[str]]:
        stopped_clock.move_to(datetime.fromisoformat(f"{at}+00:00"))
        alice.patch("/me", {"zone": zone}, f'"{alice.get("/me")["version"]}"')
        found = alice.get("/deck")
        assert len(found["items"]) == 10
        return found["day"], [one["id"] for one in found["items"]]

    first = look("2026-11-23T12:00", "Europe/Lisbon")[1]
    for at in ("2026-11-23T12:00", "2026-11-24T09:59"):
        assert look(at, "Pacific/Kiritimati") == ("2026-11-24", first)
        assert look(at, "Pacific/Niue")[1] == look(at, "Pacific/Honolulu")[1] == first
    day, second = look("2026-11-24T10:00", "Pacific/Kiritimati")
    assert day == "2026-11-25"
    assert not set(first) & set(second)
    for at in ("2026-11-24T10:00", "2026-11-25T00:00", "2026-11-25T23:59"):
        assert look(at, "Europe/Lisbon")[1] == look(at, "Pacific/Honolulu")[1] == second
    third = look("2026-11-26T00:00", "Europe/Lisbon")[1]
    assert not set(first + second) & set(third)
    for at, zone in (("2026-11-26T23:00", "Europe/Madrid"), ("2026-11-28T00:00", "Europe/Lisbon")):
        dealt = look(at, zone)[1]
        assert not set(third) & set(dealt)
        third = dealt


def test_two_phones_that_look_at_once_get_the_same_cards(app: Flask, stopped_clock: Clock) -> None:
    (ann,) = strangers(app, "Ann")
    for day in range(4):
        stopped_clock.move_to(NOON + timedelta(days=day))
        looks = together(*[lambda: ann.request("GET", "/deck").data] * 4)
        assert len(set(looks)) == 1
        assert looks[0] == ann.request("GET", "/deck").data
