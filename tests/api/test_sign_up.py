"""Test signing up over HTTP: names, passwords, secrets, and repeats."""

import tomllib
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from flask import Flask
from time_machine import Traveller

from api.app import create_app
from planner.accounts import passwords
from planner.accounts.accounts import Person as PersonRow
from planner.accounts.sessions import Session
from planner.settings import Settings
from planner.storage import db
from seeds.sign_in_words import WORDS
from tests.people import PASSWORD, Person, expect, person_of
from tests.racing import together
from tests.served import ROOT


def body(**changes: object) -> dict[str, object]:
    return {"display_name": "Robin", "password": PASSWORD, "zone": "Europe/Lisbon"} | changes


def sign_up(app: Flask, status: int = 201, **changes: object) -> dict:
    return expect(app.test_client().post("/v1/people", json=body(**changes)), status)


def refused_fields(app: Flask, **changes: object) -> set[str]:
    """Return the fields of the errors of a sign-up. Check that it creates no account."""
    faults = sign_up(app, 422, **changes)["errors"]
    with db.connection():
        assert PersonRow.select().count() == 0
    return {fault["field"] for fault in faults}


LONGEST = "".join(chr(0xFDFA - number % 7) for number in range(250)) + "horse."

NAMES = {
    "Robin": "Robin", " 美咲\u3000\n": "美咲", "Zoe\u0308": "Zoë", "ශ්\u200dරී": "ශ්\u200dරී", "x" * 40: "x" * 40,
    "Jean\u2011Luc": "Jean-Luc",
}  # fmt: skip
WRONG = {
    "display_name": [
        "", " ", "R2", "Ro\nbin", "Ro\u0000bin", "Ro\ud800bin", "x" * 41, "R\u043ebin", "R" + "\u0301" * 39, None, 7,
    ],
    "zone": ["", "Lisbon", "europe/lisbon", "../etc/passwd", "Europe/Lisbon\u0000", "UTC+1", "localtime", None, 0],
    "password": [
        "", "nine char", "x" * 257, " " * 12, "escape\u001b inside it", "nul\u0000 inside it", "half \ud800 a pair",
        None, 1234567890,
    ],
    "id": ["", "x", "5c2f2d0e-7b0a-1f5e-9f6e-0d6d1e8b9a10", "5c2f2d0e7b0a4f5e9f6e0d6d1e8b9a10", 7],
}  # fmt: skip


def test_a_display_name_is_letters_of_any_script(app: Flask) -> None:
    for typed, name in NAMES.items():
        person = person_of(app, name, sign_up(app, display_name=typed))
        assert person.get("/me")["display_name"] == name


@pytest.mark.parametrize("field", WRONG)
def test_an_invalid_value_is_refused_and_its_field_is_named(app: Flask, field: str) -> None:
    for value in WRONG[field]:
        assert refused_fields(app, **{field: value}) == {field}, repr(value)


def test_the_length_of_a_password_is_counted_in_code_points(app: Flask) -> None:
    sign_up(app, password="q\u0301x\u0302d\u0303m\u0308k\u0303")
    (fault,) = sign_up(app, 422, password="e\u0301" * 4 + "e")["errors"]
    assert (fault["field"], fault["code"]) == ("password", "too_short")


def test_all_errors_are_listed_at_once_without_the_password(app: Flask) -> None:
    answer = app.test_client().post(
        "/v1/people", json=body(display_name="1", password="hunter2", zone="x", mail="a@b.c")
    )
    fields = {fault["field"] for fault in expect(answer, 422)["errors"]}
    assert fields == {"display_name", "password", "zone", "mail"}
    assert "hunter2" not in answer.get_data(as_text=True)


def test_a_password_keeps_its_spaces_and_normalizes_unicode(app: Flask) -> None:
    account = sign_up(app, password=" caf\u00e9 \ufb01n   ")

    def status(password: str) -> int:
        sent = {"sign_in_name": account["sign_in_name"], "password": password}
        return app.test_client().post("/v1/sign-ins", json=sent).status_code

    assert status(" cafe\u0301 fin   ") == 201
    assert status("cafe\u0301 fin") == 403
    assert status(" Caf\u00e9 fin   ") == 403


