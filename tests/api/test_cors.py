"""CORS: the origins of REKINDLE_ORIGINS may call from a browser; for all others nothing changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.api.answers import ON_SQLITE, problem
from tests.conftest import SETTINGS
from tests.people import sign_up

APP, WEB_VIEW, FOREIGN = "https://app.example", "capacitor://localhost", "https://other.example"

pytestmark = ON_SQLITE


@pytest.fixture
def settings():
    return replace(SETTINGS, origins=(APP, WEB_VIEW))


def preflight(app, path, origin, method="PATCH"):
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return app.test_client().options(path, headers={**headers, "Access-Control-Request-Headers": "if-match"})


def cors_headers(answer):
    return {name for name, _ in answer.headers if name.startswith("Access-Control")}


@pytest.mark.parametrize("origin", [APP, WEB_VIEW])
def test_a_preflight_of_a_known_origin_tells_methods_and_headers(app, origin):
    answer = preflight(app, "/v1/me", origin)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert {"PATCH", "DELETE", "GET"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"Authorization", "Content-Type", "If-Match"} <= set(
        answer.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_known_origin_reads_answers_and_their_headers(app):
    sam = sign_up(app, "Sam", "UTC")
    refused = sam.request("PATCH", "/me", {"zone": "UTC"}, Origin=APP)
    for answer in (
        sam.request("GET", "/me", Origin=APP),
        refused,
        app.test_client().get("/x", headers={"Origin": APP}),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == APP
        exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert {"ETag", "Location", "Retry-After", "RateLimit", "Content-Disposition", "Content-Language"} < exposed
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Origin" in answer.headers["Vary"]
    assert problem(refused, 428)


@pytest.mark.parametrize("origin", [FOREIGN, "null", "https://app.example.evil.example", "http://app.example", ""])
def test_another_origin_gets_nothing(app, origin):
    for answer in (preflight(app, "/v1/me", origin), app.test_client().get("/", headers={"Origin": origin})):
        assert cors_headers(answer) == set()
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Origin" in answer.headers["Vary"]


def test_without_the_setting_no_answer_differs(shared_app, database):
    answer = preflight(shared_app, "/v1/me", APP)
    assert answer.status_code == 200
    assert cors_headers(answer) == set()
    assert "Origin" not in answer.headers.get("Vary", "")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_preflight_of_an_unknown_path_allows_no_method(app):
    assert preflight(app, "/nothing", APP).headers["Access-Control-Allow-Methods"] == "OPTIONS"


def test_a_preflight_with_an_invalid_host_is_refused(app):
    headers = {"Origin": APP, "Access-Control-Request-Method": "GET"}
    answer = app.test_client().options("/v1/me", headers={**headers, "Host": "a..b"})
    assert answer.status_code < 500
    assert "Access-Control-Allow-Methods" not in answer.headers
