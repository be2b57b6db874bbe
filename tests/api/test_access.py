"""Who may call what: every route, tried by nobody, by strangers and by its people, from what the routes declare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.app import OPERATIONS
from api.core.openapi import build, example_of
from api.core.operations import ACCESS, COUPLE, OWNER, PUBLIC, SIGNED_IN, Operation
from api.core.routing import Routes
from tests.api.answers import contents, has_ids, name_of, path_of, problem
from tests.people import Cast, activity_id, propose

# What stands outside the interface: pages and files without anybody's data.
OPEN_PAGES = {
    "/", "/safety", "/docs", "/docs/text", "/openapi.json", "/problems/<kind>", "/health",
    "/static/<path:filename>", "/static/vendor/<path:name>",
}  # fmt: skip

DOCUMENT = build(OPERATIONS)


@pytest.fixture(params=filter(has_ids, OPERATIONS), ids=name_of)
def operation(request: pytest.FixtureRequest) -> Operation:
    found: Operation = request.param
    return found


class Scene:
    """What a request needs: the ids of a thing of Alice's in the state that the route is about, and a fitting body."""

    def __init__(self, cast: Cast, operation: Operation, now: datetime, clock: Any) -> None:
        self.cast, self.now, self.clock = cast, now, clock
        self.body = example_of(operation.body, loading=True) if operation.body else None
        self.ids: dict[str, str] = {}
        self.version = '"1"'
        if has_ids(operation):
            name = operation.path.partition("<uuid:")[2].partition(">")[0]
            # A route about a new noun fails here until it is told how to make one.
            self.ids = {name: str(getattr(self, f"_{name}")(operation))}
        if self.body:
            self._live_values()

    def _live_values(self) -> None:
        if "activity" in self.body:
            self.body["activity"] = activity_id(party="two", pace=2)
            self.body["message"] = None

    def _note_id(self, operation: Operation) -> Any:
        note = self.cast.alice.post("/notes", {"kind": "effort", "body": "You fixed the shelf."}, 201)["id"]
        if operation.path.endswith("/recall"):
            self.cast.alice.post(f"/notes/{note}/share", {"version": 1})
        return note

    def _sign_in_id(self, operation: Operation) -> Any:
        return self.cast.alice.get("/sign-ins")["items"][0]["id"]

    def _item_id(self, operation: Operation) -> Any:
        propose(self.cast.bob, self.now + timedelta(days=3))
        return self.cast.alice.get("/inbox")["items"][0]["id"]

    def _prompt_id(self, operation: Operation) -> Any:
        return self.cast.alice.get("/prompts/today")["id"]

    def _activity_id(self, operation: Operation) -> Any:
        # Of the catalogue's, everybody reads the same; it is own ideas that are somebody's.
        return self.cast.alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors"}, 201)["id"]

    def _block_id(self, operation: Operation) -> Any:
        code = self.cast.sam.post("/invitations", {}, 201)["code"]
        return self.cast.alice.put("/me/blocks", {"code": code}, 200)["id"]

    def _date_id(self, operation: Operation) -> Any:
        date = propose(self.cast.alice, self.now + timedelta(days=3))
        move = operation.path.rpartition("/")[2]
        version, slot = 1, date["slots"][0]["id"]
        if move in ("cancel", "complete", "feedback"):
            version = self.cast.bob.post(f"/dates/{date['id']}/accept", {"version": 1, "slot": slot})["version"]
        if move in ("complete", "feedback"):
            self.clock.move_to(self.now + timedelta(days=4))
            for person in self.cast:
                person.get("/me")  # the first request of a day notes that the sign-in was used
        if move == "feedback":
            self.cast.bob.post(f"/dates/{date['id']}/complete", {"version": version})
        if self.body and "version" in self.body:
            self.body["version"] = version
        if self.body and "slot" in self.body:
            self.body["slot"] = slot
        return date["id"]


