"""The whole move between two served products: from SQLite to PostgreSQL and back, and with kill -9 in between."""

from __future__ import annotations

import base64
import http.client
import io
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from PIL import Image

from tests import served
from tests.people import PASSWORD
from tests.photos import encoded, picture
from tests.served import Served

pytestmark = pytest.mark.real_time

NOTES = 900
"""In an archive that is imported while the server is killed. It takes less than a second."""


@dataclass
class Account:
    """A person of a served product."""

    server: Served
    name: str
    token: str = ""
    sign_in_name: str = ""
    activity: str = ""

    def sign_up(self) -> Account:
        """Sign up, and unlock the reflections."""
        answer = self.send("POST", "/people", {"display_name": self.name, "password": PASSWORD, "zone": "UTC"})
        self.token, self.sign_in_name = answer["session"]["token"], answer["sign_in_name"]
        self.send("POST", "/me/reflections/unlock", {"password": PASSWORD})
        self.activity = next(each["id"] for each in self.send("GET", "/activities?limit=100")["items"])
        return self

    def send(self, method: str, path: str, body: Any = None, **more: str) -> Any:
        """Send a request, and return the JSON of its answer. Fail on a refusal."""
        status, data = self.server.request(method, f"/v1{path}", self.token or None, body, **more)
        assert status < 300, f"{method} {path}: {data}"
        return data

    def export(self) -> tuple[dict[str, Any], ZipFile]:
        """Return both parts of an export in one, and the ZIP with the photos."""
        whole: dict[str, Any] = {}
        for part in ("ordinary", "private"):
            connection = http.client.HTTPConnection(self.server.address, self.server.port, timeout=60)
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            connection.request("POST", "/v1/me/exports", json.dumps({"password": PASSWORD, "part": part}), headers)
            file = ZipFile(io.BytesIO(connection.getresponse().read()))
            connection.close()
            whole |= json.loads(file.read("rekindle.json"))
        return whole, file

    def bring_in(self, archive: dict[str, Any]) -> dict[str, Any]:
        """Import an archive."""
        answer: dict[str, Any] = self.send("POST", "/me/imports", archive)
        return answer

    def send_photo(self, photo: dict[str, Any], files: ZipFile) -> None:
        """Send a photo that an import asked for."""
        body = {name: value for name, value in photo.items() if name != "file"}
        self.send("POST", "/photos", {**body, "data": base64.b64encode(files.read(photo["file"])).decode()})


def slot(at: datetime) -> dict[str, Any]:
    """Return a slot at an hour of UTC."""
    return {"local_time": at.strftime("%Y-%m-%dT%H:%M"), "zone": "UTC", "minutes": 60}


