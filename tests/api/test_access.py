"""Call every route without a token, as an outsider and as an owner, and check its declared access."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
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
from api.devices import DeviceIn
from planner.notifications import web_push
from tests.api.answers import contents, has_ids, name_of, path_of, problem
from tests.api.test_passkeys import make as make_passkey
from tests.authenticator import Authenticator
from tests.conftest import SETTINGS
from tests.dates import slot as slot_at
from tests.people import PASSWORD, Cast, Person, activity_id, expect, propose
from tests.photos import memory, upload
from tests.reflections import write as write_reflection
from tests.self_care import choose
from tests.spaces import share
from tests.talks import start

# Pages and files outside of /v1. They hold no personal data.
OPEN_PAGES = {
    "/", "/about", "/safety", "/join", "/docs", "/docs/text", "/openapi.json", "/problems/<kind>", "/health", "/ready",
    "/feeds/<token>.ics", "/unsubscribe/<token>",
    "/static/<path:filename>", "/static/vendor/<path:name>",
    "/app", "/app/", "/app/sw.js", "/app/app.webmanifest", "/app/<path:name>",
}  # fmt: skip

SIGNED = {"POST /me/passkeys"}
"""Routes that refuse what no device has signed. Their own tests have one."""

DOCUMENT = build(OPERATIONS)


@pytest.fixture(params=filter(has_ids, OPERATIONS), ids=name_of)
def operation(request: pytest.FixtureRequest) -> Operation:
    param: Operation = request.param
    return param


FIRST_TIME = {"local_time": "2026-11-27T19:00", "zone": "UTC"}


class Scene:
    """Prepare a request: the id of a thing of Alice in the right state, and a body."""

    def __init__(self, cast: Cast, operation: Operation, now: datetime, clock: Any) -> None:
        self.cast, self.now, self.clock = cast, now, clock
        self.body = example_of(operation.body) if operation.body else None
        self.ids: dict[str, str] = {}
        self.version = '"1"'
        if has_ids(operation):
            name = operation.path.partition("<uuid:")[2].partition(">")[0]
            # A route about a new noun fails here until this class has a method that makes such a thing.
            self.ids = {name: str(getattr(self, f"_{name}")(operation))}
        if self.body:
            self._live_values()

    def _live_values(self) -> None:
        if "activity_id" in self.body:
            self.body["activity_id"] = activity_id(party="two", pace=2)
            self.body["message"] = None

    def _note_id(self, operation: Operation) -> Any:
        if operation.path.endswith("/reaction"):
            return share(self.cast.bob)
        note = self.cast.alice.post("/notes", {"kind": "effort", "body": "You fixed the shelf."}, 201)["id"]
        if operation.path.endswith("/recall"):
            self.cast.alice.post(f"/notes/{note}/share", {"version": 1})
        return note

    def _reflection_id(self, operation: Operation) -> Any:
        return write_reflection(self.cast.alice)["id"]

    def _talk_id(self, operation: Operation) -> Any:
        talk = self.cast.alice.post("/talks", {"guide": "something-was-forgotten"}, 201)["id"]
        move = operation.path.rpartition("talk_id>")[2].strip("/")
        if move in ("next", "pause", "resume"):
            start(self.cast.alice, self.cast.bob, talk)
            self.version = '"3"'
        if move == "resume":
            self.cast.bob.post(f"/talks/{talk}/pause")
            self.clock.shift(timedelta(minutes=20))
        return talk

    def _request_id(self, operation: Operation) -> Any:
        is_sender = not operation.path.endswith(("/accept", "/decline", "/answer"))
        sender = self.cast.alice if is_sender else self.cast.bob
        return sender.post("/requests", {"body": "Could you cook on Friday?"}, 201)["id"]

    def _commitment_id(self, operation: Operation) -> Any:
        return self.cast.alice.post("/commitments", {"body": "Read after dinner."}, 201)["id"]

    def _photo_id(self, operation: Operation) -> Any:
        return upload(self.cast.alice, note_id=memory(self.cast.alice)["id"])["id"]

    def _question_id(self, operation: Operation) -> Any:
        return self.cast.alice.post("/questions", status=201)["id"]

    def _day_id(self, operation: Operation) -> Any:
        body = {"kind": "anniversary", "month": 5, "day": 14}
        day = self.cast.alice.post("/important-days", body, 201)["id"]
        if operation.path.endswith("/sharing"):
            self.cast.alice.put(f"/important-days/{day}/sharing", {"shared": True})
        return day

    def _sign_in_id(self, operation: Operation) -> Any:
        return self.cast.alice.get("/sign-ins")["items"][0]["id"]

    def _passkey_id(self, operation: Operation) -> Any:
        return make_passkey(self.cast.alice, Authenticator())["id"]

    def _item_id(self, operation: Operation) -> Any:
        propose(self.cast.bob, self.now + timedelta(days=3))
        return self.cast.alice.get("/inbox")["items"][0]["id"]

    def _prompt_id(self, operation: Operation) -> Any:
        return self.cast.alice.get("/prompts/today")["id"]

    def _activity_id(self, operation: Operation) -> Any:
        # All people read the same catalogue. Only own ideas belong to one person.
        return self.cast.alice.post("/activities", {"title": "Feed the ducks", "category": "outdoors"}, 201)["id"]

    def _calendar_id(self, operation: Operation) -> Any:
        body = {"name": "Work", "address": "https://calendar.example.org/private-1/basic.ics"}
        return self.cast.alice.post("/busy-calendars", body, 201)["id"]

    def _plan_id(self, operation: Operation) -> Any:
        return choose(self.cast.alice)["id"]

    def _installation_id(self, operation: Operation) -> Any:
        installation = uuid4()
        self.cast.alice.put(f"/devices/{installation}", example_of(DeviceIn()))
        return installation

    def _block_id(self, operation: Operation) -> Any:
        code = self.cast.sam.post("/invitations", {}, 201)["code"]
        return self.cast.alice.put("/me/blocks", {"code": code}, 200)["id"]

    def _ritual_id(self, operation: Operation) -> Any:
        date = propose(self.cast.alice, self.now + timedelta(days=3), slots=[FIRST_TIME], repeat={"every": "week"})
        self.cast.bob.post(f"/dates/{date['id']}/accept", {"version": 1, "slot_id": date["slots"][0]["id"]})
        return date["ritual"]["id"]

    def _date_id(self, operation: Operation) -> Any:
        move = operation.path.rpartition("date_id>")[2].strip("/")
        more: dict[str, Any] = {}
        if move in ("confirm", "deny"):
            more = {"agreed": True, "slots": [slot_at(self.now + timedelta(days=3))]}
        date = propose(self.cast.alice, self.now + timedelta(days=3), **more)
        version, slot = 1, date["slots"][0]["id"]
        is_edit = operation.method == "PATCH"
        is_memory = operation.path.startswith("/memories")
        is_past = is_memory or move in ("complete", "did-not-happen", "feedback")
        if is_edit or is_past or move in ("cancel", "calendar") or move.startswith("move"):
            version = self.cast.bob.post(f"/dates/{date['id']}/accept", {"version": 1, "slot_id": slot})["version"]
        if is_past:
            self.clock.move_to(self.now + timedelta(days=4))
            for person in self.cast:
                person.get("/me")  # the first request of a day notes that the sign-in was used
        if is_memory or move == "feedback":
            self.cast.bob.post(f"/dates/{date['id']}/complete", {"version": version})
        if move.startswith("move/"):
            offer = {"version": version, "slots": [slot_at(self.now + timedelta(days=6))]}
            date = self.cast.alice.post(f"/dates/{date['id']}/move", offer)
            version, slot = date["version"], date["move"]["slots"][0]["id"]
        self.version = f'"{version}"'
        if self.body and "slot_id" in self.body:
            self.body["slot_id"] = slot
        return date["id"]


@pytest.fixture(autouse=True)
def push() -> Iterator[None]:
    """Switch on push to the host of the examples. Nothing is sent here."""
    web_push.use(replace(SETTINGS, public_url="https://rekindle.example.org", push_hosts=("ntfy.example.org",)))
    yield
    web_push.use(SETTINGS)


@pytest.fixture
def scene(cast: Cast, operation: Operation, now: datetime, stopped_clock: Any) -> Scene:
    return Scene(cast, operation, now, stopped_clock)


def ask(app: Flask, operation: Operation, scene: Scene, person: Any, ids: dict[str, Any]) -> TestResponse:
    headers = {"Authorization": f"Bearer {person.token}"} if person else {}
    if operation.versioned:
        headers["If-Match"] = scene.version
    path = f"/v1{path_of(operation, ids)}"
    return app.test_client().open(path, method=operation.method, json=scene.body, headers=headers)


def comparable(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, sorted(answer.headers)


def test_a_thing_is_open_to_its_owners_only(app, operation, scene, cast):
    before = contents()
    assert problem(ask(app, operation, scene, None, scene.ids), 401)
    outsiders, owners = people(operation, cast)
    for person in outsiders:
        refusal = ask(app, operation, scene, person, scene.ids)
        assert problem(refusal, 404)["type"] == "/problems/not-found", person.name
        random_ids = {name: uuid4() for name in scene.ids}
        assert comparable(refusal) == comparable(ask(app, operation, scene, person, random_ids)), person.name
    assert contents() == before, "the request of an outsider changed something"

    statuses = {person.name: ask(app, operation, scene, person, scene.ids).status_code for person in owners}
    assert set(statuses.values()) <= documented(operation) - {401, 403, 404}, statuses
    assert operation.status in statuses.values(), f"none of its people got through: {statuses}"


def test_a_route_without_an_id_is_public_or_open_to_everybody_signed_in(app, cast, now, stopped_clock):
    # Deleting an account is the last thing that its owner can do.
    operations = sorted(OPERATIONS, key=lambda operation: (operation.method, operation.path) == ("DELETE", "/me"))
    operations = [operation for operation in operations if not has_ids(operation)]
    scenes = [(operation, Scene(cast, operation, now, stopped_clock)) for operation in operations]
    before = contents()
    for operation, scene in scenes:
        if operation.access != PUBLIC:
            answer = ask(app, operation, scene, None, {})
            assert problem(answer, 401)["type"] == "/problems/not-signed-in", name_of(operation)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert contents() == before, "a request without a token changed something"
    for operation, scene in scenes:
        if operation.access == PUBLIC:
            answer = ask(app, operation, scene, None, {})
            assert answer.status_code in documented(operation) - {401}, name_of(operation)
            continue
        for person in (cast.sam, cast.charlie, cast.bob, cast.alice):
            if operation.path == "/sign-ins/current":
                person = on_another_device(app, person)
            status = ask(app, operation, scene, person, {}).status_code
            refusals = {401} if name_of(operation) in SIGNED else {401, 403}
            assert status in documented(operation) - refusals, (name_of(operation), person.name, status)


def on_another_device(app: Flask, person: Person) -> Person:
    credentials = {"sign_in_name": person.sign_in_name, "password": PASSWORD}
    return replace(
        person, token=expect(app.test_client().post("/v1/sign-ins", json=credentials), 201)["session"]["token"]
    )


def people(operation: Operation, cast: Cast) -> tuple[list[Any], list[Any]]:
    """Return (outsiders, owners) of the thing. A route that is open to everybody has no outsiders."""
    if operation.access == OWNER:
        return [cast.bob, cast.charlie, cast.sam], [cast.alice]
    if operation.access == COUPLE:
        return [cast.charlie, cast.sam], [cast.alice, cast.bob]
    return [], [cast.sam, cast.charlie, cast.bob, cast.alice]


def documented(operation: Operation) -> set[int]:
    path = "/v1" + re.sub(r"<\w+:(\w+)>", r"{\1}", operation.path)
    return {int(status) for status in DOCUMENT["paths"][path][operation.method.lower()]["responses"]}


def test_every_rule_of_the_app_comes_from_an_operation(app):
    declared = {(f"/v1{operation.path}", operation.method): operation for operation in OPERATIONS}
    assert len(declared) == len(OPERATIONS), "two operations share a path and a method"
    served = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {rule for rule in served if rule[0].startswith("/v1")} == set(declared)
    assert {path for path, _ in served if not path.startswith("/v1")} == OPEN_PAGES
    writes = {path for path, method in served if path in OPEN_PAGES and method != "GET"}
    assert writes == {"/unsubscribe/<token>"}


def test_every_operation_has_an_access_rule():
    assert {operation.access for operation in OPERATIONS} <= set(ACCESS)
    for operation in OPERATIONS:
        assert has_ids(operation) or operation.access in (PUBLIC, SIGNED_IN), (
            f"{name_of(operation)} names no thing that could belong to a person"
        )


@pytest.mark.parametrize(("declared", "error"), [({}, TypeError), ({"access": "all"}, AssertionError)])
def test_a_route_without_an_access_rule_cannot_be_registered(declared, error):
    with pytest.raises(error):
        Routes("fresh").get("/fresh", **declared)


def test_only_the_listed_routes_are_public():
    # A new public route is a decision: add it here.
    assert {name_of(operation) for operation in OPERATIONS if operation.access == PUBLIC} == {
        "POST /people", "POST /sign-ins", "POST /recovery", "GET /server", "GET /safety", "POST /me/undo-deletion",
        "POST /recovery/email", "POST /recovery/email/confirm",
        "POST /passkey-challenges", "POST /sign-ins/by-passkey",
    }  # fmt: skip


@pytest.fixture
def strangers(cast: Cast) -> Iterator[Any]:
    return iter((cast.charlie, cast.sam))


def test_ids_in_bodies_give_outsiders_no_access(cast, now, strangers):
    date = propose(cast.alice, now + timedelta(days=3))["id"]
    note = {"kind": "memory", "body": "The walk by the river."}
    invitation = cast.sam.post("/invitations", {}, 201)["id"]
    for stranger in strangers:
        theirs = stranger.post("/notes", {**note, "date_id": date}, 422)
        assert theirs == stranger.post("/notes", {**note, "date_id": str(uuid4())}, 422)
    for path, more in (("confirm", {"rhythm": "gentle"}), ("refuse", {})):
        theirs = cast.charlie.post(f"/invitations/{path}", {"invitation_id": invitation, **more}, 404)
        assert theirs == cast.charlie.post(f"/invitations/{path}", {"invitation_id": str(uuid4()), **more}, 404)


def test_a_slot_of_another_date_cannot_be_accepted(alice, bob, now):
    first, second = (propose(alice, now + timedelta(days=days)) for days in (3, 6))
    body = {"version": 1, "slot_id": second["slots"][0]["id"]}
    assert bob.post(f"/dates/{first['id']}/accept", body, 422)["errors"][0]["field"] == "slot_id"


def test_the_partner_never_sees_a_solo_date(alice, bob, now):
    body = {
        "activity_id": activity_id(party="either"),
        "for": "one",
        "slots": [{"local_time": "2026-11-25T18:00"}],
    }
    date = alice.post("/dates", body, 201)["id"]
    alice.get(f"/dates/{date}")
    for method, path, sent in [
        ("GET", "", None), ("POST", "/cancel", {"version": 1}), ("POST", "/complete", {"version": 1}),
        ("POST", "/withdraw", {"version": 1}), ("PUT", "/feedback", {"feeling": "same"}),
    ]:  # fmt: skip
        theirs = bob.request(method, f"/dates/{date}{path}", sent)
        assert problem(theirs, 404)
        assert comparable(theirs) == comparable(bob.request(method, f"/dates/{uuid4()}{path}", sent))
    assert bob.get("/dates")["items"] == []


def test_the_partner_reads_a_shared_note_and_only_its_author_changes_it(cast):
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


def test_a_token_stops_working_when_its_sign_in_ends(alice):
    own = next(item["id"] for item in alice.get("/sign-ins")["items"] if item["current"])
    alice.delete(f"/sign-ins/{own}")
    alice.get("/me", 401)
