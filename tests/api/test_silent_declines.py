"""Test that declining is silent: the inviter gets the same answers as if no one had used the code.

Each story happens in two worlds, with the same ids from the clients. In one world the holder of the code declines. In
the twin the holder does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from flask import Flask
from time_machine import Traveller

from planner.couples.invitations import Invitation
from planner.storage import db
from tests.people import Person
from tests.racing import strangers

LIFE = timedelta(days=7)


class World(NamedTuple):
    """An inviter with an open invitation, and the holder of its code."""

    inviter: Person
    other: Person
    invitation: dict[str, str]


def twins(app: Flask) -> tuple[World, World]:
    people = strangers(app, "Ada", "Ben", "Ada", "Ben")
    return tuple(
        World(inviter, holder, inviter.post("/invitations", {}, 201)) for inviter, holder in (people[:2], people[2:])
    )


def send(world: World, move: str) -> None:
    body = {"code": world.invitation["code"]} | ({"rhythm": "gentle"} if move == "accept" else {})
    world.other.post(f"/invitations/{move}", body)


def decline(world: World) -> None:
    send(world, "decline")


def look_and_decline(world: World) -> None:
    send(world, "look-up")
    send(world, "decline")


def accept_and_step_back(world: World) -> None:
    send(world, "accept")
    send(world, "decline")


def accept_and_choose_another(world: World) -> None:
    """Accept, and then become a couple with a third person whom the holder had invited."""
    (third,) = strangers(world.inviter.app, "Kim")
    own = world.other.post("/invitations", {}, 201)
    send(world, "accept")
    third.post("/invitations/accept", {"code": own["code"], "rhythm": "gentle"})
    world.other.post("/invitations/confirm", {"invitation_id": own["id"], "rhythm": "gentle"}, 200)


DECLINES = [decline, look_and_decline, accept_and_step_back, accept_and_choose_another]


def answers_to(world: World, *requests: tuple[str, str, object], by: str = "inviter") -> list[tuple[object, ...]]:
    """Return the answers to one of the two people, without the ids and secrets of this world."""
    person: Person = getattr(world, by)
    own = [world.invitation["id"], world.invitation["code"], person.id, person.sign_in_name]
    comparable = []
    for method, path, body in requests:
        answer = person.request(method, path, body)
        text = re.sub("|".join(map(re.escape, own)), "*", answer.get_data(as_text=True))
        text = re.sub(r'"check_words":\[("[a-z]+",?){3}\]', '"check_words":*', text)
        headers = {name: value for name, value in answer.headers if name not in ("ETag", "Content-Length")}
        comparable.append((path, answer.status_code, text, headers))
    return comparable


def reads() -> list[tuple[str, str, object]]:
    return [("GET", path, None) for path in ("/invitations/current", "/me", "/inbox", "/couple")]


def tries(world: World) -> list[tuple[str, str, object]]:
    """Return all requests of an inviter that change nothing while the invitation is open."""
    about = {"invitation_id": world.invitation["id"]}
    return [
        *reads(),
        ("POST", "/invitations", {}),
        ("POST", "/invitations", {"id": world.invitation["id"]}),
        ("POST", "/invitations/confirm", about | {"rhythm": "gentle"}),
        ("POST", "/invitations/refuse", about),
        ("POST", "/invitations/look-up", {"code": world.invitation["code"]}),
        ("POST", "/invitations/accept", {"code": world.invitation["code"], "rhythm": "gentle"}),
        ("POST", "/invitations/decline", {"code": world.invitation["code"]}),
    ]


@pytest.mark.parametrize("no", DECLINES)
def test_declining_changes_no_answer_to_the_inviter(
    app: Flask, stopped_clock: Traveller, now: datetime, no: Callable[[World], None]
) -> None:
    world, twin = twins(app)
    stopped_clock.shift(timedelta(hours=5))
    no(world)
    for after in (5, 30, 167.99, 168, 172, 200, 300):
        stopped_clock.move_to(now + timedelta(hours=after))
        if after < 168:
            assert answers_to(world, *tries(world)) == answers_to(twin, *tries(twin))
        else:
            assert answers_to(world, *reads()) == answers_to(twin, *reads())
    # Afterwards, the inviter can invite again in both worlds.
    for each in (world, twin):
        each.inviter.post("/invitations", {}, 201)


@pytest.mark.parametrize("no", DECLINES)
def test_withdrawing_after_a_decline_is_answered_alike(app: Flask, no: Callable[[World], None]) -> None:
    world, twin = twins(app)
    no(world)
    asked = [("DELETE", "/invitations/current", None)] * 2
    assert answers_to(world, *asked) == answers_to(twin, *asked)
    assert answers_to(world, *reads()) == answers_to(twin, *reads())


@pytest.mark.parametrize("no", DECLINES)
def test_an_inviter_who_accepts_another_code_learns_nothing(app: Flask, no: Callable[[World], None]) -> None:
    world, twin = twins(app)
    no(world)
    for each in (world, twin):
        (lee,) = strangers(app, "Lee")
        invitation = lee.post("/invitations", {}, 201)
        each.inviter.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
        lee.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "gentle"}, 200)
    # Requests for the couple are left out, because its id differs between the worlds.
    asked = [("GET", "/invitations/current", None), ("DELETE", "/invitations/current", None),
             ("POST", "/invitations", {}), ("POST", "/invitations", {"id": "*"}),
             ("POST", "/invitations/confirm", {"invitation_id": "*", "rhythm": "gentle"})]  # fmt: skip
    for method, path, body in asked:
        bodies = [
            body and {name: each.invitation["id"] if value == "*" else value for name, value in body.items()}
            for each in (world, twin)
        ]
        assert answers_to(world, (method, path, bodies[0])) == answers_to(twin, (method, path, bodies[1]))


@pytest.mark.parametrize("no", DECLINES)
def test_declining_frees_the_holder_and_uses_up_the_code(app: Flask, no: Callable[[World], None]) -> None:
    world, _ = twins(app)
    no(world)
    world.other.get("/invitations/current", 404)
    assert world.other.get("/me")["pairing"] == ("paired" if no is accept_and_choose_another else "alone")
    (eve,) = strangers(app, "Eve")
    eve.post("/invitations/accept", {"code": world.invitation["code"], "rhythm": "gentle"}, 404)


def refuse(world: World) -> None:
    world.inviter.post("/invitations/refuse", {"invitation_id": world.invitation["id"]}, 200)


def withdraw(world: World) -> None:
    world.inviter.delete("/invitations/current")


def choose_another(world: World) -> None:
    """Let the inviter become a couple with a third person, by the code of that person."""
    (third,) = strangers(world.inviter.app, "Kim")
    invitation = third.post("/invitations", {}, 201)
    world.inviter.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
    third.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "gentle"}, 200)


@pytest.mark.parametrize("no", [refuse, withdraw, choose_another])
def test_a_refusal_changes_no_answer_to_the_invitee(
    app: Flask, stopped_clock: Traveller, now: datetime, no: Callable[[World], None]
) -> None:
    world, twin = twins(app)
    for each in (world, twin):
        send(each, "accept")
    stopped_clock.shift(timedelta(hours=5))
    no(world)
    (lee,) = strangers(app, "Lee")
    elsewhere = {"code": lee.post("/invitations", {}, 201)["code"], "rhythm": "gentle"}
    for after in (5, 167.99, 168, 172):
        stopped_clock.move_to(now + timedelta(hours=after))
        answers = []
        for each in (world, twin):
            own = {"code": each.invitation["code"]}
            asked = [*reads(), ("POST", "/invitations/look-up", own),
                     ("POST", "/invitations/confirm",
                      {"invitation_id": each.invitation["id"], "rhythm": "gentle"})]  # fmt: skip
            if after < 168:
                asked += [("POST", "/invitations/accept", own | {"rhythm": "gentle"}),
                          ("POST", "/invitations/accept", elsewhere)]  # fmt: skip
            answers.append(answers_to(each, *asked, by="other"))
        assert answers[0] == answers[1]
    assert world.other.get("/me")["pairing"] == "alone"


@pytest.mark.parametrize("no", [refuse, withdraw, choose_another])
def test_stepping_back_after_a_refusal_is_answered_alike(app: Flask, no: Callable[[World], None]) -> None:
    world, twin = twins(app)
    for each in (world, twin):
        send(each, "accept")
    no(world)
    before = answers_to(world, *reads())
    asked = [("POST", "/invitations/decline", {"code": each.invitation["code"]}) for each in (world, twin)]
    for request in (0, 1):
        assert answers_to(world, asked[0], by="other") == answers_to(twin, asked[1], by="other"), request
        assert answers_to(world, *reads(), by="other") == answers_to(twin, *reads(), by="other")
    assert answers_to(world, *reads()) == before
    with db.connection():
        invitation = Invitation.get_by_id(world.invitation["id"])
        assert (invitation.invitee_id, invitation.invitee_name, invitation.invitee_rhythm) == (None, None, None)


def test_a_refused_invitee_can_become_a_couple_with_a_third_person(app: Flask) -> None:
    world, _ = twins(app)
    send(world, "accept")
    refuse(world)
    (kim,) = strangers(app, "Kim")
    own = world.other.post("/invitations", {}, 201)
    kim.post("/invitations/accept", {"code": own["code"], "rhythm": "gentle"})
    world.other.post("/invitations/confirm", {"invitation_id": own["id"], "rhythm": "gentle"}, 200)
    world.other.get("/invitations/current", 404)


def test_the_person_who_declined_is_stored_nowhere(app: Flask) -> None:
    world, _ = twins(app)
    accept_and_step_back(world)
    with db.connection():
        rows = list(Invitation.select(Invitation.invitee, Invitation.invitee_rhythm).tuples())
    assert rows == [(None, None), (None, None)]