def live(person: Account, partner: Account) -> None:
    """Let two people live some days, with something of each kind that can move."""
    now = person.server.now()
    invitation = person.send("POST", "/invitations", {})
    partner.send("POST", "/invitations/accept", {"code": invitation["code"], "rhythm": "together"})
    person.send("POST", "/invitations/confirm", {"invitation_id": invitation["id"], "rhythm": "together"})
    texts = {"title": "Feed the ducks", "summary": "Slowly.", "category": "outdoors", "for": "either", "pace": 1}
    idea = person.send("POST", "/activities", texts)["id"]
    date = person.send(
        "POST", "/dates", {"activity_id": idea, "slots": [slot(now + timedelta(days=1))], "place": "Pond"}
    )
    accepted = {"slot_id": date["slots"][0]["id"]}
    partner.send("POST", f"/dates/{date['id']}/accept", accepted, **{"If-Match": '"1"'})
    for days, title in ((1, "With M."), (20, "With M. again")):
        at = [slot(now + timedelta(days=days, hours=3))]
        person.send("POST", "/me/appointments", {"title": title, "slots": at})
    plan = person.send("GET", "/self-care-plans")["items"][0]
    first = (now + timedelta(days=1)).date()
    times = person.send("GET", f"/me/self-care-plans/times?slug={plan['slug']}&from={first}")
    chosen = [{name: each[name] for name in ("action", "local_time")} for each in times["items"] if each["local_time"]]
    person.send("POST", "/me/self-care-plans", {"slug": plan["slug"], "starts_on": str(first), "times": chosen})
    prompt = person.send("GET", "/prompts/today")["id"]
    about = {"body": "The pond.", "kind": "memory", "date_id": date["id"]}
    memory = person.send("POST", "/notes", about)["id"]
    shared = person.send("POST", "/notes", {"kind": "kindness", "body": "You waited.", "prompt_id": prompt})
    person.send("POST", f"/notes/{shared['id']}/share", {}, **{"If-Match": '"1"'})
    for place, caption in (
        ({"note_id": memory}, "The pond"),
        ({"activity_id": idea}, "A duck"),
        ({"date_id": date["id"]}, ""),
    ):
        data = base64.b64encode(encoded("JPEG", picture(900, 600))).decode()
        person.send("POST", "/photos", {**place, "caption": caption, "data": data})
    task = person.send("GET", "/reflections/suggestion")["task"]
    person.send("POST", "/reflections", {"body": "It was about being heard.", "task": task})
    promise = person.send("POST", "/commitments", {"body": "Put the phone away."})
    person.send("PUT", f"/commitments/{promise['id']}/days/{now.date()}", {})
    person.send("POST", "/important-days", {"kind": "own", "title": "The move", "month": 2, "day": 29})
    kind = person.send("GET", "/support-kinds")["items"][0]
    ticks = {"kind": kind["kind"], "criteria": [], "questions": kind["questions"][:1]}
    person.send("PUT", "/me/support-checklists", ticks)
    preferences = person.send("GET", "/me/preferences") | {"quiet_from": "21:00", "cue": "With tea."}
    person.send("PUT", "/me/preferences", preferences)
    person.send("PUT", "/me/profile", {"interests": ["nature"], "causes": []})
    hours = {"kind": "free", "weekdays": ["friday"], "from": "18:00", "until": "22:00"}
    person.send("PUT", "/availability", {"windows": [hours], "days": []}, **{"If-Match": '"0"'})
    person.send("PUT", f"/activities/{person.activity}/vote", {"vote": "never"})
    person.server.jump_to(now + timedelta(days=3))
    person.send("POST", f"/dates/{date['id']}/complete", {}, **{"If-Match": '"2"'})
    person.send("PUT", f"/dates/{date['id']}/feedback", {"feeling": "lighter", "again": "yes"})
    person.send("PUT", f"/memories/{date['id']}/hidden", {"hidden": True})


def essence(archive: dict[str, Any]) -> dict[str, list[Any]]:
    """Return what the exports of both servers must have in common: no ids, and shared things like private ones."""
    dates = {date["id"]: date for date in archive["own_dates"] + archive["dates"]}
    ideas = {idea["id"]: idea for idea in archive["own_ideas"] if not idea["retired_at"] and not idea["copy_of"]}

    def some(section: str, *names: str) -> list[Any]:
        return [[thing[name] for name in names] for thing in archive[section]]

    def title_of(date: str | None) -> str | None:
        return dates[date]["title"] if date else None

    notes = archive["private_notes"] + archive["shared_notes"]
    kept = {
        "dates": [[date["title"], date["slots"], date["place"]] for date in dates.values()],
        "ideas": [{**idea["content"], "slug": "", "version": 1} for idea in ideas.values()],
        "notes": [
            [note[name] for name in ("kind", "body", "prompt", "created_at")] + [title_of(note["date"])]
            for note in notes
        ],
        "photos": [
            [photo["caption"], bool(photo["note"]), title_of(photo["date"]), photo["activity"] in ideas]
            for photo in archive["photos"]
        ],
        "reflections": some("reflections", "question", "text", "created_at"),
        "commitments": some("commitments", "body", "created_at", "ended_at", "days"),
        "important_days": some("important_days", "kind", "title", "birthday_of", "month", "day", "year"),
        "plans": some("self_care_plans", "content", "starts_on", "ends_on", "low_weeks", "created_at"),
        "steps": [
            [step["action"], step["low_week"], step["local_time"], title_of(step["date"])]
            for step in archive["self_care_steps"]
        ],
        "checklists": some("support_checklists", "kind", "criteria", "questions"),
        "hidden": [title_of(hidden["date"]) for hidden in archive["hidden_memories"]],
        "feedback": [[title_of(given["date"]), given["feeling"], given["again"]] for given in archive["feedback"]],
        "votes": some("votes", "slug", "vote"),
        **{name: archive[name] for name in ("profile", "availability", "notifications")},
    }
    return {name: sorted(things, key=json.dumps) for name, things in kept.items()}


