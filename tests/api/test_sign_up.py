import tomllib
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest
from flask import Flask

from api.app import create_app
from planner.accounts.accounts import Person as PersonRow
from planner.accounts.sessions import Session
from planner.settings import Settings
from planner.storage import db
from seeds.wordlist import WORDS
from tests.people import PASSWORD, Person, expect
from tests.racing import together
from tests.served import ROOT


def body(**changes: object) -> dict[str, object]:
    return {"display_name": "Robin", "password": PASSWORD, "zone": "Europe/Lisbon"} | changes


def sign_up(app: Flask, status: int = 201, **changes: object) -> dict:
    return expect(app.test_client().post("/v1/people", json=body(**changes)), status)


def refused(app: Flask, **changes: object) -> set[str]:
    """The fields that a sign-up is refused for; nobody is signed up by it."""
    faults = sign_up(app, 422, **changes)["errors"]
    with db.connection():
        assert PersonRow.select().count() == 0
    return {fault["field"] for fault in faults}


NAMES = [
    "Robin", "Зоя", "美咲", "מִרְיָם", "प्रिया", "ليلى", "தமிழ்", "Jean-Luc", "O’Neill", "D'Arcy", "Anna M", "A", "x" * 40,
    "Zoe\u0308", "Gal·la", "维克多·雨果", "علی\u200cرضا",
]  # fmt: skip
WRONG = {
    "display_name": [
        "", " ", "R2", "٣", "²", "Ⅷ", "robin@example.org", "+351", "a_b", "a/b", "<b>", "Robin 🦊", "-", "'", ".",
        "\u0308", "x" * 41, "Ro\nbin", "Ro\u0000bin", "Ro\ud800bin", "Ro\u202ebin", "Ro\u200bbin", "a:b", None, 7,
        "example.org", "Anna M.", "·Gal", "Gal·", "Gal··la", "Robin\u200c", "\u200c", "\u3164", "\u115f\u1160",
        "A\uffa0", "Ro\u034fbin", "Ro\ufe0fbin",
    ],
    "zone": ["", "Lisbon", "europe/lisbon", "../etc/passwd", "Europe/Lisbon\u0000", "UTC+1", "localtime", None, 0],
    "password": [
        "", "nine char", "x" * 257, "tab\tinside it", "nul\u0000 inside it", "half \ud800 a pair", None, 1234567890,
    ],
    "id": ["", "x", "5c2f2d0e-7b0a-1f5e-9f6e-0d6d1e8b9a10", "5c2f2d0e7b0a4f5e9f6e0d6d1e8b9a10", 7],
}  # fmt: skip


def test_a_display_name_is_letters_of_any_script(app: Flask) -> None:
    for name in NAMES:
        made = sign_up(app, display_name=f"  {name} ")
        person = Person(app, name, made["id"], made["sign_in_name"], made["token"], made["recovery_code"])
        assert person.get("/me")["display_name"] == name


@pytest.mark.parametrize("field", WRONG)
def test_what_cannot_be_accepted_is_refused_by_its_field(app: Flask, field: str) -> None:
    for value in WRONG[field]:
        assert refused(app, **{field: value}) == {field}, repr(value)


def test_all_that_is_wrong_is_told_at_once_and_the_password_is_not_repeated(app: Flask) -> None:
    answer = app.test_client().post(
        "/v1/people", json=body(display_name="1", password="hunter2", zone="x", mail="a@b.c")
    )
    fields = {fault["field"] for fault in expect(answer, 422)["errors"]}
    assert fields == {"display_name", "password", "zone", "mail"}
    assert "hunter2" not in answer.get_data(as_text=True)


def test_a_password_counts_as_typed_with_its_spaces_whatever_form_its_letters_have(app: Flask) -> None:
    made = sign_up(app, password=" caf\u00e9 \ufb01n   ")

    def status(password: str) -> int:
        sent = {"sign_in_name": made["sign_in_name"], "password": password}
        return app.test_client().post("/v1/sign-ins", json=sent).status_code

    assert status(" cafe\u0301 fin   ") == 201
    assert status("cafe\u0301 fin") == 403
    assert status(" Caf\u00e9 fin   ") == 403


def test_the_longest_password_works_in_the_form_that_grows_most(app: Flask) -> None:
    made = sign_up(app, password="\ufdfa" * 256)
    sent = {"sign_in_name": made["sign_in_name"], "password": "\ufdfa" * 256}
    expect(app.test_client().post("/v1/sign-ins", json=sent), 201)


