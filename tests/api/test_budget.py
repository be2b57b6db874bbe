"""Test the contact budget over HTTP: how much a person may send to the partner in each rhythm."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from time_machine import Traveller

from planner import clock
from planner.contact.contact_log import ContactEvent
from planner.couples.contact_rules import QUOTAS, RHYTHMS
from planner.storage import db
from tests.people import Person, activity_id, pair
from tests.racing import strangers, together

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


def couple(app: Flask, rhythm: str) -> tuple[Person, Person]:
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben, rhythm)
    return ada, ben


def proposal(sender: Person, days: float = 9, **more: Any) -> dict[str, Any]:
    """Return the body of a proposal of a light activity, so many days from now."""
    start = clock.utcnow() + timedelta(days=days)
    slot = {"local_time": start.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC", "minutes": 60}
    return {"activity_id": activity_id(party="two", pace=2), "slots": [slot], **more}


def another(sender: Person) -> str:
    """Return the id of a second light activity. The proposals of this file are about the first."""
    light = [
        item["id"] for item in sender.get("/activities?limit=100")["items"] if (item["for"], item["pace"]) == ("two", 2)
    ]
    return str(light[1])


def propose(sender: Person, status: int = 201, days: float = 9, **more: Any) -> Any:
    return sender.post("/dates", proposal(sender, days, **more), status)


def move(person: Person, date: dict[str, Any], name: str, status: int = 200, **more: Any) -> Any:
    return person.post(f"/dates/{date['id']}/{name}", {"version": date["version"], **more}, status)


def write(author: Person) -> str:
    return str(author.post("/notes", {"kind": "effort", "body": "You made room for this."}, 201)["id"])


def share(author: Person, status: int = 200, note: str = "") -> Any:
    return author.post(f"/notes/{note or write(author)}/share", {"version": 1}, status)


def left(person: Person) -> dict[str, int]:
    return {name: one["left"] for name, one in person.get("/me")["allowance"].items()}


def opens(refusal: dict[str, Any]) -> datetime:
    assert (refusal["status"], refusal["type"]) == (409, "/problems/too-soon")
    return datetime.fromisoformat(refusal["opens_at"])


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_proposals_of_the_last_seven_days_are_limited_also_withdrawn_ones(
    app: Flask, stopped_clock: Traveller, rhythm: str
) -> None:
    ada, ben = couple(app, rhythm)
    times = []
    for _ in range(QUOTAS[rhythm].proposals):
        stopped_clock.shift(timedelta(minutes=7))
        times.append(clock.utcnow())
        move(ada, propose(ada), "withdraw")
    assert left(ada)["proposals"] == 0
    assert opens(propose(ada, 409)) == times[0] + WEEK
    assert ada.get("/me")["allowance"]["proposals"]["opens_at"] == propose(ada, 409)["opens_at"]
    stopped_clock.move_to(times[0] + WEEK - SECOND)
    assert opens(propose(ada, 409)) == times[0] + WEEK
    stopped_clock.move_to(times[0] + WEEK)
    move(ada, propose(ada), "withdraw")
    times.append(clock.utcnow())
    assert opens(propose(ada, 409)) == times[1] + WEEK
    # The budget belongs to one person. Ben's budget is untouched.
    assert left(ben) == QUOTAS[rhythm]._asdict()
    propose(ben)


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_open_proposals_are_limited_until_the_first_lapses(app: Flask, stopped_clock: Traveller, rhythm: str) -> None:
    ada, _ = couple(app, rhythm)
    most, week = QUOTAS[rhythm].open_proposals, clock.utcnow() + WEEK
    ends = [datetime.fromisoformat(propose(ada, days=5 - i / 2)["expires_at"]) for i in range(most)]
    assert left(ada)["open_proposals"] == 0
    frees = min(ends)
    assert frees < week
    # Where the quota is one a week, the week decides.
    opening = week if QUOTAS[rhythm].proposals == most else frees
    assert opens(propose(ada, 409)) == opening
    stopped_clock.move_to(opening - SECOND)
    assert opens(propose(ada, 409)) == opening
    # No tick has noted the lapse yet. The moment itself frees the place.
    stopped_clock.move_to(opening)
    propose(ada)


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_shared_things_of_the_last_seven_days_are_limited_also_recalled_ones(
    app: Flask, stopped_clock: Traveller, rhythm: str
) -> None:
    ada, ben = couple(app, rhythm)
    times = []
    for _ in range(QUOTAS[rhythm].shared):
        stopped_clock.shift(timedelta(minutes=7))
        times.append(clock.utcnow())
        ada.post(f"/notes/{share(ada)['id']}/recall")
    note = write(ada)
    assert opens(share(ada, 409, note)) == times[0] + WEEK
    assert ada.get(f"/notes/{note}")["state"] == "private"
    assert ben.get("/notes?from=partner")["items"] == []
    stopped_clock.move_to(times[0] + WEEK - SECOND)
    assert opens(share(ada, 409, note)) == times[0] + WEEK
    stopped_clock.move_to(times[0] + WEEK)
    share(ada, 200, note)
    assert opens(share(ada, 409)) == times[1] + WEEK
    assert left(ben)["shared"] == QUOTAS[rhythm].shared


@pytest.mark.parametrize("answer", ["accept", "decline", "withdraw"])
def test_an_answer_frees_the_open_place_but_not_the_count_of_the_week(app: Flask, answer: str) -> None:
    ada, ben = couple(app, "gentle")
    date = propose(ada)
    propose(ada, 409)
    more = {"slot_id": date["slots"][0]["id"]} if answer == "accept" else {}
    move(ada if answer == "withdraw" else ben, date, answer, **more)
    assert left(ada) == {"proposals": 2, "open_proposals": 1, "shared": 7}
    propose(ada, activity_id=another(ada))


def test_a_counter_uses_the_quota_of_its_sender_and_frees_the_place_of_the_partner(app: Flask) -> None:
    ada, ben = couple(app, "apart")
    date = propose(ada)
    slots = proposal(ben, days=8)["slots"]
    others = proposal(ben, days=9)["slots"]
    date = move(ben, date, "counter", slots=slots)
    assert left(ben) == {"proposals": 0, "open_proposals": 0, "shared": 2}
    assert left(ada) == {"proposals": 0, "open_proposals": 1, "shared": 2}
    propose(ben, 409)
    refusal = move(ada, date, "counter", 409, slots=others)
    assert opens(refusal) == clock.utcnow() + WEEK
    assert ada.get(f"/dates/{date['id']}")["sender"] == "partner"


def test_a_repeat_costs_nothing(app: Flask) -> None:
    ada, _ = couple(app, "gentle")
    body = proposal(ada, id=str(uuid4()))
    for _ in range(3):
        ada.post("/dates", body, 201)
    note = write(ada)
    for _ in range(3):
        share(ada, 200, note)
    assert left(ada) == {"proposals": 2, "open_proposals": 0, "shared": 6}


def test_a_proposal_refused_for_another_reason_costs_nothing(app: Flask) -> None:
    ada, _ = couple(app, "apart")
    propose(ada, 422, days=-1)
    propose(ada, 422, message="At this pace there is no line.")
    ada.post("/dates", proposal(ada) | {"activity_id": str(uuid4())}, 422)
    assert left(ada) == QUOTAS["apart"]._asdict()


def test_a_message_costs_a_shared_thing_and_without_one_left_nothing_is_sent(app: Flask) -> None:
    ada, ben = couple(app, "gentle")
    for _ in range(6):
        share(ada)
    date = propose(ada, message="The one by the river?")
    assert left(ada) == {"proposals": 2, "open_proposals": 0, "shared": 0}
    move(ada, date, "withdraw")
    opens(propose(ada, 409, message="Or the one by the sea?"))
    assert left(ada) == {"proposals": 2, "open_proposals": 1, "shared": 0}
    assert [item["state"] for item in ben.get("/dates")["items"]] == ["withdrawn"]
    propose(ada)


@pytest.mark.parametrize("rhythm", ["apart", "gentle"])
def test_of_simultaneous_proposals_one_goes_through(app: Flask, stopped_clock: Traveller, rhythm: str) -> None:
    ada, ben = couple(app, rhythm)
    for _ in range(8):
        body = proposal(ada)
        answers = together(*[partial(ada.request, "POST", "/dates", body)] * 4)
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        # Ada withdraws it, because two lapsed proposals in a row would make her wait.
        move(ada, next(answer.get_json() for answer in answers if answer.status_code == 201), "withdraw")
        stopped_clock.shift(WEEK)
    assert len(ben.get("/dates?limit=100")["items"]) == 8
    with db.connection():
        assert ContactEvent.select().count() == 8


def test_of_simultaneous_shares_only_as_many_go_through_as_are_left(app: Flask, stopped_clock: Traveller) -> None:
    ada, ben = couple(app, "apart")
    for _ in range(5):
        paths = [f"/notes/{write(ada)}/share" for _ in range(5)]
        answers = together(*[partial(ada.request, "POST", path, {"version": 1}) for path in paths])
        assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409]
        stopped_clock.shift(WEEK)
    assert len(ben.get("/notes?from=partner&limit=100")["items"]) == 10


def test_simultaneous_shares_of_one_note_cost_once(app: Flask) -> None:
    ada, _ = couple(app, "apart")
    note = write(ada)
    answers = together(*[partial(ada.request, "POST", f"/notes/{note}/share", {"version": 1})] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert left(ada)["shared"] == 1


def test_partners_who_propose_at_once_use_their_own_budgets(app: Flask) -> None:
    ada, ben = couple(app, "apart")
    answers = together(*[partial(person.request, "POST", "/dates", proposal(person)) for person in (ada, ben)])
    assert [answer.status_code for answer in answers] == [201, 201]


@pytest.mark.parametrize("answer", ["another_time", "another_idea"])
def test_an_answer_that_asks_for_more_gives_the_proposal_back(app: Flask, answer: str) -> None:
    ada, ben = couple(app, "apart")
    first = propose(ada)
    propose(ada, 409)
    move(ben, first, "decline", answer=answer)
    assert ada.get("/today")["allowance"]["proposals"]["left"] == 1
    second = propose(ada, activity_id=another(ada))
    assert second["id"] in [date["id"] for date in ben.get("/today")["waiting"]]
    move(ben, second, "decline", answer="no")
    propose(ada, 409)


def test_a_quiet_rhythm_gives_a_proposal_back_too(app: Flask, stopped_clock: Traveller) -> None:
    ada, ben = couple(app, "together")
    ben.put("/me/rhythm", {"rhythm": "apart", "quietly": True})
    move(ben, propose(ada), "decline", answer="another_time")
    stopped_clock.shift(SECOND)
    second = propose(ada)
    assert second["id"] in [date["id"] for date in ben.get("/today")["waiting"]]
    stopped_clock.shift(SECOND)
    third = propose(ada)
    assert third["id"] not in [date["id"] for date in ben.get("/today")["waiting"]]
