"""Headers that tell a client where a new thing is, which version it has, and how long to wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.app import OPERATIONS
from planner.errors import RateLimited
from tests.api.answers import ON_SQLITE, name_of, problem
from tests.dates import move, offer
from tests.people import PASSWORD, activity_id, expect

NOTE = {"kind": "effort", "body": "You waited."}
V7 = "019ae3f0-5c00-7cc3-98c4-dc0c0c07398f"


@ON_SQLITE
def test_a_create_says_where_the_new_thing_is_and_a_repeat_says_it_too(sam, now):
    slots = [{"local_time": f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}"}]
    date = {"id": V7, "activity_id": activity_id(party="one"), "for": "one", "slots": slots}
    idea = {"title": "Bake bread", "summary": "Bake a loaf.", "steps": ["Knead it."], "category": "cook_taste"}
    for path, body in (("/notes", {"id": V7, **NOTE}), ("/dates", date), ("/activities", {"id": V7, **idea})):
        answer = sam.request("POST", path, body)
        made = expect(answer, 201)
        assert answer.headers["Location"] == f"/v1{path}/{V7}"
        read = sam.request("GET", f"{path}/{V7}")
        assert expect(read, 200) == made
        assert answer.headers["ETag"] == read.headers["ETag"]
        assert sam.request("POST", path, body).headers["Location"] == f"/v1{path}/{V7}"


@ON_SQLITE
def test_the_other_creates_say_it_as_well(app, sam):
    invited = sam.request("POST", "/invitations", {})
    assert sam.get(invited.headers["Location"].removeprefix("/v1")) == invited.get_json()
    assert "ETag" not in invited.headers, "an answer with a code is never stored"
    credentials = {"sign_in_name": sam.sign_in_name, "password": PASSWORD}
    signed_in = app.test_client().post("/v1/sign-ins", json=credentials)
    sam.delete(signed_in.headers["Location"].removeprefix("/v1"))
    body = {"display_name": "Kim", "password": PASSWORD, "zone": "UTC"}
    assert app.test_client().post("/v1/people", json=body).headers["Location"] == "/v1/me"


def test_every_answer_with_a_version_has_its_tag(alice, bob, now):
    note = alice.post("/notes", NOTE, 201)["id"]
    for method, path, body in (
        ("POST", f"/notes/{note}/share", {"version": 1}), ("POST", f"/notes/{note}/recall", None)
    ):  # fmt: skip
        answer = alice.request(method, path, body)
        assert answer.headers["ETag"].startswith(f'"{expect(answer, 200)["version"]}.')
    date = offer(alice)
    declined = bob.request("POST", f"/dates/{date['id']}/decline", {"version": 1})
    assert declined.headers["ETag"].startswith('"2.')
    assert declined.headers["ETag"] == bob.request("GET", f"/dates/{date['id']}").headers["ETag"]


def test_too_soon_says_in_how_many_seconds_it_opens(alice, bob, stopped_clock, now):
    activity = activity_id(party="two", pace=2)
    move(bob, "decline", offer(alice, activity))
    body = {"activity_id": activity, "slots": [{"local_time": f"{now + timedelta(days=3):%Y-%m-%dT%H:%M}"}]}
    stopped_clock.shift(timedelta(days=1, milliseconds=500))
    answer = alice.request("POST", "/dates", body)
    refused = problem(answer, 409)
    assert refused["type"] == "/problems/too-soon"
    stopped_clock.shift(timedelta(seconds=int(answer.headers["Retry-After"])))
    assert expect(alice.request("POST", "/dates", body | {"slots": later(now)}), 201)


def later(now):
    return [{"local_time": f"{now + timedelta(days=60):%Y-%m-%dT%H:%M}"}]


@ON_SQLITE
def test_wrong_codes_tell_what_is_left_of_the_own_limit_only(sam):
    wrong = {"code": "ABCD-EFGH-IJKL"}
    answers = [sam.request("POST", "/invitations/look-up", wrong) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [404] * 10 + [429]
    for left, answer in zip(range(9, -1, -1), answers, strict=False):
        assert answer.headers["RateLimit"] == f'"code";r={left};t=3600'
    for answer in answers:
        assert answer.headers["RateLimit-Policy"] == '"code";q=10;w=3600, "code-address";q=10;w=3600'
    assert answers[-1].headers["RateLimit"].endswith(";r=0;t=3600")
    assert answers[-1].headers["Retry-After"] == "3600"


@ON_SQLITE
def test_a_refunded_try_is_left_again(sam):
    body = {"current_password": "wrong horse", "new_password": "another horse"}
    assert sam.request("PUT", "/me/password", body).headers["RateLimit"] == '"password";r=9;t=900'
    changed = sam.request("PUT", "/me/password", body | {"current_password": PASSWORD})
    assert changed.status_code == 204
    assert changed.headers["RateLimit"] == '"password";r=9;t=900'


@ON_SQLITE
def test_nothing_tells_of_the_tries_of_others_at_the_same_address(app, sam):
    body = {"display_name": "Kim", "password": PASSWORD, "zone": "UTC"}
    made = app.test_client().post("/v1/people", json=body)
    wrong = {"sign_in_name": sam.sign_in_name, "password": "wrong horse"}
    tried = app.test_client().post("/v1/sign-ins", json=wrong)
    recovered = app.test_client().post(
        "/v1/recovery",
        json={"sign_in_name": sam.sign_in_name, "recovery_code": "ABCDE-FGHIJ", "new_password": PASSWORD},
    )
    assert [answer.status_code for answer in (made, tried, recovered)] == [201, 403, 403]
    assert made.headers["RateLimit-Policy"] == '"sign-up";q=20;w=3600'
    assert '"sign-in-name";q=60;w=3600' in tried.headers["RateLimit-Policy"]
    for answer in (made, tried, recovered):
        assert "RateLimit" not in answer.headers


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.status == 201], ids=name_of)
def test_each_create_documents_its_location(operation):
    assert operation.location


def test_the_limits_are_documented():
    from tests.api.test_openapi import entry_of, resolved

    limited = [one for one in OPERATIONS if RateLimited in one.problems]
    assert len(limited) >= 8
    for operation in limited:
        responses = {status: resolved(response) for status, response in entry_of(operation)["responses"].items()}
        assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= responses["429"]["headers"].keys()
        if operation.answer:
            assert {"RateLimit", "RateLimit-Policy"} <= responses[str(operation.status)]["headers"].keys()


@ON_SQLITE
def test_an_id_may_be_random_after_a_time(sam):
    assert sam.post("/notes", {"id": V7, **NOTE}, 201)["id"] == V7
    for refused in ("1ec9414c-232a-6b00-b3c8-9e6bdeced846", "0b6f1c0e-9a55-8d6c-8a8e-2f4f6f0f7a11"):
        assert sam.post("/notes", {"id": refused, **NOTE}, 422)["errors"][0]["field"] == "id"
