"""Test the items about new sign-ins. Their owner finds them on every device, and no other person does."""

from __future__ import annotations

from typing import Any

from flask import Flask

from planner.inbox import Item
from planner.storage import db
from tests.api.answers import contents
from tests.api.test_sign_ins import change_password, elsewhere, recover, sign_in
from tests.databases import without_table
from tests.people import PASSWORD, Cast, Person, expect


def count_items(person: Person) -> int:
    """Count the items about new sign-ins in the inbox of a person."""
    return person.inbox().count("new_sign_in")


def with_token_of(person: Person, answer: Any) -> Person:
    """Return the same person with the token of an answer."""
    return Person(person.app, person.name, person.id, person.sign_in_name, answer["session"]["token"], "")


def test_signing_up_adds_no_item(app: Flask, cast: Cast) -> None:
    assert [count_items(person) for person in cast] == [0] * 5


def test_every_device_shows_an_item_that_names_the_new_sign_in(cast: Cast) -> None:
    other = elsewhere(cast.alice)
    first_items = [reader.get("/inbox")["items"][0] for reader in (cast.alice, other)]
    assert first_items[0] == first_items[1]
    assert first_items[0]["kind"] == "new_sign_in"
    assert first_items[0]["text"] == "There was a new sign-in to your account. If it was not you, check your sign-ins."
    assert first_items[0]["subject"] is None
    assert [count_items(person) for person in cast] == [1, 0, 0, 0, 0]


def test_the_item_stays_when_the_sign_in_has_ended(sam: Person) -> None:
    other = elsewhere(sam)
    own = next(item["id"] for item in other.get("/sign-ins")["items"] if item["current"])
    other.delete(f"/sign-ins/{own}")
    assert count_items(sam) == 1
    expect(change_password(sam), 204)
    assert count_items(sam) == 1


def test_a_refused_sign_in_adds_no_item(sam: Person) -> None:
    before = contents()
    expect(sign_in(sam, password="wrong horse"), 403)
    expect(recover(sam, "ABCDE-FGHIJ"), 403)
    after = contents()
    assert after | {"security_events": []} == before | {"security_events": []}


def test_a_recovery_adds_an_item_for_its_owner_only(cast: Cast) -> None:
    alice = with_token_of(cast.alice, expect(recover(cast.alice, cast.alice.recovery_code), 200))
    assert count_items(alice) == 1
    assert [count_items(person) for person in (cast.bob, cast.charlie, cast.dana, cast.sam)] == [0] * 4


def test_a_repeated_sign_up_adds_an_item_about_a_new_sign_in(app: Flask) -> None:
    body = {
        "id": "3f0b1c0e-9a55-4d6c-8a8e-2f4f6f0f7a11", "display_name": "Kim", "password": PASSWORD, "zone": "UTC",
    }  # fmt: skip
    first, again = (expect(app.test_client().post("/v1/people", json=body), 201) for _ in range(2))
    kim = Person(app, "Kim", first["session"]["person_id"], first["sign_in_name"], first["session"]["token"], "")
    assert first["session"]["id"] != again["session"]["id"]
    assert kim.inbox() == ["new_sign_in"]


def test_a_failed_sign_in_leaves_no_item(sam: Person) -> None:
    with without_table("inbox_items"):
        assert sign_in(sam).status_code in (500, 503)
    with db.connection():
        assert Item.select().count() == 0
    assert len(sam.get("/sign-ins")["items"]) == 1


def test_the_item_appears_in_space_too(cast: Cast) -> None:
    cast.alice.put("/me/space", {"kind": "quiet"})
    elsewhere(cast.alice)
    assert count_items(cast.alice) == 1
    assert "new_sign_in" in [item["kind"] for item in cast.alice.get("/today")["inbox"]]


def test_leaving_deletes_no_item_about_a_sign_in(cast: Cast) -> None:
    elsewhere(cast.alice)
    cast.bob.delete("/couple")
    assert count_items(cast.alice) == 1
    assert count_items(cast.bob) == 0
