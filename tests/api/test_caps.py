"""Test the caps: each kind of thing has a limit for one person, and a refusal says what to delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from time_machine import Traveller

from planner.contact.pauses import Pause
from planner.relationship import space
from planner.settings import Settings
from planner.storage import db
from tests.conftest import SETTINGS
from tests.dates import START, agreed, move, offer, own, slot
from tests.people import PASSWORD, Cast, Person, expect
from tests.racing import strangers, together
from tests.spaces import end, held, share, take

DAY = timedelta(days=1)


@pytest.fixture
def settings() -> Settings:
    return replace(
        SETTINGS,
        max_notes=3,
        max_reflections=3,
        max_requests=2,
        max_commitments=6,
        max_ideas=3,
        max_dates=3,
        max_dates_alone=4,
        max_blocks=1,
        max_sign_ins=3,
        max_sign_ins_an_hour=5,
    )


def refused(answer: dict, reason: str, most: int) -> None:
    assert (answer["type"], answer["reason"], answer["params"]) == ("/problems/wrong-state", reason, {"most": most})
    assert f"You already have {most} " in answer["detail"]


def note(person: Person, status: int = 201, **more: str) -> dict:
    return person.post("/notes", {"kind": "effort", "body": "You waited."} | more, status)


def idea(person: Person, title: str, status: int = 201, **more: object) -> dict:
    return person.post("/activities", {"title": title, "category": "outdoors", "for": "two"} | more, status)


def test_open_requests(cast: Cast) -> None:
    def ask(number: int, status: int = 201) -> dict:
        return cast.alice.post("/requests", {"body": f"Could you do this, {number}?"}, status)

    first, _ = ask(1), ask(2)
    refused(ask(3, 409), "too_many_open_requests", 2)
    cast.bob.post(f"/requests/{first['id']}/decline")
    ask(3)


def test_promises(sam: Person) -> None:
    def promise(status: int = 201) -> dict:
        return sam.post("/commitments", {"body": "Read after dinner."}, status)

    for _ in range(6):
        sam.patch(f"/commitments/{promise()['id']}", {"ended": True}, '"1"')
    refused(promise(409), "too_many_commitments", 6)


def test_notes(sam: Person) -> None:
    sent = {"id": str(uuid4())}
    note(sam)
    note(sam)
    third = note(sam, **sent)
    refused(note(sam, 409), "too_many_notes", 3)
    assert note(sam, **sent) == third, "a repeat is no new note"
    assert len(sam.get("/notes")["items"]) == 3
    sam.delete(f"/notes/{third['id']}")
    answers = together(*[lambda: sam.request("POST", "/notes", {"kind": "effort", "body": "You."}).status_code] * 4)
    assert sorted(answers) == [201, 409, 409, 409]


def test_reflections(sam: Person) -> None:
    sent = {"id": str(uuid4()), "body": "It was about being heard."}
    sam.post("/me/reflections/unlock", {"password": PASSWORD})
    for body in (sent, {"body": "x"}, {"body": "y"}):
        sam.post("/reflections", body, 201)
    refused(sam.post("/reflections", {"body": "z"}, 409), "too_many_reflections", 3)
    sam.post("/reflections", sent, 201)
    sam.delete(f"/reflections/{sent['id']}")
    answers = together(*[lambda: sam.request("POST", "/reflections", {"body": "z"}).status_code] * 4)
    assert sorted(answers) == [201, 409, 409, 409]


def test_ideas_with_retired_ones_that_dates_keep(cast: Cast) -> None:
    alice = cast.alice
    proposed, idle = idea(alice, "Feed the ducks", pace=2), idea(alice, "Greet the finches")
    alone = idea(alice, "Follow the herons", **{"for": "one", "pace": 1})
    dates = [offer(alice, activity=proposed["id"]), own(alice, activity=alone["id"])]
    for each in (proposed, idle, alone):
        alice.delete(f"/activities/{each['id']}")
    idea(alice, "Count the swans")  # the idle one made room
    refused(idea(alice, "Watch the storks", 409), "too_many_ideas_kept", 3)
    titles = [alice.get(f"/dates/{date['id']}")["activity"]["title"] for date in dates]
    assert titles == ["Feed the ducks", "Follow the herons"]
    assert own_ideas(alice) == ["Count the swans"]


def own_ideas(person: Person) -> list[str]:
    return [item["title"] for item in person.get("/activities?limit=100")["items"] if item["source"] == "me"]


def test_dates_ahead_alone_and_of_the_couple(cast: Cast, stopped_clock: Traveller) -> None:
    alice, bob = cast.alice, cast.bob
    agreed(bob, alice)
    own(alice, START + DAY)
    mine = offer(alice)
    refused(offer(alice, status=409), "too_many_dates", 3)
    refused(own(alice, START + 4 * DAY, 409), "too_many_dates", 3)
    move(alice, "withdraw", mine)
    move(bob, "accept", offer(alice, slots=[slot(START + 3 * DAY)]))
    refused(own(alice, START + 4 * DAY, 409), "too_many_dates", 3)
    offer(bob)  # Alice's date alone does not count for Bob
    stopped_clock.move_to(START + 4 * DAY)
    offer(alice, slots=[slot(START + 8 * DAY)])
    own(cast.sam, START + 8 * DAY)


def test_dates_alone_with_those_that_are_over(cast: Cast, stopped_clock: Traveller) -> None:
    alice = cast.alice
    kept = [own(alice, START + number * DAY) for number in range(2)]
    move(alice, "cancel", kept[0])
    move(alice, "withdraw", offer(alice))  # it is not alone
    stopped_clock.move_to(START + 2 * DAY)
    for number in (3, 4):
        own(alice, START + number * DAY)
    refused(own(alice, START + 5 * DAY, 409), "too_many_dates_alone", 4)
    own(cast.bob, START + 5 * DAY)


def test_blocks_and_a_refused_block_leaves_no_couple(app: Flask, cast: Cast) -> None:
    alice, (eve,) = cast.alice, strangers(app, "Eve")
    code = eve.post("/invitations", {}, 201)["code"]
    block = alice.put("/me/blocks", {"code": code})
    assert alice.put("/me/blocks", {"code": code}) == block
    refused(alice.put("/me/blocks", {"target": "partner"}, 409), "too_many_blocks", 1)
    assert alice.get("/couple")["partner"] == "Bob"
    alice.put("/me/blocks", {"target": "everybody"})
    alice.delete(f"/me/blocks/{block['id']}")
    alice.put("/me/blocks", {"target": "partner"})
    alice.get("/couple", 404)


def sign_in(person: Person, password: str = PASSWORD, status: int = 201) -> Person:
    body = {"sign_in_name": person.sign_in_name, "password": password}
    answer = expect(person.app.test_client().post("/v1/sign-ins", json=body), status)
    return replace(person, token=answer["session"]["token"] if status == 201 else "")


def test_a_further_sign_in_ends_the_one_that_was_unused_for_longest(
    sam: Person, stopped_clock: Traveller, now: datetime
) -> None:
    second, third = sign_in(sam), sign_in(sam)
    stopped_clock.move_to(now + DAY)
    for person in (sam, third):
        person.get("/me")
    fourth = sign_in(sam)
    second.get("/me", 401)
    for person in (sam, third, fourth):
        person.get("/me")
    stopped_clock.move_to(now + 2 * DAY)
    for _ in range(4):
        last = sign_in(sam)
    assert last.inbox() == ["new_sign_in"] * 3, "their items do not pile up"


def test_sign_ins_with_the_right_password_are_limited_by_the_hour(
    sam: Person, cast: Cast, stopped_clock: Traveller
) -> None:
    for _ in range(5):
        sign_in(sam, "wrong horse battery", 403)
    for _ in range(5):
        sign_in(sam)
    for password in (PASSWORD, "wrong horse battery"):
        sign_in(sam, password, 429)
    sign_in(cast.alice)
    stopped_clock.shift(timedelta(hours=1))
    sign_in(sam)


def test_pauses_of_which_the_oldest_are_forgotten(
    cast: Cast, stopped_clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "MOST_PAUSES", 2)
    take(cast.bob)
    shared = share(cast.alice)
    assert held(cast.bob) == [("note", shared, "space")]
    end(cast.bob)
    for _ in range(5):
        stopped_clock.shift(DAY)
        take(cast.bob)
        end(cast.bob)
    with db.connection():
        assert Pause.select().count() == 4, "the first one holds something, and the last one is new"
    assert held(cast.bob) == [("note", shared, "space")]
