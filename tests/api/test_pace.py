"""Test the pace over HTTP. It goes down at once, openly or quietly, and up one step after both asked."""

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
from tests.dates import START, move, slot
from tests.people import Cast, Person, activity_id, pair
from tests.racing import strangers

MORNING = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""The next morning in Lisbon, where both people are."""
DAY = timedelta(days=1)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def two(app: Flask) -> tuple[Person, Person]:
    """Return a couple in the rhythm gentle, which begins at pace 3."""
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "gentle")
    return ann, ben


def put(person: Person, pace: int, quietly: bool = False, status: int = 200) -> Any:
    return person.put("/me/pace", {"pace": pace, "quietly": quietly}, status)


def paces(*people: Person) -> list[int]:
    return [person.get("/couple")["pace"] for person in people]


def find_item(person: Person, kind: str) -> Any:
    return next(item for item in person.get("/inbox")["items"] if item["kind"] == kind)


def tick(at: datetime, clock: Traveller) -> None:
    clock.move_to(at)
    scheduler.tick(at)


def propose(sender: Person, pace: int, status: int = 201, **more: Any) -> Any:
    slots = [slot(START + (clock.utcnow() - NOON))]
    return sender.post("/dates", {"activity_id": activity_id(party="two", pace=pace), "slots": slots, **more}, status)


def member_rows() -> Iterator[dict[str, Any]]:
    with db.connection():
        yield from Member.select().dicts()


def test_a_couple_begins_at_the_first_pace_and_each_sees_their_own_choices(
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


def test_an_open_lowering_counts_at_once_and_adds_the_same_item_for_both(two: tuple[Person, Person]) -> None:
    ann, ben = two
    before = [len(person.inbox()) for person in two]
    assert put(ann, 2) == {"pace": 2, "own_pace": 2, "max_pace": 2, "quiet_pace": None, "requested_pace": None}
    assert ben.get("/me/pace") == {"pace": 2, "own_pace": 2, "max_pace": 3, "quiet_pace": None, "requested_pace": None}
    assert paces(ann, ben) == [2, 2]
    items = [find_item(person, "pace_lowered") for person in two]
    assert [(item["text"], item["subject"]) for item in items] == [
        (
            "From now on, ideas for you two stay at a gentler pace.",
            {"type": "couple", "id": ann.get("/couple")["id"], "title": None},
        )
    ] * 2
    for _ in range(3):
        put(ann, 2)
        put(ben, 2)
    assert [len(person.inbox()) for person in two] == [count + 1 for count in before]
    # After a lower pace, both find one new item.
    ben.post(f"/inbox/{items[1]['id']}/seen")
    put(ann, 1)
    assert [person.inbox().count("pace_lowered") for person in two] == [1, 1]
    assert find_item(ben, "pace_lowered")["seen_at"] is None


def test_a_raise_needs_both_requests_and_a_morning(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    ann, ben = two
    assert put(ann, 4) == {"pace": 3, "own_pace": 3, "max_pace": 3, "quiet_pace": None, "requested_pace": 4}
    tick(MORNING, stopped_clock)
    assert paces(ann, ben) == [3, 3], "only Ann asked"
    tick(MORNING + DAY + 11 * HOUR, stopped_clock)
    put(ben, 4)
    for person in two:
        put(person, 4)  # asking again does not bring the raise forward
    assert paces(ann, ben) == [3, 3]
    assert "pace_raised" not in ann.inbox() + ben.inbox()
    second = MORNING + 2 * DAY
    tick(second - SECOND, stopped_clock)
    assert paces(ann, ben) == [3, 3]
    tick(second, stopped_clock)
    assert paces(ann, ben) == [4, 4]
    for asker in two:
        assert asker.get("/me/pace") == {
            "pace": 4,
            "own_pace": 4,
            "max_pace": 4,
            "quiet_pace": None,
            "requested_pace": None,
        }
        assert asker.inbox()[0] == "pace_raised"
    scheduler.tick(second)
    assert [person.inbox().count("pace_raised") for person in two] == [1, 1]
    assert paces(ann, ben) == [4, 4], "the pace rises by one step only"


def test_before_the_morning_no_answer_tells_that_both_asked(two: tuple[Person, Person]) -> None:
    ann, ben = two
    put(ann, 4)
    paths = ("/me", "/me/pace", "/couple", "/today", "/inbox")
    before = [(answer.data, answer.headers.get("ETag")) for answer in (ann.request("GET", path) for path in paths)]
    put(ben, 4)
    assert [
        (answer.data, answer.headers.get("ETag")) for answer in (ann.request("GET", path) for path in paths)
    ] == before


def test_a_late_tick_does_not_count_a_request_after_midnight(
    two: tuple[Person, Person], stopped_clock: Traveller
) -> None:
    ann, ben = two
    put(ann, 4)
    stopped_clock.move_to(MORNING + SECOND)  # no tick has run yet
    put(ben, 4)
    scheduler.tick(MORNING + 2 * SECOND)
    assert paces(ann, ben) == [3, 3]
    tick(MORNING + DAY, stopped_clock)
    assert paces(ann, ben) == [4, 4]


def test_a_repeated_request_before_a_late_tick_finds_the_raise(
    two: tuple[Person, Person], stopped_clock: Traveller
) -> None:
    ann, ben = two
    for person in two:
        put(person, 4)
    stopped_clock.move_to(MORNING + SECOND)
    assert put(ann, 4) == {"pace": 4, "own_pace": 4, "max_pace": 4, "quiet_pace": None, "requested_pace": None}
    assert put(ben, 5)["requested_pace"] == 5
    scheduler.tick(MORNING + SECOND)
    assert paces(ann, ben) == [4, 4]
    assert [person.inbox().count("pace_raised") for person in two] == [1, 1]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("pace", "quietly"), [(3, False), (2, False), (2, True)])
def test_a_request_withdrawn_before_the_tick_prevents_the_raise(
    two: tuple[Person, Person], stopped_clock: Traveller, pace: int, quietly: bool, late: bool
) -> None:
    ann, ben = two
    for person in two:
        put(person, 4)
    stopped_clock.move_to(MORNING + (SECOND if late else -SECOND))
    assert put(ben, pace, quietly)["requested_pace"] is None
    tick(MORNING + 2 * SECOND, stopped_clock)
    assert paces(ann, ben) == [3 if quietly else pace] * 2
    assert "pace_raised" not in ann.inbox() + ben.inbox()
    # Ann's request remains, unless an open lowering changed the pace.
    assert ann.get("/me/pace")["requested_pace"] == (4 if pace == 3 or quietly else None)


def test_two_steps_at_once_and_a_quiet_raise_are_refused(two: tuple[Person, Person]) -> None:
    ann, _ = two
    put(ann, 2, quietly=True)
    before = ann.get("/me/pace")
    quiet = (
        "quiet_pace_not_lower",
        {"shared": 3},
        "A quiet pace must be lower than the one you two have now, which is 3.",
    )
    for pace, quietly, (code, params, words) in [
        (5, False, ("one_step_at_a_time", {"next": 4}, "One step at a time: the next pace is 4.")),
        (3, True, quiet),
        (4, True, quiet),
        (5, True, quiet),
    ]:
        refusal = put(ann, pace, quietly, 422)
        assert refusal["errors"] == [{"field": "pace", "code": code, "params": params, "message": words}]
    assert ann.get("/me/pace") == before


def test_a_quiet_pace_changes_only_the_own_pace(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
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


def test_a_quiet_pace_ends_when_the_partner_lowers_the_pace_openly(two: tuple[Person, Person]) -> None:
    ann, ben = two
    put(ann, 2, quietly=True)
    put(ben, 2)
    assert ann.get("/me/pace") == {"pace": 2, "own_pace": 2, "max_pace": 3, "quiet_pace": None, "requested_pace": None}
    put(ann, 1, quietly=True)
    put(ben, 1)
    assert ann.get("/me/pace")["quiet_pace"] is None
    assert [row["max_pace"] for row in member_rows() if str(row["person"]) in (ann.id, ben.id)].count(1) == 1


def test_pace_since_changes_with_the_own_pace(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    ann, ben = two

    def since() -> list[timedelta | None]:
        rows = {str(row["person"]): row["pace_since"] for row in member_rows()}
        return [rows[person.id] and rows[person.id] - NOON for person in two]

    hour = timedelta(hours=1)
    assert since() == [None, None]
    for chooser, pace, quietly, expected in [
        (ann, 2, True, [hour, None]),
        (ann, 2, True, [hour, None]),
        (ben, 3, False, [hour, None]),
        (ben, 2, False, [hour, 4 * hour]),  # Ann's own pace was 2 before
        (ann, 2, False, [hour, 4 * hour]),
        (ben, 1, True, [hour, 6 * hour]),
        (ann, 1, False, [7 * hour, 6 * hour]),
        (ann, 2, False, [7 * hour, 6 * hour]),  # a request does not change the own pace
    ]:
        stopped_clock.shift(hour)
        put(chooser, pace, quietly)
        assert since() == expected, (chooser.name, pace, quietly)


def test_activities_above_the_own_pace_are_not_suggested_proposed_or_accepted(two: tuple[Person, Person]) -> None:
    ann, ben = two
    proposal = propose(ben, 3)
    put(ann, 2, quietly=True)
    assert {item["activity"]["pace"] for item in ann.get("/suggestions")["items"]} <= {1, 2}
    assert ann.get(f"/dates/{proposal['id']}")["actions"] == ["decline"]
    for name in ("accept", "counter"):
        assert move(ann, name, proposal, 409)["type"] == "/problems/above-pace"
    assert propose(ann, 3, 409)["type"] == "/problems/above-pace"
    assert ben.get(f"/dates/{proposal['id']}") == proposal
    put(ann, 3)
    assert ann.get(f"/dates/{proposal['id']}")["actions"] == ["accept", "decline", "counter"]
    move(ann, "accept", proposal)


def test_a_message_needs_the_own_pace_of_the_sender(two: tuple[Person, Person]) -> None:
    ann, ben = two
    put(ann, 2, quietly=True)
    assert propose(ann, 2, 422, message="By the river?")["errors"][0]["field"] == "message"
    propose(ben, 2, message="By the river?")


@pytest.mark.parametrize("lowering", [0, 1])
def test_after_an_open_lowering_higher_proposals_can_only_be_declined(
    two: tuple[Person, Person], lowering: int
) -> None:
    ann, ben = two
    accepted = propose(ben, 3)
    move(ann, "accept", accepted)
    proposal = propose(ben, 3)
    put(two[lowering], 2)
    assert ann.get(f"/dates/{proposal['id']}")["actions"] == ["decline"]
    assert ben.get(f"/dates/{proposal['id']}")["actions"] == ["withdraw"]
    for name in ("accept", "counter"):
        assert move(ann, name, proposal, 409)["type"] == "/problems/above-pace"
    assert ann.get(f"/dates/{accepted['id']}")["state"] == "accepted"
    assert ann.get(f"/dates/{accepted['id']}")["actions"] == ["cancel"]
    move(ann, "decline", proposal, answer="another_idea")


def test_the_clock_knows_the_time_of_the_next_raise(cast: Cast, stopped_clock: Traveller) -> None:
    scheduler.tick(NOON)
    assert scheduler.next_due() is None
    put(cast.charlie, 4)
    assert scheduler.next_due() == MORNING
    put(cast.charlie, 3)
    tick(MORNING, stopped_clock)
    assert scheduler.next_due() is None
    with db.connection():
        assert Couple.select().where(Couple.review_at.is_null(False)).count() == 0


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_the_zone_of_the_partner_does_not_decide_when_more_begins(
    cast: Cast, stopped_clock: Traveller, zone: str
) -> None:
    alice, bob = cast.alice, cast.bob
    put(alice, 4)
    alice.put("/me/rhythm", {"rhythm": "gentle"})
    bob.patch("/me", {"zone": zone}, "*")
    tick(NOON + 30 * HOUR, stopped_clock)
    for person in (alice, bob):
        put(person, 5)
    tick(MORNING + DAY - SECOND, stopped_clock)
    assert paces(alice, bob) == [4, 4]
    tick(MORNING + DAY, stopped_clock)
    assert paces(alice, bob) == [5, 5]


def test_a_repeated_request_does_not_delay_the_raise(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    for person in two:
        put(person, 4)
    stopped_clock.move_to(MORNING - HOUR)  # on the next day: a new request would wait for another day
    for asker in two:
        assert put(asker, 4)["requested_pace"] == 4
    tick(MORNING - SECOND, stopped_clock)
    assert paces(*two) == [3, 3]
    tick(MORNING, stopped_clock)
    assert paces(*two) == [4, 4]


def test_in_the_rhythm_together_the_second_request_raises_at_once(app: Flask) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "together")
    put(ann, 3)
    assert put(ann, 4) == {"pace": 3, "own_pace": 3, "max_pace": 3, "quiet_pace": None, "requested_pace": 4}
    assert put(ben, 4) == {"pace": 4, "own_pace": 4, "max_pace": 5, "quiet_pace": None, "requested_pace": None}
    assert paces(ann, ben) == [4, 4]
    assert [find_item(person, "pace_raised")["text"] for person in (ann, ben)] == [
        "Ideas for you two can now be one step closer, as you both chose."
    ] * 2
    scheduler.tick(NOON)
    assert [person.inbox().count("pace_raised") for person in (ann, ben)] == [1, 1]
    assert scheduler.next_due() is None


@pytest.mark.parametrize(("pace", "quietly"), [(3, False), (2, True)])
def test_in_the_rhythm_together_a_withdrawn_request_raises_nothing(
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


def test_after_a_change_to_gentle_the_raise_waits_for_the_morning(app: Flask, stopped_clock: Traveller) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "together")
    put(ann, 3)
    put(ann, 4)
    ben.put("/me/rhythm", {"rhythm": "gentle"})
    assert put(ben, 4)["requested_pace"] == 4
    assert paces(ann, ben) == [3, 3]
    tick(MORNING, stopped_clock)
    assert paces(ann, ben) == [4, 4]


def test_a_former_couple_is_not_raised(two: tuple[Person, Person], stopped_clock: Traveller) -> None:
    for person in two:
        put(person, 4)
    with db.connection(), db.write():
        Couple.update(ended_at=NOON).execute()
    tick(MORNING, stopped_clock)
    with db.connection():
        assert db.fetch_all(Couple.select(Couple.pace, Couple.review_at)) == [(3, None)]
    assert scheduler.next_due() is None
