"""A reverse proxy: trusted by the settings, or noticed with one line in the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from api.app import create_app
from planner.accounts import passwords
from planner.storage import db
from tests.conftest import SETTINGS
from tests.people import PASSWORD

FORWARDED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "rekindle.example", "X-Forwarded-Proto": "https"}


@pytest.fixture
def sqlite_app(sqlite_url: str) -> Iterator[Flask]:
    """Yield a new app, which has not warned yet."""
    db.open_database(sqlite_url)
    passwords.set_cost(SETTINGS.password_cost)
    yield create_app(SETTINGS)
    db.dispose()


def sign_up(app: Flask) -> int:
    body = {"display_name": "Sam", "password": PASSWORD, "zone": "UTC"}
    return app.test_client().post("/v1/people", json=body, headers=FORWARDED).status_code


def test_a_proxy_without_trust_is_warned_of_once(sqlite_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    sqlite_app.test_client().get("/safety", headers=FORWARDED)
    assert caplog.messages == [], "no visit of the safety page is logged"
    assert [sign_up(sqlite_app) for _ in range(3)] == [201] * 3
    (line,) = caplog.messages
    assert "REKINDLE_TRUSTED_PROXIES is 0" in line
    assert "203.0.113.7" not in line
    assert len(line) < 250


def test_a_trusted_proxy_is_believed_without_a_warning(sqlite_app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(replace(SETTINGS, trusted_proxies=1))
    assert sign_up(app) == 201
    assert caplog.messages == []
    answer = app.test_client().get("/app", headers=FORWARDED)
    assert answer.headers["Location"] == "/app/", "a redirect leaves it to the browser which host that is"
    client = app.test_client()
    body = {"display_name": "Kim", "password": PASSWORD, "zone": "UTC"}
    token = client.post("/v1/people", json=body, headers=FORWARDED).get_json()["session"]["token"]
    headers = {**FORWARDED, "Authorization": f"Bearer {token}"}
    link = client.post("/v1/invitations", json={}, headers=headers).get_json()["link"]
    assert link.startswith("https://rekindle.example/join#")