@pytest.mark.parametrize("direction", [("sqlite_url", "postgresql_url"), ("postgresql_url", "sqlite_url")])
def test_the_exports_of_both_servers_hold_the_same(direction, request):
    urls = [request.getfixturevalue(name) for name in direction]
    with served.running(urls[0]) as left, served.running(urls[1]) as right:
        alice, bob = Account(left, "Alice").sign_up(), Account(left, "Bob").sign_up()
        live(alice, bob)
        right.jump_to(left.now())
        before, files = alice.export()
        new = Account(right, "Alice").sign_up()
        result = new.bring_in(before)
        assert {item["kind"] for item in result["items"] if item["skipped"]} == set()
        first, *others = result["photos"]
        new.send_photo(first, files)
        right.kill()  # between two photos
        again = served.start(urls[1], right.folder, right.port)
        try:
            again.jump_to(left.now())
            new.server = again
            repeated = new.bring_in(before)
            assert all(item["added"] == 0 for item in repeated["items"])
            assert repeated["photos"] == others
            for photo in others:
                new.send_photo(photo, files)
            after, moved = new.export()
        finally:
            again.kill()
    assert essence(after) == essence(before)
    for photo in after["photos"]:
        with Image.open(io.BytesIO(moved.read(photo["file"]))) as image:
            assert image.size == (900, 600)


@dataclass
class Life:
    """A made-up archive that takes a while to import."""

    archive: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill it."""
        at = {"created_at": "2025-05-01T10:00:00.000Z"}
        self.archive = {
            "format": "rekindle-export",
            "version": 1,
            "private_notes": [
                {"id": str(uuid4()), "kind": "effort", "body": f"You cooked, {number}.", "date": None, **at}
                for number in range(NOTES)
            ],
            "reflections": [
                {"id": str(uuid4()), "text": f"Page {number}", "question": None, **at} for number in range(NOTES // 3)
            ],
            "commitments": [
                {"id": str(uuid4()), "body": f"Promise {number}", "ended_at": at["created_at"], "days": [], **at}
                for number in range(NOTES // 6)
            ],
            "important_days": [
                {"kind": "own", "title": f"Day {number}", "month": 5, "day": 2, "year": None}
                for number in range(NOTES // 30)
            ],
        }


def test_an_import_that_is_killed_can_be_repeated(database_url, tmp_path):
    life, chance = Life(), random.Random()
    server = served.start(database_url, tmp_path)
    try:
        new = Account(server, "Alice").sign_up()
        for added_last in ("", "/notes", "/commitments?show=ended"):
            killer = threading.Thread(target=_kill_when_there, args=(new, added_last, chance.uniform(0, 0.1)))
            killer.start()
            with suppress(OSError, http.client.HTTPException):
                new.bring_in(life.archive)
            killer.join()
            new.server.kill()  # in case the killer has failed
            new.server = served.start(database_url, tmp_path)
        result = {item["kind"]: item for item in new.bring_in(life.archive)["items"]}
        added = {kind: item["added"] + item["present"] for kind, item in result.items()}
        after, _ = new.export()
    finally:
        new.server.kill()
    assert added == {
        "notes": NOTES,
        "reflections": NOTES // 3,
        "commitments": NOTES // 6,
        "important_days": NOTES // 30,
    }
    for section, key in (("private_notes", "body"), ("reflections", "text"), ("commitments", "body")):
        assert sorted(_texts(after[section], key)) == sorted(_texts(life.archive[section], key))
    assert len(after["important_days"]) == NOTES // 30


def _kill_when_there(person: Account, things: str, seconds: float) -> None:
    """Kill the server some seconds after it has the first of some things, or after now."""
    if things:
        assert served.wait_until(lambda: bool(person.send("GET", things)["items"]), 60)
    time.sleep(seconds)
    person.server.kill()


def _texts(things: list[dict[str, Any]], key: str) -> Iterator[str]:
    return (thing[key] for thing in things)
