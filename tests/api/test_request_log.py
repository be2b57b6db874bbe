"""The ids of requests, the access log and the form of the log: what an operator sees, and what not."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask, jsonify

from api import logs
from api.app import create_app
from api.core import request_log
from planner.settings import Settings
from planner.storage import db
from planner.storage.faults import NoAnswer
from tests.api.answers import ON_SQLITE, problem
from tests.conftest import SETTINGS
from tests.people import PASSWORD, Person

pytestmark = [ON_SQLITE, pytest.mark.real_request_ids]
WITHOUT_TRACE = (
    "/safety",
    "/safety/",
    "/v1/safety",
    "/v1/me/safety",
    "/v1/me/help",
    "/feeds/secret-token.ics",
    "/health",
)


@pytest.fixture
def settings() -> Settings:
    return replace(SETTINGS, access_log="on")


@pytest.fixture
def lines(app: Flask) -> Any:
    """Collect the lines of the log, as JSON."""
    collected: list[dict[str, Any]] = []

    class _Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            collected.append(json.loads(self.format(record)))

    handler = _Handler()
    handler.setFormatter(logs.JsonLines())
    log = logging.getLogger("rekindle")
    log.addHandler(handler)
    before = log.level
    log.setLevel(logging.INFO)
    yield collected
    log.removeHandler(handler)
    log.setLevel(before)


def test_an_answer_has_the_id_of_the_client_or_a_new_one(sam: Person) -> None:
    assert sam.request("GET", "/me", X_Request_Id="proxy-7.f_00").headers["X-Request-Id"] == "proxy-7.f_00"
    made = [sam.request("GET", "/me").headers["X-Request-Id"] for _ in range(2)]
    assert len({UUID(one) for one in made}) == 2


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space", "new\\nline", "emoji-😀-id", '"quoted"-id'])
def test_an_id_of_another_form_is_replaced(sam: Person, given: str) -> None:
    answer = sam.app.test_client().get("/v1/server", headers={"X-Request-Id": given.encode().decode("latin-1")})
    assert answer.status_code == 200
    assert UUID(answer.headers["X-Request-Id"])


def test_errors_before_a_view_have_an_id(app: Flask) -> None:
    client = app.test_client()
    answers = {404: client.get("/nowhere"), 405: client.post("/v1/me", data=b"x" * 100_000), 401: client.get("/v1/me")}
    for status, answer in answers.items():
        assert UUID(answer.headers["X-Request-Id"])
        assert "request_id" not in problem(answer, status), "a client knows what is wrong"


def test_an_unexpected_error_names_route_and_id_in_the_log_and_the_id_in_the_answer(
    settings: Settings, database: str, monkeypatch: pytest.MonkeyPatch, lines: list[dict[str, Any]], sam: Person
) -> None:
    monkeypatch.setattr("planner.notes.notes.find", lambda *_: 1 / 0)
    answer = sam.request("GET", f"/notes/{uuid4()}", X_Request_Id="from-a-test")
    assert problem(answer, 500)["request_id"] == answer.headers["X-Request-Id"] == "from-a-test"
    (line,) = [line for line in lines if line["level"] == "error"]
    assert line["message"] == "unexpected in GET /v1/notes/<uuid:note_id>"
    assert (line["request_id"], line["method"]) == ("from-a-test", "GET")
    assert "ZeroDivisionError" in line["exception"]


def test_a_busy_database_is_a_problem_with_an_id(sam: Person) -> None:
    db.dispose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.proxy.obj, "connect", _away)
        answer = sam.request("GET", "/me")
    assert problem(answer, 503)["request_id"] == answer.headers["X-Request-Id"]


def _away(**_: Any) -> None:
    raise NoAnswer("away")


def test_the_access_log_has_a_line_for_each_request_without_ids_and_texts(
    sam: Person, lines: list[dict[str, Any]]
) -> None:
    note = sam.request("POST", "/notes", {"kind": "kindness", "body": "You made tea."}).get_json()["id"]
    sam.request("GET", f"/notes/{note}?secret=word")
    sam.app.test_client().get(f"/{note}/{sam.sign_in_name}")
    sam.app.test_client().post("/v1/sign-ins", json={"sign_in_name": sam.sign_in_name, "password": PASSWORD})
    seen = [(line["method"], line["route"], line["status"]) for line in lines if line["logger"] == "rekindle.access"]
    assert seen == [
        ("POST", "/v1/notes", 201), ("GET", "/v1/notes/<uuid:note_id>", 422), ("GET", "(none)", 404),
        ("POST", "/v1/sign-ins", 201),
    ]  # fmt: skip
    assert all(isinstance(line["ms"], int) and line["request_id"] and line["time"].endswith("Z") for line in lines)
    text = json.dumps(lines)
    for word in (note, sam.id, sam.token, sam.sign_in_name, PASSWORD, "tea", "secret", "127.0.0.1"):
        assert word not in text


def test_some_visits_leave_no_trace(sam: Person, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    for path in WITHOUT_TRACE:
        sam.app.test_client().get(path, headers={"Authorization": f"Bearer {sam.token}"})
    assert lines == []
    monkeypatch.setattr("api.safety.support", lambda: 1 / 0)
    assert sam.app.test_client().get("/v1/safety?country=Examplia").status_code == 500
    (line,) = lines
    assert line["message"] == "unexpected"
    assert "route" not in line


def test_a_line_of_text_ends_with_the_id(app: Flask) -> None:
    record = logging.LogRecord("rekindle.api", logging.INFO, "", 1, "a line", None, None)
    assert logs.TextLines().format(record).endswith(" INFO rekindle.api a line")
    with app.test_request_context("/v1/server", headers={"X-Request-Id": "from-a-test"}):
        app.preprocess_request()
        assert logs.TextLines().format(record).endswith(" a line [from-a-test]")


def test_without_the_setting_no_access_is_logged(database: str, shared_app: Flask, lines: list[dict[str, Any]]) -> None:
    shared_app.test_client().get("/v1/server")
    assert lines == []


def test_the_time_of_a_request_includes_its_wait_for_a_thread(database: str, settings: Settings) -> None:
    app, seen = create_app(settings), list[request_log.Observed]()  # no other test gets the route below
    request_log.observe(app, seen.append)
    app.add_url_rule("/slow", view_func=lambda: jsonify({}))
    app.test_client().get("/slow", environ_overrides={request_log.ARRIVED: time.perf_counter() - 5})
    assert [(one.route, round(one.seconds)) for one in seen] == [("/slow", 5)]
