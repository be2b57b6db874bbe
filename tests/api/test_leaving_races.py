"""Test leaving and blocking while another request runs. Every race has one legal end, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from planner.contact.contact_log import ContactEvent
from planner.contact.received import ReceivedCopy
from planner.couples.couples import Couple, Member
from planner.dates.dates import Date
from planner.inbox import Item
from planner.notes.notes import Share
from planner.storage import db
from tests.dates import body_of, light, offer
from tests.people import PASSWORD, Person, pair
from tests.racing import statuses, strangers

pytestmark = pytest.mark.both_databases

ROUNDS = 3

Request = tuple[Person, str, str, Any]


def leaving(person: Person) -> Request:
    return person, "DELETE", "/couple", None


def make_couple(app: Flask) -> tuple[Person, Person]:
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben)
    return ada, ben


def check_parted(*both: Person, off: int = 0) -> None:
    """Check that nothing of the couple is open, in any order of the two requests."""
    for person in both:
        assert person.get("/me")["pairing"] == "left"
        assert person.get("/notes?from=partner")["items"] == []
        assert person.get("/dates?show=upcoming")["items"] == []
        assert set(person.inbox()) <= {"couple_ended", "date_off"}
    assert [kind for person in both for kind in person.inbox()].count("couple_ended") == 1
    assert [kind for person in both for kind in person.inbox()].count("date_off") == off
    with db.connection():
        assert not Member.select().where(Member.left_at.is_null()).exists()
        assert not Couple.select().where(Couple.ended_at.is_null()).exists()
        assert not Date.select().where(Date.state.in_(["proposed", "accepted"])).exists()
        assert not Share.select().where(Share.recalled_at.is_null()).exists()
        assert (
            not ContactEvent.select()
            .where(ContactEvent.open_until.is_null(False), ContactEvent.outcome.is_null())
            .exists()
        )
        assert not Item.select().where(Item.kind.not_in(["couple_ended", "date_off"])).exists()


def share(ada: Person, ben: Person) -> Request:
    note = ben.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    return ben, "POST", f"/notes/{note}/share", {"version": 1}


def propose(ada: Person, ben: Person) -> Request:
    slots = [{"local_time": "2026-11-25T19:00", "zone": "UTC", "minutes": 60}]
    return ben, "POST", "/dates", {"activity_id": light(), "slots": slots, "message": "Shall we?"}


def accept(ada: Person, ben: Person) -> Request:
    date = offer(ada)
    return ben, "POST", f"/dates/{date['id']}/accept", body_of("accept", date)


def decline(ada: Person, ben: Person) -> Request:
    date = offer(ada)
    return ben, "POST", f"/dates/{date['id']}/decline", body_of("decline", date)


def counter(ada: Person, ben: Person) -> Request:
    date = offer(ada)
    return ben, "POST", f"/dates/{date['id']}/counter", body_of("counter", date)


@pytest.mark.parametrize("act", [share, propose, accept, decline, counter])
@pytest.mark.parametrize("leaver", ["sender", "receiver"])
def test_leaving_while_the_partner_acts_leaves_nothing_open(
    app: Flask, act: Callable[[Person, Person], Request], leaver: str
) -> None:
    for _ in range(ROUNDS):
        ada, ben = make_couple(app)
        request = act(ada, ben)
        left, acted = statuses(leaving(ada if leaver == "receiver" else ben), request)
        assert left == 200
        assert acted in (200, 201, 404, 409)
        done = acted < 300
        # If the accept came first, the date is off for the partner who was left. If not, it was never accepted.
        check_parted(ada, ben, off=int(done and act is accept))
        with db.connection():
            # The record of the receiver holds what arrived before the end, and nothing else.
            assert ReceivedCopy.select().count() == int(done and act in (share, propose))
            for table in (ReceivedCopy, Item, ContactEvent, Share):
                with db.write():
                    table.delete().execute()


def test_partners_who_leave_at_once_both_succeed(app: Flask) -> None:
    for _ in range(ROUNDS):
        ada, ben = make_couple(app)
        offer(ada)
        assert statuses(leaving(ada), leaving(ben)) == [200, 200]
        check_parted(ada, ben)
        with db.connection(), db.write():
            Item.delete().execute()


def test_leaving_twice_at_once_happens_once(app: Flask) -> None:
    for _ in range(ROUNDS):
        ada, ben = make_couple(app)
        assert statuses(leaving(ada), leaving(ada)) == [200, 200]
        assert (ada.inbox(), ben.inbox()) == ([], ["couple_ended"])


def make_accepted_invitation(inviter: Person, invitee: Person) -> Any:
    invitation = inviter.post("/invitations", {}, 201)
    invitee.post("/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"})
    return invitation


def confirming(inviter: Person, invitation: Any) -> Request:
    return inviter, "POST", "/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "gentle"}


def blocking(person: Person, **whom: str) -> Request:
    return person, "PUT", "/me/blocks", whom


def are_apart(*both: Person) -> bool:
    return all(person.get("/me")["couple"] is None for person in both)


def test_a_block_while_the_inviter_confirms_leaves_no_couple(app: Flask) -> None:
    for _ in range(ROUNDS):
        ada, ben = strangers(app, "Ada", "Ben")
        invitation = make_accepted_invitation(ada, ben)
        confirmed, blocked = statuses(confirming(ada, invitation), blocking(ben, code=invitation["code"]))
        assert blocked == 200
        assert confirmed in (200, 409)
        assert are_apart(ada, ben)
        assert ada.inbox() == (["couple_ended"] if confirmed == 200 else [])
        assert [item["name"] for item in ben.get("/me/blocks")["items"]] == ["Ada"]
        ada.request(*confirming(ada, invitation)[1:])
        assert are_apart(ada, ben)


def test_a_simultaneous_confirm_and_block_by_one_person_end_consistently(app: Flask) -> None:
    for _ in range(ROUNDS):
        ada, ben = strangers(app, "Ada", "Ben")
        invitation = make_accepted_invitation(ada, ben)
        confirmed, blocked = statuses(confirming(ada, invitation), blocking(ada, invitation_id=invitation["id"]))
        assert (confirmed, blocked) in ((200, 409), (409, 200), (200, 200))
        assert are_apart(ada, ben) == (blocked == 200)


def test_a_block_ends_crossed_invitations(app: Flask) -> None:
    for round_number in range(2 * ROUNDS):
        ada, ben = strangers(app, "Ada", "Ben")
        of_ada, of_ben = make_accepted_invitation(ada, ben), ben.post("/invitations", {}, 201)
        ada.post("/invitations/accept", {"code": of_ben["code"], "rhythm": "apart"})
        whom = {"invitation_id": of_ada["id"]} if round_number % 2 else {"code": of_ben["code"]}
        results = statuses(confirming(ada, of_ada), confirming(ben, of_ben), blocking(ada, **whom))
        assert results[2] == 200 or (results[2] in (404, 409) and 200 in results[:2])
        if results[2] == 200:
            assert are_apart(ada, ben)
            for inviter, invitation in ((ada, of_ada), (ben, of_ben)):
                inviter.request(*confirming(inviter, invitation)[1:])
            assert are_apart(ada, ben)
        else:  # the couple was there first, so Ada blocks her partner
            ada.put("/me/blocks", {"target": "partner"})
            assert are_apart(ada, ben)


def test_a_block_while_the_person_accepts_prevents_the_couple(app: Flask, stopped_clock: Traveller) -> None:
    for _ in range(ROUNDS):
        stopped_clock.shift(timedelta(hours=1))  # a late accept counts as a wrong code, and ten an hour are allowed
        ada, ben = strangers(app, "Ada", "Ben")
        pair(ada, ben)
        ada.delete("/couple")
        invitation = ada.post("/invitations", {}, 201)
        accepted, blocked = statuses(
            (ben, "POST", "/invitations/accept", {"code": invitation["code"], "rhythm": "gentle"}),
            blocking(ada, target="last_partner"),
        )
        assert (accepted in (200, 404), blocked) == (True, 200)
        # The block refuses an earlier accept. A later accept is a wrong code.
        assert (ada.get("/me")["pairing"], ada.inbox()) == ("left" if accepted == 200 else "inviting", [])
        ada.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "gentle"}, 409)
        assert ben.get("/me")["pairing"] == ("awaiting_confirm" if accepted == 200 else "left")


def test_a_block_of_everybody_while_a_person_confirms_or_invites(app: Flask) -> None:
    for round_number in range(2 * ROUNDS):
        ada, ben = strangers(app, "Ada", "Ben")
        if round_number % 2:
            invitation = make_accepted_invitation(ada, ben)
            confirmed, blocked = statuses(confirming(ada, invitation), blocking(ben, target="everybody"))
            assert (confirmed in (200, 409), blocked) == (True, 200)
            assert are_apart(ada, ben) == (confirmed == 409)
        else:
            invite, blocked = statuses((ada, "POST", "/invitations", {}), blocking(ada, target="everybody"))
            assert (invite in (201, 409), blocked) == (True, 200)
            assert ada.get("/me")["pairing"] == "alone"


def test_reads_while_the_couple_ends_are_answered(app: Flask) -> None:
    """Read everything while the couple ends. Every answer shows the couple or its end, and no error."""
    paths = ("/me", "/today", "/dates", "/inbox", "/notes?from=partner", "/couple", "/suggestions")
    for _ in range(ROUNDS):
        ada, ben = make_couple(app)
        offer(ada)
        reads = [(ben, "GET", path, None) for path in paths]
        results = statuses(leaving(ada), *reads, (ben, "POST", "/me/received", {"password": PASSWORD}))
        assert results[0] == 200
        assert set(results[1:]) <= {200, 404}
