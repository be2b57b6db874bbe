"""A new password with a code from a mail.

Who gets a code, when it ends, and what a stranger can learn or lock.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from time_machine import Traveller as Clock

from planner import scheduler
from planner.accounts.account_mails import AccountMail
from planner.storage import db
from tests import mailboxes
from tests.api.answers import problem
from tests.email_addresses import ADDRESS, NEW_PASSWORD, ask, confirmed, give, reset, subjects
from tests.mailboxes import Mailboxes
from tests.people import PASSWORD, Cast, Person, expect
from tests.racing import together

HOUR = timedelta(hours=1)


def test_a_forgotten_password_is_set_anew_with_a_code(cast: Cast, boxes: Mailboxes, app: Flask) -> None:
    alice = cast.alice
    confirmed(alice, boxes)
    assert ask(app, alice.sign_in_name.upper().replace("-", " ")).status_code == 204
    assert subjects(boxes)[-1] == "Your code for a new password"
    code = boxes.code(ADDRESS)
    for name, typed in ((alice.sign_in_name, "ABCDE-FGHIJ"), (cast.bob.sign_in_name, code), ("no-such-name", code)):
        assert problem(reset(app, name, typed), 403)["reason"] == "mail_code_mismatch"
    assert reset(app, alice.sign_in_name, code, "short").status_code == 422
    session = expect(reset(app, alice.sign_in_name, code), 200)["session"]
    assert problem(alice.request("GET", "/me"), 401)
    alice.token = session["token"]
    assert session["person_id"] == alice.id == alice.get("/me")["id"]
    assert alice.inbox()[0] == "new_sign_in"
    assert subjects(boxes)[-1] == "Your Rekindle password was changed"
    assert problem(reset(app, alice.sign_in_name, code), 403), "a code works once"
    body = {"sign_in_name": alice.sign_in_name, "password": NEW_PASSWORD}
    assert app.test_client().post("/v1/sign-ins", json=body).status_code == 201
    body = {"sign_in_name": alice.sign_in_name, "recovery_code": alice.recovery_code, "new_password": PASSWORD}
    assert app.test_client().post("/v1/recovery", json=body).status_code == 200, "the paper still works"


def test_only_one_of_several_tries_with_a_code_succeeds(alice: Person, boxes: Mailboxes, app: Flask) -> None:
    confirmed(alice, boxes)
    for _ in range(2):
        ask(app, alice.sign_in_name)
    scheduler.send_account_mails()
    first, second = (mailboxes.CODE.findall(text)[0] for text in boxes.to(ADDRESS)[1:])
    codes = (first, first, second, second)
    answers = together(*[lambda code=code: reset(app, alice.sign_in_name, code).status_code for code in codes])
    assert sorted(answers) == [200, 403, 403, 403]


def test_a_code_ends_when_the_password_changes(alice: Person, boxes: Mailboxes, app: Flask) -> None:
    confirmed(alice, boxes)
    ask(app, alice.sign_in_name)
    scheduler.send_account_mails()
    alice.put("/me/password", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}, 204)
    assert reset(app, alice.sign_in_name, boxes.code(ADDRESS)).status_code == 403


def test_asking_for_a_mail_looks_the_same_for_everyone(cast: Cast, boxes: Mailboxes, app: Flask) -> None:
    confirmed(cast.alice, boxes)
    give(cast.charlie, "charlie@example.org")
    scheduler.send_account_mails()
    names = [cast.alice.sign_in_name, cast.bob.sign_in_name, cast.charlie.sign_in_name, "no-such-name"]
    with db.connection():
        before = AccountMail.select().count()
    answers = [ask(app, name) for name in names]
    assert len({(answer.status_code, answer.data, str(sorted(answer.headers))) for answer in answers}) == 1
    assert answers[0].status_code == 204
    with db.connection():
        assert AccountMail.select().count() == before + len(names), "the same work"
    assert [letter["To"] for letter in boxes.mails] == [ADDRESS, "charlie@example.org"]
    scheduler.send_account_mails()
    assert [letter["To"] for letter in boxes.mails][2:] == [ADDRESS]
    for name in names:
        statuses = [ask(app, name).status_code for _ in range(5)]
        assert statuses == [204] * 4 + [429], "the limit of a name tells nothing"


def test_a_stranger_who_uses_up_the_mails_locks_no_one_out(
    alice: Person, boxes: Mailboxes, app: Flask, stopped_clock: Clock
) -> None:
    confirmed(alice, boxes)
    while ask(app, alice.sign_in_name).status_code == 204:
        pass
    scheduler.send_account_mails()
    stopped_clock.shift(11 * HOUR)
    assert problem(ask(app, alice.sign_in_name), 429)
    assert reset(app, alice.sign_in_name, boxes.code(ADDRESS)).status_code == 200