@pytest.fixture
def scene(cast: Cast, operation: Operation, now: datetime, stopped_clock: Any) -> Scene:
    return Scene(cast, operation, now, stopped_clock)


def ask(app: Flask, operation: Operation, scene: Scene, person: Any, ids: dict[str, Any]) -> TestResponse:
    headers = {"Authorization": f"Bearer {person.token}"} if person else {}
    if operation.versioned:
        headers["If-Match"] = scene.version
    path = f"/v1{path_of(operation, ids)}"
    return app.test_client().open(path, method=operation.method, json=scene.body, headers=headers)


def seen_by(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, sorted(answer.headers)


def test_things_open_to_their_people_only(app, operation, scene, cast):
    before = contents()
    assert problem(ask(app, operation, scene, None, scene.ids), 401)
    outsiders, owners = people(operation, cast)
    for person in outsiders:
        refused = ask(app, operation, scene, person, scene.ids)
        assert problem(refused, 404)["type"] == "/problems/not-found", person.name
        random_ids = {name: uuid4() for name in scene.ids}
        assert seen_by(refused) == seen_by(ask(app, operation, scene, person, random_ids)), person.name
    assert contents() == before, "somebody else's request changed something"

    got = {person.name: ask(app, operation, scene, person, scene.ids).status_code for person in owners}
    assert set(got.values()) <= documented(operation) - {401, 403, 404}, got
    assert operation.status in got.values(), f"none of its people got through: {got}"


def test_routes_without_a_thing_open_to_everybody_signed_in_or_to_anyone(app, cast, now, stopped_clock):
    # Deleting an account is the last thing that its owner can do.
    for operation in sorted(OPERATIONS, key=lambda one: (one.method, one.path) == ("DELETE", "/me")):
        if has_ids(operation):
            continue
        scene = Scene(cast, operation, now, stopped_clock)
        before = contents()
        answer = ask(app, operation, scene, None, {})
        if operation.access == PUBLIC:
            assert answer.status_code in documented(operation) - {401}, name_of(operation)
            continue
        assert problem(answer, 401)["type"] == "/problems/not-signed-in", name_of(operation)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert contents() == before, name_of(operation)
        for person in (cast.sam, cast.charlie, cast.bob, cast.alice):
            status = ask(app, operation, scene, person, {}).status_code
            assert status in documented(operation) - {401, 403}, (name_of(operation), person.name, status)


def people(operation: Operation, cast: Cast) -> tuple[list[Any], list[Any]]:
    """(outsiders, people of the thing); what is open to everybody has no outsiders."""
    if operation.access == OWNER:
        return [cast.bob, cast.charlie, cast.sam], [cast.alice]
    if operation.access == COUPLE:
        return [cast.charlie, cast.sam], [cast.alice, cast.bob]
    return [], [cast.sam, cast.charlie, cast.bob, cast.alice]


def documented(operation: Operation) -> set[int]:
    path = "/v1" + operation.path.replace("<uuid:", "{").replace(">", "}")
    return {int(status) for status in DOCUMENT["paths"][path][operation.method.lower()]["responses"]}


def test_every_rule_of_the_app_comes_from_an_operation(app):
    declared = {(f"/v1{one.path}", one.method): one for one in OPERATIONS}
    assert len(declared) == len(OPERATIONS), "two operations share a path and a method"
    served = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {one for one in served if one[0].startswith("/v1")} == set(declared)
    assert {path for path, _ in served if not path.startswith("/v1")} == OPEN_PAGES
    assert all(method == "GET" for path, method in served if path in OPEN_PAGES)


def test_every_operation_has_an_access_rule():
    assert {one.access for one in OPERATIONS} <= set(ACCESS)
    for one in OPERATIONS:
        assert has_ids(one) or one.access in (PUBLIC, SIGNED_IN), (
            f"{name_of(one)} names no thing that could be somebody's"
        )


@pytest.mark.parametrize(("declared", "error"), [({}, TypeError), ({"access": "all"}, AssertionError)])
def test_a_route_without_an_access_rule_cannot_be_registered(declared, error):
    with pytest.raises(error):
        Routes("fresh").get("/fresh", **declared)


def test_only_these_routes_are_for_anyone():
    # One more is a decision, not an oversight.
    assert {name_of(one) for one in OPERATIONS if one.access == PUBLIC} == {
        "POST /people", "POST /sign-ins", "POST /recovery", "GET /operator", "GET /safety", "POST /me/undo-deletion",
    }  # fmt: skip


@pytest.fixture
def strangers(cast: Cast) -> Iterator[Any]:
    return iter((cast.charlie, cast.sam))


def test_ids_in_bodies_open_no_door_either(cast, now, strangers):
    date = propose(cast.alice, now + timedelta(days=3))["id"]
    note = {"kind": "memory", "body": "The walk by the river."}
    invitation = cast.sam.post("/invitations", {}, 201)["id"]
    for stranger in strangers:
        theirs = stranger.post("/notes", {**note, "date": date}, 422)
        assert theirs == stranger.post("/notes", {**note, "date": str(uuid4())}, 422)
    for path, more in (("confirm", {"rhythm": "gentle"}), ("refuse", {})):
        theirs = cast.charlie.post(f"/invitations/{path}", {"invitation": invitation, **more}, 404)
        assert theirs == cast.charlie.post(f"/invitations/{path}", {"invitation": str(uuid4()), **more}, 404)


def test_a_slot_of_another_date_cannot_be_accepted(alice, bob, now):
    first, second = (propose(alice, now + timedelta(days=days)) for days in (3, 6))
    body = {"version": 1, "slot": second["slots"][0]["id"]}
    assert bob.post(f"/dates/{first['id']}/accept", body, 422)["errors"][0]["field"] == "slot"


def test_an_own_date_stays_unseen_by_the_partner(alice, bob, now):
    body = {
        "activity": activity_id(party="either"),
        "party": "one",
        "slots": [{"wall": "2026-11-25T18:00"}],
    }
    date = alice.post("/dates", body, 201)["id"]
    alice.get(f"/dates/{date}")
    for method, path, sent in [
        ("GET", "", None), ("POST", "/cancel", {"version": 1}), ("POST", "/complete", {"version": 1}),
        ("POST", "/withdraw", {"version": 1}), ("PUT", "/feedback", {"feeling": "same"}),
    ]:  # fmt: skip
        theirs = bob.request(method, f"/dates/{date}{path}", sent)
        assert problem(theirs, 404)
        assert seen_by(theirs) == seen_by(bob.request(method, f"/dates/{uuid4()}{path}", sent))
    assert bob.get("/dates")["items"] == []


def test_a_shared_note_is_read_by_the_partner_and_changed_by_its_author_only(cast):
    note = cast.alice.post("/notes", {"kind": "quality", "body": "Your patience."}, 201)["id"]
    cast.alice.post(f"/notes/{note}/share", {"version": 1})
    assert cast.bob.get(f"/notes/{note}")["actions"] == []
    assert cast.bob.get(f"/notes/{note}")["version"] is None
    cast.bob.patch(f"/notes/{note}", {"body": "Other words."}, '"1"', 404)
    cast.bob.delete(f"/notes/{note}", 404)
    cast.bob.post(f"/notes/{note}/recall", {}, 404)
    cast.bob.post(f"/notes/{note}/share", {"version": 1}, 404)
    for outsider in (cast.charlie, cast.sam):
        outsider.get(f"/notes/{note}", 404)
    assert cast.alice.get(f"/notes/{note}")["body"] == "Your patience."


def test_a_token_ends_with_its_sign_in(alice):
    own = next(one["id"] for one in alice.get("/sign-ins")["items"] if one["current"])
    alice.delete(f"/sign-ins/{own}")
    alice.get("/me", 401)
