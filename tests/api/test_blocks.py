"""Blocking: a no that lasts, in silence. To each of the two, the codes of the other look like any wrong one."""

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


def yes(person: Person, code: str, status: int = 200) -> Any:
    return person.post("/invitations/accept", {"code": code, "rhythm": "gentle"}, status)


def confirm(person: Person, made: Any, status: int = 200) -> Any:
    return person.post("/invitations/confirm", {"invitation": made["id"], "rhythm": "gentle"}, status)


def block(person: Person, status: int = 200, **whom: str) -> Any:
    return person.put("/me/blocks", whom, status)


def listed(person: Person) -> list[tuple[str, str | None]]:
    return [(one["who"], one["name"]) for one in person.get("/me/blocks")["items"]]


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
    block(cast.alice, 409, who="last_partner")
    cast.bob.delete("/couple")
    made = block(cast.alice, who="last_partner")
    assert (made["who"], made["name"], made["at"]) == ("person", "Bob", "2026-11-23T12:00:00.000Z")
    assert block(cast.alice, who="last_partner") == made  # repeated, it is the same
    assert cast.alice.get("/me/blocks")["items"] == [made]
    assert listed(cast.bob) == listed(cast.sam) == []
    assert cast.bob.request("GET", "/me/blocks").headers["Cache-Control"] == "no-store"


def test_blocking_the_partner_is_leaving_first(cast: Cast) -> None:
    made = block(cast.alice, who="partner")
    assert block(cast.alice, who="partner") == made
    for one in (cast.alice, cast.bob):
        assert one.get("/me")["pairing"] == "left"
    assert cast.bob.inbox() == ["couple_ended"]
    assert cast.alice.inbox() == []
    assert block(cast.sam, 409, who="partner")["type"] == "/problems/wrong-state"
    # To the other it is as if they had been left, and no more.
    assert (listed(cast.alice), listed(cast.bob)) == ([("person", "Bob")], [])


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_neither_gets_anywhere_with_a_code_of_the_other(cast: Cast, blocker: str) -> None:
    block(getattr(cast, blocker), who="partner")
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
    stopped_clock.shift(timedelta(hours=73))
    codes["used"] = invite(used)["code"]
    yes(kim, codes["used"])
    # Who has blocked Ben met Ben by a code before; so did Ben and whom he has blocked.
    block(blocks_ben, code=invite(ben)["code"])
    codes["blocks me"] = invite(blocks_ben)["code"]
    codes["blocked by me"] = invite(blocked)["code"]
    block(ben, code=codes["blocked by me"])
    codes["closed"] = invite(closed)["code"]
    with db.connection(), db.write():  # as after a restore: the door is shut, an invitation is still open
        blocks.block_everyone(UUID(closed.id), clock.utcnow())
    codes["paired"] = invite(paired)["code"]
    with db.connection(), db.write():
        couples.begin({UUID(one.id): MemberConsent(one.name, "gentle") for one in (paired, lee)}, clock.utcnow())
    codes["own"] = ben.get("/invitations/current")["code"]
    for move in MOVES:
        wrong = by_code(ben, move, WRONG)
        assert wrong[0] == 404
        assert wrong[3] == [1, 1]  # it counts, for the account and for the address
        for what, code in codes.items():
            if (move, what) != ("block", "blocked by me"):  # that is a repeat of an own act
                assert by_code(ben, move, code) == wrong, (move, what)
    with db.connection():
        assert Invitation.select().where(Invitation.state != "pending").count() == 1


