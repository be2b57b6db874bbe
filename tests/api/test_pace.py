"""The pace over HTTP: down at once, openly or quietly; up one step, from the morning after both asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from planner import clock, scheduler
from planner.couples.couples import Couple, Member
from planner.storage import db
from tests.conftest import NOON
from tests.dates import START, instant, move, slot
from tests.people import Cast, Person, activity_id, pair, sign_up
from tests.racing import strangers

MORNING = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
"""The next one in Lisbon, where both are."""
DAY = timedelta(days=1)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def two(app: Flask) -> tuple[Person, Person]:
    """Two who keep a gentle rhythm, and so begin at pace 3."""
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "gentle")
    return ann, ben


def put(person: Person, pace: int, quietly: bool = False, status: int = 200) -> Any:
    return person.put("/me/pace", {"pace": pace, "quietly": quietly}, status)


def paces(*people: Person) -> list[int]:
    return [person.get("/couple")["pace"] for person in people]


def found(person: Person, kind: str) -> Any:
    return next(one for one in person.get("/inbox")["items"] if one["kind"] == kind)


def tick(at: datetime, clock: Traveller) -> None:
    clock.move_to(at)
    scheduler.tick(at)


def propose(sender: Person, pace: int, status: int = 201, **more: Any) -> Any:
    slots = [slot(START + (clock.utcnow() - NOON))]
    return sender.post("/dates", {"activity": activity_id(party="two", pace=pace), "slots": slots, **more}, status)


def fields() -> Iterator[dict[str, Any]]:
    with db.connection():
        yield from Member.select().dicts()


def test_everybody_begins_at_the_first_ceiling_and_sees_own_choices_only(
    cast: Cast, two: tuple[Person, Person]
) -> None:
    for person in two:
        assert person.get("/me/pace") == {
            "pace": 3,
            "own_pace": 3,
            "max_pace": 3,
            "quiet_pace": None,
            "requested_pace": None,
        }
    assert cast.alice.get("/me/pace")["pace"] == 5
    cast.sam.get("/me/pace", 404)
    put(cast.sam, 2, status=409)


def test_lowered_openly_it_counts_for_both_at_once_and_both_find_the_same_words(two: tuple[Person, Person]) -> None:
    ann, ben = two
    before = [len(one.inbox()) for one in two]
    assert put(ann, 2) == {"pace": 2, "own_pace": 2, "max_pace": 2, "quiet_pace": None, "requested_pace": None}
    assert ben.get("/me/pace") == {"pace": 2, "own_pace": 2, "max_pace": 3, "quiet_pace": None, "requested_pace": None}
    assert paces(ann, ben) == [2, 2]
    items = [found(one, "pace_lowered") for one in two]
    assert [(one["text"], one["subject"]) for one in items] == [
        ("Ideas for the two of you keep to a calmer pace from now on.", ann.get("/couple")["id"])
    ] * 2
    for _ in range(3):
        put(ann, 2)
        put(ben, 2)
    assert [len(one.inbox()) for one in two] == [count + 1 for count in before]
    # Lower still: it is found anew, once.
    ben.post(f"/inbox/{items[1]['id']}/seen")
    put(ann, 1)
    assert [one.inbox().count("pace_lowered") for one in two] == [1, 1]
    assert found(ben, "pace_lowered")["seen_at"] is None


def test_a_step_up_needs_both_and_a_morning(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    ann, ben = two
    assert put(ann, 4) == {"pace": 3, "own_pace": 3, "max_pace": 3, "quiet_pace": None, "requested_pace": 4}
    tick(MORNING, stopped_clock)
    assert paces(ann, ben) == [3, 3], "one alone"
    tick(MORNING + 2 * DAY - HOUR, stopped_clock)
    put(ben, 4)
    for one in two:
        put(one, 4)  # asking again makes it no sooner
    assert paces(ann, ben) == [3, 3]
    assert "pace_raised" not in ann.inbox() + ben.inbox()
    second = MORNING + 2 * DAY
    tick(second - SECOND, stopped_clock)
    assert paces(ann, ben) == [3, 3]
    tick(second, stopped_clock)
    assert paces(ann, ben) == [4, 4]
    for one in two:
        assert one.get("/me/pace") == {
            "pace": 4,
            "own_pace": 4,
            "max_pace": 4,
            "quiet_pace": None,
            "requested_pace": None,
        }
        assert one.inbox()[0] == "pace_raised"
    scheduler.tick(second)
    assert [one.inbox().count("pace_raised") for one in two] == [1, 1]
    assert paces(ann, ben) == [4, 4], "one step, once"


def test_nothing_tells_before_the_morning_that_both_have_asked(two: tuple[Person, Person]) -> None:
    ann, ben = two
    put(ann, 4)
    paths = ("/me", "/me/pace", "/couple", "/today", "/inbox")
    before = [(answer.data, answer.headers["ETag"]) for answer in (ann.request("GET", path) for path in paths)]
    put(ben, 4)
    assert [(answer.data, answer.headers["ETag"]) for answer in (ann.request("GET", path) for path in paths)] == before


def test_a_late_clock_raises_late_and_not_for_who_asks_after_midnight(
    two: tuple[Person, Person], stopped_clock: Traveller
) -> None:
    ann, ben = two
    put(ann, 4)
    stopped_clock.move_to(MORNING + SECOND)  # the clock has not come yet
    put(ben, 4)
    scheduler.tick(MORNING + 2 * SECOND)
    assert paces(ann, ben) == [3, 3]
    tick(MORNING + DAY, stopped_clock)
    assert paces(ann, ben) == [4, 4]


def test_who_asks_again_before_a_late_clock_finds_the_step_made(
    two: tuple[Person, Person], stopped_clock: Traveller
) -> None:
    ann, ben = two
    for one in two:
        put(one, 4)
    stopped_clock.move_to(MORNING + SECOND)
    assert put(ann, 4) == {"pace": 4, "own_pace": 4, "max_pace": 4, "quiet_pace": None, "requested_pace": None}
    assert put(ben, 5)["requested_pace"] == 5
    scheduler.tick(MORNING + SECOND)
    assert paces(ann, ben) == [4, 4]
    assert [one.inbox().count("pace_raised") for one in two] == [1, 1]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("pace", "quietly"), [(3, False), (2, False), (2, True)])
def test_whoever_thinks_again_before_the_clock_has_come_is_not_raised(
    two: tuple[Person, Person], stopped_clock: Traveller, pace: int, quietly: bool, late: bool
) -> None:
    ann, ben = two
    for one in two:
        put(one, 4)
    stopped_clock.move_to(MORNING + (SECOND if late else -SECOND))
    assert put(ben, pace, quietly)["requested_pace"] is None
    tick(MORNING + 2 * SECOND, stopped_clock)
    assert paces(ann, ben) == [3 if quietly else pace] * 2
    assert "pace_raised" not in ann.inbox() + ben.inbox()
    # Ann's wish stands, unless the pace it was a step up from is no more.
    assert ann.get("/me/pace")["requested_pace"] == (4 if pace == 3 or quietly else None)


def test_two_steps_at_once_and_coming_closer_quietly_are_refused_in_plain_words(two: tuple[Person, Person]) -> None:
    ann, _ = two
    put(ann, 2, quietly=True)
    before = ann.get("/me/pace")
    quiet = ("quiet_pace_not_lower", {"shared": 3}, "A quiet choice must be lower than your shared pace, which is 3.")
    for pace, quietly, (code, params, words) in [
        (5, False, ("one_step_at_a_time", {"next": 4}, "One step at a time: the next one is 4.")),
        (3, True, quiet),
        (4, True, quiet),
        (5, True, quiet),
    ]:
        refused = put(ann, pace, quietly, 422)
        assert refused["errors"] == [{"field": "pace", "code": code, "params": params, "message": words}]
    assert ann.get("/me/pace") == before


def test_lowered_quietly_it_is_ones_own_affair_both_ways(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    ann, ben = two
    put(ann, 4)
    assert put(ann, 1, quietly=True) == {
        "pace": 3,
        "own_pace": 1,
        "max_pace": 3,
        "quiet_pace": 1,
        "requested_pace": None,
    }
    assert paces(ann, ben) == [3, 3]
    assert ben.get("/me/pace")["own_pace"] == 3
    assert put(ann, 2, quietly=True)["own_pace"] == 2
    assert put(ann, 3) == {"pace": 3, "own_pace": 3, "max_pace": 3, "quiet_pace": None, "requested_pace": None}
    assert "pace_lowered" not in ann.inbox() + ben.inbox()
    put(ann, 2, quietly=True)
    assert put(ann, 4) == {"pace": 3, "own_pace": 3, "max_pace": 3, "quiet_pace": None, "requested_pace": 4}


def test_a_quiet_choice_that_the_other_makes_open_is_a_quiet_one_no_more(two: tuple[Person, Person]) -> None:
    ann, ben = two
    put(ann, 2, quietly=True)
    put(ben, 2)
    assert ann.get("/me/pace") == {"pace": 2, "own_pace": 2, "max_pace": 3, "quiet_pace": None, "requested_pace": None}
    put(ann, 1, quietly=True)
    put(ben, 1)
    assert ann.get("/me/pace")["quiet_pace"] is None
    assert [row["max_pace"] for row in fields() if str(row["person"]) in (ann.id, ben.id)].count(1) == 1


def test_since_when_ones_view_is_what_it_is(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    ann, ben = two

    def since() -> list[timedelta | None]:
        rows = {str(row["person"]): row["pace_since"] for row in fields()}
        return [rows[one.id] and rows[one.id] - NOON for one in two]

    hour = timedelta(hours=1)
    assert since() == [None, None]
    for who, pace, quietly, expected in [
        (ann, 2, True, [hour, None]),
        (ann, 2, True, [hour, None]),
        (ben, 3, False, [hour, None]),
        (ben, 2, False, [hour, 4 * hour]),  # Ann has seen no more than that for long
        (ann, 2, False, [hour, 4 * hour]),
        (ben, 1, True, [hour, 6 * hour]),
        (ann, 1, False, [7 * hour, 6 * hour]),
        (ann, 2, False, [7 * hour, 6 * hour]),  # a wish changes nothing to see
    ]:
        stopped_clock.shift(hour)
        put(who, pace, quietly)
        assert since() == expected, (who.name, pace, quietly)


def test_what_is_above_ones_own_pace_is_neither_suggested_nor_proposed_nor_accepted(two: tuple[Person, Person]) -> None:
    ann, ben = two
    offered = propose(ben, 3)
    put(ann, 2, quietly=True)
    assert {one["activity"]["pace"] for one in ann.get("/suggestions")["items"]} <= {1, 2}
    assert ann.get(f"/dates/{offered['id']}")["actions"] == ["decline"]
    for name in ("accept", "counter"):
        assert move(ann, name, offered, 409)["type"] == "/problems/above-pace"
    assert propose(ann, 3, 409)["type"] == "/problems/above-pace"
    assert ben.get(f"/dates/{offered['id']}") == offered
    put(ann, 3)
    assert ann.get(f"/dates/{offered['id']}")["actions"] == ["accept", "decline", "counter"]
    move(ann, "accept", offered)


def test_a_line_needs_ones_own_pace_too(two: tuple[Person, Person]) -> None:
    ann, ben = two
    put(ann, 2, quietly=True)
    assert propose(ann, 2, 422, message="By the river?")["errors"][0]["field"] == "message"
    propose(ben, 2, message="By the river?")


@pytest.mark.parametrize("lowering", [0, 1])
def test_lowered_openly_open_proposals_above_it_can_only_be_declined_and_accepted_dates_stay(
    two: tuple[Person, Person], lowering: int
) -> None:
    ann, ben = two
    agreed = propose(ben, 3)
    move(ann, "accept", agreed)
    offered = propose(ben, 3)
    put(two[lowering], 2)
    assert ann.get(f"/dates/{offered['id']}")["actions"] == ["decline"]
    assert ben.get(f"/dates/{offered['id']}")["actions"] == ["withdraw"]
    for name in ("accept", "counter"):
        assert move(ann, name, offered, 409)["type"] == "/problems/above-pace"
    assert ann.get(f"/dates/{agreed['id']}")["state"] == "accepted"
    assert ann.get(f"/dates/{agreed['id']}")["actions"] == ["cancel"]
    move(ann, "decline", offered, answer="another_idea")


def test_the_clock_knows_the_next_review(cast: Cast, stopped_clock: Traveller) -> None:
    scheduler.tick(NOON)
    assert scheduler.next_due() is None
    put(cast.charlie, 4)
    # Midnight in Kolkata.
    assert scheduler.next_due() == instant("2026-11-23T18:30:00Z")
    put(cast.charlie, 3)
    tick(instant("2026-11-23T18:30:00Z"), stopped_clock)
    assert scheduler.next_due() is None
    with db.connection():
        assert Couple.select().where(Couple.review_at.is_null(False)).count() == 0


def test_a_couple_in_two_zones_waits_for_the_later_midnight(cast: Cast, stopped_clock: Traveller) -> None:
    alice, bob = cast.alice, cast.bob  # Lisbon and New York
    put(alice, 4)
    alice.put("/me/rhythm", {"rhythm": "gentle"})
    for one in (alice, bob):
        put(one, 5)
    tick(instant("2026-11-24T04:59:59Z"), stopped_clock)
    assert paces(alice, bob) == [4, 4]
    tick(instant("2026-11-24T05:00:00Z"), stopped_clock)
    assert paces(alice, bob) == [5, 5]


def test_a_repeated_request_does_not_put_the_raise_off(app: Flask, stopped_clock: Traveller) -> None:
    # In Auckland a day begins at 11:00 UTC. After the midnight in Lisbon, the next morning of both is another one.
    ann, ben = sign_up(app, "Ann", "Europe/Lisbon"), sign_up(app, "Ben", "Pacific/Auckland")
    pair(ann, ben, "gentle")
    for one in (ann, ben):
        put(one, 4)
    stopped_clock.move_to(MORNING + HOUR)
    for one in (ann, ben):
        assert put(one, 4)["requested_pace"] == 4
    tick(MORNING + 11 * HOUR - SECOND, stopped_clock)
    assert paces(ann, ben) == [3, 3]
    tick(MORNING + 11 * HOUR, stopped_clock)
    assert paces(ann, ben) == [4, 4]


def test_in_the_rhythm_together_the_second_request_raises_the_pace_at_once(app: Flask) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "together")
    put(ann, 3)
    assert put(ann, 4) == {"pace": 3, "own_pace": 3, "max_pace": 3, "quiet_pace": None, "requested_pace": 4}
    assert put(ben, 4) == {"pace": 4, "own_pace": 4, "max_pace": 5, "quiet_pace": None, "requested_pace": None}
    assert paces(ann, ben) == [4, 4]
    assert [found(one, "pace_raised")["text"] for one in (ann, ben)] == [
        "Ideas for the two of you may now go one step further."
    ] * 2
    scheduler.tick(NOON)
    assert [one.inbox().count("pace_raised") for one in (ann, ben)] == [1, 1]
    assert scheduler.next_due() is None


@pytest.mark.parametrize(("pace", "quietly"), [(3, False), (2, True)])
def test_a_request_that_was_taken_back_raises_nothing_in_the_rhythm_together(
    app: Flask, stopped_clock: Traveller, pace: int, quietly: bool
) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "together")
    put(ann, 3)
    put(ann, 4)
    put(ann, pace, quietly)
    assert put(ben, 4)["requested_pace"] == 4
    tick(MORNING, stopped_clock)
    assert paces(ann, ben) == [3, 3]
    assert "pace_raised" not in ann.inbox() + ben.inbox()


def test_a_gentle_couple_waits_even_if_the_first_request_was_made_in_the_rhythm_together(
    app: Flask, stopped_clock: Traveller
) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "together")
    put(ann, 3)
    put(ann, 4)
    ben.put("/me/rhythm", {"rhythm": "gentle"})
    assert put(ben, 4)["requested_pace"] == 4
    assert paces(ann, ben) == [3, 3]
    tick(MORNING, stopped_clock)
    assert paces(ann, ben) == [4, 4]


def test_a_couple_that_has_ended_is_left_alone(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    for one in two:
        put(one, 4)
    with db.connection(), db.write():
        Couple.update(ended_at=NOON).execute()
    tick(MORNING, stopped_clock)
    with db.connection():
        assert db.fetch_all(Couple.select(Couple.pace, Couple.review_at)) == [(3, None)]
    assert scheduler.next_due() is None
