"""Leaving and blocking while something else happens at the same moment, on both databases: one legal end each time."""

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
from planner.dates.views import Date
from planner.inbox import Item
from planner.notes.notes import Share
from planner.storage import db
from tests.dates import body_of, light, offer
from tests.people import PASSWORD, Person, pair
from tests.racing import statuses, strangers

ROUNDS = 8

Request = tuple[Person, str, str, Any]


def leaving(person: Person) -> Request:
    return person, "DELETE", "/couple", None


def a_couple(app: Flask) -> tuple[Person, Person]:
    ada, ben = strangers(app, "Ada", "Ben")
    pair(ada, ben)
    return ada, ben


def check_parted(*both: Person, off: int = 0) -> None:
    """Nothing of a couple is open or in the way, whoever was first."""
    for one in both:
        assert one.get("/me")["pairing"] == "left"
        assert one.get("/notes?from=partner")["items"] == []
        assert one.get("/dates?show=upcoming")["items"] == []
        assert set(one.inbox()) <= {"couple_ended", "date_off"}
    assert [kind for one in both for kind in one.inbox()].count("couple_ended") == 1
    assert [kind for one in both for kind in one.inbox()].count("date_off") == off
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
    slots = [{"wall": "2026-11-25T19:00", "zone": "UTC", "minutes": 60}]
    return ben, "POST", "/dates", {"activity": light(), "slots": slots, "message": "Shall we?"}


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
def test_leaving_while_the_other_acts_leaves_nothing_behind(
    app: Flask, act: Callable[[Person, Person], Request], leaver: str
) -> None:
    for _ in range(ROUNDS):
        ada, ben = a_couple(app)
        request = act(ada, ben)
        left, acted = statuses(leaving(ada if leaver == "receiver" else ben), request)
        assert left == 200
        assert acted in (200, 201, 404, 409)
        done = acted < 300
        # Agreed in time, it is off for the one who was left; too late, it never was.
        check_parted(ada, ben, off=int(done and act is accept))
        with db.connection():
            # What reached the other before the end stays in their own record, and nothing else is there.
            assert ReceivedCopy.select().count() == int(done and act in (share, propose))
            for table in (ReceivedCopy, Item, ContactEvent, Share):
                with db.write():
                    table.delete().execute()


def test_of_two_who_leave_at_once_each_is_told_it_is_done(app: Flask) -> None:
    for _ in range(2 * ROUNDS):
        ada, ben = a_couple(app)
        offer(ada)
        assert statuses(leaving(ada), leaving(ben)) == [200, 200]
        check_parted(ada, ben)
        with db.connection(), db.write():
            Item.delete().execute()


def test_leaving_twice_at_once_is_leaving(app: Flask) -> None:
    for _ in range(ROUNDS):
        ada, ben = a_couple(app)
        assert statuses(leaving(ada), leaving(ada)) == [200, 200]
        assert (ada.inbox(), ben.inbox()) == ([], ["couple_ended"])


def invited(inviter: Person, accepter: Person) -> Any:
    made = inviter.post("/invitations", {}, 201)
    accepter.post("/invitations/accept", {"code": made["code"], "rhythm": "gentle"})
    return made


def confirming(inviter: Person, made: Any) -> Request:
    return inviter, "POST", "/invitations/confirm", {"invitation": made["id"], "rhythm": "gentle"}


def blocking(person: Person, **whom: str) -> Request:
    return person, "PUT", "/me/blocks", whom


def apart(*both: Person) -> bool:
    return all(one.get("/me")["couple"] is None for one in both)


def test_who_is_blocked_while_they_confirm_ends_in_no_couple(app: Flask) -> None:
    for _ in range(2 * ROUNDS):
        ada, ben = strangers(app, "Ada", "Ben")
        made = invited(ada, ben)
        confirmed, blocked = statuses(confirming(ada, made), blocking(ben, code=made["code"]))
        assert blocked == 200
        assert confirmed in (200, 409)
        assert apart(ada, ben)
        assert ada.inbox() == (["couple_ended"] if confirmed == 200 else [])
        assert [one["name"] for one in ben.get("/me/blocks")["items"]] == ["Ada"]
        ada.request(*confirming(ada, made)[1:])
        assert apart(ada, ben)


