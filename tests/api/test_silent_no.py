"""Declining is silent: what an inviter can ask is answered just as in a world in which nobody ever looked at the code.

Each story is told twice, in two worlds side by side with the same ids where the client makes them: in one somebody says
no, in its twin nobody does anything.
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

LIFE = timedelta(hours=72)


class World(NamedTuple):
    """An inviter with an open invitation, and somebody who holds its code."""

    inviter: Person
    other: Person
    made: dict[str, str]


def twins(app: Flask) -> tuple[World, World]:
    people = strangers(app, "Ada", "Ben", "Ada", "Ben")
    return tuple(World(one, other, one.post("/invitations", {}, 201)) for one, other in (people[:2], people[2:]))


def say(world: World, move: str) -> None:
    body = {"code": world.made["code"]} | ({"rhythm": "gentle"} if move == "accept" else {})
    world.other.post(f"/invitations/{move}", body)


def decline(world: World) -> None:
    say(world, "decline")


def look_and_decline(world: World) -> None:
    say(world, "look-up")
    say(world, "decline")


def accept_and_step_back(world: World) -> None:
    say(world, "accept")
    say(world, "decline")


def accept_and_choose_another(world: World) -> None:
    """Somebody who said yes becomes a couple with whom they had invited themselves."""
    (third,) = strangers(world.inviter.app, "Kim")
    own = world.other.post("/invitations", {}, 201)
    say(world, "accept")
    third.post("/invitations/accept", {"code": own["code"], "rhythm": "gentle"})
    world.other.post("/invitations/confirm", {"invitation": own["id"], "rhythm": "gentle"}, 200)


NOES = [decline, look_and_decline, accept_and_step_back, accept_and_choose_another]


def seen(world: World, *requests: tuple[str, str, object], by: str = "inviter") -> list[tuple[object, ...]]:
    """What one of the two is answered, with the ids and secrets of this world taken out."""
    person: Person = getattr(world, by)
    own = [world.made["id"], world.made["code"], person.id, person.sign_in_name]
    found = []
    for method, path, body in requests:
        answer = person.request(method, path, body)
        text = re.sub("|".join(map(re.escape, own)), "*", answer.get_data(as_text=True))
        text = re.sub(r'"check_words":\[("[a-z]+",?){3}\]', '"check_words":*', text)
        headers = {name: value for name, value in answer.headers if name not in ("ETag", "Content-Length")}
        found.append((path, answer.status_code, text, headers))
    return found


def reads() -> list[tuple[str, str, object]]:
    return [("GET", path, None) for path in ("/invitations/current", "/me", "/inbox", "/couple")]


def tries(world: World) -> list[tuple[str, str, object]]:
    """Everything that an inviter may try and that changes nothing while the invitation is open."""
    about = {"invitation": world.made["id"]}
    return [
        *reads(),
        ("POST", "/invitations", {}),
        ("POST", "/invitations", {"id": world.made["id"]}),
        ("POST", "/invitations/confirm", about | {"rhythm": "gentle"}),
        ("POST", "/invitations/refuse", about),
        ("POST", "/invitations/look-up", {"code": world.made["code"]}),
        ("POST", "/invitations/accept", {"code": world.made["code"], "rhythm": "gentle"}),
        ("POST", "/invitations/decline", {"code": world.made["code"]}),
    ]


@pytest.mark.parametrize("no", NOES)
def test_a_no_changes_no_answer_until_the_invitation_has_expired(
    app: Flask, stopped_clock: Traveller, now: datetime, no: Callable[[World], None]
) -> None:
    world, twin = twins(app)
    stopped_clock.shift(timedelta(hours=5))
    no(world)
    for after in (5, 30, 71.99, 72, 76, 100, 200):
        stopped_clock.move_to(now + timedelta(hours=after))
        if after < 72:
            assert seen(world, *tries(world)) == seen(twin, *tries(twin))
        else:
            assert seen(world, *reads()) == seen(twin, *reads())
    # Afterwards the next one may be made, and counts alike.
    for one in (world, twin):
        one.inviter.post("/invitations", {}, 201)


@pytest.mark.parametrize("no", NOES)
def test_withdrawing_after_a_no_is_withdrawing(app: Flask, no: Callable[[World], None]) -> None:
    world, twin = twins(app)
    no(world)
    asked = [("DELETE", "/invitations/current", None)] * 2
    assert seen(world, *asked) == seen(twin, *asked)
    assert seen(world, *reads()) == seen(twin, *reads())


@pytest.mark.parametrize("no", NOES)
def test_somebody_who_then_accepts_anothers_code_learns_nothing_either(app: Flask, no: Callable[[World], None]) -> None:
    world, twin = twins(app)
    no(world)
    for one in (world, twin):
        (lee,) = strangers(app, "Lee")
        made = lee.post("/invitations", {}, 201)
        one.inviter.post("/invitations/accept", {"code": made["code"], "rhythm": "gentle"})
        lee.post("/invitations/confirm", {"invitation": made["id"], "rhythm": "gentle"}, 200)
    # An answer about both would hold the couple's own id, which is another in each world.
    asked = [("GET", "/invitations/current", None), ("DELETE", "/invitations/current", None),
             ("POST", "/invitations", {}), ("POST", "/invitations", {"id": "*"}),
             ("POST", "/invitations/confirm", {"invitation": "*", "rhythm": "gentle"})]  # fmt: skip
    for method, path, body in asked:
        bodies = [
            body and {name: one.made["id"] if value == "*" else value for name, value in body.items()}
            for one in (world, twin)
        ]
        assert seen(world, (method, path, bodies[0])) == seen(twin, (method, path, bodies[1]))


@pytest.mark.parametrize("no", NOES)
def test_a_no_leaves_the_one_who_said_it_free_and_its_code_used(app: Flask, no: Callable[[World], None]) -> None:
    world, _ = twins(app)
    no(world)
    world.other.get("/invitations/current", 404)
    assert world.other.get("/me")["pairing"] == ("paired" if no is accept_and_choose_another else "alone")
    (eve,) = strangers(app, "Eve")
    eve.post("/invitations/accept", {"code": world.made["code"], "rhythm": "gentle"}, 404)


def refuse(world: World) -> None:
    world.inviter.post("/invitations/refuse", {"invitation": world.made["id"]}, 200)


def withdraw(world: World) -> None:
    world.inviter.delete("/invitations/current")


def choose_another(world: World) -> None:
    """The inviter becomes a couple with somebody else, by that one's code."""
    (third,) = strangers(world.inviter.app, "Kim")
    made = third.post("/invitations", {}, 201)
    world.inviter.post("/invitations/accept", {"code": made["code"], "rhythm": "gentle"})
    third.post("/invitations/confirm", {"invitation": made["id"], "rhythm": "gentle"}, 200)


