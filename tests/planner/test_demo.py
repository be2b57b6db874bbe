"""Test the demo couple: it shows what two people keep, whatever the day of the week is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from time_machine import Traveller

from planner import demo
from planner.storage import db
from tests.conftest import NOON
from tests.people import ask

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("now", [NOON, NOON - timedelta(hours=13, minutes=30), NOON + timedelta(days=37, hours=9)])
def test_the_demo_couple_has_something_of_everything(app: Flask, stopped_clock: Traveller, now: datetime) -> None:
    stopped_clock.move_to(now)
    with db.connection():
        robin, kim = demo.fill(now)
    tokens = {login.display_name: sign_in(app, login.sign_in_name) for login in (robin, kim)}

    def get(name: str, path: str) -> Any:
        return ask(app, "GET", f"/v1{path}", None, {"Authorization": f"Bearer {tokens[name]}"}).get_json()

    (opened,) = get("Kim", "/questions")["items"]
    assert None not in (opened["own_answer"], opened["partner_answer"])
    assert "answered" in [question["state"] for question in get("Robin", "/questions/current")["items"]]
    note, _ = get("Robin", "/notes?from=partner&kind=memory")["items"]
    assert (len(note["photos"]), note["reaction"]) == (1, "smiled")
    memories = get("Robin", "/memories")["items"]
    assert [memory["activity"] is None for memory in memories] == [False, True, False, False]
    assert [len(memory["photos"]) for memory in memories] == [1, 0, 0, 0]
    assert [day["birthday_of"] for day in get("Robin", "/today?idea=false")["days"]] == ["partner"]
    assert sorted(request["state"] for request in get("Kim", "/requests")["items"]) == ["accepted", "open"]
    for name in ("Robin", "Kim"):
        (promise,) = get(name, "/commitments")["items"]
        assert promise["days"]
    (plan,) = get("Kim", "/me/self-care-plans")["items"]
    assert {step["state"] for step in plan["steps"]} >= {"ahead"}


def sign_in(app: Flask, sign_in_name: str) -> str:
    sent = {"sign_in_name": sign_in_name, "password": demo.PASSWORD, "device": "Phone"}
    return str(ask(app, "POST", "/v1/sign-ins", sent, {}).get_json()["session"]["token"])
