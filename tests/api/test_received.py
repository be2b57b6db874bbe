"""Test the record of the receiver. It needs the password and lasts twelve months. The sender cannot change it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from time_machine import Traveller

from planner.accounts.accounts import Person as PersonRow
from planner.contact.received import ReceivedCopy
from planner.couples import couples
from planner.couples.couples import Couple
from planner.relationship import leaving
from planner.scheduler import run_housekeeping
from planner.storage import db
from tests.api.answers import problem
from tests.conftest import NOON
from tests.dates import agreed, offer
from tests.people import PASSWORD, Cast, Person, pair

YEAR = timedelta(days=365)
SECOND = timedelta(seconds=1)


def record(person: Person, **more: Any) -> list[Any]:
    return list(person.post("/me/received", {"password": PASSWORD, **more})["items"])


def words(person: Person) -> list[str]:
    """Return the bodies, titles and messages that a person received, newest first."""
    words_of_entries = [entry["content"] for entry in record(person, limit=100)]
    return [text.get("body") or text.get("title") or text["message"] for text in words_of_entries]


def shared(author: Person, body: str, **more: Any) -> str:
    note: str = author.post("/notes", {"kind": "kindness", "body": body, **more}, 201)["id"]
    author.post(f"/notes/{note}/share", {"version": 1})
    return note


@pytest.fixture
def reached(cast: Cast, stopped_clock: Traveller) -> str:
    """Send Bob a note, an idea and a message of Alice. Return the id of the note."""
    note = shared(cast.alice, "You waited for me.")
    stopped_clock.shift(SECOND)
    idea = cast.alice.post("/activities", {"title": "Greet the finches", "category": "outdoors", "pace": 1}, 201)
    offer(cast.alice, activity=idea["id"])
    stopped_clock.shift(SECOND)
    offer(cast.alice, message="The one by the river?")
    return note


ALL = ["The one by the river?", "Greet the finches", "You waited for me."]


def test_the_record_lists_received_things_with_kind_time_and_sender(cast: Cast, reached: str) -> None:
    line, idea, note = record(cast.bob)
    assert words(cast.bob) == ALL
    assert [entry["kind"] for entry in (line, idea, note)] == ["message", "idea", "note"]
    assert note == {
        "id": note["id"], "kind": "note", "original_id": reached, "received_at": "2026-11-23T12:00:00.000Z",
        "sender_name": "Alice",
        "content": {"kind": "kindness", "body": "You waited for me."}, "from_current_partner": True,
    }  # fmt: skip
    assert record(cast.alice) == record(cast.charlie) == record(cast.sam) == []


def test_the_record_needs_the_password_and_wrong_ones_are_limited(cast: Cast, reached: str) -> None:
    answer = cast.bob.request("POST", "/me/received", {"password": PASSWORD})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    for _ in range(10):
        refused = cast.bob.request("POST", "/me/received", {"password": "incorrect horse"})
        assert problem(refused, 403)["type"] == "/problems/wrong-secret"
    cast.bob.post("/me/received", {"password": PASSWORD}, 429)
    assert cast.bob.request("GET", "/me/received").status_code == 405
    assert cast.alice.post("/me/received", {"password": PASSWORD})["items"] == []


def test_the_pages_of_the_record_are_complete(cast: Cast, reached: str) -> None:
    first = cast.bob.post("/me/received", {"password": PASSWORD, "limit": 2})
    second = cast.bob.post("/me/received", {"password": PASSWORD, "limit": 2, "after": first["next"]})
    assert [len(first["items"]), len(second["items"]), second["next"]] == [2, 1, None]
    assert [*first["items"], *second["items"]] == record(cast.bob)
    for cursor in ("garbage", "x" * 200, cast.bob.get("/notes?from=partner")["items"][0]["id"]):
        cast.bob.post("/me/received", {"password": PASSWORD, "after": cursor}, 422)


def recall(cast: Cast, note: str) -> None:
    cast.alice.post(f"/notes/{note}/recall")


def delete(cast: Cast, note: str) -> None:
    cast.alice.delete(f"/notes/{note}")


def leave(cast: Cast, note: str) -> None:
    cast.alice.delete("/couple")


def be_left(cast: Cast, note: str) -> None:
    cast.bob.delete("/couple")


def block(cast: Cast, note: str) -> None:
    cast.alice.put("/me/blocks", {"target": "partner"})


def be_blocked(cast: Cast, note: str) -> None:
    cast.bob.put("/me/blocks", {"target": "partner"})


def withdraw_all(cast: Cast, note: str) -> None:
    for date in cast.alice.get("/dates")["items"]:
        cast.alice.post(f"/dates/{date['id']}/withdraw", {"version": date["version"]})
        cast.alice.delete(f"/activities/{date['activity']['id']}", 204 if "finches" in str(date) else 404)


def see(cast: Cast, note: str) -> None:
    for item in cast.bob.get("/inbox")["items"]:
        cast.bob.post(f"/inbox/{item['id']}/seen")


TAKING_BACK = (recall, delete, leave, be_left, block, be_blocked, withdraw_all, see)


@pytest.mark.parametrize("act", TAKING_BACK)
def test_no_act_removes_anything_from_the_record(cast: Cast, reached: str, act: Callable[[Cast, str], None]) -> None:
    before = record(cast.bob)
    act(cast, reached)
    assert words(cast.bob) == ALL
    present = act not in (leave, be_left, block, be_blocked)
    assert record(cast.bob) == [{**view, "from_current_partner": present} for view in before]


def test_erasing_the_sender_removes_nothing_from_the_record(cast: Cast, reached: str, now: datetime) -> None:
    before = record(cast.bob)
    with db.connection():
        couple = UUID(cast.alice.get("/couple")["id"])
        with couples.locked(UUID(cast.alice.id)) as both:
            assert both
            leaving.end(both, now)
        with db.write():  # erase everything that leads to the sender
            Couple.delete().where(Couple.id == couple).execute()
            PersonRow.delete().where(PersonRow.id == UUID(cast.alice.id)).execute()
    cast.alice.get("/me", 401)
    assert record(cast.bob) == [{**view, "from_current_partner": False} for view in before]
    assert {entry["sender_name"] for entry in record(cast.bob)} == {"Alice"}


def test_the_record_tells_former_and_present_partners_apart(cast: Cast, reached: str, stopped_clock: Traveller) -> None:
    cast.bob.delete("/couple")
    stopped_clock.shift(SECOND)
    pair(cast.bob, cast.sam)
    shared(cast.sam, "You cooked.")
    cast.alice.patch("/me", {"display_name": "Alicia"}, '"1"')
    senders = [(entry["sender_name"], entry["from_current_partner"]) for entry in record(cast.bob)]
    assert senders == [("Sam", True), ("Alice", False), ("Alice", False), ("Alice", False)]


def test_the_record_ends_after_twelve_months(cast: Cast, reached: str, stopped_clock: Traveller) -> None:
    stopped_clock.move_to(NOON + YEAR - SECOND)
    cast.bob.sign_in_again()
    run_housekeeping(NOON + YEAR - SECOND)
    assert words(cast.bob) == ALL
    stopped_clock.move_to(NOON + YEAR)
    assert words(cast.bob) == ALL[:2]  # before the housekeeping runs
    run_housekeeping(NOON + YEAR)
    with db.connection():
        assert ReceivedCopy.select().count() == 2
    run_housekeeping(NOON + YEAR + 2 * SECOND)
    with db.connection():
        assert ReceivedCopy.select().count() == 0


def test_an_accepted_date_without_a_message_is_not_in_the_record(cast: Cast) -> None:
    agreed(cast.alice, cast.bob)
    assert record(cast.bob) == []


def test_the_documentation_says_that_a_shared_note_cannot_be_unsaid(app: Any) -> None:
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    for path, verb in (("share", "post"), ("recall", "post")):
        assert "cannot unsay" in str(paths[f"/v1/notes/{{note_id}}/{path}"][verb])
    assert "cannot unsay" in str(paths["/v1/notes/{note_id}"]["delete"])
