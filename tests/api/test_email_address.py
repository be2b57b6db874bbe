"""The e-mail address: confirmed by a code, used for what is switched on, and forgotten with its mails."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from time_machine import Traveller as Clock

from planner import clock, mail, scheduler
from planner.accounts import account_mails, email_addresses
from planner.accounts.account_mails import AccountMail
from planner.accounts.email_addresses import EmailAddress
from planner.storage import db
from tests.api.answers import contents, problem
from tests.conftest import NOON
from tests.email_addresses import ADDRESS, OTHER, PATH, ask, confirmed, give, reset, subjects, switch, unsubscribe_token
from tests.erasing import erase
from tests.exports import export
from tests.mailboxes import Mailboxes
from tests.people import PASSWORD, Cast, Person
from tests.racing import together

HOUR = timedelta(hours=1)


def test_an_address_is_confirmed_with_the_code_from_one_mail(alice: Person, boxes: Mailboxes) -> None:
    nothing = {"resets_password": False, "notifies": False, "shows_details": False}
    assert alice.get(PATH) == {"available": True, "state": "none", "address": None, **nothing}
    given = give(alice, "alice@EXAMPLE.org")
    assert given == {**nothing, "available": True, "state": "unconfirmed", "address": ADDRESS, "resets_password": True}
    assert boxes.mails == [], "no request waits for the mail server"
    scheduler.send_account_mails()
    scheduler.send_account_mails()
    (text,) = boxes.to(ADDRESS)
    assert boxes.mails[0]["Subject"] == "Your code for Rekindle"
    assert boxes.mails[0]["List-Unsubscribe"] is None
    assert re.findall(r"https?://\S+", text) == ["https://home.example/app/"]
    assert not {"Alice", "Bob", alice.sign_in_name} & set(re.findall(r"[\w-]+", text))
    code = boxes.code(ADDRESS)
    answer = alice.post(f"{PATH}/confirm", {"code": f" {code.lower().replace('-', ' ')} "})
    assert answer == {**given, "state": "confirmed"} == alice.get(PATH)
    assert alice.post(f"{PATH}/confirm", {"code": code}) == answer


def test_a_code_is_for_one_person_one_address_and_one_day(cast: Cast, boxes: Mailboxes, stopped_clock: Clock) -> None:
    alice, bob = cast.alice, cast.bob
    alice.post(f"{PATH}/confirm", {"code": "ABCDE-FGHIJ"}, 409)
    give(alice)
    scheduler.send_account_mails()
    code = boxes.code(ADDRESS)
    give(bob)
    wrong = alice.post(f"{PATH}/confirm", {"code": "ABCDE-FGHIJ"}, 403)
    assert wrong["reason"] == "mail_code_mismatch"
    assert bob.post(f"{PATH}/confirm", {"code": code}, 403) == wrong
    give(alice, OTHER)
    assert alice.post(f"{PATH}/confirm", {"code": code}, 403) == wrong
    give(alice)
    stopped_clock.shift(24 * HOUR)
    assert alice.post(f"{PATH}/confirm", {"code": code}, 403) == wrong
    stopped_clock.shift(-timedelta(seconds=1))
    alice.post(f"{PATH}/confirm", {"code": code})


def test_wrong_passwords_and_addresses_are_refused(alice: Person, boxes: Mailboxes) -> None:
    refused = alice.put(PATH, {"address": ADDRESS, "password": "not my password"}, 403)
    assert refused["reason"] == "current_password_wrong"
    for address in (
        "", "alice", "alice@", "@example.org", "alice@example", "a b@example.org", "a@b.org\nBcc: x@y.example",
        "alice@exam_ple.org", "alice@-example.org", "alice@example..org", ".alice@example.org", "alice@[127.0.0.1]",
        "alice@127.0.0.1", '"a b"@example.org', "älice@example.org", "alice@bücher.example", f"{'a' * 250}@b.org",
        "Alice <alice@example.org>", "alice@example.org,bob@example.org",
    ):  # fmt: skip
        (error,) = give(alice, address, 422)["errors"]
        assert error["field"] == "address"
    give(alice, ADDRESS, 422, resets_password="yes")
    give(alice, None, 422)
    for address in ("a+b@x.org", "o'hara_{1}@xn--bcher-kva.example", "1@a-b.c-d.museum"):
        give(alice, address)
    assert alice.get(PATH)["address"] == "1@a-b.c-d.museum"


def test_an_address_that_leaves_gets_a_notice_and_is_out_of_use_at_once(
    alice: Person, boxes: Mailboxes, app: Flask
) -> None:
    confirmed(alice, boxes)
    switch(alice, notifies=True, shows_details=True)
    assert ask(app, alice.sign_in_name).status_code == 204
    scheduler.send_account_mails()
    code = boxes.code(ADDRESS)
    assert give(alice, OTHER) == {
        "available": True, "state": "unconfirmed", "address": OTHER, "resets_password": True, "notifies": False,
        "shows_details": False,
    }  # fmt: skip
    assert subjects(boxes)[-1] == "Rekindle no longer uses this address"
    assert problem(reset(app, alice.sign_in_name, code), 403)["reason"] == "mail_code_mismatch"
    switch(alice, 409, notifies=True)
    alice.delete(PATH)
    alice.delete(PATH)
    assert len(subjects(boxes)) == 3
    assert "Rekindle no longer uses this address" not in subjects(boxes, OTHER), "it never confirmed that it is theirs"
    assert alice.get(PATH)["state"] == "none"


def test_an_address_with_a_typing_error_gets_no_code_after_it_was_corrected(alice: Person, boxes: Mailboxes) -> None:
    give(alice, OTHER)
    give(alice)
    scheduler.send_account_mails()
    assert [letter["To"] for letter in boxes.mails] == [ADDRESS]


def test_a_change_of_the_switch_needs_no_new_code(alice: Person, boxes: Mailboxes, app: Flask) -> None:
    confirmed(alice, boxes)
    assert give(alice, resets_password=False)["state"] == "confirmed"
    assert ask(app, alice.sign_in_name).status_code == 204
    assert subjects(boxes) == ["Your code for Rekindle"]


def test_no_one_learns_that_another_account_uses_an_address(cast: Cast, boxes: Mailboxes) -> None:
    confirmed(cast.alice, boxes)
    answers = [give(person) for person in (cast.bob, cast.sam)]
    assert answers[0] == answers[1] == give(cast.bob)
    for _ in range(9):
        assert give(cast.sam) == answers[0], "a mailbox gets at most ten codes a day, and no one is told"
    scheduler.send_account_mails()
    assert len(boxes.to(ADDRESS)) == 10
    assert problem(cast.sam.request("PUT", PATH, {"address": OTHER, "password": PASSWORD}), 429)


def test_a_mailbox_that_does_not_exist_is_set_aside(
    alice: Person, boxes: Mailboxes, app: Flask, stopped_clock: Clock
) -> None:
    boxes.refused[ADDRESS] = "550 5.1.1 No such user"
    give(alice)
    scheduler.send_account_mails()
    assert alice.get(PATH)["state"] == "refused"
    alice.post(f"{PATH}/confirm", {"code": "ABCDE-FGHIJ"}, 409)
    boxes.refused.clear()
    stopped_clock.shift(HOUR)
    scheduler.send_account_mails()
    assert boxes.mails == []
    assert confirmed(alice, boxes)["state"] == "confirmed"
    boxes.refused[ADDRESS] = "550 5.1.1 No such user"
    ask(app, alice.sign_in_name)
    scheduler.send_account_mails()
    boxes.refused.clear()
    ask(app, alice.sign_in_name)
    assert subjects(boxes) == ["Your code for Rekindle"]
    assert give(alice)["state"] == "unconfirmed"


def test_a_mail_that_cannot_go_now_goes_later(
    alice: Person, boxes: Mailboxes, stopped_clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    boxes.refused[ADDRESS] = "450 4.2.0 Not now"
    give(alice)
    scheduler.send_account_mails()
    boxes.refused.clear()
    scheduler.send_account_mails()
    assert boxes.mails == []
    stopped_clock.shift(timedelta(minutes=1))
    scheduler.send_account_mails()
    assert len(boxes.mails) == 1
    assert "refused" in caplog.text
    assert ADDRESS not in caplog.text


def test_a_mail_of_a_killed_process_goes_after_its_lease_with_the_same_id(
    alice: Person, boxes: Mailboxes, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(alice)

    class Killed(BaseException):
        pass

    def send(letter: mail.Mail, *more: object) -> None:
        real(letter, *more)
        raise Killed

    real = mail.send
    monkeypatch.setattr(mail, "send", send)
    with pytest.raises(Killed):
        scheduler.send_account_mails()
    monkeypatch.setattr(mail, "send", real)
    scheduler.send_account_mails()
    assert len(boxes.mails) == 1
    stopped_clock.shift(timedelta(minutes=3))
    scheduler.send_account_mails()  # another host, whose clock is ahead
    assert len(boxes.mails) == 1
    stopped_clock.shift(timedelta(minutes=7))
    scheduler.send_account_mails()
    scheduler.send_account_mails()
    assert len(boxes.mails) == 2
    assert boxes.mails[0]["Message-ID"] == boxes.mails[1]["Message-ID"]


def test_two_processes_send_a_mail_once(cast: Cast, boxes: Mailboxes) -> None:
    for number, person in enumerate((cast.alice, cast.bob, cast.charlie, cast.dana, cast.sam)):
        give(person, f"p{number}@example.org")

    def send() -> int:
        return account_mails.send_due(clock.utcnow, email_addresses.set_aside)

    assert sum(together(send, send, send)) == 5
    assert len({letter["To"] for letter in boxes.mails}) == len(boxes.mails) == 5


def test_a_deleted_account_gets_no_mail_and_an_erased_one_leaves_no_address(
    cast: Cast, boxes: Mailboxes, app: Flask, stopped_clock: Clock
) -> None:
    alice = cast.alice
    confirmed(alice, boxes)
    ask(app, alice.sign_in_name)
    erase(alice, stopped_clock)
    ask(app, alice.sign_in_name)
    assert subjects(boxes) == ["Your code for Rekindle"]
    with db.connection():
        assert ADDRESS not in str(contents())


def test_the_export_and_the_safety_check_show_the_address(alice: Person, boxes: Mailboxes) -> None:
    confirmed(alice, boxes, resets_password=False)
    (exported,) = export(alice, "private")["email_address"]
    assert (exported["address"], exported["resets_password"]) == (ADDRESS, False)
    (line,) = [item for item in alice.get("/me/safety")["items"] if item["kind"] == "email_address"]
    assert line["text"].startswith(f"Rekindle writes to {ADDRESS}.")
    assert "password" not in line["text"]
    give(alice, resets_password=True)
    (line,) = [item for item in alice.get("/me/safety")["items"] if item["kind"] == "email_address"]
    assert "they can set a new password" in line["text"]
    alice.request(line["end"]["method"], line["end"]["path"].removeprefix("/v1"))
    assert alice.get(PATH)["state"] == "none"


def test_the_housekeeping_forgets_mails(alice: Person, boxes: Mailboxes, stopped_clock: Clock) -> None:
    confirmed(alice, boxes)
    scheduler.run_housekeeping(NOON + 24 * HOUR)
    with db.connection():
        assert AccountMail.select().count() == 0


def test_a_server_without_mail_says_so(alice: Person, app: Flask) -> None:
    assert alice.get("/server")["mail"] is False
    assert alice.get(PATH)["available"] is False
    assert give(alice, ADDRESS, 409)["reason"] == "mail_not_set_up"
    for name in (alice.sign_in_name, "no-such-name"):
        assert problem(ask(app, name), 409)["reason"] == "mail_not_set_up"


@pytest.fixture
def token(alice: Person, boxes: Mailboxes) -> str:
    """Return the token in the mails to Alice."""
    confirmed(alice, boxes)
    switch(alice, notifies=True)
    return unsubscribe_token(alice.id)


def test_one_click_ends_the_mails_and_a_visit_does_not(alice: Person, app: Flask, token: str) -> None:
    path = f"/unsubscribe/{token}"
    client = app.test_client()
    for _ in range(2):
        page = client.get(path)
        assert page.status_code == 200
        assert '<form method="post">' in page.text
        assert page.headers["Cache-Control"] == "no-store"
    assert alice.get(PATH)["notifies"] is True
    for _ in range(2):
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "<form" not in answer.text
    assert alice.get(PATH)["notifies"] is False
    assert client.get(path).status_code == 200
    assert ADDRESS not in page.text + answer.text


def test_a_wrong_token_ends_nothing(alice: Person, bob: Person, app: Flask, token: str) -> None:
    client = app.test_client()
    forged = base64.urlsafe_b64encode(base64.urlsafe_b64decode(token + "==")[:16] + bytes(16)).decode().rstrip("=")
    assert len(forged) == len(token)
    for wrong in ("x", forged, token[:-1], token + "A", "A" * len(token), token.swapcase(), "%00", "é", "A" * 5000):
        for answer in (client.get(f"/unsubscribe/{wrong}"), client.post(f"/unsubscribe/{wrong}")):
            assert answer.status_code == 404, wrong
    assert alice.get(PATH)["notifies"] is True
    give(alice, OTHER)
    assert client.post(f"/unsubscribe/{token}").status_code == 404
    for _ in range(150):
        answer = client.post("/unsubscribe/x")
    assert answer.status_code == 429


def test_an_address_is_in_use_only_when_confirmed_and_wanted(alice: Person, boxes: Mailboxes) -> None:
    def is_notified() -> bool:
        with db.connection():
            return bool(email_addresses.list_notified([UUID(alice.id)]))

    confirmed(alice, boxes)
    assert not is_notified()
    switch(alice, notifies=True)
    assert is_notified()
    with db.connection(), db.write():
        EmailAddress.update(refused_at=NOON).execute()
    assert not is_notified()
    give(alice)
    assert not is_notified()