def test_the_longest_password_works_also_when_normalizing_expands_it(app: Flask) -> None:
    account = sign_up(app, password=LONGEST)
    sent = {"sign_in_name": account["sign_in_name"], "password": LONGEST}
    expect(app.test_client().post("/v1/sign-ins", json=sent), 201)


COMMON = [
    "password123", "qwertyuiop", "1234567890", "iloveyouforever", "liverpool1", "11.11.2011", "a" * 256,
    "\uff50assword123", "p@ssword123", "letmeinletmein",
]  # fmt: skip


def test_a_common_password_is_refused_wherever_one_is_set(app: Flask, sam: Person) -> None:
    for password in COMMON:
        (fault,) = sign_up(app, 422, password=password)["errors"]
        assert (fault["field"], fault["code"]) == ("password", "common_password"), password
    recovery = {"sign_in_name": sam.sign_in_name, "recovery_code": sam.recovery_code, "new_password": COMMON[0]}
    change = {"current_password": PASSWORD, "new_password": COMMON[0]}
    for answer in (app.test_client().post("/v1/recovery", json=recovery), sam.request("PUT", "/me/password", change)):
        (fault,) = expect(answer, 422)["errors"]
        assert (fault["field"], fault["code"]) == ("new_password", "common_password")


def test_a_common_password_from_an_earlier_version_still_signs_in(sam: Person) -> None:
    with db.connection():
        PersonRow.update(password_hash=passwords.hash_password("password123")).execute()
    sent = {"sign_in_name": sam.sign_in_name, "password": "password123"}
    expect(sam.app.test_client().post("/v1/sign-ins", json=sent), 201)


def test_the_server_makes_a_name_of_three_words_and_different_secrets(app: Flask) -> None:
    accounts = [sign_up(app) for _ in range(3)]
    for account in accounts:
        words = account["sign_in_name"].split("-")
        assert len(words) == 3
        assert set(words) <= set(WORDS)
        # base32 has five bits a letter. The token has six bits a letter, and at least 128 bits.
        assert len(account["recovery_code"].replace("-", "")) * 5 >= 125
        assert len(account["session"]["token"]) * 6 >= 128
    for secret in ("sign_in_name", "recovery_code"):
        assert len({account[secret] for account in accounts}) == 3
    for secret in ("id", "person_id", "token"):
        assert len({account["session"][secret] for account in accounts}) == 3


