"""What opens a person's reflections, through every change of what opens the account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from planner import clock
from planner.accounts import account_mails, email_addresses, passwords
from planner.accounts.accounts import Person as Account
from planner.accounts.data_keys import DataKey
from planner.accounts.sessions import Session
from planner.storage import db
from tests.api.answers import contents, problem
from tests.api.test_passkeys import challenge
from tests.api.test_passkeys import make as make_passkey
from tests.api.test_passkeys import sign_in as sign_in_with_passkey
from tests.authenticator import Authenticator
from tests.email_addresses import ADDRESS, NEW_PASSWORD, ask, give, reset
from tests.mailboxes import Mailboxes
from tests.people import PASSWORD, Person, expect
from tests.racing import statuses, together
from tests.reflections import BODY, bodies, recovered, signed_in, state, unlock, write

WRONG_CODE = "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA"


def passkey_session(person: Person) -> Person:
    """Return the same person after a sign-in with a passkey."""
    phone = Authenticator()
    make_passkey(person, phone)
    answer = expect(sign_in_with_passkey(person.app, phone.use(challenge(person.app))), 201)
    return replace(person, token=answer["session"]["token"])


def reset_by_mail(person: Person, boxes: Mailboxes) -> Person:
    """Return the same person after a new password by mail."""
    give(person)
    send_mails()
    person.post("/me/email-address/confirm", {"code": boxes.code(ADDRESS)})
    ask(person.app, person.sign_in_name)
    send_mails()
    session = expect(reset(person.app, person.sign_in_name, boxes.code(ADDRESS)), 200)["session"]
    return replace(person, token=session["token"])


def send_mails() -> None:
    """Send the mails that are due by the stopped clock."""
    with db.connection():
        account_mails.send_due(clock.utcnow, email_addresses.set_aside)


def test_the_first_reflection_needs_the_password_once(sam: Person) -> None:
    assert sam.get("/me/reflections") == {"state": "new", "needs": ["password"], "reflections": 0}
    for method, path, body in (("POST", "/reflections", {"body": BODY}), ("GET", "/reflections", None)):
        assert problem(sam.request(method, path, body), 409)["reason"] == "reflections_locked"
    assert unlock(sam) == {"state": "open", "needs": ["password"], "reflections": 0}
    sam.post("/reflections", {"body": BODY}, 201)
    assert unlock(sam)["state"] == "open", "a repeat changes nothing"
    assert bodies(sam) == [BODY]


def test_a_wrong_secret_makes_and_opens_nothing(sam: Person) -> None:
    before = contents()["data_keys"]
    assert problem(sam.request("POST", "/me/reflections/unlock", {"password": "wrong"}), 403)
    assert unlock(sam, 409, recovery_code=sam.recovery_code)["reason"] == "reflections_need_password"
    assert contents()["data_keys"] == before == []
    write(sam)
    sam.post("/me/reflections/lock")
    assert problem(sam.request("POST", "/me/reflections/unlock", {"password": "wrong"}), 403)
    assert unlock(sam, 403, recovery_code=WRONG_CODE)["reason"] == "code_does_not_open"
    unlock(sam, 403, password=PASSWORD, recovery_code=WRONG_CODE)
    assert state(sam) == "locked"
    sam.post("/me/reflections/unlock", {}, 422)
    sam.post("/me/reflections/unlock", {"password": None}, 422)


def test_guesses_are_limited_and_shown(sam: Person) -> None:
    write(sam)
    sam.post("/me/reflections/lock")
    answers = [sam.request("POST", "/me/reflections/unlock", {"recovery_code": WRONG_CODE}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [403] * 10 + [429]
    unlock(sam, 429)
    refused = [event for event in sam.get("/me/security-events")["items"] if event["kind"] == "recovery_refused"]
    assert [event["count"] for event in refused] == [10]


def test_a_sign_in_with_the_password_opens_them_and_each_session_has_its_own_key(sam: Person) -> None:
    write(sam)
    phone = signed_in(sam)
    assert bodies(phone) == [BODY]
    wrapped = [row["wrapped_key"] for row in sessions_of(sam)]
    assert len(set(wrapped)) == 2
    with db.connection(), db.write():  # the key of one session does not open in another one
        db.proxy.execute_sql(f"UPDATE sessions SET wrapped_key = '{wrapped[0]}'")
    assert sorted((state(sam), state(phone))) == ["locked", "open"]


def sessions_of(person: Person) -> list[dict[str, Any]]:
    with db.connection():
        return list(Session.select().where(Session.person == person.id).dicts())


def test_a_locked_sign_in_reads_nothing_and_others_go_on(sam: Person) -> None:
    made = write(sam)
    phone = signed_in(sam)
    assert phone.post("/me/reflections/lock") == {"state": "locked", "needs": ["password"], "reflections": 1}
    phone.post("/me/reflections/lock")
    for method, path, body in (
        ("GET", "/reflections", None), ("GET", f"/reflections/{made['id']}", None),
        ("PATCH", f"/reflections/{made['id']}", {"body": "x"}), ("POST", "/reflections", {"body": "x"}),
    ):  # fmt: skip
        answer = phone.request(method, path, body, If_Match='"1"')
        assert problem(answer, 409)["reason"] == "reflections_locked", path
    assert bodies(sam) == [BODY]
    unlock(phone, recovery_code=sam.recovery_code.lower().replace("-", " "))
    assert bodies(phone) == [BODY]


def test_after_a_sign_in_with_a_passkey_the_password_or_the_code_unlocks(sam: Person) -> None:
    write(sam)
    for secrets in ({"password": PASSWORD}, {"recovery_code": sam.recovery_code}):
        phone = passkey_session(sam)
        assert phone.get("/me/reflections")["state"] == "locked"
        unlock(phone, **secrets)
        assert bodies(phone) == [BODY]
        assert bodies(signed_in(sam)) == [BODY], "the password still opens them"


def test_a_changed_password_opens_them_and_the_old_one_does_not(sam: Person) -> None:
    write(sam)
    sam.put("/me/password", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}, 204)
    assert bodies(sam) == [BODY], "this sign-in goes on"
    assert bodies(signed_in(sam, NEW_PASSWORD)) == [BODY]
    phone = passkey_session(sam)
    unlock(phone, 403)
    unlock(phone, password=NEW_PASSWORD)
    assert bodies(recovered(sam, sam.recovery_code, PASSWORD)) == [BODY], "the code still opens them"


def test_recovery_with_the_code_opens_them_and_makes_a_code_that_does(sam: Person) -> None:
    write(sam)
    again = recovered(sam, sam.recovery_code, NEW_PASSWORD)
    assert bodies(again) == [BODY]
    assert bodies(signed_in(sam, NEW_PASSWORD)) == [BODY]
    phone = passkey_session(again)
    assert unlock(phone, 403, recovery_code=sam.recovery_code)["reason"] == "code_does_not_open"
    unlock(phone, recovery_code=again.recovery_code)
    assert bodies(phone) == [BODY]


def test_a_renewed_code_opens_them_and_the_old_one_does_not(sam: Person) -> None:
    assert sam.post("/me/recovery-code", {"password": PASSWORD})["opens_reflections"], "there is nothing to open"
    write(sam)
    renewed = sam.post("/me/recovery-code", {"password": PASSWORD})
    code = renewed["recovery_code"]
    assert renewed["opens_reflections"] is True
    sam.post("/me/reflections/lock")
    unlock(sam, 403, recovery_code=sam.recovery_code)
    unlock(sam, recovery_code=code)
    assert bodies(sam) == [BODY]


def test_after_a_reset_by_mail_only_the_code_opens_them(sam: Person, boxes: Mailboxes) -> None:
    write(sam)
    again = reset_by_mail(sam, boxes)
    assert again.get("/me/reflections") == {"state": "locked", "needs": ["password", "recovery_code"], "reflections": 1}
    for secrets in ({"password": NEW_PASSWORD}, {"recovery_code": sam.recovery_code}):
        assert unlock(again, 409, **secrets)["reason"] == "reflections_need_both"
    unlock(again, 403, password=PASSWORD, recovery_code=sam.recovery_code)
    unlock(again, 403, password=NEW_PASSWORD, recovery_code=WRONG_CODE)
    assert signed_in(sam, NEW_PASSWORD).get("/me/reflections")["state"] == "locked"
    unlock(again, password=NEW_PASSWORD, recovery_code=sam.recovery_code)
    assert bodies(again) == [BODY]
    assert bodies(signed_in(sam, NEW_PASSWORD)) == [BODY], "the password opens them again"


def test_a_code_that_is_renewed_while_they_are_locked_leaves_the_earlier_one_its_power(
    sam: Person, boxes: Mailboxes
) -> None:
    write(sam)
    again = reset_by_mail(sam, boxes)
    renewed = again.post("/me/recovery-code", {"password": NEW_PASSWORD})
    code = renewed["recovery_code"]
    assert renewed["opens_reflections"] is False
    again.put("/me/password", {"current_password": NEW_PASSWORD, "new_password": PASSWORD}, 204)
    unlock(again, 403, password=PASSWORD, recovery_code=code)
    unlock(again, password=PASSWORD, recovery_code=sam.recovery_code)
    again.post("/me/reflections/lock")
    unlock(again, recovery_code=code)
    assert bodies(again) == [BODY], "the present code opens them from then on"
    assert again.post("/me/recovery-code", {"password": PASSWORD})["opens_reflections"] is True


def test_a_code_renewed_on_a_locked_device_opens_them(sam: Person) -> None:
    """Renew it after a sign-in with a passkey. The password that it takes opens the key, too."""
    write(sam)
    phone = passkey_session(sam)
    renewed = phone.post("/me/recovery-code", {"password": PASSWORD})
    assert renewed["opens_reflections"] is True
    assert state(phone) == "locked", "it unlocks nothing"
    unlock(phone, 403, recovery_code=sam.recovery_code)
    unlock(phone, recovery_code=renewed["recovery_code"])
    assert bodies(phone) == [BODY]


def test_a_recovery_whose_code_does_not_open_them_locks_them(sam: Person, boxes: Mailboxes) -> None:
    write(sam)
    code = reset_by_mail(sam, boxes).post("/me/recovery-code", {"password": NEW_PASSWORD})["recovery_code"]
    again = recovered(sam, code, PASSWORD, opens=False)
    assert again.get("/me/reflections")["needs"] == ["password", "recovery_code"]
    unlock(again, password=PASSWORD, recovery_code=sam.recovery_code)
    assert bodies(again) == [BODY]


def test_an_undone_deletion_brings_them_back(sam: Person) -> None:
    write(sam)
    sam.request("DELETE", "/me", {"password": PASSWORD})
    body = {"sign_in_name": sam.sign_in_name, "password": PASSWORD}
    session = expect(sam.app.test_client().post("/v1/me/undo-deletion", json=body), 201)["session"]
    assert bodies(replace(sam, token=session["token"])) == [BODY]


def test_a_repeated_sign_up_makes_a_code_that_opens_them_after_the_next_sign_in(app: Flask) -> None:
    body = {"id": "7d1b8f34-93d1-4c0c-8b50-0f2a5d1f9c22", "display_name": "Robin", "password": PASSWORD, "zone": "UTC"}
    account = expect(app.test_client().post("/v1/people", json=body), 201)
    session = account["session"]
    robin = Person(
        app, "Robin", session["person_id"], account["sign_in_name"], session["token"], account["recovery_code"]
    )
    write(robin)
    repeated = expect(app.test_client().post("/v1/people", json=body), 201)
    again = replace(robin, token=repeated["session"]["token"], recovery_code=repeated["recovery_code"])
    assert state(again) == "locked"
    unlock(again)
    again.post("/me/reflections/lock")
    unlock(again, recovery_code=again.recovery_code)
    assert bodies(again) == [BODY]


def test_an_account_from_before_needs_a_new_code_first(sam: Person) -> None:
    with db.connection(), db.write():
        Account.update(recovery_key=None).where(Account.id == sam.id).execute()
    assert unlock(sam, 409)["reason"] == "reflections_need_new_code"
    code = sam.post("/me/recovery-code", {"password": PASSWORD})["recovery_code"]
    write(sam)
    sam.post("/me/reflections/lock")
    unlock(sam, recovery_code=code)


@pytest.fixture
def standard_cost() -> Iterator[None]:
    """Let passwords cost what they cost on a server, from now on."""
    yield
    passwords.set_cost("cheapest")


@pytest.mark.usefixtures("standard_cost")
def test_a_sign_in_raises_the_cost_of_the_key(sam: Person) -> None:
    write(sam)
    assert cost_of(sam) == (1, 8)
    passwords.set_cost("standard")
    assert bodies(signed_in(sam)) == [BODY]
    assert cost_of(sam) == (2, 19456)
    passwords.set_cost("cheapest")
    assert bodies(signed_in(sam)) == [BODY], "each row knows its cost"


def cost_of(person: Person) -> tuple[int, int]:
    with db.connection():
        row = DataKey.get(DataKey.person == UUID(person.id))
    return row.passes, row.kibibytes


def test_devices_that_begin_at_once_share_one_key(sam: Person) -> None:
    devices = [sam, signed_in(sam), signed_in(sam)]
    answers = together(
        *[partial(each.request, "POST", "/me/reflections/unlock", {"password": PASSWORD}) for each in devices]
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    for device in devices:
        write(device)
    assert len(contents()["data_keys"]) == 1
    assert [len(bodies(device)) for device in devices] == [3, 3, 3]


def test_beginning_afresh_destroys_the_key_and_all_that_it_opened(sam: Person, boxes: Mailboxes) -> None:
    made = write(sam)
    phone = signed_in(sam)
    again = reset_by_mail(sam, boxes)
    for wrong in ({}, {"reflections": -1}, {"reflections": "1"}):
        again.post("/me/reflections/begin-afresh", wrong, 422)
    assert again.post("/me/reflections/begin-afresh", {"reflections": 2}, 409)["reason"] == "changed_meanwhile"
    begun = again.post("/me/reflections/begin-afresh", {"reflections": 1})
    assert begun == {"state": "new", "needs": ["password"], "reflections": 0}
    assert again.post("/me/reflections/begin-afresh", {"reflections": 0}) == begun, "a repeat changes nothing"
    assert (contents()["data_keys"], contents()["reflections"]) == ([], [])
    phone.token = again.token
    unlock(phone, password=NEW_PASSWORD)
    phone.post("/reflections", {"body": "Anew."}, 201)
    assert bodies(again) == ["Anew."]
    again.get(f"/reflections/{made['id']}", 404)


def test_beginning_afresh_needs_a_confirmed_sign_in(sam: Person, stopped_clock: Any) -> None:
    write(sam)
    sam.confirms = False
    stopped_clock.shift(timedelta(days=1))
    assert (
        problem(sam.request("POST", "/me/reflections/begin-afresh", {"reflections": 1}), 403)["reason"]
        == "confirm_first"
    )
    assert bodies(sam) == [BODY]


def test_writing_and_beginning_afresh_at_once_leave_nothing_unreadable(sam: Person) -> None:
    unlock(sam)
    for _ in range(5):
        count = sam.get("/me/reflections")["reflections"]
        done = statuses(
            (sam, "POST", "/me/reflections/begin-afresh", {"reflections": count}),
            (sam, "POST", "/reflections", {"body": BODY}),
            (sam, "POST", "/reflections", {"body": BODY}),
        )
        assert set(done) <= {200, 201, 409}
        unlock(sam)
        assert set(bodies(sam)) <= {BODY}, "every row that is there opens"


def test_ended_sign_ins_take_their_keys_along(sam: Person) -> None:
    write(sam)
    phone = signed_in(sam)
    sam.put("/me/password", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}, 204)
    phone.get("/reflections", 401)
    assert len(sessions_of(sam)) == 1
