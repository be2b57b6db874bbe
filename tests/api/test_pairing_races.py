"""Test simultaneous requests while two people become a couple, on threads with their own connections."""

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

pytestmark = pytest.mark.both_databases

ROUNDS = 3
WON = {200}
LOST = {404, 409}


def make_accepted_invitation(inviter: Person, invitee: Person) -> dict[str, str]:
    """Return an accepted invitation that waits for the confirmation."""
    invitation: dict[str, str] = inviter.post("/invitations", {}, 201)
    invitee.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
    return invitation


def confirm(inviter: Person, invitation: dict[str, str]) -> tuple[Person, str, str, object]:
    return inviter, "POST", "/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "gentle"}


def couples_of(*people: Person) -> list[str | None]:
    """Return the couple of each person. Check that each person is in one couple at most."""
    with db.connection():
        member_ids = [
            str(member) for (member,) in db.fetch_all(Member.select(Member.person).where(Member.left_at.is_null()))
        ]
    assert len(member_ids) == len(set(member_ids))
    return [(person.get("/me")["couple"] or {}).get("id") for person in people]


def test_of_two_simultaneous_accepts_one_succeeds(app: Flask, stopped_clock: Traveller) -> None:
    first, second = strangers(app, "First", "Second")
    for _ in range(ROUNDS):
        stopped_clock.shift(timedelta(hours=1))  # a late accept counts as a wrong code, and ten an hour are allowed
        (inviter,) = strangers(app, "Inviter")
        invitation = inviter.post("/invitations", {}, 201)
        yes = {"code": invitation["code"], "rhythm": "gentle"}
        results = statuses(*((person, "POST", "/invitations/accept", yes) for person in (first, second)))
        assert min(results) == 200
        assert max(results) in LOST
        winner, loser = (first, second) if results[0] == 200 else (second, first)
        seen = inviter.get("/invitations/current")
        assert (seen["partner_name"], seen["check_words"]) == (
            winner.name, winner.get("/invitations/current")["check_words"]
        )  # fmt: skip
        assert loser.get("/me")["pairing"] == "alone"
        inviter.post("/invitations/refuse", {"invitation_id": invitation["id"]}, 200)
        winner.post("/invitations/decline", {"code": invitation["code"]}, 200)


def test_the_same_accept_twice_at_once_happens_once(app: Flask) -> None:
    (invitee,) = strangers(app, "Invitee")
    for _ in range(ROUNDS):
        (inviter,) = strangers(app, "Inviter")
        invitation = inviter.post("/invitations", {}, 201)
        yes = {"code": invitation["code"], "rhythm": "gentle"}
        assert statuses(*[(invitee, "POST", "/invitations/accept", yes)] * 2) == [200, 200]
        assert inviter.inbox() == ["invitation_accepted"]
        invitee.post("/invitations/decline", {"code": invitation["code"]}, 200)


def test_confirming_twice_at_once_makes_one_couple(app: Flask) -> None:
    for _ in range(ROUNDS):
        inviter, invitee = strangers(app, "Inviter", "Invitee")
        invitation = make_accepted_invitation(inviter, invitee)
        assert statuses(*[confirm(inviter, invitation)] * 2) == [200, 200]
        mine, theirs = couples_of(inviter, invitee)
        assert mine == theirs is not None
        assert invitee.inbox() == ["couple_begun"]


def withdraw(inviter: Person, invitee: Person, invitation: dict[str, str]) -> tuple[Person, str, str, object]:
    return inviter, "DELETE", "/invitations/current", None


def refuse(inviter: Person, invitee: Person, invitation: dict[str, str]) -> tuple[Person, str, str, object]:
    return inviter, "POST", "/invitations/refuse", {"invitation_id": invitation["id"]}


def step_back(inviter: Person, invitee: Person, invitation: dict[str, str]) -> tuple[Person, str, str, object]:
    return invitee, "POST", "/invitations/decline", {"code": invitation["code"]}


