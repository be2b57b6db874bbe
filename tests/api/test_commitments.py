"""Test commitments over HTTP: private promises, logged day by day, of which nothing counts anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from planner.notes import commitments
from planner.notes.commitments import Commitment, CommitmentDay
from planner.storage import db
from tests.api.answers import fields
from tests.conftest import NOON
from tests.exports import export
from tests.people import Cast, Person, expect
from tests.racing import statuses

WORDS = "Put the phone away at dinner."
TODAY, TOMORROW = "2026-11-23", "2026-11-24"


def promise(person: Person, body: str = WORDS, status: int = 201, **more: Any) -> Any:
    return person.post("/commitments", {"body": body, **more}, status)


def log(person: Person, item: dict[str, Any], day: str, status: int = 200, method: str = "PUT") -> Any:
    return expect(person.request(method, f"/commitments/{item['id']}/days/{day}"), status)


def listed(person: Person, show: str = "open") -> list[str]:
    return [item["id"] for item in person.get(f"/commitments?show={show}&limit=100")["items"]]


def test_a_promise_is_seen_by_its_owner_only(cast: Cast) -> None:
    sent = {"id": str(uuid4())}
    item = promise(cast.alice, **sent)
    assert (item["body"], item["version"], item["days"], item["first_day"]) == (WORDS, 1, [], TODAY)
    assert promise(cast.alice, **sent) == item, "a repeat"
    promise(cast.alice, "Other words.", 422, **sent)
    promise(cast.bob, status=422, **sent)
    assert cast.alice.get(f"/commitments/{item['id']}") == item
    assert listed(cast.alice) == [item["id"]]
    nowhere = cast.bob.request("GET", f"/commitments/{uuid4()}")
    for other in (cast.bob, cast.charlie, cast.sam):
        answer = other.request("GET", f"/commitments/{item['id']}")
        assert (answer.status_code, answer.data) == (404, nowhere.data)
        log(other, item, TODAY, 404)
        log(other, item, TODAY, 404, "DELETE")
        other.delete(f"/commitments/{item['id']}", 404)
        expect(other.request("PATCH", f"/commitments/{item['id']}", {"ended": True}, If_Match='"1"'), 404)
        assert listed(other) == []
    assert cast.bob.inbox() == ["couple_begun"]


def test_days_are_logged_by_oneself_and_empty_ones_are_only_empty(alice: Person, stopped_clock: Any) -> None:
    item = promise(alice)
    assert log(alice, item, TODAY)["days"] == [TODAY]
    assert log(alice, item, TODAY)["days"] == [TODAY], "a repeat"
    stopped_clock.shift(timedelta(days=2))
    assert log(alice, item, "2026-11-25")["days"] == [TODAY, "2026-11-25"]
    shown = log(alice, item, TODAY, method="DELETE")
    assert shown["days"] == ["2026-11-25"]
    assert log(alice, item, TODAY, method="DELETE") == shown
    counting = [name for name in shown if any(word in name for word in ("streak", "count", "percent", "rate"))]
    assert not counting


def test_a_day_is_from_the_first_to_today(alice: Person) -> None:
    item = promise(alice)
    for day in ("2026-11-22", TOMORROW):
        assert fields(log(alice, item, day, 422)) == {"day": "day_not_yours_to_log"}
    for day in ("2026-13-01", "2026-02-30", "today", "1999-01-01"):
        for method in ("PUT", "DELETE"):
            log(alice, item, day, 404, method=method)
    assert alice.get(f"/commitments/{item['id']}")["days"] == []


def test_the_answer_has_six_weeks_and_the_export_all(alice: Person, stopped_clock: Any) -> None:
    item = promise(alice)
    log(alice, item, TODAY)
    stopped_clock.move_to(NOON + timedelta(days=commitments.DAYS_SHOWN - 1))
    assert alice.get(f"/commitments/{item['id']}")["days"] == [TODAY]
    stopped_clock.move_to(NOON + timedelta(days=commitments.DAYS_SHOWN))
    assert alice.get(f"/commitments/{item['id']}")["days"] == []
    (exported,) = export(alice, "private")["commitments"]
    assert (exported["body"], exported["days"]) == (WORDS, [TODAY])


def test_words_change_and_a_promise_ends_and_opens_again(alice: Person) -> None:
    item = promise(alice)
    path = f"/commitments/{item['id']}"
    changed = alice.patch(path, {"body": "Read after dinner."}, '"1"')
    assert (changed["body"], changed["version"]) == ("Read after dinner.", 2)
    assert alice.patch(path, {"body": "Read after dinner."}, '"1"') == changed, "a repeat"
    alice.patch(path, {"body": "Other."}, '"1"', 412)
    ended = alice.patch(path, {"ended": True}, '"2"')
    assert ended["ended_at"]
    assert (listed(alice), listed(alice, "ended")) == ([], [item["id"]])
    assert alice.patch(path, {"ended": False}, '"3"')["ended_at"] is None
    assert fields(alice.patch(path, {}, '"4"', 422))
    alice.delete(path)
    alice.get(path, 404)
    with db.connection():
        assert not Commitment.select().exists()
        assert not CommitmentDay.select().exists()


def test_five_promises_are_open_at_a_time(alice: Person) -> None:
    items = [promise(alice, f"Number {number}.") for number in range(5)]
    refused = promise(alice, "One more.", 409)
    assert (refused["reason"], refused["params"]) == ("too_many_open_commitments", {"most": 5})
    assert promise(alice, "Number 0.", id=items[0]["id"]) == items[0], "a repeat is no new one"
    alice.patch(f"/commitments/{items[0]['id']}", {"ended": True}, '"1"')
    sixth = {"body": "One more."}
    assert sorted(statuses(*[(alice, "POST", "/commitments", sixth)] * 3)) == [201, 409, 409]
    assert alice.patch(f"/commitments/{items[0]['id']}", {"ended": False}, '"2"', 409)["reason"] == refused["reason"]


def test_a_promise_can_come_from_a_request_that_one_accepted(cast: Cast) -> None:
    alice, bob = cast.alice, cast.bob
    request = alice.post("/requests", {"body": "Could you cook on Fridays?"}, 201)["id"]
    assert fields(promise(bob, status=422, request_id=request)) == {"request_id": "unknown_request"}
    bob.post(f"/requests/{request}/accept")
    item = promise(bob, request_id=request)
    assert item["request_id"] == request
    for other in (alice, cast.charlie):
        assert fields(promise(other, status=422, request_id=request)) == {"request_id": "unknown_request"}
    bob.delete("/couple")
    assert bob.get(f"/commitments/{item['id']}")["body"] == WORDS, "it is Bob's own"


def test_a_promise_outlives_space_and_leaving(alice: Person, bob: Person) -> None:
    item = promise(alice)
    alice.put("/me/space", {"kind": "quiet", "dates": []})
    assert log(alice, item, TODAY)["days"] == [TODAY]
    bob.delete("/couple")
    assert alice.get(f"/commitments/{item['id']}")["days"] == [TODAY]
