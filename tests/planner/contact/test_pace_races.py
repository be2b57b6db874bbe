"""Choices of both partners at the same moment, in real threads: the result is that of one order of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from planner.contact import scheduled_raises
from planner.couples.couples import Couple, Member
from planner.inbox import Item
from planner.storage import db
from tests.conftest import NOON
from tests.dates import START, body_of, clear_ledger, slot
from tests.people import Person, activity_id, pair
from tests.racing import strangers, together

ROUNDS = 3
MORNING = NOON + timedelta(days=1)


@pytest.fixture
def two(app: Flask) -> tuple[Person, Person]:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "gentle")
    return ann, ben


def sending(person: Person, path: str, method: str = "PUT", **body: Any) -> Callable[[], int]:
    return lambda: person.request(method, path, body).status_code


def reset(pace: int = 3, rhythm: str = "gentle") -> None:
    with db.connection(), db.write():
        Couple.update(pace=pace, rhythm=rhythm, review_at=None).execute()
        Member.update(max_pace=pace, rhythm=rhythm, requested_pace=None, quiet_pace=None, quiet_rhythm=None).execute()


def withdraw_items(person: Person) -> None:
    couple = person.get("/couple")["id"]
    with db.connection(), db.write():
        Item.delete().where(Item.subject == couple).execute()


def tick(at: Any) -> int:
    with db.connection():
        return scheduled_raises.apply_due(at)


def members() -> Iterator[dict[str, Any]]:
    with db.connection():
        yield from Member.select(Member.max_pace, Member.requested_pace, Member.rhythm, Member.quiet_pace).dicts()


def pace_of(person: Person) -> int:
    return int(person.get("/couple")["pace"])


def test_two_requests_at_once_raise_one_step_on_the_next_morning(
    two: tuple[Person, Person], stopped_clock: Traveller
) -> None:
    for _ in range(ROUNDS):
        stopped_clock.move_to(NOON)
        assert together(*[sending(person, "/me/pace", pace=4) for person in two]) == [200, 200]
        assert pace_of(two[0]) == 3
        stopped_clock.move_to(MORNING)
        assert together(*[partial(tick, MORNING)] * 2) in ([1, 1], [1, 0], [0, 1])
        assert pace_of(two[0]) == 4
        assert [(member["max_pace"], member["requested_pace"]) for member in members()] == [(4, None)] * 2
        assert [person.inbox().count("pace_raised") for person in two] == [1, 1]
        reset()


def test_two_requests_in_the_rhythm_together_raise_one_step_at_once(two: tuple[Person, Person]) -> None:
    for _ in range(ROUNDS):
        reset(rhythm="together")
        assert together(*[sending(person, "/me/pace", pace=4) for person in two]) == [200, 200]
        assert pace_of(two[0]) == 4
        assert [(member["max_pace"], member["requested_pace"]) for member in members()] == [(4, None)] * 2
        assert [person.inbox().count("pace_raised") for person in two] == [1, 1]


@pytest.mark.parametrize(("pace", "quietly"), [(3, False), (2, False), (1, True)])
def test_a_lower_choice_during_the_tick_counts_before_or_after_it(
    two: tuple[Person, Person], stopped_clock: Traveller, pace: int, quietly: bool
) -> None:
    ann, ben = two
    for _ in range(ROUNDS):
        stopped_clock.move_to(NOON)
        for person in two:
            person.put("/me/pace", {"pace": 4})
        stopped_clock.move_to(MORNING)
        answer, _ = together(
            partial(ann.request, "PUT", "/me/pace", {"pace": pace, "quietly": quietly}), partial(tick, MORNING)
        )
        assert answer.status_code == 200
        shared_pace, kinds = pace_of(ben), ben.inbox()
        # Before the tick, nothing was raised. After it, the pace was raised, and the choice counts beside it.
        assert shared_pace in ((3, 4) if quietly else (pace,))
        assert ann.get("/me/pace")["own_pace"] == pace
        assert ("pace_raised" in kinds) == (shared_pace == 4)
        assert ben.get("/me/pace")["requested_pace"] in (None, 4)
        assert ann.get("/me/pace")["requested_pace"] is None
        reset()
        withdraw_items(ann)


def test_accepting_a_date_and_lowering_the_pace_at_once_agree(two: tuple[Person, Person]) -> None:
    ann, ben = two
    idea = activity_id(party="two", pace=3)
    for _ in range(ROUNDS):
        date = ben.post("/dates", {"activity_id": idea, "slots": [slot(START)]}, 201)
        accepted, lowered = together(
            sending(ann, f"/dates/{date['id']}/accept", "POST", **body_of("accept", date)),
            sending(ben, "/me/pace", pace=2),
        )
        assert lowered == 200
        state = ann.get(f"/dates/{date['id']}")["state"]
        assert (accepted, state) in [(200, "accepted"), (409, "proposed")]
        assert pace_of(ann) == 2
        reset()
        clear_ledger()


def test_two_lower_paces_at_once_end_at_the_lower_one(two: tuple[Person, Person]) -> None:
    ann, ben = two
    for _ in range(ROUNDS):
        statuses = together(sending(ann, "/me/pace", pace=2), sending(ben, "/me/pace", pace=1))
        # If Ben is first, the pace is one, and Ann's two is a request for more.
        assert statuses == [200, 200]
        assert pace_of(ann) == 1
        assert ann.get("/me/pace")["requested_pace"] in (None, 2)
        assert [person.inbox().count("pace_lowered") for person in two] == [1, 1]
        reset()


def test_two_rhythms_at_once_end_at_the_calmer_one(two: tuple[Person, Person]) -> None:
    ann, ben = two
    for _ in range(ROUNDS):
        assert together(sending(ann, "/me/rhythm", rhythm="apart"), sending(ben, "/me/rhythm", rhythm="together")) == [
            200, 200,
        ]  # fmt: skip
        assert ann.get("/couple")["rhythm"] == "apart"
        assert sorted(member["rhythm"] for member in members()) == ["apart", "together"]
        reset()


def test_the_same_choice_four_times_at_once_counts_once(two: tuple[Person, Person]) -> None:
    ann, ben = two
    for quietly in (True, False):
        assert together(*[sending(ann, "/me/pace", pace=2, quietly=quietly)] * 4) == [200] * 4
    assert pace_of(ben) == 2
    assert ben.inbox().count("pace_lowered") == 1


def test_proposals_and_a_calmer_rhythm_at_once_keep_the_budget_of_one_rhythm(two: tuple[Person, Person]) -> None:
    ann, ben = two
    reset(rhythm="together")
    ideas = [
        item["id"] for item in ann.get("/activities?limit=100")["items"] if (item["for"], item["pace"]) == ("two", 2)
    ]
    proposals = [sending(ann, "/dates", "POST", activity_id=idea, slots=[slot(START)]) for idea in ideas[:3]]
    *sent, calmed = together(*proposals, sending(ben, "/me/rhythm", rhythm="apart"))
    assert calmed == 200
    assert set(sent) <= {201, 409}
    # Proposals before the calmer rhythm stay. After it, only one is allowed.
    assert 1 <= sent.count(201) <= 3
    assert ann.post("/dates", {"activity_id": ideas[3], "slots": [slot(START)]}, 409)["type"] == "/problems/too-soon"