def test_a_confirmation_and_a_block_by_the_same_hand_end_in_one_of_them(app: Flask) -> None:
    for _ in range(ROUNDS):
        ada, ben = strangers(app, "Ada", "Ben")
        made = invited(ada, ben)
        confirmed, blocked = statuses(confirming(ada, made), blocking(ada, invitation=made["id"]))
        assert (confirmed, blocked) in ((200, 409), (409, 200), (200, 200))
        assert apart(ada, ben) == (blocked == 200)


def test_two_invitations_that_cross_end_with_a_block(app: Flask) -> None:
    for turn in range(2 * ROUNDS):
        ada, ben = strangers(app, "Ada", "Ben")
        of_ada, of_ben = invited(ada, ben), ben.post("/invitations", {}, 201)
        ada.post("/invitations/accept", {"code": of_ben["code"], "rhythm": "apart"})
        whom = {"invitation": of_ada["id"]} if turn % 2 else {"code": of_ben["code"]}
        found = statuses(confirming(ada, of_ada), confirming(ben, of_ben), blocking(ada, **whom))
        assert found[2] == 200 or (found[2] in (404, 409) and 200 in found[:2])
        if found[2] == 200:
            assert apart(ada, ben)
            for one, made in ((ada, of_ada), (ben, of_ben)):
                one.request(*confirming(one, made)[1:])
            assert apart(ada, ben)
        else:  # the couple was there first: whoever meant no says so to a partner
            ada.put("/me/blocks", {"who": "partner"})
            assert apart(ada, ben)


def test_a_yes_and_a_block_at_once_leave_no_way_in(app: Flask, stopped_clock: Traveller) -> None:
    for _ in range(2 * ROUNDS):
        stopped_clock.shift(timedelta(hours=1))  # a yes that comes too late counts as a wrong code: ten an hour
        ada, ben = strangers(app, "Ada", "Ben")
        pair(ada, ben)
        ada.delete("/couple")
        made = ada.post("/invitations", {}, 201)
        said, blocked = statuses(
            (ben, "POST", "/invitations/accept", {"code": made["code"], "rhythm": "gentle"}),
            blocking(ada, who="last_partner"),
        )
        assert (said in (200, 404), blocked) == (True, 200)
        # A yes that came first is refused by the block; one that comes after it has not come at all.
        assert (ada.get("/me")["pairing"], ada.inbox()) == ("left" if said == 200 else "inviting", [])
        ada.post("/invitations/confirm", {"invitation": made["id"], "rhythm": "gentle"}, 409)
        assert ben.get("/me")["pairing"] == ("awaiting_confirm" if said == 200 else "left")


def test_a_door_that_shuts_while_somebody_confirms_or_invites(app: Flask) -> None:
    for turn in range(2 * ROUNDS):
        ada, ben = strangers(app, "Ada", "Ben")
        if turn % 2:
            made = invited(ada, ben)
            confirmed, shut = statuses(confirming(ada, made), blocking(ben, who="everybody"))
            assert (confirmed in (200, 409), shut) == (True, 200)
            assert apart(ada, ben) == (confirmed == 409)
        else:
            invite, shut = statuses((ada, "POST", "/invitations", {}), blocking(ada, who="everybody"))
            assert (invite in (201, 409), shut) == (True, 200)
            assert ada.get("/me")["pairing"] == "alone"


def test_everything_that_is_asked_while_it_ends_is_answered(app: Flask) -> None:
    """Readers meanwhile see the couple or its end, and never a fault."""
    paths = ("/me", "/today", "/dates", "/inbox", "/notes?from=partner", "/couple", "/suggestions")
    for _ in range(ROUNDS):
        ada, ben = a_couple(app)
        offer(ada)
        reads = [(ben, "GET", path, None) for path in paths]
        found = statuses(leaving(ada), *reads, (ben, "POST", "/me/records", {"password": PASSWORD}))
        assert found[0] == 200
        assert set(found[1:]) <= {200, 404}
