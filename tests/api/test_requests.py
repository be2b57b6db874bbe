"""Test requests over HTTP: one clear thing, which the partner accepts, declines, or answers with another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from planner.notes.requests import Request
from planner.relationship import leaving
from planner.storage import db
from tests.api.answers import fields
from tests.conftest import NOON
from tests.exports import export
from tests.people import PASSWORD, Cast, Person, pair
from tests.racing import strangers
from tests.spaces import DAY, MINUTE, end, held, quieten, take, unannounced

WORDS = "Could you take the children to school on Thursday?"


def ask(sender: Person, body: str = WORDS, status: int = 201, **more: Any) -> Any:
    return sender.post("/requests", {"body": body, **more}, status)


def act(person: Person, name: str, request: dict[str, Any], status: int = 200, **body: Any) -> Any:
    return person.post(f"/requests/{request['id']}/{name}", body, status)


def listed(person: Person, show: str = "all") -> list[str]:
    return [request["id"] for request in person.get(f"/requests?show={show}&limit=100")["items"]]


def state(person: Person, request: dict[str, Any]) -> str:
    return person.get(f"/requests/{request['id']}")["state"]


def spent(person: Person) -> int:
    left = person.get("/me")["allowance"]["shared"]
    return int(left["limit"] - left["left"])


def test_a_request_reaches_the_partner_and_costs_one_shared_thing(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    sent = {"id": str(uuid4()), "day": "2026-11-26"}
    request = ask(alice, **sent)
    assert (request["state"], request["actions"], request["mine"]) == ("open", ["withdraw"], True)
    assert ask(alice, **sent) == request, "a repeat"
    assert (listed(alice), listed(bob), listed(bob, "open"), listed(bob, "closed")) == ([request["id"]],) * 3 + ([],)
    assert bob.get(f"/requests/{request['id']}") == {
        **request, "mine": False, "actions": ["accept", "decline", "answer"],
    }  # fmt: skip
    assert (spent(alice), bob.inbox().count("request_made")) == (1, 1)
    assert "request_made" in unannounced(bob)
    ask(alice, "Something else.", 422, id=sent["id"])
    for other in (cast.charlie, cast.sam):
        other.get(f"/requests/{request['id']}", 404)
        assert listed(other) == []
        for name in ("accept", "decline", "withdraw"):
            act(other, name, request, 404)
        act(other, "answer", request, 404, body="No.")


@pytest.mark.parametrize(("name", "ends", "rings"), [("accept", "accepted", True), ("decline", "declined", False)])
def test_the_partner_says_yes_or_no(alice: Person, bob: Person, name: str, ends: str, rings: bool) -> None:
    request = ask(alice)
    before = spent(bob)
    answered = act(bob, name, request)
    assert (answered["state"], answered["actions"]) == (ends, [])
    assert act(bob, name, request) == answered, "a repeat"
    assert (state(alice, request), listed(alice, "open"), listed(alice, "closed")) == (ends, [], [request["id"]])
    assert alice.inbox().count(f"request_{ends}") == 1
    assert (f"request_{ends}" in unannounced(alice)) == rings
    assert "request_made" not in bob.inbox()
    assert spent(bob) == before
    for other in {"accept", "decline"} - {name}:
        assert act(bob, other, request, 409)["reason"] == "request_moved_on"
    act(bob, "answer", request, 409, body="Another?")
    assert act(alice, "withdraw", request, 409)["reason"] == "request_moved_on"


def test_only_the_partner_answers_and_only_the_sender_withdraws(alice: Person, bob: Person) -> None:
    request = ask(alice)
    for name in ("accept", "decline"):
        assert act(alice, name, request, 409)["reason"] == "request_moved_on"
    act(alice, "answer", request, 409, body="Another?")
    act(bob, "withdraw", request, 404)
    assert state(alice, request) == "open"


def test_a_request_is_answered_with_another(alice: Person, bob: Person) -> None:
    first = ask(alice)
    sent = {"id": str(uuid4()), "body": "Could you go on Thursday, and I go on Friday?", "day": None}
    second = act(bob, "answer", first, 201, **sent)
    assert (second["state"], second["mine"], second["answers_id"]) == ("open", True, first["id"])
    assert act(bob, "answer", first, 201, **sent) == second, "a repeat"
    shown = alice.get(f"/requests/{first['id']}")
    assert (shown["state"], shown["answered_by_id"], shown["actions"]) == ("answered", second["id"], [])
    assert (spent(bob), alice.inbox().count("request_countered")) == (1, 1)
    assert listed(alice, "open") == listed(bob, "open") == [second["id"]]
    assert act(alice, "accept", second)["state"] == "accepted"
    act(bob, "answer", first, 409, body="A third one.")
    act(bob, "answer", first, 422, **{**sent, "body": "With a used id."})


def test_a_withdrawn_request_leaves_the_view_of_the_partner(alice: Person, bob: Person) -> None:
    request = ask(alice)
    withdrawn = act(alice, "withdraw", request)
    assert (withdrawn["state"], withdrawn["actions"]) == ("withdrawn", [])
    assert act(alice, "withdraw", request) == withdrawn
    bob.get(f"/requests/{request['id']}", 404)
    act(bob, "accept", request, 404)
    assert (listed(bob), bob.inbox().count("request_made"), spent(alice)) == ([], 0, 1)
    (copy,) = bob.post("/me/received", {"password": PASSWORD})["items"]
    assert (copy["kind"], copy["content"]) == ("request", {"body": WORDS, "day": None})
    answered = ask(alice, "Something else?")
    counter = act(bob, "answer", answered, 201, body="And this?")
    act(bob, "withdraw", counter)
    assert alice.get(f"/requests/{answered['id']}")["answered_by_id"] is None


@pytest.mark.parametrize(("day", "open_for"), [(None, timedelta(days=14)), ("2026-11-25", timedelta(days=3))])
def test_an_open_request_lapses_quietly(
    alice: Person, bob: Person, stopped_clock: Any, day: str | None, open_for: timedelta
) -> None:
    request = ask(alice, day=day)
    stopped_clock.move_to(NOON + open_for - MINUTE)
    assert state(bob, request) == "open"
    stopped_clock.move_to(NOON + open_for)
    assert (state(alice, request), state(bob, request), listed(bob, "open")) == ("lapsed", "lapsed", [])
    assert act(bob, "accept", request, 409)["reason"] == "request_moved_on"
    assert act(alice, "withdraw", request, 409)["reason"] == "request_moved_on"
    assert "request_made" not in bob.inbox()
    assert alice.inbox() == []


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Europe/Lisbon", "Pacific/Kiritimati"])
def test_the_end_of_a_request_does_not_tell_where_its_sender_is(alice: Person, bob: Person, zone: str) -> None:
    alice.patch("/me", {"zone": zone}, "*")
    request = ask(alice, day="2026-11-25")
    assert bob.get(f"/requests/{request['id']}")["expires_at"] == "2026-11-26T12:00:00.000Z"


@pytest.mark.parametrize(("day", "code"), [("2026-11-22", "day_passed"), ("2027-02-22", "day_not_in_range")])
def test_a_day_is_today_or_within_ninety_days(alice: Person, bob: Person, day: str, code: str) -> None:
    assert fields(ask(alice, status=422, day=day)) == {"day": code}
    assert fields(act(bob, "answer", ask(alice), 422, body="Another?", day=day)) == {"day": code}
    ask(alice, "Today?", day="2026-11-23")
    ask(alice, "Late?", day="2027-02-21")


@pytest.mark.parametrize(("body", "code"), [("", "empty"), ("x" * 201, "too_long"), ("a\nb", "more_than_one_line")])
def test_a_request_is_one_short_line(alice: Person, body: str, code: str) -> None:
    assert fields(ask(alice, body, 422)) == {"body": code}


@pytest.mark.parametrize(("rhythm", "days"), [("together", 14), ("gentle", 60)])
def test_a_declined_request_rests(app: Flask, stopped_clock: Any, rhythm: str, days: int) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, rhythm)
    act(ben, "decline", ask(ann))
    refused = ask(ann, WORDS.upper().replace(" ", "  "), 409)
    assert (refused["type"], refused["reason"]) == ("/problems/too-soon", "request_resting")
    assert refused["opens_at"] == f"{NOON + timedelta(days=days):%Y-%m-%dT%H:%M:%S}.000Z"
    assert spent(ann) == 1
    ask(ann, "Something else?")
    ask(ben, WORDS)
    stopped_clock.move_to(NOON + timedelta(days=days) + MINUTE)
    for person in (ann, ben):
        person.sign_in_again()
    ask(ann)


def test_words_without_a_yes_rest_and_others_do_not(alice: Person, bob: Person) -> None:
    ask(alice, "Open?")
    assert ask(alice, "Open?", 409)["reason"] == "request_resting", "no second one while the first is open"
    act(alice, "withdraw", ask(alice, "Taken back?"))
    assert ask(alice, "Taken back?", 409)["reason"] == "request_resting"
    act(alice, "withdraw", ask(alice, "Wrong day?", day="2026-11-26"))
    ask(alice, "Wrong day?", day="2026-11-27")
    act(bob, "accept", ask(alice, "The bins?"))
    ask(alice, "The bins?")


def test_in_space_a_request_is_held_and_can_be_answered(alice: Person, bob: Person, stopped_clock: Any) -> None:
    early = ask(alice, "Before?")
    stopped_clock.shift(MINUTE)
    take(bob)
    stopped_clock.shift(MINUTE)
    requests = [ask(alice, f"Number {number}?") for number in range(4)]
    assert {thing for thing, _, _ in held(bob)} == {"request"}
    assert listed(bob) == [early["id"]]
    assert "request_made" in bob.inbox()
    assert bob.inbox().count("request_made") == 1
    assert bob.get(f"/requests/{early['id']}")["actions"] == []
    assert act(bob, "accept", early, 409)["reason"] == "in_space"
    assert ask(bob, "From space?", 409)["reason"] == "in_space"
    assert bob.get("/me/held")["items"][0]["request"]["actions"] == ["accept", "decline", "answer"]
    act(bob, "accept", requests[0])
    act(bob, "decline", requests[1])
    act(bob, "answer", requests[2], 201, body="Another?")
    assert [thing for _, thing, _ in held(bob)] == [requests[3]["id"]]
    assert [state(alice, request) for request in requests] == ["accepted", "declined", "answered", "open"]
    act(alice, "withdraw", requests[3])
    assert held(bob) == []
    end(bob)
    bob.post("/me/held/release")
    assert set(listed(bob)) == {early["id"], *(request["id"] for request in requests[:3]), listed(alice, "open")[0]}


def test_answers_reach_a_sender_in_space_afterwards(alice: Person, bob: Person, stopped_clock: Any) -> None:
    request = ask(alice)
    stopped_clock.shift(MINUTE)
    take(alice)
    stopped_clock.shift(MINUTE)
    counter = act(bob, "answer", request, 201, body="Another?")
    assert (listed(alice), listed(alice, "open"), listed(alice, "closed"), alice.inbox()) == (
        *[[request["id"]]] * 2,
        [],
        [],
    )
    seen = alice.get(f"/requests/{request['id']}")
    assert (seen["state"], seen["answered_by_id"]) == ("open", None)
    assert [thing for _, thing, _ in held(alice)] == [counter["id"]]
    assert act(alice, "accept", counter)["state"] == "accepted"


@pytest.mark.parametrize("name", ["accept", "decline"])
def test_in_space_a_sender_does_not_read_the_answer(alice: Person, bob: Person, stopped_clock: Any, name: str) -> None:
    request = ask(alice)
    stopped_clock.shift(MINUTE)
    take(alice)
    before = alice.get("/requests")
    stopped_clock.shift(MINUTE)
    act(bob, name, request)
    assert alice.get("/requests") == before
    end(alice)
    assert state(alice, request) == f"{name}d".replace("acceptd", "accepted")


def test_a_quiet_rhythm_holds_requests_back(alice: Person, bob: Person, stopped_clock: Any) -> None:
    quieten(bob, rhythm="apart")
    for number in range(3):
        stopped_clock.shift(MINUTE)
        ask(alice, f"Number {number}?")
    assert [(kind, why) for kind, _, why in held(bob)] == [("request", "rhythm")]
    assert len(listed(bob)) == 2


def test_apart_two_requests_a_week(app: Flask) -> None:
    ann, ben = strangers(app, "Ann", "Ben")
    pair(ann, ben, "apart")
    for number in range(2):
        ask(ann, f"Number {number}?")
    assert ask(ann, status=409)["reason"] == "quota_used_up"
    assert len(listed(ben)) == 2


def test_without_a_partner_there_is_no_request(sam: Person) -> None:
    assert ask(sam, status=409)["reason"] == "no_partner"
    assert listed(sam) == []


def test_leaving_ends_open_requests(alice: Person, bob: Person) -> None:
    agreed, still_open = ask(alice, "Agreed?"), ask(alice, "Open?")
    act(bob, "accept", agreed)
    with db.connection():
        leaving.leave(UUID(bob.id), NOON)
    for request in (agreed, still_open):
        bob.get(f"/requests/{request['id']}", 404)
    assert (state(alice, agreed), state(alice, still_open)) == ("accepted", "withdrawn")
    assert alice.get(f"/requests/{still_open['id']}")["actions"] == []
    assert not {"request_made", "request_accepted"} & set(alice.inbox() + bob.inbox())


def test_the_export_has_the_requests_that_a_person_sent(alice: Person, bob: Person) -> None:
    request = ask(alice)
    act(bob, "decline", request)
    assert [(each["body"], each["state"]) for each in export(alice, "ordinary")["requests"]] == [(WORDS, "declined")]
    assert export(bob, "ordinary")["requests"] == []
    assert [each["kind"] for each in export(bob, "ordinary")["received"]] == ["request"]


def test_the_list_comes_in_pages(alice: Person, bob: Person, stopped_clock: Any) -> None:
    ids = []
    for number in range(5):
        stopped_clock.shift(MINUTE)
        ids.append(ask((alice, bob)[number % 2], f"Number {number}?")["id"])
    first = alice.get("/requests?limit=3")
    second = alice.get(f"/requests?limit=3&after={first['next']}")
    assert [request["id"] for request in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None


def test_an_id_of_another_request_is_taken(cast: Cast) -> None:
    request = ask(cast.alice)
    ask(cast.charlie, status=422, id=request["id"])
    with db.connection():
        assert Request.select().count() == 1


def test_the_safety_check_counts_them(alice: Person, bob: Person, stopped_clock: Any) -> None:
    act(bob, "accept", ask(alice, "Agreed?"))
    act(alice, "withdraw", ask(alice, "Taken back?"))
    ask(alice, "Open?")
    (line,) = [line for line in alice.get("/me/safety")["items"] if line["kind"] == "requests"]
    assert line["params"]["count"] == 2
    stopped_clock.shift(DAY)
    assert not [line for line in bob.get("/me/safety")["items"] if line["kind"] == "requests"]
