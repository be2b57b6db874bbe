"""Word of a new sign-in reaches its own person, on every device, and nobody else."""

from __future__ import annotations

from typing import Any

from flask import Flask

from planner.inbox import Item
from planner.storage import db
from tests.api.answers import contents
from tests.api.test_sign_ins import change_password, elsewhere, recover, sign_in
from tests.people import PASSWORD, Cast, Person, expect


def words(person: Person) -> int:
    """How many words of new sign-ins somebody finds."""
    return person.inbox().count("new_sign_in")


def as_seen(person: Person, answer: Any) -> Person:
    """The same person with the token of an answer."""
    return Person(person.app, person.name, person.id, person.sign_in_name, answer["token"], "")


def test_signing_up_is_no_news(app: Flask, cast: Cast) -> None:
    assert [words(person) for person in cast] == [0] * 5


def test_a_new_sign_in_is_found_on_every_device_and_names_its_sign_in(cast: Cast) -> None:
    other = elsewhere(cast.alice)
    found = [reader.get("/inbox")["items"][0] for reader in (cast.alice, other)]
    assert found[0] == found[1]
    assert found[0]["kind"] == "new_sign_in"
    assert found[0]["text"] == "There was a new sign-in to your account. If it was not you, check your sign-ins."
    assert found[0]["subject"] == next(item["id"] for item in other.get("/sign-ins")["items"] if item["current"])
    assert [words(person) for person in cast] == [1, 0, 0, 0, 0]


def test_it_stays_when_that_sign_in_has_ended(sam: Person) -> None:
    other = elsewhere(sam)
    own = next(item["id"] for item in other.get("/sign-ins")["items"] if item["current"])
    other.delete(f"/sign-ins/{own}")
    assert words(sam) == 1
    expect(change_password(sam), 204)
    assert words(sam) == 1


def test_a_refused_sign_in_is_no_news(sam: Person) -> None:
    before = contents()
    expect(sign_in(sam, password="wrong horse"), 403)
    expect(recover(sam, "ABCDE-FGHIJ"), 403)
    assert contents() == before


def test_a_recovery_is_told_to_its_person_only(cast: Cast) -> None:
    alice = as_seen(cast.alice, expect(recover(cast.alice, cast.alice.recovery_code), 200))
    assert words(alice) == 1
    assert [words(person) for person in (cast.bob, cast.charlie, cast.dana, cast.sam)] == [0] * 4


def test_a_sign_up_that_is_repeated_is_a_sign_in_to_an_account_that_is_there(app: Flask) -> None:
    body = {
        "id": "3f0b1c0e-9a55-4d6c-8a8e-2f4f6f0f7a11", "display_name": "Kim", "password": PASSWORD, "zone": "UTC",
    }  # fmt: skip
    first, again = (expect(app.test_client().post("/v1/people", json=body), 201) for _ in range(2))
    kim = Person(app, "Kim", first["id"], first["sign_in_name"], first["token"], "")
    assert [item["subject"] for item in kim.get("/inbox")["items"]] == [again["sign_in"]]


def test_no_word_is_left_of_a_sign_in_that_was_not_made(sam: Person) -> None:
    with db.connection():
        db.proxy.execute_sql("ALTER TABLE inbox_items RENAME TO away")
    assert sign_in(sam).status_code in (500, 503)
    with db.connection():
        db.proxy.execute_sql("ALTER TABLE away RENAME TO inbox_items")
        assert Item.select().count() == 0
    assert len(sam.get("/sign-ins")["items"]) == 1


def test_word_of_it_comes_in_space_as_well(cast: Cast) -> None:
    cast.alice.put("/me/space", {"kind": "quiet"})
    elsewhere(cast.alice)
    assert words(cast.alice) == 1
    assert "new_sign_in" in [item["kind"] for item in cast.alice.get("/today")["inbox"]]


def test_leaving_takes_no_word_of_a_sign_in_away(cast: Cast) -> None:
    elsewhere(cast.alice)
    cast.bob.delete("/couple")
    assert words(cast.alice) == 1
    assert words(cast.bob) == 0
