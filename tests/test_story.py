"""The story of a couple: the served product over HTTP, on both databases, with a moved clock."""

from __future__ import annotations

import re
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
    """The phone of one person."""

    server: Served
    name: str
    zone: str
    token: str = ""

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        body, if_match = split_version(body)  # a "version" in the body is sent as If-Match
        actual, answer = self.server.request(method, f"/v1{path}", self.token, body, **if_match)
        assert actual == status, f"{self.name} {method} {path}: {actual} {answer}"
        return answer

    def sign_up(self) -> Phone:
        body = {"display_name": self.name, "password": "correct horse battery", "zone": self.zone}
        account = self("POST", "/people", body, 201)
        assert account["sign_in_name"].count("-") == 2
        assert account["recovery_code"]
        self.token = account["session"]["token"]
        return self

    def inbox(self) -> list[str]:
        return [item["kind"] for item in self("GET", "/inbox?limit=100")["items"]]


def is_quiet(count: Callable[[], int]) -> bool:
    """Tell whether a count stays the same for more than a tick."""
    before = count()
    time.sleep(0.7)
    return count() == before


def next_monday() -> datetime:
    today = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 - today.weekday())


def become_a_couple(inviter: Phone, invitee: Phone, rhythm: str) -> None:
    invitation = inviter("POST", "/invitations", {}, 201)
    look = invitee("POST", "/invitations/look-up", {"code": invitation["code"]})
    assert look["inviter_name"] == inviter.name
    yes = invitee("POST", "/invitations/accept", {"code": invitation["code"], "rhythm": rhythm})
    assert yes["check_words"] == look["check_words"]
    assert inviter("GET", "/invitations/current")["check_words"] == look["check_words"]
    inviter("POST", "/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "together"}, 200)


@pytest.mark.one_database
def test_a_couple_picks_and_plans_a_date_gets_reminders_and_shares_a_note(database_url: str) -> None:
    with served.running(database_url, served.QUICK_TICKS, log_level="debug") as server:
        monday = next_monday()
        server.jump_to(monday)
        alice = Phone(server, "Alice", "Europe/Lisbon").sign_up()
        for_one = alice("GET", "/suggestions")
        assert for_one["for"] == "one"
        assert for_one["items"]

        bob = Phone(server, "Bob", "America/New_York").sign_up()
        become_a_couple(alice, bob, "gentle")
        assert alice("GET", "/couple") | {"partner": ""} == bob("GET", "/couple") | {"partner": ""}
        assert bob("GET", "/me")["couple"]["rhythm"] == "gentle"
        assert "couple_begun" in bob.inbox()
        charlie, dana = (Phone(server, name, "Asia/Kolkata").sign_up() for name in ("Charlie", "Dana"))
        become_a_couple(charlie, dana, "together")

        saturday = (monday.astimezone(LISBON) + timedelta(days=5)).replace(hour=19, minute=0)
        ideas = alice("GET", f"/suggestions?day={saturday:%Y-%m-%d}&from=18:00&to=23:00&cost_band=2&minutes=180")
        assert ideas["for"] == "two"
        assert all(idea["activity"]["cost_band"] <= 2 for idea in ideas["items"])
        for idea in ideas["items"]:
            assert idea["reasons"]
        activity = ideas["items"][0]["activity"]

        sunday = (saturday + timedelta(days=1)).replace(hour=11)
        slots = [{"local_time": f"{at:%Y-%m-%dT%H:%M}", "minutes": 90} for at in (saturday, sunday)]
        date = alice("POST", "/dates", {"activity_id": activity["id"], "slots": slots}, 201)
        assert date["actions"] == ["withdraw"]

        assert bob.inbox()[0] == "date_proposed"
        (seen_by_bob,) = bob("GET", "/today")["dates"]
        assert seen_by_bob["activity"]["title"] == activity["title"]
        assert seen_by_bob["slots"][0]["viewer_local_time"] == f"{saturday.astimezone(NEW_YORK):%Y-%m-%dT%H:%M}"
        assert set(seen_by_bob["actions"]) == {"accept", "decline", "counter"}
        yes = {"version": seen_by_bob["version"], "slot_id": seen_by_bob["slots"][0]["id"]}
        assert bob("POST", f"/dates/{date['id']}/accept", yes)["state"] == "accepted"
        assert alice.inbox()[0] == "date_accepted"

        def sent() -> int:
            return len(re.findall(r"rekindle\.deliveries delivery [0-9a-f-]{36}$", server.log(), re.MULTILINE))

        for kind, moment in (
            ("date_tomorrow", saturday - timedelta(days=1)),
            ("date_soon", saturday - timedelta(hours=2)),
        ):
            server.jump_to(moment - timedelta(minutes=1))
            assert kind not in alice.inbox() + bob.inbox()
            assert served.wait_until(lambda: is_quiet(sent))
            before = sent()
            server.jump_to(moment + timedelta(seconds=1))
            assert [alice.inbox().count(kind), bob.inbox().count(kind)] == [1, 1]
            assert served.wait_until(lambda before=before: sent() == before + 2)

        server.jump_to(saturday + timedelta(hours=2))
        seen = alice("GET", f"/dates/{date['id']}")
        alice("POST", f"/dates/{date['id']}/complete", {"version": seen["version"]})
        for phone, feeling in ((alice, "lighter"), (bob, "same")):
            assert phone.inbox().count("date_feedback") == 1
            phone("PUT", f"/dates/{date['id']}/feedback", {"feeling": feeling, "rating": 4})
            assert "date_feedback" not in phone.inbox()

        prompt = bob("GET", "/prompts/today")
        note = {
            "kind": prompt["note_kind"] or "kindness", "body": "You laughed with the waiter.",
            "prompt_id": prompt["id"], "date_id": date["id"]
        }  # fmt: skip
        written = bob("POST", "/notes", note, 201)
        assert written["state"] == "private"
        assert alice("GET", "/notes?from=partner")["items"] == []
        alice("GET", f"/notes/{written['id']}", status=404)
        bob("POST", f"/notes/{written['id']}/share", {"version": 1})
        assert alice.inbox()[0] == "note_shared"
        assert [each["body"] for each in alice("GET", "/notes?from=partner")["items"]] == [note["body"]]

        charlie("GET", f"/dates/{date['id']}", status=404)
        charlie("GET", f"/notes/{written['id']}", status=404)
        assert charlie("GET", "/dates")["items"] == charlie("GET", "/notes?from=partner")["items"] == []
        assert dana.inbox() == ["couple_begun"]
        assert all(phone("GET", "/me")["id"] not in server.log() for phone in (alice, bob))
        assert "Traceback" not in server.log()
