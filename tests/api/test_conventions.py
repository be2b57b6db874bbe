"""Test what all routes share: versions, caching, headers, methods and problems."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import psycopg
import pytest

from api.app import MAX_BODY, OPERATIONS, create_app
from api.core.operations import PUBLIC
from api.core.pagination import PageQuery
from api.core.parsing import parse_query
from api.core.problems import REASONS, STATUSES
from planner import clock
from planner.dates.dates import Date
from planner.errors import Invalid, RateLimited, Unavailable
from planner.storage import db
from tests.api.answers import ON_SQLITE, SECURITY_HEADERS, has_ids, name_of, path_of, problem
from tests.dates import START, completed, own
from tests.people import PASSWORD, activity_id
from tests.photos import read_none, upload
from tests.reflections import write as write_reflection
from tests.self_care import SLUG, choose, date_of
from tests.talks import open_talk

NOTE = {"kind": "effort", "body": "You waited."}


def note_of(person):
    return person.post("/notes", NOTE, 201)["id"]


# Versions and ETags


def test_a_tag_is_a_version_and_a_hash(sam):
    note = note_of(sam)
    for path, version in (("/me", 1), (f"/notes/{note}", 1), ("/today", 0), ("/notes", 0)):
        assert re.fullmatch(rf'"{version}\.[0-9a-f]{{24}}"', sam.request("GET", path).headers["ETag"]), path
    first = sam.request("GET", f"/notes/{note}").headers["ETag"]
    sam.patch(f"/notes/{note}", {"body": "Other words."}, first)
    second = sam.request("GET", f"/notes/{note}").headers["ETag"]
    assert second.startswith('"2.')
    assert second != first
    assert second == sam.request("GET", f"/notes/{note}").headers["ETag"]


def test_an_answer_that_the_client_has_is_304(sam):
    tag = sam.request("GET", "/me").headers["ETag"]
    for header in (tag, f"W/{tag}", f'"0.abc", {tag}', f'"0.abc",W/{tag}', "*", f"  {tag} "):
        answer = sam.request("GET", "/me", If_None_Match=header)
        assert (answer.status_code, answer.data) == (304, b""), header
        assert answer.headers["ETag"] == tag
        assert answer.headers["Cache-Control"] == "private, no-cache"
    for header in ('"0.abc"', tag.strip('"')[:-1], '"1"', "garbage", '""', "W/"):
        assert sam.request("GET", "/me", If_None_Match=header).status_code == 200, header


def test_304_is_never_sent_without_a_token_or_for_writes_and_secrets(alice, sam):
    tag = sam.request("GET", "/me").headers["ETag"]
    assert problem(sam.app.test_client().get("/v1/me", headers={"If-None-Match": tag}), 401)
    assert alice.request("GET", "/me", If_None_Match=tag).status_code == 200
    assert sam.request("POST", "/notes", NOTE, If_None_Match="*").status_code == 201
    sam.post("/invitations", {}, 201)
    secret = sam.request("GET", "/invitations/current", If_None_Match="*")
    assert secret.status_code == 200
    assert "ETag" not in secret.headers


def test_an_edit_needs_the_current_version(sam):
    note = note_of(sam)
    for path, body, version in (("/me", {"display_name": "Kim"}, 1), (f"/notes/{note}", {"body": "Else."}, 1)):
        assert problem(sam.request("PATCH", path, body), 428)["type"] == "/problems/version-missing"
        assert (
            problem(sam.request("PATCH", path, body, If_Match='"7.abc"'), 412)["type"] == "/problems/version-conflict"
        )
        tag = sam.request("GET", path).headers["ETag"]
        for header in (f"W/{tag}", f'"{version + 1}"', f"{version + 2}", f'W/"{version + 3}.anything"'):
            body = dict.fromkeys(body, f"Else{'x' * version}")
            assert sam.patch(path, body, header)["version"] == version + 1
            version += 1
        body = dict.fromkeys(body, "Else again")
        assert problem(sam.request("PATCH", path, body, If_Match=tag), 412)


def test_no_answer_about_pace_space_or_help_is_stored():
    topics = {"pace", "rhythm", "space", "held", "help", "safety"}
    topics |= {"guides", "self-care-plans", "support-kinds"}
    about = [operation for operation in OPERATIONS if topics & set(operation.path.split("/"))]
    assert {topic for topic in topics for operation in about if topic in operation.path} == topics
    assert [name_of(operation) for operation in about if operation.answer and not operation.no_store] == []


WITH_QUERY = {"/me/self-care-plans/times": f"?slug={SLUG}"}


def test_every_read_of_json_has_an_etag_or_is_secret(cast, stopped_clock):
    date = completed(cast.alice, cast.bob, stopped_clock)
    ids = {"date_id": date["id"], "note_id": note_of(cast.alice), "activity_id": activity_id(party="two")}
    address = {"name": "Work", "address": "https://calendar.example.org/basic.ics"}
    ids["calendar_id"] = cast.alice.post("/busy-calendars", address, 201)["id"]
    ids["ritual_id"] = own(cast.alice, START + timedelta(days=1), repeat={"every": "week"})["ritual"]["id"]
    ids["talk_id"] = open_talk(cast.alice)["id"]
    ids["prompt_id"] = cast.alice.get("/prompts/today")["id"]
    ids["reflection_id"] = write_reflection(cast.alice)["id"]
    ids["day_id"] = cast.alice.post(
        "/important-days", {"kind": "birthday", "birthday_of": "me", "month": 5, "day": 2}, 201
    )["id"]
    ids["request_id"] = cast.alice.post("/requests", {"body": "Call me on Sunday."}, 201)["id"]
    ids["commitment_id"] = cast.alice.post("/commitments", {"body": "Cook on Sunday."}, 201)["id"]
    ids["question_id"] = cast.alice.get("/questions/current")["items"][0]["id"]
    with read_none():
        ids["photo_id"] = upload(cast.alice, date_id=date["id"])["id"]
    ids["plan_id"] = choose(cast.alice, first=date_of(clock.utcnow() + timedelta(days=2)))["id"]
    cast.sam.post("/invitations", {}, 201)
    for operation in OPERATIONS:
        if operation.method == "GET":
            person = cast.sam if "/invitations" in operation.path else cast.alice
            if operation.path.startswith("/memories"):
                with db.connection(), db.write():
                    Date.update(state="completed").where(Date.id == UUID(date["id"])).execute()
            path = path_of(operation, ids) + WITH_QUERY.get(operation.path, "")
            answer = person.request("GET", path)
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == ("no-store" if operation.no_store else "private, no-cache")
            assert ("ETag" in answer.headers) is not operation.no_store
            again = person.request("GET", path, If_None_Match=answer.headers.get("ETag", "none"))
            assert again.status_code == (200 if operation.no_store else 304), name_of(operation)


# Caching


def test_answers_with_tokens_or_codes_are_never_cached(app, sam):
    client = app.test_client()
    body = {"display_name": "Kim", "password": PASSWORD, "zone": "UTC"}
    account = client.post("/v1/people", json=body)
    name = account.get_json()["sign_in_name"]
    signed_in = client.post("/v1/sign-ins", json={"sign_in_name": name, "password": PASSWORD})
    code = account.get_json()["recovery_code"]
    recovery = {"sign_in_name": name, "recovery_code": code, "new_password": "another long one"}
    recovered = client.post("/v1/recovery", json=recovery)
    invited = sam.request("POST", "/invitations", {})
    for answer in (account, signed_in, recovered, invited, sam.request("GET", "/invitations/current")):
        assert answer.status_code < 300
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_an_operation_that_shows_a_token_or_code_is_declared_secret():
    shown = {"token", "recovery_code", "code"}
    for operation in OPERATIONS:
        names = set(operation.answer.fields) if operation.answer else set()
        assert operation.no_store or not names & shown, name_of(operation)


def test_signing_out_clears_this_device_only(app, sam):
    body = {"sign_in_name": sam.sign_in_name, "password": PASSWORD}
    other = app.test_client().post("/v1/sign-ins", json=body).get_json()
    elsewhere = sam.request("DELETE", f"/sign-ins/{other['session']['id']}")
    assert elsewhere.status_code == 204
    assert "Clear-Site-Data" not in elsewhere.headers
    current = next(item["id"] for item in sam.get("/sign-ins")["items"] if item["current"])
    here = sam.request("DELETE", f"/sign-ins/{current}")
    assert here.headers["Clear-Site-Data"] == '"storage"'
    assert problem(sam.request("DELETE", f"/sign-ins/{current}"), 401)


# Statuses and headers


@ON_SQLITE
def test_405_names_the_allowed_methods(sam):
    for path, allowed in (("/today", {"GET", "HEAD", "OPTIONS"}), ("/invitations/accept", {"OPTIONS", "POST"})):
        answer = sam.request("DELETE", path)
        assert problem(answer, 405)["type"] == "/problems/method-not-allowed"
        assert {method.strip() for method in answer.headers["Allow"].split(",")} == allowed
    assert problem(sam.app.test_client().open("/v1/me", method="BREW"), 405)


@ON_SQLITE
def test_401_names_the_bearer_scheme(app):
    for header in ({}, {"Authorization": "Bearer nonsense"}):
        answer = app.test_client().get("/v1/me", headers=header)
        assert problem(answer, 401)["type"] == "/problems/not-signed-in"
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="rekindle"'


@ON_SQLITE
def test_a_body_of_another_media_type_is_415(sam):
    answer = sam.app.test_client().post(
        "/v1/notes", data=json.dumps(NOTE), content_type="text/plain", headers={"Authorization": f"Bearer {sam.token}"}
    )
    assert problem(answer, 415)["type"] == "/problems/unsupported-media-type"
    assert sam.get("/notes")["items"] == []


@ON_SQLITE
@pytest.mark.parametrize("size", [MAX_BODY + 1, 1_000_000])
def test_a_large_body_without_a_length_is_413(sam, size):
    # A server that decodes the chunks marks their end, and sends no Content-Length.
    body = BytesIO(json.dumps(NOTE).encode() + b" " * (size - len(json.dumps(NOTE))))
    answer = sam.app.test_client().post(
        "/v1/notes", input_stream=body, content_type="application/json",
        headers={"Authorization": f"Bearer {sam.token}", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )  # fmt: skip
    assert problem(answer, 413)["type"] == "/problems/too-large"
    assert body.tell() <= 2 * MAX_BODY, "it read beyond the limit"
    assert sam.get("/notes")["items"] == []


@ON_SQLITE
def test_a_chunked_body_is_read(sam):
    answer = sam.app.test_client().post(
        "/v1/notes", input_stream=BytesIO(json.dumps(NOTE).encode()), content_type="application/json",
        headers={"Authorization": f"Bearer {sam.token}", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )  # fmt: skip
    assert answer.status_code == 201


@ON_SQLITE
def test_security_headers_are_on_every_answer(app, sam):
    client = app.test_client()
    tag = sam.request("GET", "/me").headers["ETag"]
    answers = {
        "a page": client.get("/about"), "a file": client.get("/static/pages.css", buffered=True),
        "health": client.get("/health"), "the document": client.get("/openapi.json"),
        "the docs": client.get("/docs/text"), "a vendored file": client.get("/static/vendor/scalar/VENDORED.txt"),
        "404": client.get("/nothing"), "a missing file": client.get("/static/nothing.js"), "401": client.get("/v1/me"),
        "200": sam.request("GET", "/me"), "304": sam.request("GET", "/me", If_None_Match=tag),
        "201": sam.request("POST", "/notes", NOTE),
        "422": sam.request("POST", "/notes", {}), "405": sam.request("PUT", "/me", {}),
        "412": sam.request("PATCH", "/me", {"zone": "UTC"}, If_Match='"9"'), "OPTIONS": client.options("/v1/me"),
        "HEAD": client.head("/about"), "413": sam.request("POST", "/notes", {"body": "x" * MAX_BODY}),
    }  # fmt: skip
    for name, answer in answers.items():
        for header in SECURITY_HEADERS:
            assert answer.headers.get(header), f"{name}: no {header}"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers, name


@ON_SQLITE
def test_refusals_are_never_cached(sam):
    for answer in (
        sam.request("GET", "/notes/1"),
        sam.request("POST", "/notes", {}),
        sam.app.test_client().get("/v1/me"),
    ):
        assert answer.status_code >= 400
        assert answer.headers["Cache-Control"] == "no-store"


@ON_SQLITE
def test_head_answers_like_get_without_a_body(app, sam):
    for operation in OPERATIONS:
        if operation.method == "GET" and not has_ids(operation):
            get, head = (sam.request(method, operation.path) for method in ("GET", "HEAD"))
            assert head.status_code == get.status_code, name_of(operation)
            assert head.data == b""
            assert {name: head.headers.get(name) for name in ("ETag", "Cache-Control", "Content-Type")} == {
                name: get.headers.get(name) for name in ("ETag", "Cache-Control", "Content-Type")
            }
    assert app.test_client().head("/v1/me").status_code == 401


@ON_SQLITE
def test_options_returns_the_methods_and_an_empty_body(app):
    answer = app.test_client().options("/v1/notes")
    assert answer.status_code == 200
    assert answer.data == b""
    assert {method.strip() for method in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS", "POST"}


@ON_SQLITE
def test_another_spelling_of_a_path_is_not_found(app, sam):
    # After a redirect, some clients repeat a POST as a GET and send the token again.
    for path in ("/v1/me/", "/v1//me", "//v1/me", "/v1/me/.", "/V1/me", "/v1", "/v1/", "/v2/me", "/docs/", "/v1/me%20"):
        answer = app.test_client().get(path, headers={"Authorization": f"Bearer {sam.token}"})
        assert problem(answer, 404)["type"] == "/problems/not-found", path
        assert "Location" not in answer.headers


@ON_SQLITE
def test_a_range_outside_of_a_file_is_a_problem(app):
    answer = app.test_client().get("/static/pages.css", headers={"Range": "bytes=9999999-"}, buffered=True)
    assert (answer.status_code, answer.content_type) == (416, "application/problem+json")
    # No page of ours explains this problem further.
    assert answer.get_json()["type"] == "about:blank"
    assert answer.get_json()["reason"] in REASONS.values
    assert answer.headers["Content-Range"].startswith("bytes */")


@ON_SQLITE
def test_an_internal_error_is_a_problem_without_a_stack(database, settings, caplog):
    app = create_app(settings)

    @app.get("/fails")
    def fails():
        raise ZeroDivisionError("the password is hunter2")

    answer = app.test_client().get("/fails")
    assert problem(answer, 500)["type"] == "/problems/internal"
    assert "hunter2" not in answer.get_data(as_text=True)
    assert "ZeroDivisionError" not in answer.get_data(as_text=True)
    assert "hunter2" in caplog.text, "the operator finds the cause in the log"


def test_an_unavailable_database_is_answered_with_busy(sam, monkeypatch):
    db.dispose()
    monkeypatch.setattr(db.proxy.obj, "connect", _away)
    answer = sam.request("GET", "/me")
    assert problem(answer, 503)["type"] == "/problems/busy"
    assert int(answer.headers["Retry-After"]) >= 1
    assert sam.app.test_client().get("/ready").status_code == 503


def _away(**options):
    raise psycopg.OperationalError("the server is down at 10.0.0.5")


def test_429_says_when_to_try_again(app, sam):
    body = {"sign_in_name": sam.sign_in_name, "password": "not the password"}
    answers = [app.test_client().post("/v1/sign-ins", json=body) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [403] * 10 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 901
    assert problem(answers[-1], 429)["retry_after"] == int(answers[-1].headers["Retry-After"])
    assert {STATUSES[RateLimited], STATUSES[Unavailable]} == {429, 503}


@ON_SQLITE
def test_all_errors_of_a_body_are_listed_at_once(sam):
    slot = {"local_time": "never", "zone": "Europe/Nowhere", "minutes": 1, "extra": 1}
    date = sam.post("/dates", {"slots": [slot, slot], "for": "three", "unknown": 1}, 422)
    assert {fault["field"] for fault in date["errors"]} == {
        "activity_id", "for", "unknown",
        *(f"slots.{at}.{name}" for at in (0, 1) for name in ("local_time", "zone", "minutes", "extra")),
    }  # fmt: skip
    assert all(fault["message"] for fault in date["errors"])


def test_a_text_is_returned_as_it_was_sent(sam):
    body = 'Grüße, 你好, שלום, 👩‍👩‍👧 "quoted" <b>&amp;</b>\nsecond line'
    note = sam.post("/notes", {"kind": "memory", "body": f"  {body}\r\n "}, 201)["id"]
    assert sam.get(f"/notes/{note}")["body"] == body


@ON_SQLITE
def test_numbers_and_times_may_be_written_with_a_zero_fraction(sam):
    sent = {"local_time": "2026-11-28T19:00:00.000", "zone": "UTC", "minutes": 90.0}
    body = {"activity_id": activity_id(party="one"), "for": "one", "slots": [sent]}
    (slot,) = sam.post("/dates", body, 201)["slots"]
    assert (slot["local_time"], slot["minutes"]) == ("2026-11-28T19:00", 90)
    for wrong in ({"minutes": 90.5}, {"minutes": True}, {"local_time": "2026-11-28T19:00:00.001"}):
        assert len(sam.post("/dates", {**body, "slots": [{**sent, **wrong}]}, 422)["errors"]) == 1


@ON_SQLITE
def test_no_answer_sets_a_cookie(app, sam):
    for operation in OPERATIONS:
        if operation.access != PUBLIC and operation.method == "GET":
            assert "Set-Cookie" not in sam.request("GET", path_of(operation)).headers


@ON_SQLITE
def test_what_a_view_does_with_a_query_does_not_reach_the_next_request(app):
    schema = PageQuery()
    for number in range(3):
        with app.test_request_context("/?limit=5"):
            query = parse_query(schema)
            assert query == {"limit": 5, "after": None}, number
            query["limit"] = 7
    with app.test_request_context("/?limit=6"):
        assert parse_query(schema)["limit"] == 6
    for _ in range(2):
        with app.test_request_context("/?limit=no"), pytest.raises(Invalid):
            parse_query(schema)
