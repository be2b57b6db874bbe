"""Two things at once while two become a couple, again and again, on threads with connections of their own."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from time_machine import Traveller

from planner.couples.couples import Member
from planner.storage import db
from tests.people import Person
from tests.racing import statuses, strangers

ROUNDS = 50
FEWER = 20
WON = {200}
LOST = {404, 409}


def invited(inviter: Person, accepter: Person) -> dict[str, str]:
    """An invitation that waits for its inviter's second yes."""
    made: dict[str, str] = inviter.post("/invitations", {}, 201)
    accepter.post("/invitations/accept", {"code": made["code"], "rhythm": "gentle"})
    return made


def second_yes(inviter: Person, made: dict[str, str]) -> tuple[Person, str, str, object]:
    return inviter, "POST", "/invitations/confirm", {"invitation": made["id"], "rhythm": "gentle"}


def couples_of(*people: Person) -> list[str | None]:
    """The couple of each, after checking that nobody is in two."""
    with db.connection():
        living = [str(one) for (one,) in db.fetch_all(Member.select(Member.person).where(Member.left_at.is_null()))]
    assert len(living) == len(set(living))
    return [(one.get("/me")["couple"] or {}).get("id") for one in people]


def test_of_two_who_accept_one_code_at_once_one_comes_in(app: Flask, stopped_clock: Traveller) -> None:
    first, second = strangers(app, "First", "Second")
    for _ in range(ROUNDS):
        stopped_clock.shift(
            timedelta(hours=1)
        )  # coming too late counts as a wrong code, of which there are ten an hour
        (inviter,) = strangers(app, "Inviter")
        made = inviter.post("/invitations", {}, 201)
        yes = {"code": made["code"], "rhythm": "gentle"}
        found = statuses(*((one, "POST", "/invitations/accept", yes) for one in (first, second)))
        assert min(found) == 200
        assert max(found) in LOST
        winner, loser = (first, second) if found[0] == 200 else (second, first)
        seen = inviter.get("/invitations/current")
        assert (seen["other_name"], seen["check_words"]) == (
            winner.name, winner.get("/invitations/current")["check_words"]
        )  # fmt: skip
        assert loser.get("/me")["pairing"] == "alone"
        inviter.post("/invitations/refuse", {"invitation": made["id"]}, 200)
        winner.post("/invitations/decline", {"code": made["code"]}, 200)


def test_the_same_yes_twice_at_once_is_one_yes(app: Flask) -> None:
    (accepter,) = strangers(app, "Accepter")
    for _ in range(FEWER):
        (inviter,) = strangers(app, "Inviter")
        made = inviter.post("/invitations", {}, 201)
        yes = {"code": made["code"], "rhythm": "gentle"}
        assert statuses(*[(accepter, "POST", "/invitations/accept", yes)] * 2) == [200, 200]
        assert inviter.inbox() == ["invitation_accepted"]
        accepter.post("/invitations/decline", {"code": made["code"]}, 200)


def test_confirming_twice_at_once_makes_one_couple(app: Flask) -> None:
    for _ in range(FEWER):
        inviter, accepter = strangers(app, "Inviter", "Accepter")
        made = invited(inviter, accepter)
        assert statuses(*[second_yes(inviter, made)] * 2) == [200, 200]
        mine, theirs = couples_of(inviter, accepter)
        assert mine == theirs is not None
        assert accepter.inbox() == ["couple_begun"]


def withdraw(inviter: Person, accepter: Person, made: dict[str, str]) -> tuple[Person, str, str, object]:
    return inviter, "DELETE", "/invitations/current", None


def refuse(inviter: Person, accepter: Person, made: dict[str, str]) -> tuple[Person, str, str, object]:
    return inviter, "POST", "/invitations/refuse", {"invitation": made["id"]}


def step_back(inviter: Person, accepter: Person, made: dict[str, str]) -> tuple[Person, str, str, object]:
    return accepter, "POST", "/invitations/decline", {"code": made["code"]}