def test_the_server_makes_a_name_of_three_known_words_and_secrets_that_differ(app: Flask) -> None:
    made = [sign_up(app) for _ in range(3)]
    for one in made:
        words = one["sign_in_name"].split("-")
        assert len(words) == 3
        assert set(words) <= set(WORDS)
        # base32: five bits a letter. The token has at least 128 bits (six a letter).
        assert len(one["recovery_code"].replace("-", "")) * 5 >= 125
        assert len(one["token"]) * 6 >= 128
    for secret in ("id", "sign_in_name", "recovery_code", "token", "sign_in"):
        assert len({one[secret] for one in made}) == 3


def test_who_runs_the_server_is_named_and_the_answer_is_never_stored(app: Flask) -> None:
    answer = app.test_client().post("/v1/people", json=body())
    told = expect(answer, 201)["operator"]
    assert (told["name"], told["contact"]) == ("The test club", "club@example.org")
    assert "capture passwords" in told["can_see"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_that_opens_the_account_is_kept_in_readable_form(app: Flask) -> None:
    made = sign_up(app)
    with db.connection():
        kept = repr([PersonRow.select().dicts().get(), Session.select().dicts().get()])
    for secret in (PASSWORD, made["recovery_code"], made["recovery_code"].replace("-", ""), made["token"]):
        assert secret not in kept


def test_closed_sign_up_takes_nobody_but_those_inside_go_on(app: Flask, settings: Settings) -> None:
    made = sign_up(app)
    closed = create_app(replace(settings, sign_up="closed"))
    assert sign_up(closed, 403, id=made["id"])["type"] == "/problems/sign-up-closed"
    sent = {"sign_in_name": made["sign_in_name"], "password": PASSWORD}
    expect(closed.test_client().post("/v1/sign-ins", json=sent), 201)


def test_repeated_with_its_id_it_is_the_same_person_and_the_newest_recovery_code_counts(app: Flask) -> None:
    sent = {"id": str(uuid4())}
    first, second = sign_up(app, **sent), sign_up(app, **sent)
    assert first["id"] == second["id"] == sent["id"]
    assert first["sign_in_name"] == second["sign_in_name"]
    with db.connection():
        assert PersonRow.select().count() == 1

    def recover(code: str, status: int) -> None:
        sent = {"sign_in_name": first["sign_in_name"], "recovery_code": code, "new_password": "another horse"}
        expect(app.test_client().post("/v1/recovery", json=sent), status)

    recover(first["recovery_code"], 403)
    recover(second["recovery_code"], 200)


@pytest.mark.parametrize("change", [{"display_name": "Kim"}, {"password": "wrong horse battery"}, {"zone": "UTC"}])
def test_repeated_with_its_id_and_anything_else_it_is_refused_and_changes_nothing(
    app: Flask, change: dict[str, str]
) -> None:
    made = sign_up(app, id=(person_id := str(uuid4())))
    with db.connection():
        before = PersonRow.select().dicts().get()
    answer = sign_up(app, 422, id=person_id, **change)
    assert answer["type"] == "/problems/id-taken"
    assert made["sign_in_name"] not in str(answer)
    with db.connection():
        assert PersonRow.select().dicts().get() == before
        assert Session.select().count() == 1


def test_the_same_sign_up_many_times_at_once_is_one_person(app: Flask) -> None:
    person_id = str(uuid4())
    made = together(*[partial(sign_up, app, id=person_id)] * 6)
    assert {(one["id"], one["sign_in_name"]) for one in made} == {(person_id, made[0]["sign_in_name"])}
    with db.connection():
        assert PersonRow.select().count() == 1


def test_when_all_names_but_one_are_in_use_the_last_one_is_found(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.accounts.accounts.WORDS", ("oak", "elm"))
    names = {sign_up(app)["sign_in_name"] for _ in range(8)}
    assert len(names) == 8


def test_who_runs_the_server_is_said_before_a_name_or_password_is_asked_for(app, settings):
    answer = app.test_client().get("/v1/server")
    found = expect(answer, 200)
    operator = found["operator"]
    assert (operator["name"], operator["contact"], found["sign_up"]) == (
        settings.operator_name, settings.operator_contact, "open",
    )  # fmt: skip
    assert "can see or change almost everything" in operator["can_see"]
    assert (found["name"], found["languages"]) == ("Rekindle", ["en"])
    assert found["version"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert found["least_client_version"] <= found["version"]
    assert found["features"] == sorted(found["features"])
    assert "invitation_links" in found["features"]
    assert "Set-Cookie" not in answer.headers