@pytest.mark.parametrize("no", [withdraw, refuse, step_back])
def test_a_confirmation_and_a_refusal_at_once_end_in_one_of_them(
    app: Flask, stopped_clock: Traveller, no: Callable[..., object]
) -> None:
    for _ in range(ROUNDS):
        stopped_clock.shift(timedelta(hours=1))  # as above: a late decline counts as a wrong code
        inviter, invitee = strangers(app, "Inviter", "Invitee")
        invitation = make_accepted_invitation(inviter, invitee)
        yes, other = statuses(confirm(inviter, invitation), no(inviter, invitee, invitation))
        mine, theirs = couples_of(inviter, invitee)
        if yes in WON:
            assert other in LOST
            assert mine == theirs is not None
        else:
            assert (yes, other) == (409, 200)
            assert mine is theirs is None
        # The invitee does not learn of a refusal, and goes on waiting.
        waiting = yes not in WON and no is not step_back
        invitee.get("/invitations/current", 200 if waiting else 404)
        assert invitee.get("/me")["pairing"] == (
            "paired" if yes in WON else "awaiting_confirm" if waiting else "alone"
        )  # fmt: skip


def test_withdrawing_while_a_person_declines_succeeds(app: Flask, stopped_clock: Traveller) -> None:
    for _ in range(ROUNDS):
        stopped_clock.shift(timedelta(hours=1))  # as above: an ended code counts as a wrong code
        inviter, holder = strangers(app, "Inviter", "Other")
        invitation: dict[str, str] = inviter.post("/invitations", {}, 201)
        withdrawn, declined = statuses(withdraw(inviter, holder, invitation), step_back(inviter, holder, invitation))
        assert withdrawn == 200
        assert declined in WON | LOST
        inviter.get("/invitations/current", 404)


@pytest.mark.parametrize("no", [withdraw, refuse])
def test_stepping_back_while_the_inviter_refuses_succeeds(app: Flask, no: Callable[..., object]) -> None:
    for _ in range(ROUNDS):
        inviter, invitee = strangers(app, "Inviter", "Invitee")
        invitation = make_accepted_invitation(inviter, invitee)
        of_inviter, stepped_back = statuses(no(inviter, invitee, invitation), step_back(inviter, invitee, invitation))
        assert stepped_back == 200
        assert of_inviter == 200 or (no is refuse and of_inviter == 409)
        assert [person.get("/me")["pairing"] for person in (inviter, invitee)] == [
            "alone" if of_inviter == 200 else "inviting", "alone",
        ]  # fmt: skip


def test_two_simultaneous_confirmations_of_one_person_make_one_couple(app: Flask) -> None:
    for _ in range(ROUNDS):
        middle, left, right = strangers(app, "Middle", "Left", "Right")
        own, other = make_accepted_invitation(middle, left), make_accepted_invitation(right, middle)
        results = statuses(confirm(middle, own), confirm(right, other))
        assert sorted(results) == [200, 409]
        of_middle, of_left, of_right = couples_of(middle, left, right)
        assert of_middle is not None
        assert [of_left, of_right] == ([of_middle, None] if results[0] == 200 else [None, of_middle])
        # No invitation of the couple is left open. To the third person it looks like a refusal.
        middle.get("/invitations/current", 404)


def test_crossed_invitations_confirmed_at_once_make_one_couple(app: Flask) -> None:
    for _ in range(ROUNDS):
        ada, ben = strangers(app, "Ada", "Ben")
        of_ada, of_ben = (person.post("/invitations", {}, 201) for person in (ada, ben))
        ada.post("/invitations/accept", {"code": of_ben["code"], "rhythm": "apart"})
        ben.post("/invitations/accept", {"code": of_ada["code"], "rhythm": "gentle"})
        results = statuses(confirm(ada, of_ada), confirm(ben, of_ben))
        assert results in ([200, 200], [409, 200])  # Ada accepted with another rhythm than she confirms
        mine, theirs = couples_of(ada, ben)
        assert mine == theirs is not None


def test_two_simultaneous_invitations_leave_one(app: Flask) -> None:
    for _ in range(ROUNDS):
        (ada,) = strangers(app, "Ada")
        assert sorted(statuses(*[(ada, "POST", "/invitations", {})] * 2)) == [201, 409]


def test_the_same_id_from_two_people_at_once_is_taken_once(app: Flask) -> None:
    for _ in range(ROUNDS):
        ada, ben = strangers(app, "Ada", "Ben")
        body = {"id": str(uuid4())}
        assert sorted(statuses(*((person, "POST", "/invitations", body) for person in (ada, ben)))) == [201, 422]
