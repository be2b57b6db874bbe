"""The story of the product, over HTTP against the served product, on both databases, with the clock moved along."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests import served
from tests.people import split_version
from tests.served import Served

pytestmark = pytest.mark.real_time

LISBON, NEW_YORK = ZoneInfo("Europe/Lisbon"), ZoneInfo("America/New_York")


@dataclass
class Phone:
    """One person's phone."""

    server: Served
    name: str
    zone: str
    token: str = ""

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        body, if_match = split_version(body)  # a "version" in the body is sent as If-Match
        found, answer = self.server.request(method, f"/v1{path}", self.token, body, **if_match)
        assert found == status, f"{self.name} {method} {path}: {found} {answer}"
        return answer

    def sign_up(self) -> Phone:
        body = {"display_name": self.name, "password": "correct horse battery", "zone": self.zone}
        made = self("POST", "/people", body, 201)
        assert made["sign_in_name"].count("-") == 2
        assert made["recovery_code"]
        self.token = made["token"]
        return self

    def inbox(self) -> list[str]:
        return [item["kind"] for item in self("GET", "/inbox?limit=100")["items"]]


def eventually(check: Callable[[], bool]) -> None:
    """The clock ticks once a second here; give it some."""
    for _ in range(150):
        if check():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def next_monday() -> datetime:
    today = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 - today.weekday())


def become_a_couple(inviter: Phone, accepter: Phone, rhythm: str) -> None:
    made = inviter("POST", "/invitations", {}, 201)
    look = accepter("POST", "/invitations/look-up", {"code": made["code"]})
    assert look["inviter_name"] == inviter.name
    yes = accepter("POST", "/invitations/accept", {"code": made["code"], "rhythm": rhythm})
    assert yes["check_words"] == look["check_words"]
    assert inviter("GET", "/invitations/current")["check_words"] == look["check_words"]
    inviter("POST", "/invitations/confirm", {"invitation": made["id"], "rhythm": "together"}, 200)


def test_pick_schedule_remind_appreciate(database_url: str) -> None:
    with served.running(database_url) as server:
        monday = next_monday()
        server.jump_to(monday)
        a = Phone(server, "Alice", "Europe/Lisbon").sign_up()
        for_one = a("GET", "/suggestions")
        assert for_one["party"] == "one"
        assert for_one["items"]

        b = Phone(server, "Bob", "America/New_York").sign_up()
        become_a_couple(a, b, "gentle")
        assert a("GET", "/couple") | {"partner": ""} == b("GET", "/couple") | {"partner": ""}
        assert b("GET", "/me")["couple"]["rhythm"] == "gentle"
        assert "couple_begun" in b.inbox()
        c, d = (Phone(server, name, "Asia/Kolkata").sign_up() for name in ("Charlie", "Dana"))
        become_a_couple(c, d, "together")

        saturday = (monday.astimezone(LISBON) + timedelta(days=5)).replace(hour=19, minute=0)
        ideas = a("GET", f"/suggestions?day={saturday:%Y-%m-%d}&from=18:00&to=23:00&cost_band=2&minutes=180")
        assert ideas["party"] == "two"
        assert all(idea["activity"]["cost_band"] <= 2 for idea in ideas["items"])
        for idea in ideas["items"]:
            assert idea["reasons"][0]["text"] == "new to the two of you"
        activity = ideas["items"][0]["activity"]

        sunday = (saturday + timedelta(days=1)).replace(hour=11)
        slots = [{"wall": f"{at:%Y-%m-%dT%H:%M}", "minutes": 90} for at in (saturday, sunday)]
        made = a("POST", "/dates", {"activity": activity["id"], "slots": slots}, 201)
        assert made["actions"] == ["withdraw"]

        assert b.inbox()[0] == "date_proposed"
        (found,) = b("GET", "/today")["dates"]
        assert found["activity"]["title"] == activity["title"]
        assert found["slots"][0]["local"] == f"{saturday.astimezone(NEW_YORK):%Y-%m-%dT%H:%M}"
        assert set(found["actions"]) == {"accept", "decline", "counter"}
        yes = {"version": found["version"], "slot": found["slots"][0]["id"]}
        assert b("POST", f"/dates/{made['id']}/accept", yes)["state"] == "accepted"
        assert a.inbox()[0] == "date_accepted"

        for kind, moment, text in (
            ("date_tomorrow", saturday - timedelta(days=1), "You have a date tomorrow."),
            ("date_soon", saturday - timedelta(hours=2), "Your date starts soon."),
        ):
            server.jump_to(moment - timedelta(minutes=1))
            assert kind not in a.inbox() + b.inbox()
            server.jump_to(moment + timedelta(seconds=1))
            assert [a.inbox().count(kind), b.inbox().count(kind)] == [1, 1]
            eventually(lambda text=text: server.log().count(text) == 2)

        server.jump_to(saturday + timedelta(hours=2))
        seen = a("GET", f"/dates/{made['id']}")
        a("POST", f"/dates/{made['id']}/complete", {"version": seen["version"]})
        for phone, feeling in ((a, "lighter"), (b, "same")):
            assert phone.inbox().count("date_feedback") == 1
            phone("PUT", f"/dates/{made['id']}/feedback", {"feeling": feeling, "rating": 4})
            assert "date_feedback" not in phone.inbox()

        prompt = b("GET", "/prompts/today")
        note = {
            "kind": prompt["kind"], "body": "You laughed with the waiter.", "prompt": prompt["id"], "date": made["id"]
        }  # fmt: skip
        written = b("POST", "/notes", note, 201)
        assert written["state"] == "private"
        assert a("GET", "/notes?from=partner")["items"] == []
        a("GET", f"/notes/{written['id']}", status=404)
        b("POST", f"/notes/{written['id']}/share", {"version": 1})
        assert a.inbox()[0] == "note_shared"
        assert [one["body"] for one in a("GET", "/notes?from=partner")["items"]] == [note["body"]]

        c("GET", f"/dates/{made['id']}", status=404)
        c("GET", f"/notes/{written['id']}", status=404)
        assert c("GET", "/dates")["items"] == c("GET", "/notes?from=partner")["items"] == []
        assert d.inbox() == ["couple_begun"]
        assert [server.log().count(text) for text in ("You have a date tomorrow.", "Your date starts soon.")] == [2, 2]
        assert "Traceback" not in server.log()