def test_by_a_code_in_hand_its_maker_is_blocked_before_or_after_a_yes(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    made = invite(ada)
    no = block(ben, code=made["code"])
    assert (no["who"], no["name"]) == ("person", "Ada")
    assert block(ben, code=made["code"]) == no
    yes(ben, made["code"], 404)
    assert ada.get("/me")["pairing"] == "inviting"
    ben.delete(f"/me/blocks/{no['id']}")
    yes(ben, made["code"])
    block(ben, code=made["code"])
    # As after stepping back: nobody came.
    assert ada.get("/invitations/current") == made
    assert (ada.inbox(), ben.get("/me")["pairing"]) == ([], "alone")
    confirm(ada, made, 409)


def test_who_accepted_is_refused_and_blocked_and_goes_on_reading_accepted(app: Flask, stopped_clock: Traveller) -> None:
    ada, ben, eve = strangers(app, "Ada", "Ben", "Eve")
    made = invite(ada)
    block(ada, 409, invitation=made["id"])
    said = yes(ben, made["code"])
    for other in (ben, eve):
        assert block(other, 404, invitation=made["id"]) == block(other, 404, invitation=str(uuid4()))
    no = block(ada, invitation=made["id"])
    assert (no["name"], listed(ada), listed(ben)) == ("Ben", [("person", "Ben")], [])
    assert ben.get("/invitations/current") == said == yes(ben, made["code"])
    assert (ada.get("/me")["pairing"], ben.get("/me")["pairing"]) == ("alone", "awaiting_confirm")
    confirm(ada, made, 409)
    assert block(ada, invitation=made["id"]) == no
    ben.post("/invitations/decline", {"code": made["code"]}, 200)
    assert block(ada, invitation=made["id"]) == no  # whether they have stepped back is not to be told from this
    assert yes(ben, invite(ada)["code"], 404) == yes(ben, WRONG, 404)
    yes(eve, ada.get("/invitations/current")["code"])


def world(app: Flask) -> tuple[Person, Person, Any]:
    ada, ben = strangers(app, "Ada", "Ben")
    made = invite(ada)
    yes(ben, made["code"])
    return ada, ben, made


def seen(person: Person, made: Any) -> list[tuple[Any, ...]]:
    requests = [("GET", path, None) for path in ("/invitations/current", "/me", "/inbox", "/couple", "/me/blocks")]
    requests += [("POST", "/invitations/confirm", {"invitation": made["id"], "rhythm": "gentle"})]
    found = []
    for method, path, body in requests:
        answer = person.request(method, path, body)
        text = answer.get_data(as_text=True)
        for own in (made["id"], made["code"], person.id, person.sign_in_name):
            text = text.replace(own, "*")
        text = text.partition('"check_words"')[0]
        found.append((path, answer.status_code, text, [name for name, _ in answer.headers]))
    return found


def test_to_the_one_who_came_a_block_is_an_inviter_who_does_nothing(app: Flask, stopped_clock: Traveller) -> None:
    (ada, ben, made), (_, twin, other) = world(app), world(app)
    block(ada, invitation=made["id"])
    for hours in (0, 30, 71, 72, 100):
        stopped_clock.shift(timedelta(hours=hours))
        assert seen(ben, made) == seen(twin, other), hours


def test_to_the_inviter_a_block_is_somebody_who_steps_back(app: Flask, stopped_clock: Traveller) -> None:
    (ada, ben, made), (twin, dan, other) = world(app), world(app)
    block(ben, code=made["code"])
    dan.post("/invitations/decline", {"code": other["code"]}, 200)
    for hours in (0, 30, 72):
        stopped_clock.shift(timedelta(hours=hours))
        assert seen(ada, made) == seen(twin, other), hours


def test_when_two_have_accepted_each_other_a_block_ends_both(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    of_ada, of_ben = invite(ada), invite(ben)
    yes(ada, of_ben["code"])
    yes(ben, of_ada["code"])
    block(ada, invitation=of_ada["id"])
    confirm(ada, of_ada, 409)
    confirm(ben, of_ben, 409)
    assert [one.get("/me")["couple"] for one in (ada, ben)] == [None, None]
    assert ada.get("/me")["pairing"] == "alone"


@pytest.mark.parametrize("whose", [0, 1])
def test_a_block_that_a_restore_puts_beside_an_open_yes_holds(app: Flask, whose: int) -> None:
    both = strangers(app, "Ada", "Ben")
    made = invite(both[0])
    yes(both[1], made["code"])
    ids = [UUID(one.id) for one in both]
    with db.connection(), db.write():
        blocks.add(ids[whose], ids[1 - whose], both[1 - whose].name, None, clock.utcnow())
    confirm(both[0], made, 409)
    assert [one.get("/me")["pairing"] for one in both] == ["awaiting_confirm"] * 2


def test_it_lasts_until_its_owner_lifts_it_and_nothing_comes_back(cast: Cast, stopped_clock: Traveller) -> None:
    made = block(cast.alice, who="partner")
    stopped_clock.shift(timedelta(days=800))
    yes(cast.bob, invite(cast.alice)["code"], 404)
    for other in (cast.bob, cast.sam):
        other.delete(f"/me/blocks/{made['id']}", 404)
    cast.alice.delete(f"/me/blocks/{made['id']}")
    cast.alice.delete(f"/me/blocks/{made['id']}", 404)
    assert cast.alice.get("/me/blocks")["items"] == []
    cast.alice.get("/couple", 404)
    yes(cast.bob, cast.alice.get("/invitations/current")["code"])


def test_each_holds_a_block_of_their_own(cast: Cast) -> None:
    mine, theirs = block(cast.alice, who="partner"), block(cast.bob, who="last_partner")
    cast.alice.delete(f"/me/blocks/{mine['id']}")
    yes(cast.alice, invite(cast.bob)["code"], 404)
    cast.bob.delete(f"/me/blocks/{theirs['id']}")
    yes(cast.alice, cast.bob.get("/invitations/current")["code"])


def test_a_block_outlives_the_account_it_is_about_and_keeps_no_id_of_it(cast: Cast) -> None:
    made = block(cast.alice, who="partner")
    with db.connection():
        rows = {table: found for table, found in contents().items() if table == "blocks"}
        assert cast.bob.id not in str(rows)
        kept = PersonRow.get_by_id(UUID(cast.bob.id))
        with db.write():
            PersonRow.delete().where(PersonRow.id == kept.id).execute()
    assert cast.alice.get("/me/blocks")["items"] == [made]
    with db.connection(), db.write():  # a backup is restored
        PersonRow.insert(**kept.__data__).execute()
        assert blocks.is_blocked_between(UUID(cast.alice.id), kept.id)
    block(cast.alice, 409, who="last_partner")


def test_somebody_in_a_couple_can_block_whom_they_know_from_before(cast: Cast) -> None:
    code = invite(cast.sam)["code"]
    block(cast.alice, code=code)
    assert cast.alice.get("/me")["pairing"] == "paired"
    assert cast.sam.get("/me")["pairing"] == "inviting"
    yes(cast.alice, code, 404)


def test_nobody_ever_closes_every_door(cast: Cast) -> None:
    made = block(cast.sam, who="everybody")
    assert (made["who"], made["name"]) == ("everybody", None)
    assert block(cast.sam, who="everybody") == made
    assert listed(cast.sam) == [("everybody", None)]
    refused = cast.sam.post("/invitations", {}, 409)
    assert "Lift that block first" in refused["detail"]
    cast.alice.delete("/couple")
    code = invite(cast.alice)["code"]
    for move in MOVES:
        assert by_code(cast.sam, move, code) == by_code(cast.sam, move, WRONG)
    cast.bob.delete(f"/me/blocks/{made['id']}", 404)
    cast.sam.delete(f"/me/blocks/{made['id']}")
    yes(cast.sam, code)


def test_a_shut_door_ends_what_is_open_in_silence(app: Flask) -> None:
    ada, ben, cleo, dan = strangers(app, "Ada", "Ben", "Cleo", "Dan")
    mine, theirs = invite(ada), invite(dan)
    said = yes(ben, mine["code"])
    yes(ada, theirs["code"])
    block(ada, who="everybody")
    assert ben.get("/invitations/current") == said
    assert dan.get("/invitations/current") == theirs
    confirm(ada, mine, 409)
    confirm(dan, theirs, 409)
    assert ada.get("/me")["pairing"] == "alone"
    yes(cleo, mine["code"], 404)


def test_a_shut_door_outlives_the_account(app: Flask, sam: Person) -> None:
    block(sam, who="everybody")
    with db.connection():
        kept = PersonRow.get_by_id(UUID(sam.id))
        with db.write():
            PersonRow.delete().where(PersonRow.id == kept.id).execute()
            PersonRow.insert(**kept.__data__).execute()  # a backup is restored
        assert blocks.blocks_everyone(kept.id)
        assert sam.id not in str(contents()["global_blocks"])


def test_a_couple_stays_behind_a_shut_door_and_after_it_nobody_comes(cast: Cast) -> None:
    block(cast.alice, who="everybody")
    assert cast.alice.get("/me")["pairing"] == "paired"
    cast.alice.delete("/couple")
    cast.alice.post("/invitations", {}, 409)
    yes(cast.alice, invite(cast.sam)["code"], 404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"who": None},
        {"who": "Bob"},
        {"who": "partner", "code": WRONG},
        {"who": "accepter"},
        {"code": ""},
        {"name": "Bob"},
    ],
)
def test_whom_is_said_in_one_of_the_ways_there_are(cast: Cast, body: Any) -> None:
    before = contents()
    cast.alice.put("/me/blocks", body, 422)
    assert contents() == before


def test_wrong_codes_count_here_too(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    for _ in range(10):
        expect(ben.request("PUT", "/me/blocks", {"code": WRONG}), 404)
    block(ben, 429, code=invite(ada)["code"])
    block(ben, who="everybody")  # but not what needs no code


ACTS: tuple[Callable[[Person], Any], ...] = (
    lambda one: block(one, who="everybody"),
    lambda one: block(one, who="last_partner"),
)


@pytest.mark.parametrize("act", ACTS)
def test_a_block_changes_no_answer_that_the_other_gets(app: Flask, act: Callable[[Person], Any]) -> None:
    """After a parting: two worlds, with and without the block."""
    found = []
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
                text = text.replace(item["id"], "*").replace(item.get("subject", "-"), "*")
            answers.append((path, answer.status_code, text if path != "/today" else len(body["inbox"])))
        found.append(answers)
    assert found[0] == found[1]