@pytest.mark.parametrize("no", [refuse, withdraw, choose_another])
def test_the_inviters_no_changes_no_answer_to_the_one_who_came(
    app: Flask, stopped_clock: Traveller, now: datetime, no: Callable[[World], None]
) -> None:
    world, twin = twins(app)
    for one in (world, twin):
        say(one, "accept")
    stopped_clock.shift(timedelta(hours=5))
    no(world)
    (lee,) = strangers(app, "Lee")
    elsewhere = {"code": lee.post("/invitations", {}, 201)["code"], "rhythm": "gentle"}
    for after in (5, 71.99, 72, 76):
        stopped_clock.move_to(now + timedelta(hours=after))
        found = []
        for one in (world, twin):
            own = {"code": one.made["code"]}
            asked = [*reads(), ("POST", "/invitations/look-up", own),
                     ("POST", "/invitations/confirm", {"invitation": one.made["id"], "rhythm": "gentle"})]  # fmt: skip
            if after < 72:
                asked += [("POST", "/invitations/accept", own | {"rhythm": "gentle"}),
                          ("POST", "/invitations/accept", elsewhere)]  # fmt: skip
            found.append(seen(one, *asked, by="other"))
        assert found[0] == found[1]
    assert world.other.get("/me")["pairing"] == "alone"


@pytest.mark.parametrize("no", [refuse, withdraw, choose_another])
def test_stepping_back_after_the_inviters_no_is_stepping_back(app: Flask, no: Callable[[World], None]) -> None:
    world, twin = twins(app)
    for one in (world, twin):
        say(one, "accept")
    no(world)
    before = seen(world, *reads())
    asked = [("POST", "/invitations/decline", {"code": one.made["code"]}) for one in (world, twin)]
    for request in (0, 1):
        assert seen(world, asked[0], by="other") == seen(twin, asked[1], by="other"), request
        assert seen(world, *reads(), by="other") == seen(twin, *reads(), by="other")
    assert seen(world, *reads()) == before
    with db.connection():
        found = Invitation.get_by_id(world.made["id"])
        assert (found.accepter_id, found.accepter_name, found.accepter_rhythm) == (None, None, None)


def test_who_becomes_a_couple_elsewhere_waits_for_no_earlier_no(app: Flask) -> None:
    world, _ = twins(app)
    say(world, "accept")
    refuse(world)
    (kim,) = strangers(app, "Kim")
    own = world.other.post("/invitations", {}, 201)
    kim.post("/invitations/accept", {"code": own["code"], "rhythm": "gentle"})
    world.other.post("/invitations/confirm", {"invitation": own["id"], "rhythm": "gentle"}, 200)
    world.other.get("/invitations/current", 404)


def test_who_said_no_is_kept_nowhere(app: Flask) -> None:
    world, _ = twins(app)
    accept_and_step_back(world)
    with db.connection():
        kept = list(Invitation.select(Invitation.accepter, Invitation.accepter_rhythm).tuples())
    assert kept == [(None, None), (None, None)]