def test_signing_up_names_the_operator_and_is_never_cached(app: Flask) -> None:
    answer = app.test_client().post("/v1/people", json=body())
    operator = expect(answer, 201)["operator"]
    assert (operator["name"], operator["contact"]) == ("The test club", "club@example.org")
    assert "capture passwords" in operator["can_see"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_secrets_are_not_stored_in_readable_form(app: Flask) -> None:
    account = sign_up(app)
    with db.connection():
        rows = repr([PersonRow.select().dicts().get(), Session.select().dicts().get()])
    for secret in (
        PASSWORD,
        account["recovery_code"],
        account["recovery_code"].replace("-", ""),
        account["session"]["token"],
    ):
        assert secret not in rows


def test_a_closed_sign_up_refuses_new_people_and_members_sign_in(app: Flask, settings: Settings) -> None:
    account = sign_up(app)
    closed = create_app(replace(settings, sign_up="closed"))
    assert sign_up(closed, 403, id=account["session"]["person_id"])["type"] == "/problems/sign-up-closed"
    sent = {"sign_in_name": account["sign_in_name"], "password": PASSWORD}
    expect(closed.test_client().post("/v1/sign-ins", json=sent), 201)


def test_a_repeat_returns_the_same_person_with_a_new_recovery_code(app: Flask) -> None:
    sent = {"id": str(uuid4())}
    first, second = sign_up(app, **sent), sign_up(app, **sent)
    assert first["session"]["person_id"] == second["session"]["person_id"] == sent["id"]
    assert first["sign_in_name"] == second["sign_in_name"]
    with db.connection():
        assert PersonRow.select().count() == 1

    def recover(code: str, status: int) -> None:
        sent = {"sign_in_name": first["sign_in_name"], "recovery_code": code, "new_password": "another horse"}
        expect(app.test_client().post("/v1/recovery", json=sent), status)

    recover(first["recovery_code"], 403)
    recover(second["recovery_code"], 200)


@pytest.mark.parametrize("change", [{"display_name": "Kim"}, {"password": "wrong horse battery"}, {"zone": "UTC"}])
def test_a_repeat_with_other_values_is_refused_and_changes_nothing(app: Flask, change: dict[str, str]) -> None:
    account = sign_up(app, id=(person_id := str(uuid4())))
    with db.connection():
        before = PersonRow.select().dicts().get()
    answer = sign_up(app, 422, id=person_id, **change)
    assert answer["type"] == "/problems/id-taken"
    assert account["sign_in_name"] not in str(answer)
    with db.connection():
        assert PersonRow.select().dicts().get() == before
        assert Session.select().count() == 1


def test_a_repeat_is_possible_for_an_hour(app: Flask, stopped_clock: Traveller) -> None:
    sent = {"id": str(uuid4())}
    first = sign_up(app, **sent)
    stopped_clock.shift(timedelta(minutes=59))
    assert sign_up(app, **sent)["sign_in_name"] == first["sign_in_name"]
    stopped_clock.shift(timedelta(minutes=1))
    with db.connection():
        before = PersonRow.select().dicts().get()
    answers = [sign_up(app, 422, **sent), sign_up(app, 422, **sent, password="wrong horse battery")]
    assert answers[0] == answers[1], "the right password is refused like a wrong one"
    with db.connection():
        assert PersonRow.select().dicts().get() == before, "the recovery code is still valid"


def test_repeats_with_wrong_passwords_are_limited_by_id(app: Flask) -> None:
    sent = {"id": str(uuid4())}
    sign_up(app, **sent)

    def guess(number: int, status: int, password: str) -> None:
        elsewhere = {"REMOTE_ADDR": f"192.0.2.{number}"}
        answer = app.test_client().post("/v1/people", json=body(**sent, password=password), environ_base=elsewhere)
        expect(answer, status)

    for number in range(10):
        guess(number, 422, "wrong horse battery")
    for password in ("wrong horse battery", PASSWORD):
        guess(11, 429, password)
    sign_up(app, id=str(uuid4()))


def test_simultaneous_sign_ups_with_one_id_make_one_person(app: Flask) -> None:
    person_id = str(uuid4())
    answers = together(*[partial(sign_up, app, id=person_id)] * 6)
    assert {(answer["session"]["person_id"], answer["sign_in_name"]) for answer in answers} == {
        (person_id, answers[0]["sign_in_name"])
    }
    with db.connection():
        assert PersonRow.select().count() == 1


def test_the_server_finds_the_last_free_name(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.accounts.accounts.WORDS", ("oak", "elm"))
    names = {sign_up(app)["sign_in_name"] for _ in range(8)}
    assert len(names) == 8


def test_the_server_names_its_operator_before_signing_up(app, settings):
    answer = expect(app.test_client().get("/v1/server"), 200)
    operator = answer["operator"]
    assert (operator["name"], operator["contact"], answer["sign_up"]) == (
        settings.operator_name, settings.operator_contact, "open",
    )  # fmt: skip
    assert "can see or change almost everything" in operator["can_see"]
    assert (answer["name"], answer["languages"]) == ("Rekindle", ["en"])
    assert answer["version"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert answer["least_client_version"] <= answer["version"]
    assert answer["features"] == sorted(answer["features"])
    assert "invitation_links" in answer["features"]
