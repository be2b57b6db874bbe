"""Test blocks. A block lasts and sends no message. A code between the two people looks like a wrong code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from time_machine import Traveller

from planner import clock
from planner.accounts.accounts import Person as PersonRow
from planner.accounts.rate_limits import RateLimitCounter
from planner.couples import blocks, couples
from planner.couples.couples import MemberConsent
from planner.couples.invitations import Invitation
from planner.storage import db
from tests.api.answers import contents
from tests.people import Cast, Person, expect, pair
from tests.racing import strangers

MOVES = ("look-up", "accept", "decline", "block")
WRONG = "ABCD-EFGH-IJKL"


def invite(person: Person) -> Any:
    return person.post("/invitations", {}, 201)


def accept(person: Person, code: str, status: int = 200) -> Any:
    return person.post("/invitations/accept", {"code": code, "rhythm": "gentle"}, status)


def confirm(person: Person, invitation: Any, status: int = 200) -> Any:
    return person.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "gentle"}, status)


def block(person: Person, status: int = 200, **whom: str) -> Any:
    return person.put("/me/blocks", whom, status)


def blocked_people(person: Person) -> list[tuple[str, str | None]]:
    return [(item["target"], item["name"]) for item in person.get("/me/blocks")["items"]]


def by_code(person: Person, move: str, code: str) -> Any:
    """Return the answer to a person who tries a code: status, headers, body, and the tries used."""
    path, method = (f"/invitations/{move}", "POST") if move != "block" else ("/me/blocks", "PUT")
    body = {"code": code} | ({"rhythm": "gentle"} if move == "accept" else {})
    with db.connection(), db.write():
        RateLimitCounter.delete().execute()
    answer = person.request(method, path, body)
    with db.connection():
        tries = sorted(count for (count,) in db.fetch_all(RateLimitCounter.select(RateLimitCounter.count)))
    return answer.status_code, list(answer.headers), answer.data, tries


def test_the_last_partner_is_blocked_and_only_the_blocker_sees_it(cast: Cast) -> None:
    block(cast.alice, 409, target="last_partner")
    cast.bob.delete("/couple")
    entry = block(cast.alice, target="last_partner")
    assert (entry["target"], entry["name"], entry["blocked_at"]) == ("person", "Bob", "2026-11-23T12:00:00.000Z")
    assert block(cast.alice, target="last_partner") == entry  # a repeat returns the same block
    assert cast.alice.get("/me/blocks")["items"] == [entry]
    assert blocked_people(cast.bob) == blocked_people(cast.sam) == []
    assert cast.bob.request("GET", "/me/blocks").headers["Cache-Control"] == "no-store"


def test_blocking_the_partner_leaves_the_couple(cast: Cast) -> None:
    entry = block(cast.alice, target="partner")
    assert block(cast.alice, target="partner") == entry
    for person in (cast.alice, cast.bob):
        assert person.get("/me")["pairing"] == "left"
    assert cast.bob.inbox() == ["couple_ended"]
    assert cast.alice.inbox() == []
    assert block(cast.sam, 409, target="partner")["type"] == "/problems/wrong-state"
    # Bob finds only that Alice left the couple.
    assert (blocked_people(cast.alice), blocked_people(cast.bob)) == ([("person", "Bob")], [])


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_after_a_block_neither_can_use_a_code_of_the_other(cast: Cast, blocker: str) -> None:
    block(getattr(cast, blocker), target="partner")
    for inviter, other in ((cast.alice, cast.bob), (cast.bob, cast.alice)):
        code = invite(inviter)["code"]
        for move in ("look-up", "accept", "decline"):
            assert by_code(other, move, code) == by_code(other, move, WRONG), move
        inviter.delete("/invitations/current")
    assert cast.sam.post("/invitations/look-up", {"code": invite(cast.alice)["code"]})["inviter_name"] == "Alice"


def test_wrong_used_expired_blocked_and_closed_codes_get_the_same_answer(app: Flask, stopped_clock: Traveller) -> None:
    ben, old, used, blocks_ben, closed, blocked, kim, paired, lee = strangers(
        app, "Ben", "Old", "Used", "Blocks", "Closed", "Blocked", "Kim", "Paired", "Lee"
    )
    codes = {"expired": invite(old)["code"]}
    stopped_clock.shift(timedelta(days=7, hours=1))
    codes["used"] = invite(used)["code"]
    accept(kim, codes["used"])
    # A block by code needs a code of the other person, so these people met Ben before.
    block(blocks_ben, code=invite(ben)["code"])
    codes["blocks me"] = invite(blocks_ben)["code"]
    codes["blocked by me"] = invite(blocked)["code"]
    block(ben, code=codes["blocked by me"])
    codes["closed"] = invite(closed)["code"]
    with db.connection(), db.write():  # as after a restore: Closed blocks everybody, and has an open invitation
        blocks.block_everyone(UUID(closed.id), clock.utcnow())
    codes["paired"] = invite(paired)["code"]
    with db.connection(), db.write():
        couples.begin(
            {UUID(person.id): MemberConsent(person.name, "gentle") for person in (paired, lee)}, clock.utcnow()
        )
    codes["own"] = ben.get("/invitations/current")["code"]
    for move in MOVES:
        wrong = by_code(ben, move, WRONG)
        assert wrong[0] == 404
        assert wrong[3] == [1, 1]  # the try counts for the account and for the address
        for what, code in codes.items():
            if (move, what) != ("block", "blocked by me"):  # this would repeat Ben's own block
                assert by_code(ben, move, code) == wrong, (move, what)
    with db.connection():
        assert Invitation.select().where(Invitation.state != "pending").count() == 1


def test_the_holder_of_a_code_blocks_the_inviter_before_or_after_accepting(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    invitation = invite(ada)
    entry = block(ben, code=invitation["code"])
    assert (entry["target"], entry["name"]) == ("person", "Ada")
    assert block(ben, code=invitation["code"]) == entry
    accept(ben, invitation["code"], 404)
    assert ada.get("/me")["pairing"] == "inviting"
    ben.delete(f"/me/blocks/{entry['id']}")
    accept(ben, invitation["code"])
    block(ben, code=invitation["code"])
    # As after stepping back: to Ada, her code is unused.
    assert ada.get("/invitations/current") == invitation
    assert (ada.inbox(), ben.get("/me")["pairing"]) == ([], "alone")
    confirm(ada, invitation, 409)


def test_the_blocked_invitee_goes_on_reading_accepted(app: Flask, stopped_clock: Traveller) -> None:
    ada, ben, eve = strangers(app, "Ada", "Ben", "Eve")
    invitation = invite(ada)
    block(ada, 409, invitation_id=invitation["id"])
    accepted = accept(ben, invitation["code"])
    for other in (ben, eve):
        assert block(other, 404, invitation_id=invitation["id"]) == block(other, 404, invitation_id=str(uuid4()))
    entry = block(ada, invitation_id=invitation["id"])
    assert (entry["name"], blocked_people(ada), blocked_people(ben)) == ("Ben", [("person", "Ben")], [])
    assert ben.get("/invitations/current") == accepted == accept(ben, invitation["code"])
    assert (ada.get("/me")["pairing"], ben.get("/me")["pairing"]) == ("alone", "awaiting_confirm")
    confirm(ada, invitation, 409)
    assert block(ada, invitation_id=invitation["id"]) == entry
    ben.post("/invitations/decline", {"code": invitation["code"]}, 200)
    assert block(ada, invitation_id=invitation["id"]) == entry  # the answer does not tell whether Ben stepped back
    assert accept(ben, invite(ada)["code"], 404) == accept(ben, WRONG, 404)
    accept(eve, ada.get("/invitations/current")["code"])


def world(app: Flask) -> tuple[Person, Person, Any]:
    ada, ben = strangers(app, "Ada", "Ben")
    invitation = invite(ada)
    accept(ben, invitation["code"])
    return ada, ben, invitation


def answers_to(person: Person, invitation: Any) -> list[tuple[Any, ...]]:
    requests = [("GET", path, None) for path in ("/invitations/current", "/me", "/inbox", "/couple", "/me/blocks")]
    requests += [("POST", "/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "gentle"})]
    answers = []
    for method, path, body in requests:
        answer = person.request(method, path, body)
        text = answer.get_data(as_text=True)
        for own in (invitation["id"], invitation["code"], person.id, person.sign_in_name):
            text = text.replace(own, "*")
        text = text.partition('"check_words"')[0]
        answers.append((path, answer.status_code, text, [name for name, _ in answer.headers]))
    return answers


def test_to_the_invitee_a_block_looks_like_an_inviter_who_does_nothing(app: Flask, stopped_clock: Traveller) -> None:
    (ada, ben, invitation), (_, twin, twin_invitation) = world(app), world(app)
    block(ada, invitation_id=invitation["id"])
    for hours in (0, 30, 137, 168, 200):
        stopped_clock.shift(timedelta(hours=hours))
        assert answers_to(ben, invitation) == answers_to(twin, twin_invitation), hours


def test_to_the_inviter_a_block_looks_like_an_invitee_who_steps_back(app: Flask, stopped_clock: Traveller) -> None:
    (ada, ben, invitation), (twin, dan, twin_invitation) = world(app), world(app)
    block(ben, code=invitation["code"])
    dan.post("/invitations/decline", {"code": twin_invitation["code"]}, 200)
    for hours in (0, 30, 168):
        stopped_clock.shift(timedelta(hours=hours))
        assert answers_to(ada, invitation) == answers_to(twin, twin_invitation), hours


def test_a_block_ends_both_of_two_crossed_invitations(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    of_ada, of_ben = invite(ada), invite(ben)
    accept(ada, of_ben["code"])
    accept(ben, of_ada["code"])
    block(ada, invitation_id=of_ada["id"])
    confirm(ada, of_ada, 409)
    confirm(ben, of_ben, 409)
    assert [person.get("/me")["couple"] for person in (ada, ben)] == [None, None]
    assert ada.get("/me")["pairing"] == "alone"


@pytest.mark.parametrize("whose", [0, 1])
def test_a_restored_block_stops_an_accepted_invitation(app: Flask, whose: int) -> None:
    both = strangers(app, "Ada", "Ben")
    invitation = invite(both[0])
    accept(both[1], invitation["code"])
    ids = [UUID(person.id) for person in both]
    with db.connection(), db.write():
        blocks.add(ids[whose], ids[1 - whose], both[1 - whose].name, None, clock.utcnow())
    confirm(both[0], invitation, 409)
    assert [person.get("/me")["pairing"] for person in both] == ["awaiting_confirm"] * 2


def test_a_block_lasts_until_its_owner_lifts_it_and_restores_no_couple(cast: Cast, stopped_clock: Traveller) -> None:
    entry = block(cast.alice, target="partner")
    stopped_clock.shift(timedelta(days=800))
    for person in (cast.alice, cast.bob, cast.sam):
        person.sign_in_again()
    accept(cast.bob, invite(cast.alice)["code"], 404)
    for other in (cast.bob, cast.sam):
        other.delete(f"/me/blocks/{entry['id']}", 404)
    cast.alice.delete(f"/me/blocks/{entry['id']}")
    cast.alice.delete(f"/me/blocks/{entry['id']}", 404)
    assert cast.alice.get("/me/blocks")["items"] == []
    cast.alice.get("/couple", 404)
    accept(cast.bob, cast.alice.get("/invitations/current")["code"])


def test_two_people_can_block_each_other(cast: Cast) -> None:
    mine, theirs = block(cast.alice, target="partner"), block(cast.bob, target="last_partner")
    cast.alice.delete(f"/me/blocks/{mine['id']}")
    accept(cast.alice, invite(cast.bob)["code"], 404)
    cast.bob.delete(f"/me/blocks/{theirs['id']}")
    accept(cast.alice, cast.bob.get("/invitations/current")["code"])


def test_a_block_outlives_the_blocked_account_and_stores_no_id_of_it(cast: Cast) -> None:
    entry = block(cast.alice, target="partner")
    with db.connection():
        rows = {table: table_rows for table, table_rows in contents().items() if table == "blocks"}
        assert cast.bob.id not in str(rows)
        bob_row = PersonRow.get_by_id(UUID(cast.bob.id))
        with db.write():
            PersonRow.delete().where(PersonRow.id == bob_row.id).execute()
    assert cast.alice.get("/me/blocks")["items"] == [entry]
    with db.connection(), db.write():  # as after a restored backup
        PersonRow.insert(**bob_row.__data__).execute()
        assert blocks.is_blocked_between(UUID(cast.alice.id), bob_row.id)
    block(cast.alice, 409, target="last_partner")


def test_a_person_in_a_couple_can_block_an_inviter_by_code(cast: Cast) -> None:
    code = invite(cast.sam)["code"]
    block(cast.alice, code=code)
    assert cast.alice.get("/me")["pairing"] == "paired"
    assert cast.sam.get("/me")["pairing"] == "inviting"
    accept(cast.alice, code, 404)


def test_a_block_of_everybody_stops_all_codes_until_it_is_lifted(cast: Cast) -> None:
    entry = block(cast.sam, target="everybody")
    assert (entry["target"], entry["name"]) == ("everybody", None)
    assert block(cast.sam, target="everybody") == entry
    assert blocked_people(cast.sam) == [("everybody", None)]
    refusal = cast.sam.post("/invitations", {}, 409)
    assert "Lift that block first" in refusal["detail"]
    cast.alice.delete("/couple")
    code = invite(cast.alice)["code"]
    for move in MOVES:
        assert by_code(cast.sam, move, code) == by_code(cast.sam, move, WRONG)
    cast.bob.delete(f"/me/blocks/{entry['id']}", 404)
    cast.sam.delete(f"/me/blocks/{entry['id']}")
    accept(cast.sam, code)


def test_a_block_of_everybody_ends_open_invitations_without_a_message(app: Flask) -> None:
    ada, ben, cleo, dan = strangers(app, "Ada", "Ben", "Cleo", "Dan")
    mine, theirs = invite(ada), invite(dan)
    accepted = accept(ben, mine["code"])
    accept(ada, theirs["code"])
    block(ada, target="everybody")
    assert ben.get("/invitations/current") == accepted
    assert dan.get("/invitations/current") == theirs
    confirm(ada, mine, 409)
    confirm(dan, theirs, 409)
    assert ada.get("/me")["pairing"] == "alone"
    accept(cleo, mine["code"], 404)


def test_a_block_of_everybody_outlives_its_account(app: Flask, sam: Person) -> None:
    block(sam, target="everybody")
    with db.connection():
        sam_row = PersonRow.get_by_id(UUID(sam.id))
        with db.write():
            PersonRow.delete().where(PersonRow.id == sam_row.id).execute()
            PersonRow.insert(**sam_row.__data__).execute()  # as after a restored backup
        assert blocks.blocks_everyone(sam_row.id)
        assert sam.id not in str(contents()["global_blocks"])


def test_a_block_of_everybody_keeps_the_couple_and_stops_later_invitations(cast: Cast) -> None:
    block(cast.alice, target="everybody")
    assert cast.alice.get("/me")["pairing"] == "paired"
    cast.alice.delete("/couple")
    cast.alice.post("/invitations", {}, 409)
    accept(cast.alice, invite(cast.sam)["code"], 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"target": None},
        {"target": "Bob"},
        {"target": "partner", "code": WRONG},
        {"target": "invitee"},
        {"code": ""},
        {"name": "Bob"},
    ],
)
def test_a_body_that_names_no_person_in_a_known_way_is_refused(cast: Cast, body: Any) -> None:
    before = contents()
    cast.alice.put("/me/blocks", body, 422)
    assert contents() == before


def test_blocking_by_wrong_codes_is_limited(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    for _ in range(10):
        expect(ben.request("PUT", "/me/blocks", {"code": WRONG}), 404)
    block(ben, 429, code=invite(ada)["code"])
    block(ben, target="everybody")  # a block without a code is not limited


ACTS: tuple[Callable[[Person], Any], ...] = (
    lambda person: block(person, target="everybody"),
    lambda person: block(person, target="last_partner"),
)


@pytest.mark.parametrize("act", ACTS)
def test_a_block_after_leaving_changes_no_answer_to_the_former_partner(
    app: Flask, act: Callable[[Person], Any]
) -> None:
    """Compare the answers to the former partner in two worlds, with and without the block."""
    worlds = []
    for blocking in (True, False):
        ada, ben = strangers(app, "Ada", "Ben")
        pair(ada, ben)
        ada.delete("/couple")
        if blocking:
            act(ada)
        answers = []
        for path in ("/me", "/inbox", "/today", "/dates", "/couple", "/invitations/current", "/me/blocks"):
            answer = ben.request("GET", path)
            text = answer.get_data(as_text=True).replace(ben.id, "*").replace(ben.sign_in_name, "*")
            body = answer.get_json()
            for item in [*body.get("items", []), *body.get("inbox", [])]:
                text = text.replace(item["id"], "*").replace((item.get("subject") or item)["id"], "*")
            answers.append((path, answer.status_code, text if path != "/today" else len(body["inbox"])))
        worlds.append(answers)
    assert worlds[0] == worlds[1]