@pytest.mark.parametrize("no", [withdraw, refuse, step_back])
def test_a_second_yes_and_a_no_at_once_end_in_one_of_the_two(
    app: Flask, stopped_clock: Traveller, no: Callable[..., object]
) -> None:
    for _ in range(FEWER):
        stopped_clock.shift(timedelta(hours=1))  # as above: a no that comes too late counts as a wrong code
        inviter, accepter = strangers(app, "Inviter", "Accepter")
        made = invited(inviter, accepter)
        yes, other = statuses(second_yes(inviter, made), no(inviter, accepter, made))
        mine, theirs = couples_of(inviter, accepter)
        if yes in WON:
            assert other in LOST
            assert mine == theirs is not None
        else:
            assert (yes, other) == (409, 200)
            assert mine is theirs is None
        # The inviter's no is not told: the accepter goes on waiting.
        waiting = yes not in WON and no is not step_back
        accepter.get("/invitations/current", 200 if waiting else 404)
        assert accepter.get("/me")["pairing"] == (
            "paired" if yes in WON else "awaiting_confirm" if waiting else "alone"
        )  # fmt: skip


def test_a_code_taken_back_while_somebody_declines_it_is_taken_back(app: Flask, stopped_clock: Traveller) -> None:
    for _ in range(ROUNDS):
        stopped_clock.shift(timedelta(hours=1))  # as above: a code that is void already counts as a wrong one
        inviter, other = strangers(app, "Inviter", "Other")
        made: dict[str, str] = inviter.post("/invitations", {}, 201)
        withdrawn, declined = statuses(withdraw(inviter, other, made), step_back(inviter, other, made))
        assert withdrawn == 200
        assert declined in WON | LOST
        inviter.get("/invitations/current", 404)


@pytest.mark.parametrize("no", [withdraw, refuse])
def test_whoever_steps_back_while_the_inviter_says_no_feels_nothing_of_it(
    app: Flask, no: Callable[..., object]
) -> None:
    for _ in range(FEWER):
        inviter, accepter = strangers(app, "Inviter", "Accepter")
        made = invited(inviter, accepter)
        of_inviter, stepped = statuses(no(inviter, accepter, made), step_back(inviter, accepter, made))
        assert stepped == 200
        assert of_inviter == 200 or (no is refuse and of_inviter == 409)
        assert [one.get("/me")["pairing"] for one in (inviter, accepter)] == [
            "alone" if of_inviter == 200 else "inviting", "alone",
        ]  # fmt: skip


def test_whoever_is_confirmed_by_one_and_confirms_another_at_once_ends_in_one_couple(app: Flask) -> None:
    for _ in range(FEWER):
        middle, left, right = strangers(app, "Middle", "Left", "Right")
        own, other = invited(middle, left), invited(right, middle)
        found = statuses(second_yes(middle, own), second_yes(right, other))
        assert sorted(found) == [200, 409]
        of_middle, of_left, of_right = couples_of(middle, left, right)
        assert of_middle is not None
        assert [of_left, of_right] == ([of_middle, None] if found[0] == 200 else [None, of_middle])
        # Nothing is left open around the two; whoever waited in vain is as alone as after a no.
        middle.get("/invitations/current", 404)


def test_two_who_invited_each_other_and_confirm_at_once_are_one_couple(app: Flask) -> None:
    for _ in range(FEWER):
        ada, ben = strangers(app, "Ada", "Ben")
        of_ada, of_ben = (one.post("/invitations", {}, 201) for one in (ada, ben))
        ada.post("/invitations/accept", {"code": of_ben["code"], "rhythm": "apart"})
        ben.post("/invitations/accept", {"code": of_ada["code"], "rhythm": "gentle"})
        assert sorted(statuses(second_yes(ada, of_ada), second_yes(ben, of_ben))) == [200, 409]
        mine, theirs = couples_of(ada, ben)
        assert mine == theirs is not None


def test_inviting_twice_at_once_leaves_one_invitation(app: Flask) -> None:
    for _ in range(FEWER):
        (ada,) = strangers(app, "Ada")
        assert sorted(statuses(*[(ada, "POST", "/invitations", {})] * 2)) == [201, 409]


def test_the_same_id_from_two_people_at_once_belongs_to_one(app: Flask) -> None:
    for _ in range(FEWER):
        ada, ben = strangers(app, "Ada", "Ben")
        body = {"id": str(uuid4())}
        assert sorted(statuses(*((one, "POST", "/invitations", body) for one in (ada, ben)))) == [201, 422]
