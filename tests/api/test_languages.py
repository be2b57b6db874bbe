"""Answers come in the best language that the client accepts and the catalogue has, text by text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema, fields

from api.app import OPERATIONS
from api.core.validators import Length, OneOf, Range
from planner import messages
from planner.settings import Settings
from tests.api.answers import ON_SQLITE, name_of, problem
from tests.languages import PSEUDO, pseudo, second_language
from tests.people import PASSWORD, Cast, Person, expect, propose

GERMAN_OR_PSEUDO = f"de, {PSEUDO};q=0.8, en;q=0.5"


@pytest.fixture
def bilingual(tmp_path) -> Iterator[None]:
    """The second language is there, but for two texts."""
    with second_language(tmp_path, missing=("date_proposed", "no_partner")):
        yield


def read(person: Person, path: str, language: str = GERMAN_OR_PSEUDO, **headers: str) -> Any:
    return person.request("GET", path, Accept_Language=language, **headers)


@pytest.mark.usefixtures("bilingual")
def test_items_come_in_the_language_of_the_client_or_else_in_english(cast: Cast, now) -> None:
    propose(cast.alice, now + timedelta(days=2))
    answer = read(cast.bob, "/inbox")
    texts = {item["kind"]: item["text"] for item in expect(answer, 200)["items"]}
    assert texts == {
        "date_proposed": "Your partner has proposed a date.",
        "couple_begun": pseudo("You two are connected now."),
    }
    assert answer.headers["Content-Language"] == PSEUDO
    assert "accept-language" in answer.vary
    in_english = read(cast.bob, "/inbox", "fr")
    assert {item["text"] for item in in_english.json["items"]} >= {"You two are connected now."}
    assert in_english.headers["Content-Language"] == "en"
    assert read(cast.bob, "/today").json["inbox"] == expect(answer, 200)["items"]


@pytest.mark.usefixtures("bilingual")
def test_a_copy_in_one_language_is_not_current_in_another(cast: Cast) -> None:
    english, second = read(cast.bob, "/inbox", "en"), read(cast.bob, "/inbox")
    assert english.headers["ETag"] != second.headers["ETag"]
    assert read(cast.bob, "/inbox", If_None_Match=english.headers["ETag"]).status_code == 200
    unchanged = read(cast.bob, "/inbox", If_None_Match=second.headers["ETag"])
    assert (unchanged.status_code, "accept-language" in unchanged.vary) == (304, True)


@pytest.mark.usefixtures("bilingual")
def test_problems_come_in_the_language_of_the_client(cast: Cast, sam: Person) -> None:
    answer = read(sam, "/prompts/3a6f1c0e-9a55-4d6c-8a8e-2f4f6f0f7a77")
    assert (answer.status_code, answer.json["reason"], answer.json["params"]) == (404, "not_found", {})
    assert answer.json["title"] == pseudo("Not found")
    assert answer.json["detail"] == pseudo("This does not exist, or you cannot open it.")
    assert (answer.headers["Content-Language"], answer.headers["Vary"]) == (PSEUDO, "Accept-Language")
    alone = sam.request("PUT", "/me/pace", {"pace": 2}, Accept_Language=PSEUDO).json
    assert (alone["reason"], alone["title"]) == ("no_partner", pseudo(messages.text("problems", "wrong-state.title")))
    assert alone["detail"] == messages.text("reasons.wrong-state", "no_partner"), "it has no translation"
    nowhere = read(sam, "/nothing-of-the-kind")
    assert (nowhere.status_code, nowhere.json["title"]) == (404, pseudo("Not found"))
    unread = sam.app.test_client().post("/v1/people", data="{", headers={"Accept-Language": PSEUDO})
    assert (unread.status_code, unread.json["reason"]) == (415, "unsupported_media_type")
    assert unread.json["title"] == pseudo("Only JSON is accepted")


@pytest.mark.usefixtures("bilingual")
def test_field_errors_come_in_the_language_of_the_client_with_code_and_params(cast: Cast) -> None:
    body = {"current_password": None, "new_password": "short", "more": 1}
    answer = cast.alice.request("PUT", "/me/password", body, Accept_Language=GERMAN_OR_PSEUDO)
    assert (answer.status_code, answer.json["reason"]) == (422, "invalid")
    errors = {error.pop("field"): error for error in answer.json["errors"]}
    assert errors == {
        "current_password": {"code": "null", "params": {}, "message": pseudo("Send a value here, not null.")},
        "new_password": {"code": "too_short", "params": {"least": 10}, "message": pseudo("At least 10 characters.")},
        "more": {"code": "unknown_field", "params": {}, "message": pseudo("The server does not know this field.")},
    }


@pytest.mark.usefixtures("bilingual")
def test_fixed_texts_carry_their_key(cast: Cast, settings: Settings) -> None:
    cast.alice.put("/me/space", {"kind": "said", "sentence": "slow"})
    words = pseudo("I may be slow to read and reply here.")
    (said,) = read(cast.bob, "/couple").json["sentences"]
    assert (said["sentence"], said["text"]) == ("slow", words)
    space = read(cast.bob, "/me/space").json
    assert {"key": "slow", "text": words} in space["sentences"]
    assert [term["key"] for term in space["terms"]] == messages.keys("space_terms")
    assert all(term["text"].startswith("⟦") for term in space["terms"])
    code = cast.sam.post("/invitations", {}, 201)["code"]
    look = cast.charlie.request("POST", "/invitations/look-up", {"code": code}, Accept_Language=PSEUDO).json
    assert [term["key"] for term in look["terms"]] == messages.keys("invitation_terms")
    assert look["operator"]["can_see"] == pseudo(messages.text("texts", "operator_can_see"))


@pytest.mark.usefixtures("bilingual")
def test_safety_and_help_come_in_the_language_of_the_client(sam: Person) -> None:
    (here, *_) = read(sam, "/me/safety").json["items"]
    day = pseudo(f"23 {pseudo('November')} 2026")
    assert here["text"] == pseudo(f"You are signed in here as “unnamed device”, since {day}. Last used on {day}.")
    assert here["end"]["text"] == pseudo("Sign out here. Your other sign-ins stay.")
    sam.put("/me/help", {"stuck": True})
    (card,) = read(sam, "/me/help").json["cards"]
    assert card["title"] == pseudo("Someone outside may be able to help")
    assert card["reasons"] == [{"key": "stuck", "text": pseudo("You said that you feel stuck.")}]
    assert [line["key"] for line in card["lines"]] == ["not_for_the_afraid", "only_an_offer"]


@ON_SQLITE
def test_an_answer_without_such_a_text_names_no_language(cast: Cast) -> None:
    answer = read(cast.sam, "/me/profile")
    assert answer.status_code == 200
    assert "Content-Language" not in answer.headers
    assert "accept-language" not in answer.vary


@ON_SQLITE
@pytest.mark.parametrize("wanted", ["*", "", "en-GB, de", "tlh", ";;q=,", "de;q=0, *;q=0.1"])
def test_english_answers_whatever_the_client_asks_for(sam: Person, wanted: str) -> None:
    answer = read(sam, "/couple", wanted)
    assert problem(answer, 404)["reason"] == "not_found"
    assert answer.headers["Content-Language"] == "en"


def test_no_language_but_english_is_offered_yet():
    assert messages.languages() == ["en"]


# The errors of fields


@ON_SQLITE
def test_the_error_in_the_readme_is_a_real_one(sam: Person) -> None:
    page = (Path(__file__).parents[2] / "api/README.md").read_text("utf-8")
    (example,) = re.findall(r"^```json\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    passwords = {"current_password": PASSWORD, "new_password": "short"}
    assert problem(sam.request("PUT", "/me/password", passwords), 422) == json.loads(example)


@ON_SQLITE
@pytest.mark.parametrize(
    ("path", "body", "field", "code", "message"),
    [
        ("/notes", {"body": "x"}, "kind", "required", "This is required."),
        ("/notes", {"kind": "kindness", "body": " "}, "body", "empty", "Please fill this in."),
        ("/notes", {"kind": "kindness", "body": 1}, "body", "not_text", "Send text."),
        ("/notes", {"kind": "kindness", "body": "x" * 4001}, "body", "too_long", "At most 4000 characters."),
        ("/notes", [], "", "not_an_object", "Send a JSON object."),
        ("/dates", {"activity_id": "x", "slots": [{}]}, "activity_id", "not_an_id", None),
        ("/dates", {"slots": [{"local_time": "2026-11-27T19:00"}] * 9}, "slots", "too_many", "At most 3 of these."),
        ("/dates", {"slots": [{"local_time": "x"}, {"minutes": 1}]}, "slots.1.minutes", "out_of_range", None),
        ("/dates", {"slots": [3]}, "slots.0", "not_an_object", "Send a JSON object."),
        ("/dates", {"slots": {}}, "slots", "not_a_list", "Send a list."),
        ("/me/help/dismiss", {"card": "x"}, "card", "not_a_choice", "Choose one of: counselling, review."),
    ],
)  # fmt: skip
def test_field_errors_are_short_and_natural(
    sam: Person, path: str, body: Any, field: str, code: str, message: str | None
) -> None:
    errors = problem(sam.request("POST", path, body), 422)["errors"]
    (found,) = [error for error in errors if error["field"] == field]
    assert found["code"] == code
    assert message is None or found["message"] == message


def fields_of(schema: Schema) -> Iterator[fields.Field]:
    """All fields of a schema, also those inside of others."""
    for field in schema.fields.values():
        yield from inside(field)


def inside(field: fields.Field) -> Iterator[fields.Field]:
    yield field
    if isinstance(field, fields.List):
        yield from inside(field.inner)
    if isinstance(field, fields.Mapping):
        yield from (*inside(field.key_field), *inside(field.value_field))
    if isinstance(field, fields.Nested):
        yield from fields_of(field.schema)


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.body or one.query], ids=name_of)
def test_every_error_of_every_field_has_a_code(operation):
    """marshmallow's own sentences and validators would have no code, and no translation."""
    codes = set(messages.keys("fields"))
    for schema in filter(None, (operation.body, operation.query)):
        assert set(schema.error_messages.values()) <= codes
        for field in fields_of(schema):
            assert set(field.error_messages.values()) <= codes, (schema, field.name)
            known = (Length, OneOf, Range)
            assert all(isinstance(one, known) or one.__module__.startswith("api.") for one in field.validators)
