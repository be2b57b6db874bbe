"""Test invitations over HTTP: codes, accepting, confirming, and all refusals."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from time_machine import Traveller
from werkzeug.test import TestResponse

from tests.conftest import is_postgresql
from tests.people import Cast, Person, expect
from tests.racing import strangers

LIFE = timedelta(days=7)
SECOND = timedelta(seconds=1)


def invite(person: Person, status: int = 201, **body: str) -> dict:
    return person.post("/invitations", body, status)


def by_code(person: Person, move: str, code: str) -> TestResponse:
    body = {"code": code} | ({"rhythm": "gentle"} if move == "accept" else {})
    return person.request("POST", f"/invitations/{move}", body)


def accept(person: Person, code: str, status: int = 200) -> dict:
    return expect(by_code(person, "accept", code), status)


def confirm(person: Person, invitation: str, status: int = 200, rhythm: str = "gentle") -> dict:
    return person.post("/invitations/confirm", {"invitation_id": invitation, "rhythm": rhythm}, status)


def pairing(*people: Person) -> list[str]:
    return [person.get("/me")["pairing"] for person in people]


def test_two_people_become_a_couple_by_inviting_accepting_and_confirming(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    assert pairing(ada, ben) == ["alone", "alone"]
    invitation = invite(ada)
    assert (invitation["role"], invitation["state"], invitation["partner_name"], invitation["check_words"]) == (
        "inviter",
        "pending",
        None,
        [],
    )
    assert invitation["expires_at"] == "2026-11-30T12:00:00.000Z"
    assert pairing(ada, ben) == ["inviting", "alone"]

    look = expect(by_code(ben, "look-up", invitation["code"]), 200)
    assert (look["inviter_name"], look["your_name"]) == ("Ada", "Ben")
    assert "take a break here at any time" in " ".join(term["text"] for term in look["terms"])
    assert look["operator"]["name"] == "The test club"
    assert ada.get("/invitations/current") == invitation
    assert ada.inbox() == []

    yes = accept(ben, invitation["code"])
    assert (yes["role"], yes["state"], yes["partner_name"], yes["code"]) == ("invitee", "accepted", "Ada", None)
    seen = ada.get("/invitations/current")
    assert (seen["state"], seen["partner_name"], seen["code"]) == ("accepted", "Ben", None)
    assert look["check_words"] == yes["check_words"] == seen["check_words"]
    assert len(seen["check_words"]) == 3
    # Both read the same terms before their yes.
    assert (invitation["terms"], yes["terms"], seen["terms"]) == ([], [], look["terms"])
    assert ada.inbox() == ["invitation_accepted"]
    assert pairing(ada, ben) == ["awaiting_confirm", "awaiting_confirm"]

    confirm(ada, invitation["id"])
    assert pairing(ada, ben) == ["paired", "paired"]
    assert (ada.inbox(), ben.inbox()) == ([], ["couple_begun"])
    for person in (ada, ben):
        person.get("/invitations/current", 404)


def test_before_the_confirmation_neither_sees_things_of_the_other(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    note = ada.post("/notes", {"kind": "kindness", "body": "You waited for me."}, 201)
    invitation = invite(ada)
    accept(ben, invitation["code"])
    for person in (ada, ben):
        person.get("/couple", 404)
        me = person.get("/me")
        assert (me["couple"], me["allowance"]) == (None, None)
        assert person.get("/notes?from=partner")["items"] == []
    ada.post(f"/notes/{note['id']}/share", {"version": 1}, 409)
    ben.get(f"/notes/{note['id']}", 404)


def test_check_words_differ_by_person_and_not_by_invitation(app: Flask) -> None:
    ada, ben, eve = strangers(app, "Ada", "Ben", "Eve")
    first = invite(ada)["code"]
    of_ben, of_eve = (expect(by_code(person, "look-up", first), 200)["check_words"] for person in (ben, eve))
    assert of_ben != of_eve
    ada.delete("/invitations/current")
    assert expect(by_code(ben, "look-up", invite(ada)["code"]), 200)["check_words"] == of_ben


def test_a_code_has_sixty_bits_and_tolerates_other_spellings(app: Flask, stopped_clock: Traveller) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    codes = set()
    for _ in range(4):
        code = invite(ada)["code"]
        letters = code.replace("-", "")
        assert len(letters) == 12
        assert set(letters) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")  # base32: five bits a letter
        for typed in (letters, code.lower(), f"  {' '.join(letters)} ", code.replace("O", "0").replace("I", "1"),
                      code.lower().replace("o", "0").replace("i", "1"), code.replace("-", "."),
                      f"{code}\n", "".join(chr(ord(sign) + 0xFEE0) for sign in code)):  # fmt: skip
            expect(by_code(ben, "look-up", typed), 200)
        codes.add(code)
        ada.delete("/invitations/current")
        stopped_clock.shift(timedelta(days=31))
    assert len(codes) == 4


def test_the_code_is_shown_to_the_inviter_again_and_stored_nowhere(app: Flask, database: str) -> None:
    (ada,) = strangers(app, "Ada")
    invitation = invite(ada)
    answer = ada.request("GET", "/invitations/current")
    assert expect(answer, 200)["code"] == invitation["code"]
    assert answer.headers["Cache-Control"] == "no-store"
    data = everything_in(database)
    assert invitation["id"].replace("-", "") in data.replace("-", "")
    for form in (invitation["code"], invitation["code"].replace("-", "")):
        assert form.lower() not in data.lower()


def everything_in(url: str) -> str:
    """Return all stored data: the bytes of the file and its journal, or every row of every table."""
    if not is_postgresql(url):
        files = Path(url.removeprefix("sqlite:///")).parent.glob("rekindle.sqlite3*")
        return "".join(file.read_bytes().decode("latin-1") for file in files)
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return repr([connection.execute(f'SELECT t::text FROM "{name}" t').fetchall() for (name,) in tables])


def test_a_code_is_valid_for_seven_days(app: Flask, stopped_clock: Traveller, now: datetime) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    code = invite(ada)["code"]
    stopped_clock.move_to(now + LIFE - SECOND)
    expect(by_code(ben, "look-up", code), 200)
    assert pairing(ada) == ["inviting"]
    stopped_clock.move_to(now + LIFE)
    for move in ("look-up", "accept", "decline"):
        expect(by_code(ben, move, code), 404)
    ada.get("/invitations/current", 404)
    assert pairing(ada) == ["alone"]
    ada.delete("/invitations/current", 404)
    invite(ada)


def test_the_inviter_can_confirm_for_seven_days_after_the_accept(
    app: Flask, stopped_clock: Traveller, now: datetime
) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    invitation = invite(ada)
    stopped_clock.move_to(now + LIFE - SECOND)
    accept(ben, invitation["code"])
    stopped_clock.move_to(now + LIFE - SECOND + LIFE)
    assert pairing(ada, ben) == ["alone", "alone"]
    assert ada.inbox() == []
    confirm(ada, invitation["id"], 409)
    stopped_clock.move_to(now + LIFE - SECOND + LIFE - SECOND)
    confirm(ada, invitation["id"])


def test_wrong_used_expired_own_and_paired_codes_get_the_same_answer(
    app: Flask, stopped_clock: Traveller, now: datetime
) -> None:
    ben, *inviters = strangers(app, "Ben", *["Ada"] * 7)
    codes = {}
    own = invite(ben)["code"]
    expired, accepted, declined, refused, withdrawn, paired, elsewhere = inviters
    for inviter in inviters:
        codes[inviter.id] = invite(inviter)
    helpers = strangers(app, *["Kim"] * 5)
    accept(helpers[0], codes[accepted.id]["code"])
    expect(by_code(helpers[1], "decline", codes[declined.id]["code"]), 200)
    accept(helpers[2], codes[refused.id]["code"])
    refused.post("/invitations/refuse", {"invitation_id": codes[refused.id]["id"]}, 200)
    withdrawn.delete("/invitations/current")
    accept(helpers[3], codes[paired.id]["code"])
    confirm(paired, codes[paired.id]["id"])
    # `elsewhere` accepts the code of another person and pairs. Its own invitation ends by that.
    other = invite(helpers[4])
    accept(elsewhere, other["code"])
    confirm(helpers[4], other["id"])
    stopped_clock.move_to(now + LIFE)
    expire = codes[expired.id]["code"]

    for move in ("look-up", "accept", "decline"):
        stopped_clock.shift(timedelta(hours=1))
        wrong = by_code(ben, move, "ABCD-EFGH-IJKL")
        expect(wrong, 404)
        del wrong.headers["RateLimit"]
        for code in [own, expire, "?", *(invitation["code"] for invitation in codes.values())]:
            answer = by_code(ben, move, code)
            assert answer.headers.pop("RateLimit").startswith('"code";r=')  # it falls with each try, right or wrong
            assert (answer.status, answer.data, list(answer.headers)) == (wrong.status, wrong.data, list(wrong.headers))
            stopped_clock.shift(timedelta(minutes=7))


def test_fresh_used_and_own_codes_get_the_same_answer(app: Flask) -> None:
    ada, ben, kim, lee = strangers(app, "Ada", "Ben", "Kim", "Lee")
    used, own, other = invite(ada), invite(ben)["code"], invite(lee)
    accept(kim, used["code"])
    accept(lee, invite(strangers(app, "Joe")[0])["code"])
    wrong = by_code(ben, "look-up", "ABCD-EFGH-IJKL").data
    assert [by_code(ben, "look-up", code).data for code in (used["code"], own)] == [wrong, wrong]
    expect(by_code(ben, "look-up", other["code"]), 200)
    confirm(ada, used["id"])
    assert by_code(ben, "look-up", used["code"]).data == wrong


def test_a_person_has_one_invitation_and_a_repeat_returns_it(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    body = {"id": str(uuid4())}
    invitation = invite(ada, **body)
    assert invitation["id"] == body["id"]
    assert invite(ada, **body) == invitation
    invite(ada, 409)
    assert invite(ben, 422, **body)["type"] == "/problems/id-taken"
    accept(ben, invitation["code"])
    assert invite(ada, **body)["state"] == "accepted"
    invite(ada, 409)


def test_after_three_invitations_in_30_days_the_next_waits_60_days(
    app: Flask, stopped_clock: Traveller, now: datetime
) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    for day, met in ((0, "look-up"), (5, ""), (10, "decline"), (15, ""), (20, ""), (29, "accept")):
        stopped_clock.move_to(now + timedelta(days=day))
        code = invite(ada)["code"]
        if met:
            expect(by_code(ben, met, code), 200)
        ada.delete("/invitations/current")
    opens = now + timedelta(days=29 + 60)
    refusal = invite(ada, 409)
    assert (refusal["type"], refusal["opens_at"]) == ("/problems/too-soon", "2027-02-20T12:00:00.000Z")
    assert datetime.fromisoformat(refusal["opens_at"]) == opens
    stopped_clock.move_to(opens - SECOND)
    assert invite(ada, 409)["opens_at"] == refusal["opens_at"]
    stopped_clock.move_to(opens)
    invite(ada)


def test_invitations_every_15_days_are_not_limited(app: Flask, stopped_clock: Traveller, now: datetime) -> None:
    (ada,) = strangers(app, "Ada")
    for day in (0, 15, 30, 45, 60):
        stopped_clock.move_to(now + timedelta(days=day))
        invite(ada)


def test_codes_that_nobody_looked_up_are_limited_too(app: Flask, stopped_clock: Traveller) -> None:
    (ada,) = strangers(app, "Ada")
    for _ in range(30):
        invite(ada)
        ada.delete("/invitations/current")
        stopped_clock.shift(timedelta(hours=6))
    assert invite(ada, 409)["opens_at"] == "2026-12-23T12:00:00.000Z"


def test_a_repeat_works_when_no_new_invitation_is_possible(app: Flask) -> None:
    (ada,) = strangers(app, "Ada")
    for _ in range(2):
        invite(ada)
        ada.delete("/invitations/current")
    invitation = invite(ada)
    assert invite(ada, id=invitation["id"]) == invitation


def test_a_repeated_accept_is_the_same_and_accepting_a_second_code_is_refused(app: Flask) -> None:
    ada, ben, kim = strangers(app, "Ada", "Ben", "Kim")
    first, second = invite(ada)["code"], invite(kim)["code"]
    yes = accept(ben, first)
    assert accept(ben, first) == yes
    assert accept(ben, second, 409)["type"] == "/problems/wrong-state"
    assert pairing(kim) == ["inviting"]


def test_a_repeated_confirmation_changes_nothing(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    invitation = invite(ada)
    accept(ben, invitation["code"])
    for _ in range(2):
        confirm(ada, invitation["id"])
    assert ben.inbox() == ["couple_begun"]
    invite(ada, 409)
    invite(ben, 409)


def test_only_the_inviter_confirms_and_refuses(app: Flask) -> None:
    ada, ben, eve = strangers(app, "Ada", "Ben", "Eve")
    invitation = invite(ada)
    assert confirm(ada, invitation["id"], 409)["type"] == "/problems/wrong-state"
    accept(ben, invitation["code"])
    for other in (ben, eve):
        confirm(other, invitation["id"], 404)
        other.post("/invitations/refuse", {"invitation_id": invitation["id"]}, 404)
    eve.delete("/invitations/current", 404)
    confirm(ada, str(uuid4()), 404)
    assert pairing(ada, ben, eve) == ["awaiting_confirm", "awaiting_confirm", "alone"]


@pytest.mark.parametrize("no", ["refuse", "withdraw"])
def test_a_refusal_frees_the_inviter_and_the_invitee_may_step_back_later(app: Flask, no: str) -> None:
    ada, ben, eve = strangers(app, "Ada", "Ben", "Eve")
    invitation = invite(ada)
    yes = accept(ben, invitation["code"])
    for status in (200, 404 if no == "withdraw" else 200):
        if no == "withdraw":
            ada.delete("/invitations/current", status)
        else:
            ada.post("/invitations/refuse", {"invitation_id": invitation["id"]}, status)
    assert pairing(ada, ben) == ["alone", "awaiting_confirm"]
    assert (ada.inbox(), ben.inbox()) == ([], [])
    confirm(ada, invitation["id"], 409)
    assert accept(ben, invitation["code"]) == ben.get("/invitations/current") == yes
    expect(by_code(eve, "accept", invitation["code"]), 404)

    expect(by_code(ben, "decline", invitation["code"]), 200)
    assert pairing(ada, ben) == ["alone", "alone"]
    accept(ben, invitation["code"], 404)
    ben.get("/invitations/current", 404)
    # The invitation is not pending again for the inviter.
    ada.get("/invitations/current", 404)
    confirm(ada, invitation["id"], 409)
    invite(ada)
    accept(ben, invite(eve)["code"])


def test_a_second_code_of_the_same_inviter_replaces_the_first(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    first = invite(ada)
    accept(ben, first["code"])
    ada.post("/invitations/refuse", {"invitation_id": first["id"]}, 200)
    second = invite(ada)
    assert accept(ben, second["code"])["id"] == second["id"]
    accept(ben, first["code"], 404)
    confirm(ada, second["id"])
    assert pairing(ada, ben) == ["paired", "paired"]


def test_a_repeated_accept_after_the_confirmation_is_no_wrong_code(app: Flask) -> None:
    ada, ben, eve = strangers(app, "Ada", "Ben", "Eve")
    invitation = invite(ada)
    accept(ben, invitation["code"])
    confirm(ada, invitation["id"])
    for _ in range(12):
        again = accept(ben, invitation["code"])
    assert (again["state"], again["partner_name"], again["code"]) == ("confirmed", "Ada", None)
    for other in (ada, eve):
        accept(other, invitation["code"], 404)


def test_a_name_changed_during_an_invitation_is_seen_by_its_owner_only(app: Flask) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    invitation = invite(ada)
    ada.patch("/me", {"display_name": "Please come back"}, '"1"')
    assert expect(by_code(ben, "look-up", invitation["code"]), 200)["inviter_name"] == "Ada"
    assert accept(ben, invitation["code"])["partner_name"] == "Ada"
    ben.patch("/me", {"display_name": "Never"}, '"1"')
    ada.patch("/me", {"display_name": "I am sorry"}, '"2"')
    assert ada.get("/invitations/current")["partner_name"] == "Ben"
    assert ben.get("/invitations/current")["partner_name"] == "Ada"
    confirm(ada, invitation["id"])
    assert (ada.get("/couple")["partner"], ben.get("/couple")["partner"]) == ("Ben", "Ada")
    assert (ada.get("/me")["display_name"], ben.get("/me")["display_name"]) == ("I am sorry", "Never")


def test_a_person_in_a_couple_can_neither_invite_nor_accept(cast: Cast) -> None:
    cast.alice.post("/invitations", {}, 409)
    code = invite(cast.sam)["code"]
    assert accept(cast.alice, code, 409)["type"] == "/problems/wrong-state"
    assert pairing(cast.sam) == ["inviting"]


@pytest.mark.parametrize("rhythm", ["", "daily", "Gentle", None, 1])
def test_an_unknown_rhythm_is_refused(app: Flask, rhythm: object) -> None:
    ada, ben = strangers(app, "Ada", "Ben")
    invitation = invite(ada)
    ben.post("/invitations/accept", {"code": invitation["code"], "rhythm": rhythm}, 422)
    accept(ben, invitation["code"])
    ada.post("/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": rhythm}, 422)
    assert pairing(ada, ben) == ["awaiting_confirm", "awaiting_confirm"]
