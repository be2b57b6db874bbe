"""Test hostile input. Every answer is a problem with a 4xx status, and nothing is saved.

hostile.py makes the input from the schemas of all routes, so new routes are tested automatically.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID, uuid1, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from api.app import MAX_BODY, OPERATIONS
from api.busy_calendars import MAX_FILE_BODY
from api.core.openapi import example_of
from api.core.operations import PUBLIC, Operation
from api.photos import MAX_PHOTO_BODY
from tests.api import hostile
from tests.api.answers import ON_SQLITE, counts, fault_of, has_ids, name_of, path_of, problem
from tests.api.hostile import bodies, in_turn, queries, writes, written
from tests.people import Person, ask, propose, send
from tests.reflections import write as write_reflection
from tests.self_care import choose

# An import skips what it cannot read. Its own tests have wrong values.
WRITES = [operation for operation in writes(OPERATIONS) if operation.path != "/me/imports"]
READS = [operation for operation in OPERATIONS if operation.query]

# The statuses for a wrong value. 404 or 409 would mean that the server took the value for a valid one.
REFUSED = (400, 413, 422)

NO_TOKENS = (
    "", "Bearer", "Bearer ", "Bearer  ", "bearer x", "Basic dXNlcjpwYXNz", "Bearer \x00", "Bearer " + "x" * 10_000,
    "Bearer é", "Bearer a b", "Token x", "Bearer null", "Bearer 'or'1'='1", "=", "Bearer,Bearer",
)  # fmt: skip
NO_VERSIONS = (
    "W/", '"', '""', "**", "-1", '"-1"', '"abc"', '"99999999999999999999"', '"٣"', '"0"', '"2.0"',
    "\x00", '"8","9"', "None", '"1e0"', 'W/"W/"1""', "x" * 5000,
)  # fmt: skip


def write(person: Person, operation: Operation, body: bytes) -> TestResponse:
    """Send bytes to a route that writes, as JSON."""
    sent = {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json"}
    return send(person.app, operation.method, f"/v1{path_of(operation)}", body, sent)


def an_idea(person: Person) -> str:
    """Return the id of an idea that a person can see. With a random id, the query is not read."""
    return str(person.get("/activities?limit=1")["items"][0]["id"])


@pytest.mark.parametrize("operation", WRITES, ids=name_of)
def test_hostile_bodies_are_refused_and_save_nothing(app, sam, operation):
    before, faults = counts(), []
    for what, body in bodies(operation.body):
        if fault := fault_of(write(sam, operation, written(body)), *REFUSED):
            faults.append(f"{what}: {fault}")
    for paths, body in hostile.faults(operation.body):
        answer = write(sam, operation, written(body))
        if fault := fault_of(answer, 422):
            faults.append(f"{body!r:.300}: {fault}")
            continue
        named = [error["field"] for error in answer.get_json()["errors"]]
        for path in paths:
            # Any text in base64 may be a photo.
            is_photo = operation.path == "/photos" and path == "data" and isinstance(body.get("data"), str)
            if not is_photo and not any(f"{name}.".startswith(f"{path}.") for name in named):
                faults.append(f"{path} passed in {body!r:.300}")
    assert not faults, "\n".join(faults)
    assert counts() == before


@ON_SQLITE
def test_texts_that_no_parser_should_read_are_refused(app, sam):
    before = counts()
    for operation in {operation.max_body: operation for operation in WRITES}.values():
        for text in hostile.UNREADABLE:
            assert problem(write(sam, operation, written(text)), 400, 413), (name_of(operation), text)
    assert counts() == before


@ON_SQLITE
def test_bytes_that_are_not_json_are_refused_by_every_route(app, sam):
    before = counts()
    for operation in WRITES:
        good = json.dumps(example_of(operation.body)).encode()
        for body in (
            b"\xff\xfe\xfa",
            good[:-1] + b',"x":"\xe9"}',
            b"",
            b"\x00",
            good + good,
            good[:-1],
            b"\xef\xbb\xbf",
        ):
            assert problem(write(sam, operation, body), 400), (name_of(operation), body)
    assert counts() == before


@ON_SQLITE
def test_bodies_over_the_limit_are_refused_by_every_route(app, sam):
    before = counts()
    assert {operation.max_body for operation in WRITES} == {None, MAX_FILE_BODY, MAX_PHOTO_BODY}
    huge = b'{"a":"' + b"x" * max(5_000_000, MAX_FILE_BODY, MAX_PHOTO_BODY) + b'"}'
    for operation in WRITES:
        good = json.dumps(example_of(operation.body)).encode()
        most = operation.max_body or MAX_BODY
        for body in (good + b" " * most, b"x" * (most + 1), huge):
            assert problem(write(sam, operation, body), 413), name_of(operation)
    assert counts() == before


@ON_SQLITE
def test_a_body_of_exactly_64_kib_is_read(sam):
    note = json.dumps({"kind": "effort", "body": "You waited."}).encode()
    headers = {"Authorization": f"Bearer {sam.token}"}
    for spare, status in ((0, 201), (1, 413)):
        body = note + b" " * (MAX_BODY - len(note) + spare)
        answer = sam.app.test_client().post("/v1/notes", data=body, content_type="application/json", headers=headers)
        assert answer.status_code == status


@ON_SQLITE
def test_other_media_types_are_refused_by_every_route(app, sam):
    before, client = counts(), app.test_client()
    headers = {"Authorization": f"Bearer {sam.token}"}
    for operation in WRITES:
        body, path = json.dumps(example_of(operation.body)), f"/v1{path_of(operation)}"
        for kind in (None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "é", "json"):
            answer = client.open(path, method=operation.method, data=body, content_type=kind, headers=headers)
            assert problem(answer, 415), (name_of(operation), kind)
    assert counts() == before


def test_hostile_queries_are_refused(app, sam):
    before, faults = counts(), []
    ids = {"activity_id": an_idea(sam), "photo_id": uuid4()}
    headers = {"Authorization": f"Bearer {sam.token}"}
    for operation in READS:
        for key, value in queries(operation.query):
            answer = ask(app, "GET", f"/v1{path_of(operation, ids)}?{key}={quote(value)}", None, headers)
            if fault := fault_of(answer, 422):
                faults.append(f"{name_of(operation)}?{key}={value[:40]!r}: {fault}")
    assert not faults, "\n".join(faults)
    assert counts() == before


def test_unknown_query_parameters_are_refused_by_every_route(app, sam):
    before, faults = counts(), []
    others = ("unknown=1&unknown=2", "Limit=5", "%00=1", "%ff=%ff", "__proto__=1")
    for operation, other in in_turn(OPERATIONS, others, 1):
        body = example_of(operation.body) if operation.body else None
        headers = {"Authorization": f"Bearer {sam.token}", "If-Match": '"1"'}
        for query in ("unknown=1", *other):
            path = f"/v1{path_of(operation)}?{query}"
            if fault := fault_of(ask(app, operation.method, path, body, headers), 422):
                faults.append(f"{name_of(operation)} {query}: {fault}")
    assert not faults, "\n".join(faults)
    assert counts() == before


@ON_SQLITE
def test_query_parameters_sent_twice_are_refused(sam):
    ids = {"activity_id": an_idea(sam), "photo_id": uuid4()}
    for operation in READS:
        example = example_of(operation.query)
        for key, value in example.items():
            parameter = f"{key}={value[0] if isinstance(value, list) else value}"
            refusal = sam.get(f"{path_of(operation, ids)}?{parameter}&{parameter}", 422)
            assert [fault["field"] for fault in refusal["errors"]] == [key]


def no_cursors() -> list[str]:
    texts = [
        "", " ", "2026-11-23T12:00:00+00:00", f"2026-11-23T12:00:00 {uuid4().hex}", f"2026-11-23 {uuid4().hex}",
        f"0001-01-01T00:00:00+14:00 {uuid4().hex}", f"9999-12-31T23:59:59-14:00 {uuid4().hex}", f"x {uuid4().hex}",
        "2026-11-23T12:00:00+00:00 x", "2026-11-23T12:00:00+00:00 " + "f" * 33, "\x00 \x00", "é", "[" * 100,
    ]  # fmt: skip
    coded = [base64.urlsafe_b64encode(text.encode()).decode() for text in texts]
    return [*coded, "garbage", "=", "====", "a", "é", "-_-_", "%", "x" * 201, "null", "../..", "1 OR 1=1"]


def test_garbage_cursors_are_refused_by_every_list(app, sam):
    headers = {"Authorization": f"Bearer {sam.token}"}
    lists = [operation for operation in READS if "after" in operation.query.fields]
    assert len(lists) >= 4
    for operation in lists:
        for cursor in no_cursors():
            answer = ask(app, "GET", f"/v1{operation.path}?after={quote(cursor)}", None, headers)
            assert problem(answer, 422)["errors"][0]["field"] == "after", (name_of(operation), cursor)


def test_a_cursor_of_another_person_shows_no_things_of_that_person(cast, now):
    for person in (cast.alice, cast.charlie):
        for number in range(3):
            person.post("/notes", {"kind": "effort", "body": f"{person.name} {number}"}, 201)
        propose(person, now + timedelta(days=3))
    cursors = [cast.charlie.get("/notes?limit=1")["next"]]
    assert all(cursors)
    cast.alice.get(f"/activities?after={cursors[0]}", 422)
    cast.alice.get(f"/notes?after={cast.charlie.get('/activities?limit=1')['next']}", 422)
    for cursor in cursors:
        assert {note["mine"] for note in cast.alice.get(f"/notes?after={cursor}")["items"]} <= {True}
        assert len(cast.alice.get(f"/dates?after={cursor}")["items"]) <= 1
        assert all("Charlie" not in note["body"] for note in cast.alice.get(f"/notes?after={cursor}")["items"])
        cast.alice.get(f"/inbox?after={cursor}")


# Ids in form, which reach the function of a route, and texts that end at the map of all routes.
ODD_IDS = str(uuid1()), str(UUID(int=0)), str(UUID(int=2**128 - 1)), str(uuid4()).upper()
NO_PLACES = (
    uuid4().hex, "1", "-1", "not-a-uuid", "%00", "%ff", "%ed%a0%80", "x" * 5000, f"{{{uuid4()}}}", f"{uuid4()}%00",
    f"{uuid4()}%20", "..%2f..%2fme", "null", "*", "'or'1'='1",
)  # fmt: skip


def test_malformed_ids_get_the_same_answer_as_unknown_ids(app, sam):
    headers = {"Authorization": f"Bearer {sam.token}", "If-Match": '"1"'}
    for operation, texts in in_turn(filter(has_ids, OPERATIONS), NO_PLACES, 4):
        body = example_of(operation.body) if operation.body else None
        documents = []
        if name_of(operation) == "PUT /devices/<installation_id>":
            continue  # the client chooses the id of a device, so no id of one is unknown
        for text in (str(uuid4()), *ODD_IDS, *texts):
            path = f"/v1{re.sub('<uuid:.*?>', text, operation.path)}"
            documents.append(problem(ask(app, operation.method, path, body, headers), 404))
        assert all(document == documents[0] for document in documents), name_of(operation)


def test_malformed_tokens_are_refused_by_every_route(app, sam):
    before = counts()
    for operation, headers in in_turn([route for route in OPERATIONS if route.access != PUBLIC], NO_TOKENS, 4):
        for header in headers:
            path = f"/v1{path_of(operation)}"
            answer = ask(app, operation.method, path, {}, {"Authorization": header})
            assert problem(answer, 401), (name_of(operation), header)
            assert "WWW-Authenticate" in answer.headers
    assert counts() == before


@ON_SQLITE
def test_a_token_works_in_the_header_only(app, sam):
    client = app.test_client()
    assert problem(client.get(f"/v1/me?token={sam.token}"), 401)
    assert problem(client.get("/v1/me", headers={"Cookie": f"token={sam.token}"}), 401)
    assert problem(client.get("/v1/me", headers={"Authorization": f"Basic {sam.token}"}), 401)
    assert problem(client.get("/v1/me", headers={"Authorization": f"Bearer {sam.token}x"}), 401)


def test_a_malformed_if_match_is_refused_and_changes_nothing(sam):
    note = sam.post("/notes", {"kind": "effort", "body": "You waited."}, 201)["id"]
    versioned = {operation.path for operation in OPERATIONS if operation.versioned}
    idea = sam.post("/activities", {"title": "Feed the ducks", "category": "outdoors"}, 201)["id"]
    address = {"name": "Work", "address": "https://calendar.example.org/basic.ics"}
    calendar = sam.post("/busy-calendars", address, 201)["id"]
    plan = choose(sam)["id"]
    day = sam.post("/important-days", {"kind": "own", "title": "The move", "month": 5, "day": 2}, 201)["id"]
    holiday = {"day": "2026-12-24", "kind": "free", "from": "10:00", "until": "22:00"}
    paths = {
        "/me": {"display_name": "Else"},
        "/busy-calendars/<uuid:calendar_id>": {"all_day": True},
        "/notes/<uuid:note_id>": {"body": "Something else."},
        "/activities/<uuid:activity_id>": {"title": "Something else"},
        "/reflections/<uuid:reflection_id>": {"body": "Something else."},
        "/availability": {"windows": [], "days": [holiday]},
        "/important-days/<uuid:day_id>": {"title": "Something else"},
        "/me/self-care-plans/<uuid:plan_id>": {"low_weeks": [1]},
    }
    # Every route reads If-Match with the same function: dates, talks and moves of notes need no bodies here.
    without_body = ("/dates/<uuid:date_id>", "/notes/<uuid:note_id>/", "/talks/", "/commitments/")
    moves = {path for path in versioned if path.startswith(without_body)}
    assert versioned - moves == paths.keys(), "add the new versioned route to this test"
    sam.put("/availability", {"windows": [], "days": [], "version": 0})
    reflection = write_reflection(sam)["id"]
    reads = "/me", f"/notes/{note}", f"/activities/{idea}", f"/reflections/{reflection}", "/availability"
    before = [sam.get(path) for path in reads]
    for path, body in paths.items():
        path = path.replace("<uuid:note_id>", note).replace("<uuid:activity_id>", idea)
        path = path.replace("<uuid:calendar_id>", calendar).replace("<uuid:plan_id>", plan)
        path = path.replace("<uuid:reflection_id>", reflection).replace("<uuid:day_id>", day)
        for header in NO_VERSIONS:
            method = "PUT" if path == "/availability" else "PATCH"
            answer = sam.request(method, path, body, If_Match=header)
            assert problem(answer, 412, 428), (path, header)
    assert [sam.get(path) for path in reads] == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_json_never_breaks_the_server(app, sam, data):
    operation = WRITES[data.draw(st.integers(0, len(WRITES) - 1))]
    good = example_of(operation.body)
    changed = data.draw(st.dictionaries(st.sampled_from(sorted(good)), JSON, min_size=1))
    for body in ({**good, **changed}, data.draw(JSON)):
        answer = write(sam, operation, json.dumps(body).encode())
        assert answer.status_code < 300 or fault_of(answer, *range(400, 500)) is None, name_of(operation)
